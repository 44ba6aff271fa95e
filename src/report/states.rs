//! The states of an upgrade in a report: how they are folded, and how they are said.

use std::time::Duration;

use super::model::{Ending, PhaseReport, Report, SiteReport, StateReport};
use super::seconds::seconds;
use super::words::took;
use crate::event::{Goal, Outcome, Release, State};
use crate::replica::Phase;

impl SiteReport {
    /// What was found so far goes to the state that it was found in; the site begins anew.
    pub(super) fn begin_state(&mut self, now: Duration, name: State, release: &Release) {
        if let Some(before) = self.states.last_mut() {
            let is_of_state = |phase: &mut PhaseReport| belongs_to_state(phase.name);
            before.phases = self.phases.extract_if(.., is_of_state).collect();
            before.installed = std::mem::take(&mut self.installed);
            before.steps = std::mem::take(&mut self.steps);
            before.checks = std::mem::take(&mut self.checks);
            before.tests = std::mem::take(&mut self.tests);
            self.floating.clear();
        }
        self.states.push(StateReport {
            name,
            release: release.clone(),
            outcome: None,
            at: seconds(now),
            seconds: 0.0,
            phases: Vec::new(),
            installed: Vec::new(),
            steps: Vec::new(),
            checks: Vec::new(),
            tests: Vec::new(),
        });
    }

    pub(super) fn end_state(&mut self, name: State, took: Duration, outcome: Outcome) {
        if let Some(state) = self.states.iter_mut().rfind(|state| state.name == name) {
            state.outcome = Some(outcome);
            state.seconds = seconds(took);
        }
    }

    /// A state that is over, and was not the last one.
    #[must_use]
    pub fn earlier_state(&self, name: State) -> Option<&StateReport> {
        self.earlier_states().iter().find(|state| state.name == name)
    }

    /// The states before the one whose phases, checks and tests are the site's own.
    #[must_use]
    pub fn earlier_states(&self) -> &[StateReport] {
        self.states.split_last().map_or(&[], |(_, earlier)| earlier)
    }
}

/// Whether a phase is of a state; others are of the site's turn as a whole.
fn belongs_to_state(phase: Phase) -> bool {
    matches!(phase, Phase::Deploy | Phase::Ready | Phase::Diagnosis | Phase::Suite)
}

impl StateReport {
    /// What was found in a state that is over, in a few words: `12 ok 5.3s`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let time = took(self.seconds);
        match self.outcome {
            Some(Outcome::Passed) if self.tests.is_empty() => format!("ok {time}"),
            Some(Outcome::Passed) => {
                let ok = self.tests.iter().filter(|test| !test.is_notable()).count();
                format!("{ok} ok {time}")
            }
            Some(Outcome::Failed) => format!("failed {time}"),
            Some(Outcome::Error) => format!("error {time}"),
            None => "unfinished".to_owned(),
        }
    }
}

/// A column of a table of sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Of the turn as a whole, or of the last state.
    Phase(Phase),
    /// One that is over.
    State(State),
}

impl Column {
    /// Its heading.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Column::Phase(phase) => phase.name(),
            Column::State(state) => state.name(),
        }
    }
}

/// What some site has that is worth a column: the phases of the whole turn, the states that are over, and the phases
/// of the last one.
pub fn columns(report: &Report, is_worth: impl Fn(&PhaseReport) -> bool) -> Vec<Column> {
    let is_there =
        |phase: &Phase| report.sites.iter().any(|site| site.phase(*phase).is_some_and(&is_worth));
    let phases = Phase::ALL.into_iter().filter(is_there);
    let (turn, last): (Vec<Phase>, Vec<Phase>) = phases.partition(|phase| *phase <= Phase::Up);
    let states = report.sites.iter().flat_map(SiteReport::earlier_states);
    let mut states: Vec<State> = states.map(|state| state.name).collect();
    states.sort_unstable();
    states.dedup();
    let turn = turn.into_iter().map(Column::Phase);
    turn.chain(states.into_iter().map(Column::State))
        .chain(last.into_iter().map(Column::Phase))
        .collect()
}

/// What was rehearsed of an upgrade of a site, or that none was; nothing in a run that rehearses none anyway.
#[must_use]
pub fn upgrade_in_words(report: &Report, site: &SiteReport) -> Option<String> {
    if report.goal != Goal::Rehearse || site.verdict == Ending::NotRun {
        return None;
    }
    let Some(first) = site.states.first() else {
        return Some("none rehearsed: no live release is described".to_owned());
    };
    let Release { name, version, digest, .. } = &first.release;
    let short: String = digest.chars().take(8).collect();
    let states = site.states.iter().map(|state| {
        let word = state.outcome.map_or("unfinished", Outcome::name);
        format!("{} {word} {}", state.name.name(), took(state.seconds))
    });
    let states: Vec<String> = states.collect();
    Some(format!(
        "from {} ({short}): {}",
        format!("{name} {version}").trim_end(),
        states.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::What;
    use crate::failure::{Kind, Verdict};
    use crate::report::sample::{self, Script};
    use crate::report::summary;

    #[test]
    fn the_summary_of_a_job_says_how_each_state_ended() {
        let runs = sample::release("1.1");
        let script = Script::new(Goal::Rehearse, &["site-a", "site-b"]).start("site-a");
        let script = script.emit(What::StateStarted { state: State::Live, runs: runs.clone() });
        let (took, outcome) = (Duration::from_millis(2500), Outcome::Passed);
        let script = script.emit(What::StateEnded { state: State::Live, took, outcome });
        let script = script.emit(What::StateStarted { state: State::Between, runs });
        let outcome = Outcome::Failed;
        let script = script.emit(What::StateEnded { state: State::Between, took, outcome });
        let script = script.finish(Verdict::Not(Kind::Unfit), 6000, None).green_site("site-b");
        let report = Report::fold(&script.over(Verdict::Not(Kind::Unfit)));
        let text = summary(&report, 1 << 20);
        let line = "\n`site-a`: upgrade from noticeboard 1.1 (3f9c21ab): live passed 2.5s, between failed 2.5s\n";
        assert!(text.contains(line), "{text}");
        assert_eq!(text.matches(": upgrade ").count(), 1, "{text}");
    }
}
