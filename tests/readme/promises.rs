//! Links, exit codes, and things that must not be in a document.

use stagectl::failure::Kind;

use crate::document::{Document, root};

#[test]
fn links_lead_somewhere() {
    for document in Document::all() {
        let folder = document.path.parent().unwrap();
        for link in document.links() {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { document.path.clone() } else { folder.join(file) };
            let place = format!("{}: {link}", document.path.display());
            assert!(root().join(&target).exists(), "{place}: no such file");
            if !anchor.is_empty() {
                let anchors = Document::read(target.to_str().unwrap()).anchors();
                assert!(anchors.iter().any(|known| known == anchor), "{place}: no such heading");
            }
        }
    }
}

/// Every kind of failure; one more does not compile before it is here.
const KINDS: [Kind; 12] = [
    Kind::Unfit,
    Kind::Usage,
    Kind::Deploy,
    Kind::NotReady,
    Kind::NoResult,
    Kind::Refused,
    Kind::LeftBehind,
    Kind::Baseline,
    Kind::Bug,
    Kind::Infrastructure,
    Kind::Interrupted,
    Kind::Terminated,
];

fn is_listed(kind: Kind) -> bool {
    match kind {
        Kind::Unfit
        | Kind::Usage
        | Kind::Deploy
        | Kind::NotReady
        | Kind::NoResult
        | Kind::Refused
        | Kind::LeftBehind
        | Kind::Baseline
        | Kind::Bug
        | Kind::Infrastructure
        | Kind::Interrupted
        | Kind::Terminated => KINDS.contains(&kind),
    }
}

#[test]
fn the_table_of_exit_codes_is_the_programs() {
    let section = Document::read("docs/commands.md").section("## Exit codes");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let mut documented: Vec<u8> = rows
        .flat_map(|(codes, _)| codes.split(", "))
        .filter_map(|code| code.trim().parse().ok())
        .collect();
    assert!(KINDS.into_iter().all(is_listed));
    let mut real: Vec<u8> = KINDS.into_iter().map(Kind::code).chain([0]).collect();
    documented.sort_unstable();
    real.sort_unstable();
    assert_eq!(documented, real);
}

#[test]
fn a_document_is_for_every_machine() {
    for document in Document::all() {
        for odd in ["/home/", "/root/", "/work/", "localhost:5000", "TODO", "FIXME"] {
            assert!(!document.text.contains(odd), "{}: {odd}", document.path.display());
        }
    }
}
