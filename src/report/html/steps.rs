//! When each container and step of a site was: a drawing with one row for each, the critical path in words too.

use serde::Serialize;

use super::super::model::{Report, SiteReport};
use super::super::span::Span;
use super::super::timeline::{TimelineRow, timeline_rows};
use super::super::words::{count, took, took_exactly};
use super::part::Mark;
use crate::event::Outcome;
use crate::replica::Stage;

/// Units of the drawing, which are pixels on a page of 1200: the place of the bars, and the height of a row.
const LEFT: f64 = 640.0;
const RIGHT: f64 = 1130.0;
const ROW: f64 = 20.0;
const AXIS: f64 = 24.0;
const LEAST: f64 = 1.5;
/// Marks on the axis.
const TICKS: u32 = 5;
/// Characters of what a row is about, as many as there is room for.
const LONGEST: usize = 72;
/// With more sites than these, their drawings are folded.
const MOST_OPEN: usize = 3;

/// The containers and steps of a site.
#[derive(Debug, Serialize)]
pub(super) struct Steps {
    site: String,
    /// `critical path 4.6s in 14 steps`
    words: String,
    is_open: bool,
    /// The steps of the critical path, with their times.
    chain: Vec<String>,
    height: String,
    ticks: Vec<Tick>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Tick {
    x: String,
    words: String,
}

#[derive(Debug, Serialize)]
struct Row {
    /// Of the text's line, and of the bars.
    text: String,
    y: String,
    what: String,
    start: String,
    took: String,
    critical: bool,
    /// Of a step that did not pass.
    mark: Option<Mark>,
    bars: Vec<Bar>,
}

#[derive(Debug, Serialize)]
struct Bar {
    x: String,
    width: String,
    class: &'static str,
    /// Where a page may not have a style.
    fill: &'static str,
    /// The lighter, the earlier in the life of a container.
    strength: &'static str,
    words: String,
}

impl Steps {
    /// Of the sites whose report knows when their steps were.
    pub(super) fn of(report: &Report) -> Vec<Steps> {
        let sites = report.sites.iter().filter(|site| !site.timeline.is_empty());
        let is_open = report.sites.len() <= MOST_OPEN;
        sites.map(|site| Steps::of_site(site, is_open)).collect()
    }

    fn of_site(site: &SiteReport, is_open: bool) -> Steps {
        let rows = timeline_rows(site);
        let begin = rows.iter().map(TimelineRow::begin).fold(f64::INFINITY, f64::min);
        let end = rows.iter().map(TimelineRow::end).fold(0.0, f64::max);
        let place = |at: f64| {
            let share = if end > begin { (at - begin) / (end - begin) } else { 0.0 };
            LEFT + share * (RIGHT - LEFT)
        };
        let mut critical: Vec<&Span> = site.timeline.iter().filter(|span| span.critical).collect();
        critical.sort_by(|one, two| one.at.total_cmp(&two.at));
        let words = if critical.is_empty() {
            count(site.timeline.len(), "step")
        } else {
            let seconds = critical.iter().map(|span| span.seconds).sum();
            format!("critical path {} in {}", took(seconds), count(critical.len(), "step"))
        };
        let in_words =
            |span: &&Span| format!("{} ({})", fit(&span.what), took_exactly(span.seconds));
        let chain = critical.iter().map(in_words).collect();
        let drawn: Vec<Row> = std::iter::successors(Some(AXIS), |y| Some(y + ROW))
            .zip(&rows)
            .map(|(y, row)| drawn(row, y, place))
            .collect();
        let ticks = (0..=TICKS).map(|number| {
            let at = begin + (end - begin) * f64::from(number) / f64::from(TICKS);
            Tick { x: format!("{:.1}", place(at)), words: took(at) }
        });
        let below = f64::from(u32::try_from(drawn.len()).unwrap_or(u32::MAX));
        Steps {
            site: site.name.clone(),
            words,
            is_open,
            chain,
            height: format!("{:.0}", AXIS + ROW * below + 4.0),
            ticks: ticks.collect(),
            rows: drawn,
        }
    }
}

fn drawn(row: &TimelineRow, y: f64, place: impl Fn(f64) -> f64) -> Row {
    let bar = |span: &Span| {
        let x = place(span.at).min(RIGHT - LEAST);
        let (class, fill) = match span.outcome {
            Outcome::Passed if span.critical => ("t-critical", "#b45309"),
            Outcome::Passed => ("t-step", "#6b7682"),
            Outcome::Failed | Outcome::Error => ("p-broken", "#b00"),
        };
        let strength = match span.stage {
            Some(Stage::Created) => "0.45",
            Some(Stage::Started) => "0.7",
            Some(Stage::Ready) | None => "1",
        };
        let critical = if span.critical { ", on the critical path" } else { "" };
        let (from, to) = (took_exactly(span.at), took_exactly(span.end()));
        Bar {
            x: format!("{x:.1}"),
            width: format!("{:.1}", (place(span.end()) - x).max(LEAST)),
            class,
            fill,
            strength,
            words: format!("{}: {from} to {to}{critical}", fit(&span.what)),
        }
    };
    Row {
        text: format!("{:.0}", y + 14.0),
        y: format!("{:.0}", y + 3.0),
        what: fit(&row.what),
        start: format!("{:.2}", row.begin()),
        took: format!("{:.2}", row.end() - row.begin()),
        critical: row.is_critical(),
        mark: (row.outcome() != Outcome::Passed).then(|| row.outcome().into()),
        bars: row.spans.iter().map(bar).collect(),
    }
}

/// A text that is cut where its room ends.
fn fit(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}
