//! The site in use while a release is deployed over another one: a visitor asks, and what it saw is judged.

use std::cell::Cell;

use super::turn::Turn;
use crate::docker::{Engine, Output};
use crate::event::{Downtime, Gap, State, Way, What};
use crate::failure::{Failure, Kind};
use crate::inside::{Beside, Replica, run_beside, tail};
use crate::provision::Watch;
use crate::replica::{TrafficJob, access_logs};
use crate::site::Strategy;
use crate::suite::{Answers, Page, asked_pages};

/// Lines of a proxy's log in which the suite's pages are sought.
const LOG_LINES: usize = 20_000;
/// Gaps that a failure names.
const MOST_GAPS: usize = 3;

impl<'r, E: Engine> Turn<'r, E> {
    /// Does the work of a deploy with the site in use, and reports what came of that.
    ///
    /// # Errors
    /// The work's; what kept the visitor from asking.
    pub(super) async fn in_use<T>(
        &self,
        state: State,
        replica: &Replica<'r, E>,
        watch: &Watch,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut pages = std::mem::take(&mut self.visitor.borrow_mut().pages);
        if pages.is_empty() {
            pages = self.pages(replica).await;
        }
        // On the way back it is the new release that is as before.
        let is_first = state == State::Back || pages.iter().all(|page| page.before.is_none());
        let paths: Vec<String> = pages.iter().map(|page| page.path.clone()).collect();
        let job = TrafficJob::new(replica.site, &paths, is_first);
        let beside = Beside {
            container: &replica.handles.suite,
            program: "traffic.py",
            job: &job,
            begun: r#"{"asks": true}"#,
            end: "rest",
        };
        let mut answers = Answers::new(pages);
        let end = Cell::new(None);
        let work = async {
            let done = work.await;
            end.set(Some(self.events.elapsed()));
            done
        };
        let take = |from, line: &str| {
            if from == Output::Stdout {
                answers.take(self.events.elapsed(), line);
            }
        };
        let (done, visited) = Box::pin(run_beside(replica, beside, take, work)).await;
        if is_first && end.get().is_some() {
            self.warn_of(&answers.left_out());
        }
        self.visitor.borrow_mut().pages = answers.asked();
        let end = end.get().unwrap_or_else(|| self.events.elapsed());
        if let Some(traffic) = answers.traffic(state, end, &watch.performed.borrow()) {
            self.events.emit(What::SiteInUse { traffic: traffic.clone() });
            self.visitor.borrow_mut().seen.push(traffic);
        }
        let done = done.transpose()?;
        let visited = visited?;
        done.filter(|_| visited.code == 0).ok_or_else(|| {
            let message = format!("the visitor of the deploy ended with code {}", visited.code);
            Failure::bug(message).evidence("traffic.py", visited.lines)
        })
    }

    /// The health page, and those that are described, or that the suite asked for.
    async fn pages(&self, replica: &Replica<'r, E>) -> Vec<Page> {
        let others = if let Some(pages) = &self.site.live.traffic {
            pages.clone()
        } else {
            let mut log = Vec::new();
            for host in replica.handles.hosts() {
                for file in access_logs(self.site) {
                    let lines = tail(replica.engine, host, &file, LOG_LINES, &replica.secrets);
                    log.extend(lines.await);
                }
            }
            asked_pages(self.site, &replica.handles.addresses, &log)
        };
        let health = &self.site.health.path;
        let others = others.into_iter().filter(|path| path != health);
        let paths = std::iter::once(health.clone()).chain(others);
        paths.map(|path| Page { path, before: None }).collect()
    }

    /// Says which pages of the description are not asked for.
    fn warn_of(&self, left_out: &[Page]) {
        if self.site.live.traffic.is_none() {
            return;
        }
        for Page { path, before } in left_out {
            let said = before.map_or("nothing".to_owned(), |status| status.to_string());
            let message = format!(
                "`{path}` of `live.traffic` is not asked for during the deploy: before it, it answered {said}"
            );
            self.events.emit(What::Warning { message });
        }
    }

    /// Judges how long the site was away or wrong on the way to the new release.
    ///
    /// # Errors
    /// Deploy: longer than the description allows.
    pub(super) fn judge_downtime(&self, state: State) -> Result<(), Failure> {
        let Some(at_most) = self.site.downtime.at_most.filter(|_| state == State::New) else {
            return Ok(());
        };
        let seen = self.visitor.borrow().seen.clone();
        let Some(downtime) = Downtime::of(Way::Deploy, seen) else { return Ok(()) };
        if downtime.seconds() <= at_most.as_secs_f64() {
            return Ok(());
        }
        let message = format!(
            "{} was away or wrong for {:.1}s while the release was deployed, more than {at_most:?}",
            self.site.name,
            downtime.seconds()
        );
        let mut gaps: Vec<&Gap> = downtime.gaps().collect();
        gaps.sort_by(|one, two| two.seconds.total_cmp(&one.seconds));
        let causes = gaps.into_iter().take(MOST_GAPS).map(in_words);
        let failure = causes.fold(Failure::new(Kind::Deploy, message), Failure::cause);
        let way_out = match self.site.strategy {
            Strategy::Stop => {
                "with `deploy.strategy: restart` the steps run beside the live release, if that bears the new schema"
            }
            Strategy::Restart | Strategy::Parallel => {
                "make shorter what went on meanwhile; where a page was wrong, make the change in two releases"
            }
        };
        let limit = "or raise `deploy.downtime.at_most`, if users may find it so for so long";
        Err(failure.hint(way_out).hint(limit))
    }
}

/// `away for 1.2s from 34.8s on, during serve: 11 times connection refused on /`
fn in_words(gap: &Gap) -> String {
    let answers = gap.answers.iter().map(|(said, times)| format!("{times} times {said}"));
    let during = match gap.during.join(", ") {
        steps if steps.is_empty() => String::new(),
        steps => format!(", during {steps}"),
    };
    format!(
        "{} for {:.1}s from {:.1}s on{during}: {} on {}",
        gap.kind.name(),
        gap.seconds,
        gap.at,
        answers.collect::<Vec<_>>().join(", "),
        gap.pages.join(", ")
    )
}
