//! The states that a site is judged in: one, or those of an upgrade.

use super::examine::{By, Examined, SuiteOutput, Wish, look};
use super::moment::{Marks, Otherwise, Sizes, at_that_moment, marks, report_said};
use super::turn::{Made, Running, Stand, Turn};
use super::upgrade::{Upgrade, as_back, as_baseline, as_between, as_lost, event_release};
use crate::docker::Engine;
use crate::event::{Outcome, State, What, timed};
use crate::failure::Failure;
use crate::inside::warm_up;
use crate::provision::{Watch, prepare_images, upgrade};
use crate::replica::{Keys, Part, Phase, Plan, RunSpec, Subnet, Visit, lock_watches};
use crate::suite::{pay_visit, with_ended};

/// What a site came to.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Of the state that was examined last; `None` where its release did not come up.
    pub(super) examined: Option<Examined>,
    pub(super) failure: Option<Failure>,
}

impl Judged {
    fn unexamined(failure: Failure) -> Judged {
        Judged { examined: None, failure: Some(failure) }
    }

    fn of(examined: Result<Examined, Failure>) -> Judged {
        match examined {
            Ok(examined) => {
                let failure = examined.outcome.clone().err();
                Judged { examined: Some(examined), failure }
            }
            Err(failure) => Judged::unexamined(failure),
        }
    }

    /// With another failure, where it is none by itself.
    fn and(self, other: Result<(), Failure>) -> Judged {
        Judged { failure: self.failure.or(other.err()), ..self }
    }
}

impl<'r, E: Engine> Turn<'r, E> {
    /// Judges a site that was brought up: in each state of its upgrade, up to the first that is red.
    pub(super) async fn judge(&self, stand: &mut Stand<'r, E>) -> Judged {
        let judged = match stand {
            Stand::Unmade(failure) | Stand::Incomplete(_, failure) => {
                Judged::unexamined(failure.clone())
            }
            Stand::Up(made, running) => {
                let first = self.examine(made, std::mem::take(running)).await;
                Judged::of(first)
            }
        };
        let mut judged = self.confirmed(stand, judged).await;
        for (state, part) in self.upgrade.map(Upgrade::parts).unwrap_or_default() {
            let (None, Stand::Up(made, _)) = (&judged.failure, &mut *stand) else { break };
            self.end_state(None);
            let reached = match self.reach((state, part), made).await {
                Ok(running) => {
                    let examined = self.examine(made, running).await;
                    Judged::of(examined).and(self.judge_downtime(state))
                }
                Err(failure) => Judged::unexamined(failure),
            };
            judged = self.confirmed(stand, reached).await;
        }
        self.end_state(judged.failure.as_ref());
        judged
    }

    /// What the failure really is, and of which release.
    async fn confirmed(&self, stand: &Stand<'r, E>, judged: Judged) -> Judged {
        let failure = match (judged.failure, stand.made()) {
            (Some(failure), Some(made)) => Some(Box::pin(self.confirm(made, failure)).await),
            (failure, _) => failure,
        };
        let failure = match (failure, self.state.get()) {
            (Some(failure), Some((State::Live, _))) => Some(self.of_live_release(failure)),
            (Some(failure), Some((State::Between, _))) => Some(as_between(failure, self.site)),
            (Some(failure), Some((State::Back, _))) => Some(as_back(failure, self.site)),
            (failure, _) => failure,
        };
        Judged { failure, ..judged }
    }

    /// A failure of the live release, which says nothing of the new one.
    pub(super) fn of_live_release(&self, failure: Failure) -> Failure {
        if self.upgrade.is_some() { as_baseline(failure, self.site) } else { failure }
    }

