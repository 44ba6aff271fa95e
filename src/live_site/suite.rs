//! The suite of a site against the live one: in a container of its own, on a network that leads out.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::meant::{Meant, chosen, shown_folder};
use super::relay::{Route, relay, relayed, try_host};
use crate::docker::Engine;
use crate::event::{Events, What, timed};
use crate::failure::{Failure, Kind};
use crate::inside::{Replica, with_memory};
use crate::outside_look::{Lookout, PLAIN, SECURE};
use crate::provision::{Images, Watch, provision};
use crate::rehearsal::{confirm, reserve_network};
use crate::replica::{LiveSuite, Phase, Plan, Tests};
use crate::run::Run;
use crate::site::{NetworkFamilies, Site};
use crate::suite::{NO_TESTS, Suite, SuiteResult, critical, repeat};

/// Lines of a suite's output that are kept where it comes to no result.
const KEPT_LINES: usize = 5000;

/// How the suite is run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// As it is described: its images are those of a rehearsal.
    pub(super) site: &'a Site,
    pub(super) meant: &'a Meant,
    pub(super) lookout: &'a Lookout,
    pub(super) route: &'a Route,
    /// Arguments for pytest.
    pub(super) pytest: &'a [String],
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Tested {
    /// `None` where it came to no result.
    pub(super) suite: Option<SuiteResult>,
    /// The last that it printed, where it came to none.
    pub(super) output: Vec<String>,
    pub(super) failure: Option<Failure>,
}

/// What the suite's container is made by.
pub(super) struct Made<'a, E> {
    pub(super) replica: Replica<'a, E>,
    pub(super) plan: Plan,
    relayed: Vec<(String, String)>,
}

/// Makes the images and starts the container; what there is of it, also where something failed.
///
/// # Errors
/// Usage, infrastructure: nothing of it is in Docker but images.
pub(super) async fn bring_up<'a, E: Engine>(
    run: &'a Run<E>,
    wish: Wish<'a>,
    events: &Events,
) -> Result<(Made<'a, E>, Result<(), Failure>), Failure> {
    let Wish { site, meant, lookout, route, .. } = wish;
    let hosts = relayed(site, lookout, route);
    let has = LiveSuite { trusted_pem: meant.trusted_pem.clone(), hosts: hosts.clone() };
    let plan_on = |subnet, _: &[String]| Plan::live_suite(&run.spec, site, &has, subnet);
    let (plan, reserved) =
        reserve_network(&run.engine, events, NetworkFamilies::Ipv4, plan_on).await?;
    let replica = Replica {
        engine: &run.engine,
        site: &meant.site,
        handles: plan.handles.clone(),
        secrets: meant.secrets.clone(),
        events: events.clone(),
        stop: run.stop.clone(),
    };
    let made = Made { replica, plan, relayed: hosts };
    let started = match reserved {
        Ok(()) => {
            let (images, watch) = (Images::default(), Watch::default());
            provision(run, &made.replica, &made.plan, (&images, &watch)).await.map(drop)
        }
        Err(failure) => Err(failure),
    };
    Ok((made, started))
}

/// Runs the tests in the container, with the connections that are made from elsewhere.
pub(super) async fn test<E: Engine>(made: &Made<'_, E>, wish: Wish<'_>) -> Tested {
    let Made { replica, relayed, .. } = made;
    if let Some(folder) = shown_folder(wish.site) {
        replica.events.emit(What::SuiteAt { folder });
    }
    let mut tested = Tested::default();
    let outcome = timed(&replica.events, Phase::Suite, async {
        let (ready, is_ready) = oneshot::channel();
        let container = &replica.handles.suite;
        let ways = (wish.lookout, wish.route);
        let relaying = async {
            if relayed.is_empty() {
                ready.send(()).ok();
                std::future::pending::<Failure>().await
            } else {
                relay(replica.engine, container, relayed, ways, ready).await
            }
        };
        let running = async {
            tokio::select! {
                _ = is_ready => {}
                () = replica.stop.requested() => return Err(replica.stop.failure()),
            }
            if let Route::Host(host) = wish.route {
                let port = if wish.site.tls.is_some() { SECURE } else { PLAIN };
                try_host(host, wish.site.names[0].as_str(), port).await?;
            }
            run_tests(replica, wish, &mut tested).await
        };
        tokio::select! {
            biased;
            outcome = Box::pin(running) => outcome,
            failure = Box::pin(relaying) => Err(failure),
        }
    })
    .await;
    if let Err(failure) = outcome {
        let host = &replica.handles.host;
        let started = [replica.handles.suite.clone()];
        tested.failure = Some(confirm(replica.engine, &started, host, failure).await);
    }
    tested
}

async fn run_tests<E: Engine>(
    replica: &Replica<'_, E>,
    wish: Wish<'_>,
    tested: &mut Tested,
) -> Result<(), Failure> {
    let mut output = VecDeque::new();
    let keep_line = |_, line: &str| {
        output.push_back(line.to_owned());
        output.drain(..output.len().saturating_sub(KEPT_LINES));
    };
    let suite = Suite::New(Tests::All(wish.pytest));
    let mut result = match critical(replica, suite, keep_line).await {
        Ok(result) => result,
        Err(failure) => {
            tested.output = output.into();
            return Err(with_marks(failure, chosen(wish.site)));
        }
    };
    // Who runs a part of the suite by hand repeats it by hand.
    let repeated = if wish.pytest.is_empty() {
        Box::pin(repeat(replica, &mut result, |_, _| {})).await
    } else {
        Ok(())
    };
    result.emit_tests(replica);
    let verdict = repeated.and(result.verdict(replica.site.critical.flaky));
    tested.suite = Some(result);
    match verdict {
        Err(failure) => Err(with_memory(replica, &replica.handles.suite, failure).await),
        Ok(()) => Ok(()),
    }
}

/// How tests are marked, where none is.
fn with_marks(failure: Failure, live: &str) -> Failure {
    if failure.kind != Kind::NoResult || failure.message != NO_TESTS {
        return failure;
    }
    let evidence = failure.evidence;
    let failure = Failure {
        evidence,
        ..Failure::new(Kind::NoResult, format!("no test of the critical suite is marked `{live}`"))
            .cause("no tests is never green")
    };
    if live.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        return failure.hint("`critical.live` says which tests are meant, as pytest's `-m` has it");
    }
    failure.hint(format!(
        "mark the tests that only read, and may ask a live site: `@pytest.mark.{live}` above each of them, or `pytestmark = \
         [pytest.mark.critical, pytest.mark.{live}]` in a file"
    ))
    .hint("where tests with another marker only read, such as those with `live`, say so: `critical: {live: live}`")
}
