//! What a run leaves in its folder for programs: its report, and what only its events know.

use std::path::Path;

use super::files::write;
use super::host_files::write_host_files;
use super::model::Report;
use super::outputs::write_outputs;
use crate::event::Event;
use crate::failure::Failure;

/// Writes the report of these events as JSON and JUnit, the files of each host, and what each step printed.
///
/// # Errors
/// Infrastructure: the folder cannot be written.
pub fn write_record(folder: &Path, events: &[Event], report: &Report) -> Result<(), Failure> {
    write(folder, report)?;
    write_host_files(folder, events)?;
    write_outputs(folder, events, report)
}
