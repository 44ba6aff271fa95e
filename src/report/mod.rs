//! What happened in a run, written down: the report folded from its events, as JSON and as JUnit
//! XML. Nothing here prints, and nothing here does any of the work.

mod built;
mod files;
mod fold;
mod host_files;
mod junit;
mod model;
#[cfg(test)]
pub(crate) mod sample;
mod summary;
mod tail;
#[cfg(test)]
mod tests;

pub use built::Built;
pub use files::{run_folder, write};
pub use host_files::{folded, write_host_files};
pub use junit::{junit, junit_of_site};
pub use model::*;
pub use summary::{append_summary, summary};
pub use tail::{last_lines, printable};
