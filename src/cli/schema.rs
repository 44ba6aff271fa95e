//! `stagectl schema`: the JSON Schemas, generated from the types.

use crate::display::{self, print_data};
use crate::failure::{Failure, Verdict};
use crate::report::Report;
use crate::site;

/// Print the JSON Schema of a description or a stub, for editors, of the report, or of the events
#[derive(Debug, clap::Args)]
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
}

pub(super) fn schema(args: SchemaArgs) -> Result<Verdict, Failure> {
    let schema = match args.of {
        Of::Site => site::schema(),
        Of::Stub => site::stub_schema(),
        Of::Events => display::schema(),
        Of::Report => serde_json::to_value(Report::schema()).unwrap_or_default(),
    };
    print_data(&format!("{schema:#}\n"))?;
    Ok(Verdict::Passed)
}
