//! What the page says of why a site is red: the answer, and the tree of rehearsals that led to it.

use serde::Serialize;

use super::super::explanation::{Explanation, TriedHybrid};
use super::super::tail::bounded;
use super::super::words::took;
use super::part::Mark;

/// Bytes of a line, and how many lines and rehearsals there are.
const LINE: usize = 600;
const MOST: usize = 200;
/// Keys that are named of a rehearsal.
const MOST_KEYS: usize = 12;
/// A search that is deeper is shown at this depth.
const DEEPEST: usize = 12;

#[derive(Debug, Serialize)]
pub(super) struct Why {
    words: String,
    /// In their order, each as deep as the search was.
    tree: Vec<Branch>,
}

#[derive(Debug, Serialize)]
struct Branch {
    depth: usize,
    what: String,
    mark: Mark,
    took: String,
    keys: String,
    href: Option<String>,
}

impl From<&Explanation> for Why {
    fn from(explanation: &Explanation) -> Self {
        let words = explanation.words.iter().take(MOST).map(|line| bounded(line, LINE));
        Why {
            words: words.collect::<Vec<_>>().join("\n"),
            tree: explanation.rehearsals.iter().take(MOST).map(Branch::from).collect(),
        }
    }
}

impl From<&TriedHybrid> for Branch {
    fn from(tried: &TriedHybrid) -> Self {
        let named = tried.with.len().min(MOST_KEYS);
        let more = match tried.with.len() - named {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let mark = match tried.outcome.as_str() {
            "green" => Mark { class: "good", sign: "\u{2713}", word: "green" },
            "red" => Mark { class: "bad", sign: "\u{2715}", word: "the same red" },
            "flaky" => Mark { class: "odd", sign: "~", word: "flaky" },
            "refused" => Mark { class: "none", sign: "\u{2013}", word: "no description" },
            _ => Mark { class: "odd", sign: "!", word: "failed otherwise" },
        };
        let run = tried
            .folder
            .as_deref()
            .and_then(|folder| folder.trim_end_matches('/').rsplit('/').next());
        Branch {
            depth: tried.depth.min(DEEPEST),
            what: bounded(&tried.what, LINE),
            mark,
            took: tried.seconds.map_or_else(|| "known".to_owned(), took),
            keys: bounded(&(tried.with[..named].join(", ") + &more), LINE),
            href: run.filter(|run| !run.is_empty()).map(|run| format!("../{run}/report.html")),
        }
    }
}
