//! `stagectl test`: diagnosis and critical suite in a replica that is up.

use std::time::Duration;

use jiff::Timestamp;

use super::context::{Aside, Context, summarize};
use crate::cancel::Stop;
use crate::display::{Colour, Display};
use crate::docker::Docker;
use crate::event::{Events, Goal, Inventory, Recorder, ResourceKind, What};
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{SuiteOutput, Wish, environment_of, examine};
use crate::report::Report;
use crate::site::{Site, SiteName, SuiteSource};
use crate::standing::Standing;
use crate::standing::{newest, used};

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
    let project = context.project_of(&args.sites, Aside::Said)?;
    let sites = project.named(&args.sites)?;
    let engine = Docker::connect().await?;
    let mut replicas: Vec<(&Site, Standing)> = Vec::new();
    for site in sites {
        replicas.push((site, newest(&engine, &project.name, &site.name).await?));
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
    for (site, standing) in &replicas {
        let of_site = events.of_site(&site.name);
        let begin = of_site.elapsed();
        let (environment, advisory) = (environment_of(site), site.advisory);
        of_site.emit(What::SiteStarted { environment, advisory });
        let pytest = arguments(site, &args.pytest, context.output.mode().colour);
        let wish = Wish { pytest: &pytest, output: SuiteOutput::Told };
        let examined = examine(&engine, site, standing, wish, &of_site, &stop);
        let failure = used(&engine, standing, Box::pin(examined)).await.err();
        let ended = failure.as_ref().map_or(Verdict::Passed, |failure| Verdict::Not(failure.kind));
        let took: Duration = of_site.elapsed().saturating_sub(begin);
        of_site.emit(What::SiteEnded { verdict: ended, took, failure });
        verdict = verdict.and(if advisory { ended.of_advice() } else { ended });
    }
    events.emit(What::Kept { kept: kept(replicas.iter().map(|(_, standing)| standing)) });
    events.emit(What::RunEnded { verdict, took: events.elapsed() });
    summarize(&Report::fold(&recorder.events()))?;
    Ok(verdict)
}

/// What goes to pytest: colours only where a terminal shows them.
fn arguments(site: &Site, asked: &[String], colour: Colour) -> Vec<String> {
    let is_pytest = matches!(site.critical.suite, SuiteSource::Pytest { .. });
    let colour = (colour == Colour::Yes && is_pytest).then(|| "--color=yes".to_owned());
    colour.into_iter().chain(asked.iter().cloned()).collect()
}

/// What stays up of these replicas.
pub(super) fn kept<'a>(replicas: impl IntoIterator<Item = &'a Standing>) -> Inventory {
    let mut kept = Inventory::default();
    for standing in replicas {
        for found in standing.resources.iter().chain(&standing.markers) {
            match found.resource.kind {
                ResourceKind::Container => kept.containers += 1,
                ResourceKind::Network => kept.networks += 1,
                ResourceKind::Volume => kept.volumes += 1,
                ResourceKind::Image
                | ResourceKind::Interface
                | ResourceKind::Mount
                | ResourceKind::Process => {}
            }
        }
    }
    kept
}
