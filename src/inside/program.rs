//! stagectl's own programs inside, run to their end.

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::running::Running;
use super::{InsideOutput, Replica};
use crate::docker::{Engine, Output};
use crate::failure::Failure;

/// Runs one of stagectl's programs inside a container, with its job on standard input; `line` gets what
/// it says, secrets redacted.
///
/// # Errors
/// Infrastructure when Docker fails; the stop request.
pub async fn run_inside<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    program: &str,
    job: &impl Serialize,
    halt: &CancellationToken,
    mut line: impl FnMut(Output, &str),
) -> Result<InsideOutput, Failure> {
    let program = Running::new(replica, container, program, job);
    program.end(replica, halt, |from, _, text| line(from, text)).await
}

/// The same for a program that reports in lines of JSON: `line` gets them as they are, and redacts the
/// texts in them. In a whole line a secret that is a word of the program's own would be one, too.
///
/// # Errors
/// As [`run_inside`].
pub async fn run_reporting<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    program: &str,
    job: &impl Serialize,
    halt: &CancellationToken,
    mut line: impl FnMut(Output, &str),
) -> Result<InsideOutput, Failure> {
    let program = Running::new(replica, container, program, job);
    program.end(replica, halt, |from, raw, _| line(from, raw)).await
}
