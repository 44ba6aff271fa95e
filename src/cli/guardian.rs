//! `stagectl guardian`: for stagectl's own use.

use crate::display::print_data;
use crate::failure::{Failure, Verdict};
use crate::guardian::watch;
use crate::replica::RunId;

/// Tears a run down when standard input ends before `done`
#[derive(Debug, clap::Args)]
pub(super) struct GuardianArgs {
    run: String,
}

pub(super) async fn guardian(args: GuardianArgs) -> Result<Verdict, Failure> {
    let print_line = |line: &str| {
        // Whoever listened is gone: then standard input has ended, too, and that counts.
        let _said = print_data(&format!("{line}\n"));
    };
    watch(&RunId::named(&args.run), print_line).await?;
    Ok(Verdict::Passed)
}
