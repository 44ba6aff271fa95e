//! What happens in which order when all is well.

use crate::docker::fake::Reply;
use crate::event::{Outcome, Performed, What};
use crate::provision::fixture::{Actors, engine, engine_where};
use crate::replica::Phase;
use crate::replica::fixture::SHOP;

/// The requests that say what happens, shortened.
fn shorten(requests: &[String]) -> Vec<String> {
    let wanted = ["create ", "start ", "commit ", "run "];
    let short = |text: &String| {
        let text = text.replace("stagectl-r1-site-", "").replace("stagectl-r1-", "");
        match text.split_once("/opt/stagectl/") {
            Some((_, rest)) if text.starts_with("run ") => format!("run {rest}"),
            _ => text,
        }
    };
    let lines = requests.iter().filter(|text| wanted.iter().any(|start| text.starts_with(start)));
    lines.map(short).collect()
}

fn position(lines: &[String], wanted: &str) -> usize {
    let found = lines.iter().position(|line| line.starts_with(wanted));
    found.unwrap_or_else(|| panic!("no {wanted} in {lines:#?}"))
}

#[tokio::test]
async fn services_start_while_images_are_built() {
    let (actors, engine) = (Actors::new(SHOP), engine());
    let provisioned = actors.provision(&engine).await.unwrap();
    assert_eq!(provisioned.processes, [("wsgi".to_owned(), 10), ("nginx".to_owned(), 11)]);
    let lines = shorten(&engine.requests());
    // The site's own chain is the longest: everything else is up before its end.
    let app = position(&lines, "start container `app`");
    for role in ["resolver", "cache", "db"] {
        assert!(position(&lines, &format!("start container `{role}`")) < app, "{lines:#?}");
    }
    let in_order = ["start container `db`", "run postgres-ready.sh", "run step.py", "run serve.py"];
    let places: Vec<usize> = in_order.iter().map(|line| position(&lines, line)).collect();
    assert!(places.is_sorted(), "{lines:#?}");
    actors.tear_down(&engine).await;
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn phases_end_once_and_in_order() {
    let (actors, engine) = (Actors::new(SHOP), engine());
    actors.provision(&engine).await.unwrap();
    let ended: Vec<Phase> = actors
        .events()
        .into_iter()
        .filter_map(|event| match event.what {
            What::PhaseEnded { phase, .. } => Some(phase),
            _ => None,
        })
        .collect();
    assert_eq!(ended, [Phase::Images, Phase::Up, Phase::Deploy, Phase::Ready]);
}

#[tokio::test]
async fn everything_made_is_told() {
    let (actors, engine) = (Actors::new(SHOP), engine());
    actors.provision(&engine).await.unwrap();
    let mut created = vec![actors.plan.network.name.clone()];
    for event in actors.events() {
        match event.what {
            What::Created { resource } => created.push(resource.name),
            // Builders come and go.
            What::Removed { resource } => created.retain(|name| *name != resource.name),
            _ => {}
        }
    }
    created.sort();
    let there: Vec<String> = engine.leftovers().into_iter().map(|resource| resource.name).collect();
    let mut there = there;
    there.sort();
    assert_eq!(created, there);
}

fn performed(actors: &Actors) -> Vec<Performed> {
    let events = actors.events().into_iter();
    let steps = events.filter_map(|event| match event.what {
        What::Performed { step } => Some(step),
        _ => None,
    });
    steps.collect()
}

#[tokio::test]
async fn each_step_reports_its_end_and_what_it_waited_for() {
    let (actors, engine) = (Actors::new(SHOP), engine());
    actors.provision(&engine).await.unwrap();
    let mut ended = Vec::new();
    for step in performed(&actors) {
        assert!(step.after.iter().all(|number| ended.contains(number)), "{step:?} after {ended:?}");
        assert_eq!(
            (step.outcome, step.origin.is_some()),
            (Outcome::Passed, step.phase == Phase::Images)
        );
        ended.push(step.number);
    }
    ended.sort_unstable();
    assert_eq!(ended, (1..=actors.plan.steps.len()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_step_that_fails_is_reported_with_its_outcome() {
    let engine =
        engine_where(|_, program, _| (program == "step.py").then(|| Reply::of(3, &["no"])));
    let actors = Actors::new(SHOP);
    actors.provision(&engine).await.unwrap_err();
    let failed = performed(&actors).into_iter().filter(|step| step.outcome != Outcome::Passed);
    let failed: Vec<_> = failed.map(|step| (step.what, step.outcome)).collect();
    assert_eq!(failed, [("deploy step `migrate`".to_owned(), Outcome::Failed)]);
}
