//! When each phase of each site was: bars on one axis, so that what overlaps is seen to.

use serde::Serialize;

use super::super::model::{PhaseReport, Report, SiteReport};
use super::super::words::took;
use super::in_use::InUse;
use super::part::Mark;
use crate::event::Outcome;

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
        let phases = || report.sites.iter().flat_map(|site| &site.phases);
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

fn row(site: &SiteReport, end: f64) -> Row {
    let known = site.phases.iter().filter_map(|phase| Some((phase, phase.at?)));
    let known = known.filter(|(phase, _)| phase.seconds > 0.0 || phase.outcome != Outcome::Passed);
    let known: Vec<(&PhaseReport, f64)> = known.collect();
    let words = known.iter().map(|(phase, at)| {
        let ended = Mark::from(phase.outcome).word;
        let ended =
            if phase.outcome == Outcome::Passed { String::new() } else { format!(", {ended}") };
        let (name, took_) = (phase.name.name(), took(phase.seconds));
        format!("{name} {took_} from {}{ended}", took(*at))
    });
    let bar = |(phase, at): &(&PhaseReport, f64)| {
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