    /// The spec of the release that is in the replica.
    pub(super) fn in_place(&self) -> &'r RunSpec {
        match self.state.get() {
            Some((State::Live | State::Between | State::Back, _)) => self.first().0,
            _ => &self.run.spec,
        }
    }

    /// Begins the state of the live release, if there is one.
    pub(super) fn begin_first_state(&self) {
        if self.upgrade.is_some() {
            self.begin(State::Live);
        }
    }

    fn begin(&self, state: State) {
        let Some(upgrade) = self.upgrade else { return };
        let runs = match state {
            State::Live | State::Between | State::Back => upgrade.release(),
            State::New => event_release(&self.run.spec.release, &self.run.release_argument),
        };
        self.state.set(Some((state, self.events.elapsed())));
        self.events.emit(What::StateStarted { state, runs });
    }

    fn end_state(&self, failure: Option<&Failure>) {
        let Some((state, since)) = self.state.get() else { return };
        let result = failure.map_or(Ok(()), |failure| Err(failure.clone()));
        let took = self.events.elapsed().saturating_sub(since);
        self.events.emit(What::StateEnded { state, took, outcome: Outcome::of(&result) });
    }

    /// Makes the image of the new release before anything is spent on the live one.
    ///
    /// # Errors
    /// Those of the images.
    pub(super) async fn prepare_upgrade(&self, keys: &Keys) -> Result<(), Failure> {
        if self.upgrade.is_none() {
            return Ok(());
        }
        let spec = &self.run.spec;
        // Images know nothing of addresses.
        let at = (&spec.ownership.run, Subnet::nth(0));
        let plan = Plan::redeploy(spec, self.site, keys, at)?;
        let replica = self.replica(self.site, &plan, keys);
        // Not the turn's own: that one is notified when the live release's are there, too.
        let watch = Watch::default();
        prepare_images(self.run, &replica, &plan, (self.images, &watch)).await.map(drop)
    }

    /// Brings the site to its next state, as production does; what runs then.
    async fn reach(
        &self,
        (state, part): (State, Part),
        made: &mut Made<'r, E>,
    ) -> Result<Running<'r>, Failure> {
        self.begin(state);
        self.stop.check()?;
        // What the release says when it starts is judged, and not what the one before had said.
        made.since = marks(&made.replica).await?;
        let subnet = made.replica.handles.addresses.subnet;
        let spec = &self.run.spec;
        let at = (&spec.ownership.run, subnet);
        let site = self.upgrade.map_or(self.site, |upgrade| upgrade.site_of(state, self.site));
        let plan = Plan::upgrade(spec, site, &made.keys, at, part)?;
        // Nobody reads on a site that is stopped.
        let lock_watches = match part {
            Part::Beside => lock_watches(self.site, &spec.ownership.run),
            Part::Redeploy | Part::Whole(_) | Part::Restart | Part::Back => Vec::new(),
        };
        let before = made.plan.before + made.plan.steps.len();
        let plan = Plan { before, lock_watches, ..plan };
        made.replica = self.replica(site, &plan, &made.keys);
        made.plan = plan;
        for host in made.replica.handles.hosts() {
            warm_up(&made.replica, host);
        }
        let watch = Watch::default();
        let deploy = upgrade(self.run, &made.replica, &made.plan, (self.images, &watch));
        let provisioned = self.in_use(state, &made.replica, &watch, Box::pin(deploy)).await?;
        if matches!(state, State::Between | State::Back) {
            made.replica = self.replica(self.first().1, &made.plan, &made.keys);
        }
        Ok(Running { processes: provisioned.processes, suite: None })
    }

    /// Diagnosis and suite of a site that is up.
    ///
    /// # Errors
    /// The stop request: then nothing was looked at.
    async fn examine(&self, made: &Made<'r, E>, running: Running<'r>) -> Result<Examined, Failure> {
        self.stop.check()?;
        let pytest = self.run.spec.suite.as_deref().unwrap_or_default();
        let state = self.state.get().map(|(state, _)| state);
        let by = match state {
            Some(State::Between | State::Back) => By::Suite,
            None | Some(State::Live | State::New) => By::DiagnosisAndSuite,
        };
        let wish = Wish { pytest, output: SuiteOutput::Kept, by, since: None };
        let (marks, since) = match state {
            None | Some(State::Live) => (Marks::default(), Sizes::new()),
            Some(_) => (marks(&made.replica).await?, made.since.sizes().clone()),
        };
        let looking = look(&made.replica, running, wish, (marks, &since));
        let mut examined = if self.run.spec.observes {
            self.observed(&made.replica, looking).await?
        } else {
            looking.await
        };
        if let Some(suite) = &examined.suite {
            self.keep_result(suite);
        }
        if examined.outcome.is_ok() {
            self.visit(made, &mut examined).await;
        }
        Ok(examined)
    }

    /// Has the visitor leave something behind on the live release, and look for it on the new one.
    async fn visit(&self, made: &Made<'r, E>, examined: &mut Examined) {
        let visit = match self.state.get() {
            Some((State::Live, _)) => Visit::Leave,
            Some((State::New | State::Back, _)) => Visit::Check,
            Some((State::Between, _)) | None => return,
        };
        if self.site.live.visit.is_none() {
            return;
        }
        let replica = &made.replica;
        let visited = timed(&self.events, Phase::Suite, async {
            let before = marks(replica).await?;
            let visited = pay_visit(replica, visit).await;
            let visited = match self.state.get() {
                Some((State::New, _)) => visited.map_err(as_lost),
                _ => visited,
            };
            if let Err(failure) = &visited {
                examined.said =
                    at_that_moment(replica, &before, failure, Otherwise::LastLines).await;
                report_said(&self.events, &examined.said);
            }
            with_ended(replica, visited).await
        });
        examined.outcome = visited.await;
    }
}
