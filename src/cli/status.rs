//! `stagectl status`: what stands in Docker under our labels, of all projects.

use jiff::Timestamp;

use super::context::Context;
use crate::display::{columns, print_data};
use crate::docker::Docker;
use crate::event::ResourceKind;
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{LEFT_UP, standing};

/// Show the replicas that stand, of all projects
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: stagectl status --output json")]
pub(super) struct StatusArgs {}

pub(super) async fn status(_args: StatusArgs, context: &Context) -> Result<Verdict, Failure> {
    let engine = Docker::connect().await?;
    let now = Timestamp::now().as_second();
    let found = standing(&engine).await?;
    if context.output.is_json() {
        let rows: Vec<serde_json::Value> = found
            .iter()
            .map(|row| {
                serde_json::json!({
                    "project": row.project, "site": row.site, "run": row.run, "release": row.release,
                    "created": row.created, "lease": row.lease, "kept": row.owner == LEFT_UP,
                    "abandoned": row.is_abandoned(now),
                    "resources": row.resources.iter().map(|found| &found.resource).collect::<Vec<_>>(),
                })
            })
            .collect();
        print_data(&format!("{:#}\n", serde_json::Value::from(rows)))?;
        return Ok(Verdict::Passed);
    }
    if found.is_empty() {
        print_data("nothing is up\n")?;
        return Ok(Verdict::Passed);
    }
    let header = ["PROJECT", "SITE", "RELEASE", "AGE", "CONTAINERS", "STATE"];
    let mut rows = vec![header.map(str::to_owned)];
    for row in &found {
        let containers =
            row.resources.iter().filter(|found| found.resource.kind == ResourceKind::Container);
        let state = if row.is_abandoned(now) {
            "abandoned: `stagectl gc` removes it".to_owned()
        } else if row.owner == LEFT_UP {
            format!("up, {} left", span(row.lease - now))
        } else {
            "being rehearsed".to_owned()
        };
        rows.push([
            row.project.clone(),
            row.site.clone(),
            row.release.clone(),
            span(now - row.created),
            containers.count().to_string(),
            state,
        ]);
    }
    print_data(&columns(&rows))?;
    Ok(Verdict::Passed)
}

/// Seconds, in the largest unit that is not zero; hours with their minutes.
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{}s", seconds.max(0)),
        60..3600 => format!("{}min", seconds / 60),
        3600..86400 if seconds % 3600 < 60 => format!("{}h", seconds / 3600),
        3600..86400 => format!("{}h{}min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d", seconds / 86400),
    }
}
