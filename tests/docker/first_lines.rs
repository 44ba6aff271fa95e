//! What the first five lines of the screen say of each failure that the tests make: the table in
//! `docs/failures.md`. Each run checks its own rows, or writes them (`UPDATE=1`).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;

use regex::Regex;
use stagectl::report::{Ending, Report};

use crate::driver::repository;

const BEGIN: &str = "<!-- failures: generated -->";
const END: &str = "<!-- failures: end -->";
const HEAD: &str = "| failure | the first five lines |\n|---|---|\n";
const SHOWN_LINES: usize = 5;

fn document() -> PathBuf {
    repository().join("docs/failures.md")
}

/// Holds what was shown of each site that is not green against the rows of this group, or writes them.
pub(crate) fn record(group: &str, shown: &str, report: &Report) {
    let red = report.sites.iter().filter(|site| {
        !matches!(site.verdict, Ending::Passed | Ending::NotRun | Ending::Interrupted)
    });
    let rows: BTreeMap<String, String> = red
        .map(|site| {
            let title = format!("{group}: {}", site.name);
            let row = format!("| {title} | {} |", cell(&first_lines(shown, &site.name)));
            (title, row)
        })
        .collect();
    let lock = File::create(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("failures.lock"));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    let text = fs::read_to_string(document()).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the table's begin");
    let (table, after) = rest.split_once(END).expect("the table's end");
    if std::env::var_os("UPDATE").is_none() {
        for row in rows.values() {
            assert!(
                table.lines().any(|line| line == row),
                "docs/failures.md has no row\n{row}\nread it, and write it with UPDATE=1; it was\n{shown}"
            );
        }
        return;
    }
    let mut all: BTreeMap<String, String> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !HEAD.contains(line))
        .filter_map(|line| {
            Some((line.strip_prefix("| ")?.split_once(" | ")?.0.to_owned(), line.to_owned()))
        })
        .filter(|(title, _)| !title.starts_with(&format!("{group}: ")))
        .collect();
    all.extend(rows);
    let table: String = all.into_values().map(|row| row + "\n").collect();
    fs::write(document(), format!("{before}{BEGIN}\n\n{HEAD}{table}\n{END}{after}")).unwrap();
}

/// The beginning of a site's section: its heading, and what follows.
fn first_lines(shown: &str, site: &str) -> Vec<String> {
    let begins = |line: &&str| {
        ["failed", "never became ready", "could not be"]
            .iter()
            .any(|words| line.starts_with(&format!("{site} {words}")))
    };
    let lines: Vec<&str> = shown.lines().collect();
    let begin = lines.iter().position(begins);
    let begin = begin.unwrap_or_else(|| panic!("nothing is said of {site}:\n{shown}"));
    let section = lines[begin..].iter().take_while(|line| !line.is_empty());
    section.take(SHOWN_LINES).map(|line| without_what_changes(line)).collect()
}

/// Without times, ids and addresses, which are not the same twice.
fn without_what_changes(line: &str) -> String {
    let changing = [
        (r"after \d+\.\d+(m?s)", "after N$1"),
        (r"\d{8}-\d{6}-[0-9a-f]{4}", "RUN"),
        (r"0x[0-9a-f]{6,}", "0xN"),
        (r"[0-9a-f]{64}\b", "DIGEST"),
        (r"\b(pid[=: ]|process )\d+", "${1}N"),
        (r"10\.231\.\d+\.\d+", "10.231.N.N"),
        (r"\b(\d{4}[-/]\d\d[-/]\d\d[ T])?\d\d:\d\d:\d\d(\.\d+)?\b", "TIME"),
        (r"\b\d+#\d+:", "N#N:"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:N"),
    ];
    changing.iter().fold(line.to_owned(), |line, (pattern, with)| {
        Regex::new(pattern).unwrap().replace_all(&line, *with).into_owned()
    })
}

fn cell(lines: &[String]) -> String {
    let code = |line: &String| {
        let line = line.trim_end().replace('|', "\\|").replace('`', "'");
        // Markdown takes the spaces at the beginning of a line away.
        let indent = line.len() - line.trim_start().len();
        format!("{}`{}`", "&nbsp;".repeat(indent), line.trim_start())
    };
    lines.iter().map(code).collect::<Vec<_>>().join("<br>")
}
