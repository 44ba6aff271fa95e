//! When each container and step of a run was, as a picture of bars for the terminal.

use console::{measure_text_width, truncate_str};

use super::mode::{Mode, Style, Wish};
use super::print::print_data;
use super::text::{pad, took, wrap};
use crate::event::Outcome;
use crate::failure::Failure;
use crate::replica::Stage;
use crate::report::{SiteReport, Span, TimelineRow, printable, timeline_rows};

/// Columns where no terminal ends a line.
const UNBROKEN: usize = 120;
/// The least and the most columns of the bars.
const BARS: (usize, usize) = (20, 100);
/// Columns of mark, start and took, with the gaps between them.
const NUMBERS: usize = 20;
const LEGEND: &str =
    "bars: c created, s started, r ready, # another step; capitals and = are the critical path (*)";

const PHASES: &str = "no containers and steps are recorded (an earlier stagectl wrote the report): these are its phases";
const NOTHING: &str =
    "nothing says when its steps were: it had no turn, or an earlier stagectl wrote the report";

/// Prints the timeline of these sites to stdout, as wide as the terminal is.
///
/// # Errors
/// As [`print_data`].
pub fn print_timeline(sites: &[&SiteReport], wish: Wish) -> Result<(), Failure> {
    let mode = Mode { style: Style::Plain, ..Mode::of_stdout(wish) };
    let parts: Vec<String> = sites.iter().map(|site| lines(site, mode).join("\n")).collect();
    print_data(&(parts.join("\n\n") + "\n"))
}

/// The lines of a site: its head, a row a container or step, what the bars mean.
pub(super) fn lines(site: &SiteReport, mode: Mode) -> Vec<String> {
    let rows = timeline_rows(site);
    let mut lines = vec![head(site, &rows, mode)];
    if site.timeline.is_empty() {
        let text = if rows.is_empty() { NOTHING } else { PHASES };
        lines.extend(wrap(text, 0, mode.width));
    }
    if rows.is_empty() {
        return lines;
    }
    let width = if mode.width > 1000 { UNBROKEN } else { mode.width };
    let begin = rows.iter().map(TimelineRow::begin).fold(f64::INFINITY, f64::min);
    let end = rows.iter().map(TimelineRow::end).fold(0.0, f64::max);
    let longest = rows.iter().map(|row| measure_text_width(&printable(&row.what))).max();
    let room = width.saturating_sub(NUMBERS + BARS.0).max(20);
    let words = longest.unwrap_or_default().min(room);
    let bars = width.saturating_sub(NUMBERS + words).clamp(BARS.0, BARS.1);
    let (from, to) = (format!("{begin:.1}s"), format!("{end:.1}s"));
    let to = format!("{to:>0$}", bars.saturating_sub(from.len()));
    lines.push(format!("   start    took  {}  {from}{to}", pad("what", words)));
    for row in &rows {
        let what = pad(&truncate_str(&printable(&row.what), words, "…"), words);
        let what = match row.outcome() {
            Outcome::Passed => what,
            Outcome::Failed => mode.colour.red(&what),
            Outcome::Error => mode.colour.yellow(&what),
        };
        let (mark, length) = (if row.is_critical() { "*" } else { " " }, row.end() - row.begin());
        let bar = bar(row, (begin, end), bars);
        let line = format!("{mark}{:>7.2} {length:>7.2}  {what}  {bar}", row.begin());
        let line = line.trim_end();
        lines.push(if row.is_critical() { mode.colour.bold(line) } else { line.to_owned() });
    }
    if !site.timeline.is_empty() {
        lines.extend(wrap(LEGEND, 0, width).iter().map(|line| mode.colour.dim(line)));
    }
    lines
}

/// `site-a  passed  5.0s   critical path (*): 4.6s in 14 steps`
fn head(site: &SiteReport, rows: &[TimelineRow], mode: Mode) -> String {
    let verdict = mode.colour.of_ending(site.verdict, site.verdict.name());
    let mut head = format!("{}   {verdict}   {}", mode.colour.bold(&site.name), took(site.seconds));
    let critical: Vec<&Span> =
        rows.iter().flat_map(|row| &row.spans).filter(|span| span.critical).collect();
    if !critical.is_empty() {
        let seconds = critical.iter().map(|span| span.seconds).sum();
        let steps = critical.len();
        head.push_str(&format!("   critical path (*): {} in {steps} steps", took(seconds)));
    }
    head
}

/// Letters from the row's begin to its end; what is shorter than a column has one.
fn bar(row: &TimelineRow, (begin, end): (f64, f64), columns: usize) -> String {
    let mut cells = vec![' '; columns];
    for span in &row.spans {
        let place = |at: f64| column(at - begin, end - begin, columns);
        let (from, to) = (place(span.at), place(span.end()));
        let from = from.min(columns - 1);
        for cell in &mut cells[from..to.clamp(from + 1, columns)] {
            *cell = letter(span);
        }
    }
    cells.into_iter().collect::<String>()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of some hundred columns"
)]
fn column(at: f64, whole: f64, columns: usize) -> usize {
    if whole <= 0.0 { 0 } else { (at / whole * columns as f64).round().max(0.0) as usize }
}

fn letter(span: &Span) -> char {
    let letter = match span.stage {
        None if span.critical => '=',
        None => '#',
        Some(Stage::Created) => 'c',
        Some(Stage::Started) => 's',
        Some(Stage::Ready) => 'r',
    };
    if span.critical { letter.to_ascii_uppercase() } else { letter }
}
