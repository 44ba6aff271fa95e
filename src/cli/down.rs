//! `stagectl down`: removes replicas that were left up.

use super::context::Context;
use crate::display::print_data;
use crate::docker::Docker;
use crate::event::Events;
use crate::failure::{Failure, Kind, Verdict};
use crate::rehearsal::standing;

use crate::site::SiteName;

/// Remove replicas that were left up
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: stagectl down site-a")]
pub(super) struct DownArgs {
    /// Sites whose replicas are removed
    #[arg(value_name = "SITE", required_unless_present = "all")]
    sites: Vec<SiteName>,
    /// All replicas of this project
    #[arg(long, conflicts_with = "sites")]
    all: bool,
    /// Also those of rehearsals that still run
    #[arg(long)]
    force: bool,
}

pub(super) async fn down(args: DownArgs, context: &Context) -> Result<Verdict, Failure> {
    let project = context.project()?;
    project.choose(&args.sites)?;
    let engine = Docker::connect().await?;
    let wanted = |site: &str| args.all || args.sites.iter().any(|name| name.as_str() == site);
    let (mut verdict, mut lines, mut busy) = (Verdict::Passed, Vec::new(), 0);
    for found in standing(&engine).await? {
        if found.project != project.name.as_str() || !wanted(&found.site) {
            continue;
        }
        if !found.is_left_up()
            && !args.force
            && !found.is_abandoned(jiff::Timestamp::now().as_second())
        {
            busy += 1;
            continue;
        }
        let left = found.remove(&engine, &Events::new(Vec::new())).await?;
        if left.is_empty() {
            lines.push(format!(
                "{} is down: {} removed",
                found.site,
                count(found.resources.len() + found.markers.len())
            ));
        } else {
            verdict = verdict.and(Verdict::Not(Kind::LeftBehind));
            for left in left {
                lines.push(format!(
                    "{}: still there: {} {}: {}",
                    found.site,
                    left.resource.kind.name(),
                    left.resource.name,
                    left.error
                ));
            }
        }
    }
    if lines.is_empty() {
        lines.push("nothing is up".to_owned());
    }
    if busy > 0 {
        lines.push(format!(
            "{busy} of a rehearsal that still runs: left alone (--force removes it)"
        ));
    }
    print_data(&format!("{}\n", lines.join("\n")))?;
    Ok(verdict)
}

fn count(resources: usize) -> String {
    if resources == 1 { "1 resource".to_owned() } else { format!("{resources} resources") }
}
