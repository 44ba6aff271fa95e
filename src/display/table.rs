//! The end of a plain run: a table of site x phase with seconds and a verdict column.

use console::measure_text_width;

use super::line::is_worth_showing;
use super::mode::Mode;
use super::text::{pad, took};
use crate::event::Outcome;
use crate::report::{Column, Ending, Report, SiteReport, columns};

/// The table's lines, the sites that are not green last.
pub(super) fn table(report: &Report, mode: Mode) -> Vec<String> {
    let columns = columns(report, is_worth_showing);
    let mut sites: Vec<&SiteReport> = report.sites.iter().collect();
    sites.sort_by_key(|site| site.verdict != Ending::Passed);

    let mut rows = vec![header(&columns)];
    rows.extend(sites.iter().map(|site| row(site, &columns)));
    let gap = if width(&rows, 2) > mode.width { 1 } else { 2 };
    shorten_names(&mut rows, gap, mode.width);
    let widths = column_widths(&rows);
    let mut lines: Vec<String> = rows.iter().map(|cells| layout(cells, &widths, gap)).collect();
    for (line, site) in lines.iter_mut().skip(1).zip(&sites) {
        let name = site.verdict.name();
        let verdict = mode.colour.of_ending(site.verdict, name);
        let rest = line.strip_suffix(name).unwrap_or_default().to_owned();
        *line = rest + &verdict;
    }
    lines
}

fn header(columns: &[Column]) -> Vec<String> {
    let names = columns.iter().map(|column| column.name());
    ["site"].into_iter().chain(names).chain(["total", "verdict"]).map(str::to_owned).collect()
}

fn row(site: &SiteReport, columns: &[Column]) -> Vec<String> {
    let mut cells = vec![site.name.clone()];
    for column in columns {
        let seen = match column {
            Column::Phase(phase) => site.phase(*phase).map(|of| (of.seconds, Some(of.outcome))),
            Column::State(state) => site.earlier_state(*state).map(|of| (of.seconds, of.outcome)),
        };
        cells.push(match seen {
            None => "-".to_owned(),
            Some((seconds, Some(Outcome::Passed))) => took(seconds),
            Some((seconds, _)) => format!("!{}", took(seconds)),
        });
    }
    let ran = site.verdict != Ending::NotRun;
    cells.push(if ran { took(site.seconds) } else { "-".to_owned() });
    cells.push(site.verdict.name().to_owned());
    cells
}

fn column_widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    let widest = |column: usize| rows.iter().map(|cells| measure_text_width(&cells[column])).max();
    (0..columns).map(|column| widest(column).unwrap_or_default()).collect()
}

fn width(rows: &[Vec<String>], gap: usize) -> usize {
    let widths = column_widths(rows);
    widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1)
}

/// Makes room by shortening the names of sites, never a number.
fn shorten_names(rows: &mut [Vec<String>], gap: usize, limit: usize) {
    let over = width(rows, gap).saturating_sub(limit);
    let names = column_widths(rows).first().copied().unwrap_or_default();
    let room = names.saturating_sub(over).max("site".len() + 4);
    for cells in rows {
        let name = &mut cells[0];
        if measure_text_width(name) > room {
            *name = console::truncate_str(name, room, "…").into_owned();
        }
    }
}

/// Names and verdicts to the left, numbers to the right.
fn layout(cells: &[String], widths: &[usize], gap: usize) -> String {
    let mut line = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let missing = " ".repeat(width.saturating_sub(measure_text_width(cell)));
        if index == 0 {
            line.push_str(&pad(cell, *width));
        } else if index + 1 == cells.len() {
            line.push_str(&" ".repeat(gap));
            line.push_str(cell);
        } else {
            line.push_str(&" ".repeat(gap));
            line.push_str(&missing);
            line.push_str(cell);
        }
    }
    line
}
