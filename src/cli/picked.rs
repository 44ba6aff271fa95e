//! The critical subset: which tests of each site's suite are run, by what `stagectl crucial` saw them notice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::experiment::crucial::{Crucial, TimedTest};
use crate::experiment::{Noticing, pick};
use crate::release::Release;
use crate::report::had_whole_suite;
use crate::site::Site;

/// Bytes of all ids that one variable of the suite's process can hold.
const MOST_BYTES: usize = 100 << 10;

/// The sites with what is picked of their suites, and what a person has to know of it.
pub(super) fn with_picked(
    root: &Path,
    sites: &[&Site],
    release: &Release,
) -> (Vec<Site>, Vec<String>) {
    let mut notes = Vec::new();
    let picked = sites.iter().map(|site| {
        let mut site = (*site).clone();
        let Some(pick_of) = &mut site.critical.pick else { return site };
        let whole = |why: &str| format!("{}: no tests are picked: {why}", site.name);
        match Crucial::read(root, site.name.as_str()).filter(Crucial::has_verdicts) {
            None => notes.push(whole("nothing is known of them, see `stagectl crucial`")),
            Some(crucial) => {
                let is_first = !had_whole_suite(root, &release.digest, site.name.as_str());
                let within = pick_of.within.filter(|_| !is_first);
                let tests = noticing(&crucial);
                let picked = pick(&tests, within);
                let bytes: usize = tests.iter().map(|test| test.id.len() + 8).sum();
                if picked.order.is_empty() {
                    notes.push(whole("`critical.pick.within` is shorter than each of them takes"));
                } else if bytes > MOST_BYTES {
                    notes.push(whole("their names are too many"));
                } else {
                    if is_first && pick_of.within.is_some() {
                        notes.push(whole("it is the first rehearsal of this release there"));
                    }
                    pick_of.picked = Some(picked);
                }
            }
        }
        site
    });
    let picked = picked.collect();
    (picked, notes)
}

/// The tests of the green suite, and which mutants each noticed.
fn noticing(crucial: &Crucial) -> Vec<Noticing> {
    let mut kills: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (mutant, test) in crucial.kills() {
        kills.entry(test).or_default().insert(mutant);
    }
    // What pytest calls otherwise than reports do is new to it, and runs.
    let test = |test: &TimedTest| Noticing {
        id: test.name.clone(),
        seconds: test.seconds,
        kills: kills.get(test.name.as_str()).cloned().unwrap_or_default(),
    };
    crucial.baseline.tests.iter().map(test).collect()
}
