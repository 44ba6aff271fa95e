//! The line of a site: what its phases gave, in columns that line up between the sites.

use console::measure_text_width;

use super::mode::{Colour, Mode};
use super::text::{count, pad, took, wrap};
use crate::event::{Goal, ImageOrigin, Outcome, Test, TestStatus};
use crate::replica::Phase;
use crate::report::{Ending, PhaseReport, Report, SiteReport, StateReport, not_green, printable};

/// Between two columns.
const GAP: usize = 3;
/// What follows the words of the phase that goes on: ` 12m34s ⠋`.
pub(super) const CLOCK: usize = 9;

/// Columns that a phase takes when all is well, so that the lines of the sites line up.
fn usual_width(phase: Phase) -> usize {
    match phase {
        Phase::Images => "images cached".len(),
        Phase::Up => "up 1.1s".len(),
        Phase::Deploy => "deploy 0.9s".len(),
        Phase::Ready => "ready 0.2s".len(),
        Phase::Diagnosis => "diagnosis 14 ok".len(),
        Phase::Suite => "suite 12 ok 0.8s".len(),
        Phase::Down => "down 0.2s".len(),
        Phase::Check | Phase::Evidence => 0,
    }
}

/// The first line of a run: `noticeboard 1.2 (3f9c21ab)  on 3 sites, in order`.
pub(super) fn head(report: &Report, colour: Colour) -> String {
    let what = report.release.as_ref().map_or_else(
        || colour.bold(&report.project),
        |release| {
            let short: String = release.digest.chars().take(8).collect();
            let title = format!("{} {}", release.name, release.version);
            format!("{} ({short})", colour.bold(title.trim_end()))
        },
    );
    let how = match (report.goal, report.sites.len()) {
        (Goal::Down, _) => "down",
        (Goal::Redeploy, _) => "into the replica of",
        (Goal::Live, _) => "on the live",
        (Goal::Rehearse | Goal::Up | Goal::Test | Goal::Experiment, _) => "on",
    };
    match report.sites.as_slice() {
        [only] => format!("{what}  {how} {}", only.name),
        sites => format!("{what}  {how} {}, in order", count(sites.len(), "site")),
    }
}

/// What is said before the one long wait.
pub(super) fn images_missing(titles: &[String], about: Option<f64>, mode: Mode) -> Vec<String> {
    let (first, rest) = titles.split_at(titles.len().min(3));
    let mut listed = first.iter().map(|title| printable(title)).collect::<Vec<_>>().join(", ");
    if !rest.is_empty() {
        listed.push_str(&format!(" and {} more", rest.len()));
    }
    let images = count(titles.len(), "image");
    let time =
        about.map_or("this takes minutes".to_owned(), |seconds| format!("about {}", took(seconds)));
    let text = format!("making {images} ({listed}): {time}, once; later runs reuse them");
    wrap(&text, 0, mode.width).iter().map(|line| mode.colour.dim(line)).collect()
}

/// A line of the suite's own output: pytest's colours stay, and nothing else that a terminal obeys.
pub(super) fn suite_line(line: &str) -> String {
    let mut text = String::new();
    let mut is_coloured = false;
    for (piece, is_code) in console::AnsiCodeIterator::new(line) {
        if !is_code {
            text.push_str(&printable(piece));
        } else if let Some(numbers) = colour_code(piece) {
            is_coloured = !matches!(numbers, "" | "0");
            text.push_str(piece);
        }
    }
    // What follows is not the suite's.
    text + if is_coloured { "\u{1b}[0m" } else { "" }
}

/// The numbers of an escape sequence that sets a colour or a weight, in its seven-bit form; none of one
/// that makes text invisible.
fn colour_code(piece: &str) -> Option<&str> {
    let numbers = piece.strip_prefix("\u{1b}[")?.strip_suffix('m')?;
    let is_plain = numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b';');
    (is_plain && !numbers.split(';').any(|number| number == "8")).then_some(numbers)
}

/// The width of the column of the sites' names.
pub(super) fn name_width(report: &Report) -> usize {
    report.sites.iter().map(|site| measure_text_width(&site.name)).max().unwrap_or_default()
}

/// Where the phases begin.
pub(super) fn indent(report: &Report) -> usize {
    name_width(report) + GAP
}

/// What a phase gave, in a few words: `cached`, `1.1s`, `12 ok 0.8s`, `1 of 12 failed`.
pub(super) fn result(report: &Report, site: &SiteReport, phase: &PhaseReport) -> String {
    let time = took(phase.seconds);
    match (phase.outcome, phase.name) {
        (Outcome::Error, _) if report.stopped.is_some() => format!("stopped {time}"),
        (Outcome::Error, _) => format!("error {time}"),
        (_, Phase::Diagnosis) if !site.checks.is_empty() => checks(site),
        (_, Phase::Suite) if !site.tests.is_empty() => tests(site, &time),
        (Outcome::Failed, _) => format!("failed {time}"),
        (Outcome::Passed, Phase::Images) if all_cached(site) => "cached".to_owned(),
        (Outcome::Passed, _) => time,
    }
}

fn all_cached(site: &SiteReport) -> bool {
    !site.images.is_empty() && site.images.iter().all(|image| image.origin == ImageOrigin::Cached)
}

fn checks(site: &SiteReport) -> String {
    let failed = site.checks.iter().filter(|check| !check.passed).count();
    match failed {
        0 => format!("{} ok", site.checks.len()),
        failed => format!("{failed} of {} failed", site.checks.len()),
    }
}

