//! When each phase of each site was: bars on one axis, so that what overlaps is seen to.

use serde::Serialize;

use super::super::model::{PhaseReport, Report, SiteReport};
use super::super::words::took;
use super::in_use::InUse;
use super::part::Mark;
use crate::event::{Outcome, State};

/// The width of the drawing, and the least of a bar.
const WIDTH: f64 = 1000.0;
const LEAST: f64 = 1.5;
/// Marks on the axis.
const TICKS: u32 = 4;

#[derive(Debug, Serialize)]
pub(super) struct Timeline {
    rows: Vec<Row>,
    /// The times at the marks of the axis, from its left end to its right one.
    ticks: Vec<String>,
    /// The phases that are drawn.
    legend: Vec<&'static str>,
    in_use: Vec<InUse>,
}

#[derive(Debug, Serialize)]
struct Row {
    site: String,
    /// What the drawing says, in words.
    words: String,
    bars: Vec<Bar>,
}

#[derive(Debug, Serialize)]
struct Bar {
    phase: &'static str,
    x: String,
    width: String,
    /// Of a phase that did not pass.
    mark: Option<Mark>,
}

impl Timeline {
    /// `None` for a report that does not know when its phases were.
    pub(super) fn of(report: &Report) -> Option<Timeline> {
        let phases = || report.sites.iter().flat_map(phases_of).map(|(_, phase)| phase);
        let ends = phases().filter_map(|phase| Some(phase.at? + phase.seconds));
        let end = ends.fold(0.0, f64::max);
        if end <= 0.0 {
            return None;
        }
        let rows = report.sites.iter().filter(|site| site.phases.iter().any(|p| p.at.is_some()));
        let drawn = crate::replica::Phase::ALL.into_iter().filter(|phase| {
            phases().any(|of| of.name == *phase && of.at.is_some() && of.seconds > 0.0)
        });
        Some(Timeline {
            rows: rows.map(|site| row(site, end)).collect(),
            ticks: (0..=TICKS).map(|n| took(end * f64::from(n) / f64::from(TICKS))).collect(),
            legend: drawn.map(crate::replica::Phase::name).collect(),
            in_use: InUse::of(report),
        })
    }
}

/// The phases of a site's turn, each with the state of its upgrade that is over by now, where it is of one.
fn phases_of(site: &SiteReport) -> impl Iterator<Item = (Option<State>, &PhaseReport)> {
    let earlier = site.earlier_states().iter();
    let earlier =
        earlier.flat_map(|state| state.phases.iter().map(|phase| (Some(state.name), phase)));
    earlier.chain(site.phases.iter().map(|phase| (None, phase)))
}

fn row(site: &SiteReport, end: f64) -> Row {
    let known = phases_of(site).filter_map(|(state, phase)| Some((state, phase, phase.at?)));
    let known =
        known.filter(|(_, phase, _)| phase.seconds > 0.0 || phase.outcome != Outcome::Passed);
    let mut known: Vec<(Option<State>, &PhaseReport, f64)> = known.collect();
    known.sort_by(|(_, _, one), (_, _, two)| one.total_cmp(two));
    let words = known.iter().map(|(state, phase, at)| {
        let ended = Mark::from(phase.outcome).word;
        let ended =
            if phase.outcome == Outcome::Passed { String::new() } else { format!(", {ended}") };
        let (name, took_) = (phase.name.name(), took(phase.seconds));
        let of = state.map_or(String::new(), |state| format!(" of {}", state.name()));
        format!("{name}{of} {took_} from {}{ended}", took(*at))
    });
    let bar = |(_, phase, at): &(Option<State>, &PhaseReport, f64)| {
        let width = (phase.seconds / end * WIDTH).max(LEAST);
        let x = (at / end * WIDTH).min(WIDTH - LEAST);
        Bar {
            phase: phase.name.name(),
            x: format!("{x:.1}"),
            width: format!("{width:.1}"),
            mark: (phase.outcome != Outcome::Passed).then(|| phase.outcome.into()),
        }
    };
    Row {
        site: site.name.clone(),
        words: words.collect::<Vec<_>>().join("; "),
        bars: known.iter().map(bar).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::event::{Goal, What};
    use crate::failure::Verdict;
    use crate::replica::Phase;
    use crate::report::sample::{self, Script};

    #[test]
    fn the_phases_of_all_states_are_drawn_in_their_order() {
        let runs = sample::release("1.1");
        let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a");
        let script = script.phase(Phase::Images, 500).phase(Phase::Up, 1000);
        let script = script.emit(What::StateStarted { state: State::Live, runs: runs.clone() });
        let script = script.phase(Phase::Deploy, 2000).phase(Phase::Suite, 3000);
        let (took, outcome) = (Duration::from_secs(5), Outcome::Passed);
        let script = script.emit(What::StateEnded { state: State::Live, took, outcome });
        let script = script.emit(What::StateStarted { state: State::New, runs });
        let script = script.phase(Phase::Deploy, 4000).clean(Verdict::Passed);
        let Timeline { rows, legend, .. } = Timeline::of(&Report::fold(&script)).unwrap();
        assert_eq!(
            rows[0].words,
            "images 0.5s from 0.0s; up 1.0s from 0.5s; deploy of live 2.0s from 1.5s; \
             suite of live 3.0s from 3.5s; deploy 4.0s from 6.5s"
        );
        assert_eq!(rows[0].bars.len(), 5);
        assert_eq!(legend, ["images", "up", "deploy", "suite"]);
    }
}
