//! The turn of a live site: from outside, its suite, and both beside the rehearsal.

use std::time::Duration;

use jiff::Timestamp;

use super::checks::{Looked, judge, look};
use super::compare::{Rehearsed, compare};
use super::meant::Meant;
use super::relay::Route;
use super::suite::{Made, Tested, Wish, bring_up, test};
use crate::docker::Engine;
use crate::event::{Events, What, timed};
use crate::failure::{Failure, Kind, Verdict};
use crate::outside_look::Lookout;
use crate::rehearsal::{
    Counts, Found, Outcome, close, report_stops, save, save_result, take_turn, tear_down,
};
use crate::replica::Phase;
use crate::run::Run;
use crate::site::Site;

/// What is asked of a live site.
#[derive(Debug)]
pub struct Asked<'a> {
    /// As it is described.
    pub site: &'a Site,
    pub meant: Meant,
    pub lookout: Lookout,
    pub route: Route,
    /// What it is held against.
    pub rehearsed: Option<Rehearsed>,
    /// Arguments for pytest.
    pub pytest: Vec<String>,
    /// The command that does the same again.
    pub again: String,
}

/// Looks at a live site, runs its suite against it, and holds both against the rehearsal.
///
/// Everything that goes wrong is in the verdict and in the events.
pub async fn examine<E: Engine>(run: &Run<E>, asked: &Asked<'_>) -> Verdict {
    report_stops(&run.stop, &run.events, Box::pin(examine_one(run, asked))).await
}

async fn examine_one<E: Engine>(run: &Run<E>, asked: &Asked<'_>) -> Verdict {
    let events = run.events.of_site(&asked.site.name);
    let work = Box::pin(take(run, asked, &events));
    let ended = take_turn(asked.site, &events, Counts::Always, Duration::ZERO, work).await;
    let verdict =
        if run.stop.is_requested() { Verdict::Not(run.stop.failure().kind) } else { ended.verdict };
    close(&run.engine, &run.spec.ownership.run, &run.events, verdict, false).await
}

async fn take<E: Engine>(run: &Run<E>, asked: &Asked<'_>, events: &Events) -> Outcome {
    let mut looked = Looked::default();
    let seen = timed(events, Phase::Diagnosis, async {
        let now = Timestamp::now().as_second();
        looked = tokio::select! {
            looked = look(asked.site, &asked.lookout, events, now) => looked?,
            () = run.stop.requested() => return Err(run.stop.failure()),
        };
        judge(&looked)
    })
    .await;
    let wish = Wish {
        site: asked.site,
        meant: &asked.meant,
        lookout: &asked.lookout,
        route: &asked.route,
        pytest: &asked.pytest,
    };
    if let Err(failure) = &seen
        && failure.kind != Kind::Unfit
    {
        return Outcome { failure: seen.err(), ..Outcome::default() };
    }
    let (made, tested) = match bring_up(run, wish, events).await {
        Err(failure) => return Outcome { failure: Some(failure), ..Outcome::default() },
        Ok((made, Err(failure))) => (made, Tested { failure: Some(failure), ..Tested::default() }),
        Ok((made, Ok(()))) => {
            let tested = Box::pin(test(&made, wish)).await;
            (made, tested)
        }
    };
    let mut has_holes = false;
    if let Some(rehearsed) = &asked.rehearsed {
        let tests = tested.suite.as_ref().map(|suite| suite.tests.as_slice()).unwrap_or_default();
        let comparison = compare(asked.site, rehearsed, &looked, tests);
        has_holes = comparison.holes().next().is_some();
        events.emit(What::Compared { comparison });
    }
    // That nobody knows is worse than what is known.
    let failure = match (seen.err(), tested.failure.clone()) {
        (Some(seen), Some(tested)) if tested.kind == Kind::Unfit => Some(seen),
        (seen, tested) => tested.or(seen),
    };
    let failure = failure.map(|failure| {
        let file = asked.site.source.display();
        let hint = format!("a hole: write what differs into {file}, until a rehearsal is red, too");
        if has_holes { failure.hint(hint) } else { failure }
    });
    if let Some(suite) = &tested.suite {
        warn(events, save_result(&run.folder.join(asked.site.name.as_str()), suite));
    }
    if let Some(failure) = &failure {
        save_evidence(run, &made, failure, (&looked, &tested)).await;
        events.emit(What::Again { command: asked.again.clone() });
    }
    let work = tear_down(&run.engine, &run.spec.ownership, &asked.site.name, events);
    let left = timed(events, Phase::Down, work).await.err();
    Outcome { failure, left, ..Outcome::default() }
}

/// Saves what a person needs to understand the failure; never fails the turn itself.
async fn save_evidence<E: Engine>(
    run: &Run<E>,
    made: &Made<'_, E>,
    failure: &Failure,
    (looked, tested): (&Looked, &Tested),
) {
    let events = &made.replica.events;
    let name = &made.replica.site.name;
    let found = Found {
        checks: &looked.checks,
        suite: tested.suite.as_ref(),
        output: &tested.output,
        said: &[],
    };
    let saved = timed(events, Phase::Evidence, async {
        save(&made.replica, &run.folder.join(name.as_str()), failure, found).await?;
        let folder = format!("{}/{name}/", run.shown_folder);
        events.emit(What::EvidenceSaved { folder });
        Ok(())
    });
    warn(events, saved.await);
}

/// Emits a failure that does not count as a warning.
fn warn(events: &Events, done: Result<(), Failure>) {
    if let Err(failure) = done {
        let reasons: Vec<String> = std::iter::once(failure.message).chain(failure.causes).collect();
        events.emit(What::Warning { message: reasons.join(": ") });
    }
}
