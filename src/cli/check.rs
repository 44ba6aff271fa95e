//! `stagectl check`: reads every description; needs no Docker.

use super::context::{Context, chosen};
use crate::display::print_data;
use crate::failure::{Failure, Verdict};
use crate::rehearsal::environment_of;
use crate::site::SiteName;

/// Check the descriptions: every problem of every file, without Docker
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  stagectl check\n  stagectl check site-a")]
pub(super) struct CheckArgs {
    /// Sites to check; all when none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
}

pub(super) fn check(args: CheckArgs, context: &Context) -> Result<Verdict, Failure> {
    let project = context.project()?;
    let sites = chosen(&project, &args.sites)?;
    let mut text = String::new();
    for site in &sites {
        let summary = site.summary.as_deref().unwrap_or("");
        let environment = environment_of(site);
        let environment = environment.get(..12).unwrap_or_default();
        let line = format!("{:<14} {environment}  {summary}", site.name);
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    let count =
        if let [_] = sites[..] { "1 site".into() } else { format!("{} sites", sites.len()) };
    text.push_str(&format!("{count} of {}: no problems\n", project.name));
    print_data(&text)?;
    Ok(Verdict::Passed)
}
