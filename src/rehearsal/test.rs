//! Diagnosis and suite, once more, in replicas that are up.

use std::time::Duration;

use super::close::count_kept;
use super::examine::{By, SuiteOutput, Wish, examine};
use super::turn::{Counts, Outcome, count, take_turn};
use crate::cancel::Stop;
use crate::docker::Engine;
use crate::event::{Events, What};
use crate::failure::Verdict;
use crate::site::Site;
use crate::standing::{Standing, used};

/// Examines the replicas in order; `arguments` says what goes to pytest. They stay up.
pub async fn test<E: Engine>(
    engine: &E,
    replicas: &[(&Site, Standing)],
    arguments: impl Fn(&Site) -> Vec<String>,
    events: &Events,
    stop: &Stop,
) -> Verdict {
    let mut verdict = Verdict::Passed;
    for (site, standing) in replicas {
        let of_site = events.of_site(&site.name);
        let work = async {
            let pytest = arguments(site);
            let by = By::DiagnosisAndSuite;
            let output = SuiteOutput::Reported;
            let wish = Wish { pytest: &pytest, output, by, since: None };
            let examined = examine(engine, site, standing, wish, &of_site, stop);
            let failure = used(engine, standing, Box::pin(examined)).await.err();
            Outcome { failure, ..Outcome::default() }
        };
        let ended = take_turn(site, &of_site, Counts::AsDescribed, Duration::ZERO, work).await;
        verdict = verdict.and(count(site, ended.verdict));
    }
    events.emit(What::Kept { kept: count_kept(replicas.iter().map(|(_, standing)| standing)) });
    events.emit(What::RunEnded { verdict, took: events.elapsed() });
    verdict
}
