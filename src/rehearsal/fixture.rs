//! A run for tests: whole rehearsals of small sites on the fake engine.

use crate::cancel::Stop;
use crate::docker::fake::FakeEngine;
use crate::event::{Event, Events, Recorder, What};
use crate::failure::{Failure, Verdict};
use crate::provision::fixture::workshop;
use crate::rehearsal::{
    AfterFailure, Ahead, Back, Course, Keep, Until, Upgrade, Upgrades, rehearse,
};
use crate::release::Release;
use crate::replica::fixture::{self, Stand};
use crate::replica::{Ownership, RunSpec};
use crate::run::{Run, Workshop};
use crate::site::Site;
use crate::standing::teardown;

/// Nothing stays, every site has its turn.
pub(super) const USUAL: Course = Course {
    keep: Keep::Nothing,
    after_failure: AfterFailure::GoOn,
    ahead: Ahead::Images,
    until: Until::End,
};

/// A project and what its runs share.
pub(super) struct House {
    pub(super) stand: Stand,
    pub(super) ownership: Ownership,
    workshop: Workshop,
    /// More arguments for pytest.
    pub(super) pytest: Vec<String>,
    /// What all sites are upgraded from, if they are.
    pub(super) live: Option<Release>,
    pub(super) back: Back,
}

impl House {
    pub(super) fn new(sites: &[(&str, &str)]) -> House {
        let stand = Stand::new(sites);
        let (workshop, ownership) = (workshop(&stand), fixture::ownership());
        House {
            workshop,
            ownership,
            stand,
            pytest: Vec::new(),
            live: None,
            back: Back::NotRehearsed,
        }
    }

    /// Where the evidence of a run goes.
    pub(super) fn evidence(&self) -> std::path::PathBuf {
        self.stand.scratch("runs")
    }

    /// Does something in a run of its own, with all events written down.
    pub(super) async fn run<T>(
        &self,
        engine: &FakeEngine,
        stop: &Stop,
        work: impl AsyncFnOnce(&Run<FakeEngine>) -> T,
    ) -> (T, Vec<Event>) {
        self.run_with(engine, None, stop, work).await
    }

    /// The same with the suite, if these are arguments for it, as a part of it.
    async fn run_with<T>(
        &self,
        engine: &FakeEngine,
        suite: Option<Vec<String>>,
        stop: &Stop,
        work: impl AsyncFnOnce(&Run<FakeEngine>) -> T,
    ) -> (T, Vec<Event>) {
        let recorder = Recorder::default();
        let events = Events::new(vec![Box::new(recorder.clone())]);
        let spec = fixture::run_spec(&self.stand.release);
        let run = Run {
            engine: engine.clone(),
            spec: RunSpec { ownership: self.ownership.clone(), suite, ..spec },
            release_argument: "dist/shop.whl".to_owned(),
            events,
            stop: stop.clone(),
            workshop: self.workshop.clone(),
            authority: self.stand.authority(),
            root: self.stand.root(),
            folder: self.evidence(),
            shown_folder: "runs".to_owned(),
            lease: std::time::Duration::from_hours(1),
        };
        (work(&run).await, recorder.events())
    }

    /// A whole rehearsal of all sites.
    pub(super) async fn rehearse(
        &self,
        engine: &FakeEngine,
        course: Course,
        stop: &Stop,
    ) -> Rehearsed {
        let sites: Vec<&Site> = self.stand.project.sites.iter().collect();
        let suite = Some(self.pytest.clone());
        let upgrade = |run: &Run<FakeEngine>, site: &Site| {
            let live = (self.live.clone()?, "live.whl".to_owned());
            Some((site.name.clone(), Upgrade::new(&run.spec, site, live, self.back)))
        };
        let work = async |run: &Run<FakeEngine>| {
            let upgrades: Upgrades = sites.iter().filter_map(|site| upgrade(run, site)).collect();
            rehearse(run, (&sites, &upgrades), course).await
        };
        let (verdict, events) = self.run_with(engine, suite, stop, work).await;
        let rehearsed = Rehearsed { verdict, events };
        rehearsed.check_order();
        rehearsed
    }

    /// What a later `stagectl gc` does for the run.
    pub(super) async fn tear_down(&self, engine: &FakeEngine) {
        let labels = Ownership::of_run(&self.ownership.run);
        let left = teardown(engine, &labels, &Events::new(Vec::new())).await.unwrap();
        assert_eq!(left, []);
    }

    /// A whole rehearsal in the usual way, without a stop.
    pub(super) async fn usual(&self, engine: &FakeEngine) -> Rehearsed {
        self.rehearse(engine, USUAL, &Stop::new()).await
    }
}

/// What a rehearsal said.
pub(super) struct Rehearsed {
    pub(super) verdict: Verdict,
    pub(super) events: Vec<Event>,
}

impl Rehearsed {
    /// Every site that began also ended, once; the run's end is the last event.
    fn check_order(&self) {
        let last = self.events.last().map(|event| &event.what);
        assert!(matches!(last, Some(What::RunEnded { .. })), "{last:?}");
        let of = |wanted: fn(&What) -> bool| -> Vec<_> {
            let found = self.events.iter().filter(|event| wanted(&event.what));
            found.map(|event| event.site.clone()).collect()
        };
        let begun = of(|what| matches!(what, What::SiteStarted { .. }));
        assert_eq!(begun, of(|what| matches!(what, What::SiteEnded { .. })));
        assert_eq!(of(|what| matches!(what, What::RunEnded { .. })), [None]);
    }

    /// Name, exit code and failure of each site that had its turn.
    pub(super) fn sites(&self) -> Vec<(String, u8, Option<Failure>)> {
        let ended = self.events.iter().filter_map(|event| match &event.what {
            What::SiteEnded { verdict, failure, .. } => {
                let name = event.site.as_ref().map(ToString::to_string).unwrap_or_default();
                Some((name, verdict.code(), failure.clone()))
            }
            _ => None,
        });
        ended.collect()
    }

    /// The only failure.
    pub(super) fn failure(&self) -> Failure {
        let mut failures: Vec<Failure> =
            self.sites().into_iter().filter_map(|(_, _, failure)| failure).collect();
        assert_eq!(failures.len(), 1, "{failures:?}");
        failures.remove(0)
    }

    /// The names of what stands there after all teardown, as reported.
    pub(super) fn left_behind(&self) -> Vec<String> {
        let left = self.events.iter().filter_map(|event| match &event.what {
            What::LeftBehind { resource, .. } => Some(resource.name.clone()),
            _ => None,
        });
        let mut left: Vec<String> = left.collect();
        left.sort();
        left.dedup();
        left
    }

    pub(super) fn has_event(&self, wanted: impl Fn(&What) -> bool) -> bool {
        self.events.iter().any(|event| wanted(&event.what))
    }
}
