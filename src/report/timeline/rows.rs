//! The rows of a timeline's picture: one a container, one each other step.

use super::phases::span_of;
use crate::event::Outcome;
use crate::report::model::SiteReport;
use crate::report::span::Span;
use crate::report::words::took_exactly;

/// A container, or a step that is about none.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineRow {
    /// In words what it is.
    pub what: String,
    /// Its steps, each after the one before.
    pub spans: Vec<Span>,
}

impl TimelineRow {
    /// When its first step began, in seconds since the run's start.
    #[must_use]
    pub fn begin(&self) -> f64 {
        self.spans.iter().map(|span| span.at).fold(f64::INFINITY, f64::min)
    }

    /// When its last step ended, in seconds since the run's start.
    #[must_use]
    pub fn end(&self) -> f64 {
        self.spans.iter().map(Span::end).fold(0.0, f64::max)
    }

    /// Whether a step of it is on the critical path.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.spans.iter().any(|span| span.critical)
    }

    /// The outcome of its last step.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.spans.last().map_or(Outcome::Passed, |span| span.outcome)
    }

    fn of_container(role: &str, spans: Vec<Span>) -> TimelineRow {
        let stages = spans.iter().filter_map(|span| {
            let stage = span.stage?.name();
            Some(match span.outcome {
                Outcome::Passed => format!("{stage} {}", took_exactly(span.seconds)),
                Outcome::Failed | Outcome::Error => format!("not {stage}"),
            })
        });
        let stages: Vec<String> = stages.collect();
        TimelineRow { what: format!("{role}: {}", stages.join(", ")), spans }
    }
}

/// Returns the rows of a site by their begin. A report of an earlier version knows the times of phases alone: then
/// these are its rows.
#[must_use]
pub fn timeline_rows(site: &SiteReport) -> Vec<TimelineRow> {
    let mut rows: Vec<TimelineRow> = Vec::new();
    let mut containers: Vec<(&str, Vec<Span>)> = Vec::new();
    for span in &site.timeline {
        match &span.container {
            None => rows.push(TimelineRow { what: span.what.clone(), spans: vec![span.clone()] }),
            Some(role) => match containers.iter_mut().find(|(known, _)| known == role) {
                Some((_, spans)) => spans.push(span.clone()),
                None => containers.push((role, vec![span.clone()])),
            },
        }
    }
    rows.extend(containers.into_iter().map(|(role, spans)| TimelineRow::of_container(role, spans)));
    if site.timeline.is_empty() {
        let phases = site.phases.iter();
        rows.extend(phases.filter_map(|phase| {
            let span = span_of(phase, phase.name.name().to_owned())?;
            Some(TimelineRow { what: span.what.clone(), spans: vec![span] })
        }));
    }
    rows.sort_by(|one, two| {
        one.begin().total_cmp(&two.begin()).then(one.end().total_cmp(&two.end()))
    });
    rows
}
