//! `stagectl test`: diagnosis and critical suite in a replica that is up.

use jiff::Timestamp;

use super::context::{Aside, Context, summarize};
use super::found::site_or_only;
use crate::cancel::Stop;
use crate::display::{Colour, Display};
use crate::docker::Docker;
use crate::event::{Events, Goal, Recorder, What};
use crate::failure::{Failure, Verdict};
use crate::rehearsal::test as test_replicas;
use crate::report::Report;
use crate::run::Workshop;
use crate::site::{Site, SiteName, SuiteSource};
use crate::standing::{
    Hold, Standing, Work, expect_no_redeploy, expect_whole, hold_replica, newest,
};

/// Run the diagnosis and the critical suite in a replica that is up
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: stagectl test site-a -- -k login -x")]
pub(super) struct TestArgs {
    /// Sites whose replicas are up; the only one if none is named
    #[arg(value_name = "SITE")]
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
    let (mut names, mut engine) = (args.sites, None);
    if names.is_empty() {
        let docker = Docker::connect().await?;
        names.push(site_or_only(context, &docker, None).await?);
        engine = Some(docker);
    }
    let project = context.project_of(&names, Aside::Said)?;
    let sites = project.find_sites(&names)?;
    // What is wrong with a description is said before anybody asks Docker.
    let engine = match engine {
        Some(engine) => engine,
        None => Docker::connect().await?,
    };
    let locks = Workshop::of_this_machine().on(engine.id()).locks;
    let mut replicas: Vec<(&Site, Standing)> = Vec::new();
    let mut held: Vec<Hold> = Vec::new();
    for site in sites {
        let seen = newest(&engine, (&project.name, &project.root), &site.name).await?;
        held.push(hold_replica(&locks, &seen, Work::Test)?);
        // As it is now that nobody changes it.
        let replica = newest(&engine, (&project.name, &project.root), &site.name).await?;
        let now = Timestamp::now().as_second();
        expect_no_redeploy(&replica, now)?;
        expect_whole(&replica, now)?;
        replicas.push((site, replica));
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
    let colour = context.output.mode().colour;
    let arguments = |site: &Site| arguments(site, &args.pytest, colour);
    let verdict = test_replicas(&engine, &replicas, arguments, &events, &stop).await;
    drop(held);
    summarize(&Report::fold(&recorder.events()))?;
    Ok(verdict)
}

/// What goes to pytest: colours only where a terminal shows them.
fn arguments(site: &Site, asked: &[String], colour: Colour) -> Vec<String> {
    let is_pytest = matches!(site.critical.suite, SuiteSource::Pytest { .. });
    let colour = (colour == Colour::Yes && is_pytest).then(|| "--color=yes".to_owned());
    colour.into_iter().chain(asked.iter().cloned()).collect()
}
