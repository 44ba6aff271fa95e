//! `stagectl test`: diagnosis and critical suite in a replica that is up.

use std::time::Duration;

use jiff::Timestamp;

use super::context::{Context, summarize};
use crate::cancel::Stop;
use crate::display::Display;
use crate::docker::{Docker, Engine};
use crate::event::{Events, Goal, Inventory, Recorder, ResourceKind, What};
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{Standing, environment_of, examine, standing};
use crate::report::Report;
use crate::site::{Project, Site, SiteName};

/// Run the diagnosis and the critical suite in a replica that is up
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: stagectl test site-a -- -k login -x")]
pub(super) struct TestArgs {
    /// Sites whose replicas are up
    #[arg(value_name = "SITE", required = true)]
    sites: Vec<SiteName>,
    /// Arguments for pytest
    #[arg(last = true, value_name = "PYTEST ARGS")]
    pytest: Vec<String>,
}

pub(super) async fn test(
    args: TestArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    let project = context.project()?;
    let sites = project.choose(&args.sites)?;
    let engine = Docker::connect().await?;
    let mut replicas: Vec<(&Site, Standing)> = Vec::new();
    for site in sites {
        replicas.push((site, newest(&engine, &project, site).await?));
    }
    let recorder = Recorder::default();
    let display = Display::new(context.output.mode());
    let events = Events::new(vec![Box::new(recorder.clone()), Box::new(display)]);
    events.emit(What::RunStarted {
        run: replicas[0].1.run.to_string(),
        goal: Goal::Test,
        started: Timestamp::now(),
        project: project.name.to_string(),
        release: None,
        sites: replicas.iter().map(|(site, _)| site.name.clone()).collect(),
    });
    let mut verdict = Verdict::Passed;
    let mut kept = Inventory::default();
    for (site, standing) in &replicas {
        let of_site = events.of_site(&site.name);
        let begin = of_site.elapsed();
        of_site.emit(What::SiteStarted { environment: environment_of(site) });
        let failure = examine(&engine, site, standing, &args.pytest, &of_site, &stop).await.err();
        let ended = failure.as_ref().map_or(Verdict::Passed, |failure| Verdict::Not(failure.kind));
        let took: Duration = of_site.elapsed().saturating_sub(begin);
        of_site.emit(What::SiteEnded { verdict: ended, took, failure });
        verdict = verdict.and(ended);
        for found in &standing.resources {
            match found.resource.kind {
                ResourceKind::Container => kept.containers += 1,
                ResourceKind::Network => kept.networks += 1,
                ResourceKind::Volume => kept.volumes += 1,
                ResourceKind::Image => {}
            }
        }
    }
    events.emit(What::Kept { kept });
    events.emit(What::RunEnded { verdict, took: events.elapsed() });
    summarize(&Report::fold(&recorder.events()))?;
    Ok(verdict)
}

/// The replica of the site that was brought up last.
async fn newest<E: Engine>(
    engine: &E,
    project: &Project,
    site: &Site,
) -> Result<Standing, Failure> {
    let all = standing(engine).await?;
    all.into_iter()
        .filter(|found| found.project == project.name.as_str() && found.site == site.name.as_str())
        .max_by_key(|found| found.created)
        .ok_or_else(|| {
            Failure::usage(format!("no replica of {} is up", site.name))
                .hint(format!("start one: `stagectl up {} --release ...`", site.name))
        })
}
