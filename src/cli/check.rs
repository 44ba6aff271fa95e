//! `stagectl check`: reads every description; needs no Docker.

use super::context::{Context, print_description_problems};
use crate::display::print_data;
use crate::failure::{Failure, Kind, Verdict};
use crate::rehearsal::environment_of;
use crate::site::{Project, SiteName};

/// Check the descriptions: every problem of every file, without Docker
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// Sites to check; all when none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
}

pub(super) fn check(args: CheckArgs, context: &Context) -> Result<Verdict, Failure> {
    let root = context.root()?;
    let project = match Project::load(&root, |key| std::env::var(key).ok()) {
        Ok(project) => project,
        Err(problems) => {
            print_description_problems(&problems);
            return Ok(Verdict::Not(Kind::Usage));
        }
    };
    let sites = project.choose(&args.sites)?;
    let mut text = String::new();
    for site in &sites {
        let summary = site.summary.as_deref().unwrap_or("");
        text.push_str(&format!(
            "{:<14} {}  {summary}\n",
            site.name,
            environment_of(site).get(..12).unwrap_or_default()
        ));
    }
    text.push_str(&format!("{} of {}: no problems\n", sites.len(), project.name));
    print_data(&text)?;
    Ok(Verdict::Passed)
}
