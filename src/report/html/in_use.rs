//! The sites in use while a release was deployed over another one: a strip for each way, with what was away or wrong.

use serde::Serialize;

use super::super::downtime::{downtime_in_words, downtime_name};
use super::super::model::{Report, SiteReport};
use super::super::words::{took, took_exactly};
use crate::event::{Downtime, Gap, Traffic};

/// The width of the drawing, between two parts of it, and the least of a piece.
const WIDTH: f64 = 1000.0;
const PAUSE: f64 = 6.0;
const LEAST: f64 = 3.0;

#[derive(Debug, Serialize)]
pub(super) struct InUse {
    site: String,
    /// `downtime`, `downtime on the way back`.
    name: &'static str,
    /// What the drawing says, in words.
    words: String,
    /// The pages that were asked, and when.
    about: String,
    pieces: Vec<Piece>,
    gaps: Vec<String>,
}

/// A piece of the strip.
#[derive(Debug, Serialize)]
struct Piece {
    class: &'static str,
    fill: &'static str,
    x: String,
    width: String,
    words: String,
}

impl InUse {
    pub(super) fn of(report: &Report) -> Vec<InUse> {
        let of_site = |site: &SiteReport| -> Vec<InUse> {
            site.downtime.iter().map(|downtime| strip(site, downtime)).collect()
        };
        report.sites.iter().flat_map(of_site).collect()
    }
}

fn strip(site: &SiteReport, downtime: &Downtime) -> InUse {
    let seconds: f64 = downtime.traffic.iter().map(|seen| seen.seconds).sum();
    let pauses = PAUSE * downtime.traffic.iter().skip(1).map(|_| 1.0).sum::<f64>();
    let scale = (WIDTH - pauses) / seconds.max(f64::EPSILON);
    let mut pieces = Vec::new();
    let mut x = 0.0;
    for seen in &downtime.traffic {
        let whole = format!("{}: {} asked", seen.state.name(), took(seen.seconds));
        pieces.push(piece("u-ok", x, seen.seconds * scale, whole));
        for gap in &seen.gaps {
            let begin = x + (gap.at - seen.at) * scale;
            let class = if gap.kind == crate::event::GapKind::Away { "u-away" } else { "u-wrong" };
            pieces.push(piece(class, begin, gap.seconds * scale, in_words(gap)));
        }
        x += seen.seconds * scale + PAUSE;
    }
    let gaps = downtime.gaps().map(in_words).collect();
    let about = downtime.traffic.iter().map(about).collect::<Vec<_>>().join("; ");
    let words = downtime_in_words(downtime);
    InUse { site: site.name.clone(), name: downtime_name(downtime.way), words, about, pieces, gaps }
}

fn piece(class: &'static str, x: f64, width: f64, words: String) -> Piece {
    let fill = match class {
        "u-away" => "#b00",
        "u-wrong" => "#b45309",
        _ => "#2a7f3e",
    };
    let (x, width) = (x.min(WIDTH - LEAST), width.max(LEAST));
    Piece { class, fill, x: format!("{x:.1}"), width: format!("{width:.1}"), words }
}

/// `between: 43 answers of /healthz, / from 12.1s on, the slowest in 0.3s`
fn about(seen: &Traffic) -> String {
    let answers: u32 = seen.answers.values().sum();
    format!(
        "{}: {answers} answers of {} from {} on, the slowest good one in {}",
        seen.state.name(),
        seen.pages.join(", "),
        took(seen.at),
        took_exactly(seen.slowest)
    )
}

/// `away 1.20s from 12.3s on, during serve: 11 times connection refused on /`
fn in_words(gap: &Gap) -> String {
    let answers = gap.answers.iter().map(|(said, times)| format!("{times} times {said}"));
    let answers = answers.collect::<Vec<_>>().join(", ");
    let (during, pages) = (gap.during.join(", "), gap.pages.join(", "));
    let during = if during.is_empty() { during } else { format!(", during {during}") };
    let (time, at) = (took_exactly(gap.seconds), took(gap.at));
    format!("{} {time} from {at} on{during}: {answers} on {pages}", gap.kind.name())
}
