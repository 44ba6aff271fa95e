//! `stagectl diff`: where two environments differ, without Docker.

use super::context::Context;
use crate::display::{columns, print_data};
use crate::failure::{Failure, Verdict};
use crate::site::{Difference, SiteName, differences};

/// Show the keys in which the environments of two sites differ, and what each has there
#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The one site
    #[arg(value_name = "SITE")]
    one: SiteName,
    /// The other site
    #[arg(value_name = "OTHER")]
    two: SiteName,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

pub(super) fn diff(args: DiffArgs, context: &Context) -> Result<Verdict, Failure> {
    let project = context.project()?;
    let (one, two) = (project.site(&args.one)?, project.site(&args.two)?);
    let found: Vec<Difference> = differences(one, two)
        .into_iter()
        .map(|difference| difference.within(&project.root))
        .collect();
    if args.json {
        let json = serde_json::json!({"one": one.name, "two": two.name, "described": found});
        print_data(&format!("{json:#}\n"))?;
    } else if found.is_empty() {
        print_data(&format!("{} and {} are the same environment\n", one.name, two.name))?;
    } else {
        let mut rows = vec![["KEY".to_owned(), one.name.to_string(), two.name.to_string()]];
        let shown = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
        rows.extend(found.into_iter().map(|other| [other.key, shown(other.one), shown(other.two)]));
        print_data(&columns(&rows))?;
    }
    Ok(Verdict::Passed)
}
