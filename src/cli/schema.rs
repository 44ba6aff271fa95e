//! `stagectl schema`: the JSON Schemas, generated from the types.

use crate::display::{self, print_data};
use crate::doctor::Diagnosis;
use crate::failure::{Failure, Verdict};
use crate::report::Report;
use crate::site;

/// Print the JSON Schema of a description or a stub, for editors, or of what is written for programs
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: stagectl schema > environments.schema.json")]
pub(super) struct SchemaArgs {
    /// What is described
    #[arg(value_enum, default_value = "site")]
    of: Of,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Of {
    /// environments/*.yaml
    Site,
    /// The file of a stub
    Stub,
    /// report.json
    Report,
    /// The lines of --output json
    Events,
    /// What `stagectl doctor --output json` prints
    Doctor,
}

pub(super) fn schema(args: SchemaArgs) -> Result<Verdict, Failure> {
    let schema = match args.of {
        Of::Site => site::schema(),
        Of::Stub => site::stub_schema(),
        Of::Events => display::schema(),
        Of::Doctor => serde_json::to_value(Diagnosis::schema()).unwrap_or_default(),
        Of::Report => serde_json::to_value(Report::schema()).unwrap_or_default(),
    };
    print_data(&format!("{schema:#}\n"))?;
    Ok(Verdict::Passed)
}