fn tests(site: &SiteReport, time: &str) -> String {
    let all = site.tests.len();
    let with = |is: &dyn Fn(&Test) -> bool| site.tests.iter().filter(|test| is(test)).count();
    let failed = with(&Test::fails);
    let flaky = with(&|test| test.status == TestStatus::Flaky);
    let advisory = with(&|test| test.advisory && test.is_red());
    let skipped = with(&|test| test.status == TestStatus::Skipped);
    let ok = all - failed - flaky - advisory - skipped;
    let is_over = site
        .phases
        .iter()
        .any(|phase| phase.name == Phase::Suite && phase.outcome == Outcome::Passed);
    let words = |number, words: &str| (number > 0).then(|| format!("{number} {words}"));
    let beside = [words(flaky, "flaky"), words(advisory, "advisory failed")];
    let beside = beside.into_iter().flatten();
    if failed > 0 {
        let first = format!("{failed} of {all} failed");
        return std::iter::once(first).chain(beside).collect::<Vec<_>>().join(", ");
    }
    if flaky > 0 && !is_over {
        return format!("{flaky} of {all} flaky");
    }
    let skipped = words(skipped, "skipped");
    let first = format!("{ok} ok");
    let parts: Vec<String> = std::iter::once(first).chain(beside).chain(skipped).collect();
    format!("{} {time}", parts.join(" "))
}

/// True for a phase that is worth a column: those that are usually too short to see only when
/// they are not.
pub(super) fn is_worth_showing(phase: &PhaseReport) -> bool {
    !matches!(phase.name, Phase::Check | Phase::Evidence)
        || phase.outcome != Outcome::Passed
        || phase.seconds >= 1.0
}

/// The line of a site so far, as one line or as several where the terminal is narrow. `active` is
/// what is going on, already in words.
pub(super) fn site(
    report: &Report,
    site: &SiteReport,
    active: Option<(&str, usize)>,
    mode: Mode,
) -> String {
    let colour = mode.colour;
    let name = pad(&colour.bold(&site.name), name_width(report));
    let mut line = Columns::new(name, indent(report), mode.width);
    let mut states = site.earlier_states().iter();
    for phase in site.phases.iter().filter(|phase| is_worth_showing(phase)) {
        if phase.name > Phase::Up {
            states.by_ref().for_each(|state| add_state(&mut line, state));
        }
        let words = result(report, site, phase);
        let words = match phase.outcome {
            Outcome::Passed => words,
            Outcome::Failed => colour.red(&words),
            Outcome::Error => colour.yellow(&words),
        };
        line.add(&format!("{} {words}", phase.name.name()), usual_width(phase.name));
    }
    states.for_each(|state| add_state(&mut line, state));
    if !matches!(site.verdict, Ending::NotRun | Ending::Unfinished) {
        let advisory = if site.advisory { "advisory: " } else { "" };
        let words = format!("{advisory}{}", site.verdict.name());
        line.add(&colour.of_ending(site.verdict, &words), 0);
    } else if let Some((active, clock)) = active {
        line.make_room(measure_text_width(active) + clock);
        line.add(active, 0);
    }
    line.text
}

/// A state of an upgrade that is over: `live 12 ok 5.3s`.
fn add_state(line: &mut Columns, state: &StateReport) {
    line.add(&format!("{} {}", state.name.name(), state.in_words()), "live 12 ok 5.3s".len());
}

/// A line that is filled cell by cell at tab stops.
struct Columns {
    text: String,
    indent: usize,
    width: usize,
    /// The column after the last character, and the next tab stop.
    at: usize,
    stop: usize,
}

impl Columns {
    fn new(text: String, indent: usize, width: usize) -> Self {
        Columns { at: measure_text_width(&text), text, indent, width, stop: indent }
    }

    /// Adds a cell at the next tab stop, further right if the cell before was too long for its
    /// column, and on a new line if there is no room.
    fn add(&mut self, cell: &str, usual: usize) {
        let length = measure_text_width(cell);
        self.make_room(length);
        let start = self.start();
        self.text.push_str(&" ".repeat(start - self.at));
        self.text.push_str(cell);
        self.at = start + length;
        self.stop += usual + GAP;
    }

    /// Where the next cell begins; the first one of a line has its gap in the indent.
    fn start(&self) -> usize {
        if self.at == self.indent { self.at } else { self.stop.max(self.at + GAP) }
    }

    fn make_room(&mut self, length: usize) {
        if self.start() + length > self.width && self.at > self.indent {
            self.text.push('\n');
            self.text.push_str(&" ".repeat(self.indent));
            self.at = self.indent;
            self.stop = self.indent;
        }
    }
}

/// The tests that a person must see.
pub(super) fn red_tests(site: &SiteReport) -> impl Iterator<Item = &Test> {
    not_green(site).into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_suite_s_output_colours_stay_and_nothing_else() {
        for (line, shown) in [
            (
                "\u{1b}[31mred\u{1b}[0m \u{1b}[1;32mok\u{1b}[m",
                "\u{1b}[31mred\u{1b}[0m \u{1b}[1;32mok\u{1b}[m",
            ),
            ("\u{1b}[31mopen", "\u{1b}[31mopen\u{1b}[0m"),
            ("\u{9b}31mC1 \u{9d}\u{9c}", "C1 "),
            ("\u{1b}[8mhidden \u{1b}[2J\u{1b}[?25lx", "hidden x"),
            ("\u{1b}]0;title\u{7}a\u{202e}b", "ab"),
        ] {
            assert_eq!(suite_line(line), shown, "{line:?}");
        }
    }
}
