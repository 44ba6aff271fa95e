//! `stagectl version`: which program this is, for people and for programs.

use super::context::Context;
use crate::display::print_data;
use crate::failure::{Failure, Verdict};

/// What `--version` prints behind the name: the version, and where `build.rs` knew them, the commit and its date.
pub(super) const TEXT: &str = env!("STAGECTL_VERSION");
/// The version of what `--output json` writes.
const SCHEMA: &str = "stagectl-version/1";

/// Print the version, the commit and its date
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  stagectl version                       as stagectl --version
  stagectl version --output json         for programs")]
pub(super) struct VersionArgs {}

pub(super) fn version(_args: VersionArgs, context: &Context) -> Result<Verdict, Failure> {
    let known = |text: &'static str| Some(text).filter(|text| !text.is_empty());
    if context.output.is_json() {
        let json = serde_json::json!({
            "schema": SCHEMA,
            "version": env!("CARGO_PKG_VERSION"),
            "commit": known(env!("STAGECTL_BUILT_COMMIT")),
            "date": known(env!("STAGECTL_BUILT_DATE")),
            "target": env!("STAGECTL_BUILT_FOR"),
        });
        print_data(&format!("{json:#}\n"))?;
    } else {
        print_data(&format!("stagectl {TEXT}\n"))?;
    }
    Ok(Verdict::Passed)
}
