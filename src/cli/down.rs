//! `stagectl down`: removes replicas that were left up.

use std::path::Path;

use jiff::Timestamp;

use super::context::Context;
use super::found::{connect, left_up, no_such, only};
use crate::display::{Display, print_data};
use crate::event::{Events, Goal, Outcome, What};
use crate::failure::{Failure, Kind, Verdict};
use crate::replica::Phase;
use crate::site::{Project, ProjectName, SiteName, site_names};
use crate::standing::{Standing, of_another_folder, standing, ways_out};

/// Remove replicas that were left up
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: stagectl down site-a")]
pub(super) struct DownArgs {
    /// Sites whose replicas are removed; the only one that is up if none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
    /// All replicas of this project
    #[arg(long, conflicts_with = "sites")]
    all: bool,
    /// Also those of rehearsals that still run, and of other folders whose project has the same name
    #[arg(long)]
    force: bool,
}

pub(super) async fn down(args: DownArgs, context: &Context) -> Result<Verdict, Failure> {
    // By labels alone: descriptions may be in the middle of an edit.
    let root = context.root()?;
    let project = Project::name_at(&root);
    let engine = connect(context, &args.sites).await?;
    let found = standing(&engine).await?;
    let called_so = found.into_iter().filter(|row| row.project == project.as_str());
    let (ours, others): (Vec<_>, Vec<_>) =
        called_so.partition(|row| args.force || row.is_of(&project, &root));
    let is_asked = |row: &Standing| {
        args.sites.is_empty() || args.sites.iter().any(|name| name.as_str() == row.site)
    };
    if let (false, Some(other)) =
        (ours.iter().any(is_asked), others.iter().find(|row| is_asked(row)))
    {
        return Err(of_another_folder(other)
            .hint("remove it all the same: `stagectl down --force`, with its name or `--all`"));
    }
    if let Some(unknown) = args.sites.iter().find(|name| is_unknown(name, &root, &ours)) {
        no_such(unknown, context)?;
    }
    let up = left_up(&ours);
    let named = if args.sites.is_empty() && !args.all && !up.is_empty() {
        vec![only(&up)?]
    } else {
        args.sites
    };
    let wanted = |site: &str| args.all || named.iter().any(|name| name.as_str() == site);
    let found = ours.into_iter().filter(|row| wanted(&row.site));
    let now = Timestamp::now();
    let is_busy =
        |row: &Standing| !row.is_left_up() && !args.force && !row.is_abandoned(now.as_second());
    let (busy, rows): (Vec<_>, Vec<_>) = found.partition(is_busy);
    let busy = busy.len();
    let events = begin_events(context, &project, &rows, now);
    let (mut verdict, mut lines) = (Verdict::Passed, Vec::new());
    for row in rows {
        let of_site =
            row.site.parse().map_or_else(|_| events.clone(), |name| events.of_site(&name));
        let begin = of_site.elapsed();
        of_site.emit(What::PhaseStarted { phase: Phase::Down });
        let left = row.remove(&engine, &of_site).await?;
        let of_row = if left.is_empty() { Verdict::Passed } else { Verdict::Not(Kind::LeftBehind) };
        let took = of_site.elapsed().saturating_sub(begin);
        let outcome = if left.is_empty() { Outcome::Passed } else { Outcome::Error };
        of_site.emit(What::PhaseEnded { phase: Phase::Down, took, outcome, note: String::new() });
        of_site.emit(What::SiteEnded { verdict: of_row, took, failure: None });
        verdict = verdict.and(of_row);
        if left.is_empty() {
            lines.push(format!(
                "{} is down: {} removed",
                row.site,
                count(row.resources.len() + row.markers.len())
            ));
        }
        for left in &left {
            lines.push(format!(
                "{}: still there: {} {}: {}",
                row.site,
                left.resource.kind.name(),
                left.resource.name,
                left.error
            ));
        }
        lines.extend(ways_out(&left).into_iter().map(|way| format!("hint: {way}")));
    }
    if lines.is_empty() {
        lines.push("nothing is up".to_owned());
    }
    if busy > 0 {
        let message =
            format!("{busy} of a rehearsal that still runs: left alone (--force removes it)");
        events.emit(What::Warning { message: message.clone() });
        lines.push(message);
    }
    events.emit(What::RunEnded { verdict, took: events.elapsed() });
    if !context.output.is_json() {
        print_data(&format!("{}\n", lines.join("\n")))?;
    }
    Ok(verdict)
}

/// The events of the removal, begun; they are for programs alone.
fn begin_events(
    context: &Context,
    project: &ProjectName,
    rows: &[Standing],
    now: Timestamp,
) -> Events {
    if !context.output.is_json() {
        return Events::new(Vec::new());
    }
    let events = Events::new(vec![Box::new(Display::new(context.output.mode()))]);
    let mut sites: Vec<SiteName> = rows.iter().filter_map(|row| row.site.parse().ok()).collect();
    sites.dedup();
    events.emit(What::RunStarted {
        run: rows.first().map(|row| row.run.to_string()).unwrap_or_default(),
        goal: Goal::Down,
        started: now,
        project: project.to_string(),
        release: None,
        sites,
    });
    events
}

/// True for a name that neither a description nor a replica has.
fn is_unknown(name: &SiteName, root: &Path, standing: &[Standing]) -> bool {
    !site_names(root).contains(name) && standing.iter().all(|row| row.site != name.as_str())
}

fn count(resources: usize) -> String {
    if resources == 1 { "1 resource".to_owned() } else { format!("{resources} resources") }
}
