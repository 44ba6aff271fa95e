//! The page of trends: of each site its verdicts and the seconds of its phases, run by run.

use serde::Serialize;

use super::super::model::Ending;
use super::super::tail::bounded;
use super::super::trends::{SiteTrend, Trends, TurnSeen};
use super::super::words::{count, took};
use super::links::encode_path;
use super::part::Mark;
use crate::replica::Phase;

/// The drawing: its size, the part of it that says the verdict, and the least number of places side by side.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 150.0;
const VERDICTS: f64 = 14.0;
const FEWEST: usize = 12;
/// A turn that took so many times the middle one is cut off: the first one makes the images, and would make all
/// others small.
const CUT: f64 = 3.0;
const LONGEST: usize = 200;

#[derive(Debug, Serialize)]
pub(super) struct TrendsPage {
    project: String,
    /// `12 rehearsals, 2026-11-20 to 2026-11-23`
    words: String,
    legend: Vec<&'static str>,
    sites: Vec<Site>,
    stagectl: &'static str,
}

#[derive(Debug, Serialize)]
struct Site {
    name: String,
    id: String,
    mark: Mark,
    /// `9 of 12 rehearsals green; not green since 2026-11-23 (2 rehearsals)`
    words: String,
    /// The time at the top of the drawing.
    top: String,
    bars: Vec<Bar>,
    phases: Vec<&'static str>,
    /// The newest first.
    rows: Vec<Row>,
}

/// One turn in the drawing.
#[derive(Debug, Serialize)]
struct Bar {
    title: String,
    href: Option<String>,
    class: &'static str,
    x: String,
    width: String,
    /// Of the mark of the verdict, which is tall where it is not green.
    verdict_y: String,
    verdict_height: String,
    pieces: Vec<Piece>,
    /// Whether it is longer than the drawing is high.
    is_cut: bool,
}

#[derive(Debug, Serialize)]
struct Piece {
    phase: &'static str,
    y: String,
    height: String,
}

#[derive(Debug, Serialize)]
struct Row {
    run: String,
    href: Option<String>,
    started: String,
    release: String,
    mark: Mark,
    cells: Vec<String>,
    took: String,
}

impl TrendsPage {
    pub(super) fn of(trends: &Trends) -> TrendsPage {
        let turns = || trends.sites.iter().flat_map(|site| &site.turns);
        let days = turns().map(day);
        let (first, last) =
            (days.clone().min().unwrap_or_default(), days.max().unwrap_or_default());
        let span = if first == last { first } else { format!("{first} to {last}") };
        let more = match trends.more {
            0 => String::new(),
            more => format!("; {} before them", count(more, "run")),
        };
        let drawn = Phase::ALL.into_iter().filter(|phase| {
            turns().any(|turn| turn.phases.iter().any(|(of, took)| of == phase && *took > 0.0))
        });
        TrendsPage {
            project: trends.project.clone(),
            words: format!("{}, {span}{more}", count(trends.runs, "rehearsal")),
            legend: drawn.map(Phase::name).collect(),
            sites: trends.sites.iter().enumerate().map(|(number, of)| site(number, of)).collect(),
            stagectl: env!("CARGO_PKG_VERSION"),
        }
    }
}

fn site(number: usize, trend: &SiteTrend) -> Site {
    let turns = &trend.turns;
    let middle = median(turns.iter().map(|turn| turn.seconds));
    let longest = turns.iter().map(|turn| turn.seconds).fold(0.0, f64::max);
    let top = if middle > 0.0 { longest.min(middle * CUT) } else { longest };
    let place = WIDTH / f64::from(u32::try_from(turns.len().max(FEWEST)).unwrap_or(u32::MAX));
    let bars =
        (0_u32..).zip(turns).map(|(index, turn)| bar(turn, f64::from(index) * place, place, top));
    let known = Phase::ALL
        .into_iter()
        .filter(|phase| turns.iter().any(|turn| turn.phases.iter().any(|(of, _)| of == phase)));
    let phases: Vec<Phase> = known.collect();
    Site {
        name: trend.name.clone(),
        id: format!("site-{number}"),
        mark: turns.last().map_or(Ending::NotRun, |turn| turn.verdict).into(),
        words: in_words(turns),
        top: took(top),
        bars: bars.collect(),
        rows: turns.iter().rev().map(|turn| row(turn, &phases)).collect(),
        phases: phases.into_iter().map(Phase::name).collect(),
    }
}

fn bar(turn: &TurnSeen, x: f64, place: f64, top: f64) -> Bar {
    let room = HEIGHT - VERDICTS - 4.0;
    let scale = if top > 0.0 { room / top } else { 0.0 };
    let mut left = room;
    let mut pieces = Vec::new();
    for (phase, seconds) in &turn.phases {
        let height = (seconds * scale).min(left);
        if height > 0.05 {
            left -= height;
            pieces.push(Piece {
                phase: phase.name(),
                y: format!("{left:.1}"),
                height: format!("{height:.1}"),
            });
        }
    }
    let mark = Mark::from(turn.verdict);
    let height = if turn.verdict == Ending::Passed { VERDICTS / 2.0 } else { VERDICTS };
    let gap = place * 0.12;
    Bar {
        title: format!("{} {}: {} in {}", day(turn), turn.release, mark.word, took(turn.seconds)),
        href: page_of(turn),
        class: mark.class,
        x: format!("{:.1}", x + gap),
        width: format!("{:.1}", place - 2.0 * gap),
        verdict_y: format!("{:.1}", HEIGHT - height),
        verdict_height: format!("{height:.1}"),
        pieces,
        is_cut: turn.seconds > top * 1.001,
    }
}

fn row(turn: &TurnSeen, phases: &[Phase]) -> Row {
    let seconds = |phase: &Phase| {
        let known = turn.phases.iter().find(|(of, _)| of == phase);
        known.map_or_else(|| "\u{2013}".to_owned(), |(_, seconds)| took(*seconds))
    };
    Row {
        run: bounded(&turn.run, LONGEST),
        href: page_of(turn),
        started: turn.started.get(..16).unwrap_or(&turn.started).replace('T', " "),
        release: bounded(&turn.release, LONGEST),
        mark: turn.verdict.into(),
        cells: phases.iter().map(seconds).collect(),
        took: took(turn.seconds),
    }
}

/// `9 of 12 rehearsals green; not green since 2026-11-23 (2 runs); the last green one took 3.5s, the middle one 3.4s`
fn in_words(turns: &[TurnSeen]) -> String {
    let green = || turns.iter().filter(|turn| turn.verdict == Ending::Passed);
    let mut parts =
        vec![format!("{} of {} green", green().count(), count(turns.len(), "rehearsal"))];
    let not_green = turns.iter().rev().take_while(|turn| turn.verdict != Ending::Passed).count();
    if not_green > 0 {
        let since = day(&turns[turns.len() - not_green]);
        parts.push(format!("not green since {since} ({})", count(not_green, "rehearsal")));
    }
    if let Some(last) = green().next_back() {
        let middle = took(median(green().map(|turn| turn.seconds)));
        parts.push(format!(
            "a green one takes {middle} (median), the last one took {}",
            took(last.seconds)
        ));
    }
    parts.join("; ")
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn day(turn: &TurnSeen) -> String {
    turn.started.get(..10).unwrap_or(&turn.started).to_owned()
}

fn page_of(turn: &TurnSeen) -> Option<String> {
    turn.has_page.then(|| format!("./{}/report.html", encode_path(&turn.run)))
}
