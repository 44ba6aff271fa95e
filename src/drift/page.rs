//! Looks at live hosts as a page that stands for itself.

use serde::Serialize;

use super::finding::{Drift, Finding, Standing};
use crate::failure::Failure;
use crate::report::page_of;

const TEMPLATE: &str = "report/drift.html.j2";

#[derive(Serialize)]
struct Page {
    stagectl: &'static str,
    when: String,
    word: String,
    class: &'static str,
    sites: Vec<SitePart>,
}

#[derive(Serialize)]
struct SitePart {
    name: String,
    word: String,
    class: &'static str,
    hosts: Vec<String>,
    compared: usize,
    run: Option<String>,
    error: Option<String>,
    findings: Vec<Row>,
    lists: Vec<List>,
}

#[derive(Serialize)]
struct Row {
    key: String,
    /// Described, live, built.
    sides: [String; 3],
    since: String,
    standing: &'static str,
    class: &'static str,
}

#[derive(Serialize)]
struct List {
    title: &'static str,
    lines: Vec<String>,
}

/// The page of some sites; `when` they were looked at is in words.
///
/// # Errors
/// A bug: the template does not fit.
pub fn page(sites: &[Drift], when: &str) -> Result<String, Failure> {
    let count = |is: fn(&&Drift) -> bool| sites.iter().filter(is).count();
    let unread = count(|drift| drift.error.is_some());
    let drifted = count(|drift| drift.drifted().next().is_some());
    let (word, class) = match (unread, drifted) {
        (0, 0) => ("True".to_owned(), "good"),
        (0, _) => (format!("{drifted} of {} drifted", sites.len()), "bad"),
        _ => (format!("{unread} of {} could not be read", sites.len()), "odd"),
    };
    let sites = sites.iter().map(part).collect();
    page_of(
        TEMPLATE,
        Page { stagectl: env!("CARGO_PKG_VERSION"), when: when.to_owned(), word, class, sites },
    )
}

fn part(drift: &Drift) -> SitePart {
    let (word, class) = match (&drift.error, drift.drifted().count()) {
        (Some(_), _) => ("could not be read".to_owned(), "odd"),
        (None, 0) => ("true".to_owned(), "good"),
        (None, count) => (format!("{count} drifted"), "bad"),
    };
    let lists = [("Not read", &drift.not_read), ("Not known this time", &drift.not_known)];
    SitePart {
        name: drift.site.clone(),
        word,
        class,
        hosts: drift.hosts.clone(),
        compared: drift.compared,
        run: drift.run.clone(),
        error: drift.error.clone(),
        findings: drift.drifted().chain(drift.aged()).map(row).collect(),
        lists: lists
            .into_iter()
            .filter(|(_, lines)| !lines.is_empty())
            .map(|(title, lines)| List { title, lines: lines.clone() })
            .collect(),
    }
}

fn row(finding: &Finding) -> Row {
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "–".to_owned());
    let (standing, class) = match finding.standing {
        Standing::Drifted => (finding.weight.word(), "bad"),
        Standing::Aged => ("aged", "odd"),
    };
    Row {
        key: finding.key.clone(),
        sides: [side(&finding.described), side(&finding.live), side(&finding.built)],
        since: finding.since.clone(),
        standing,
        class,
    }
}
