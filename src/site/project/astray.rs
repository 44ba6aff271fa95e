//! Keys that stand in the wrong file, and secrets that nobody refers to.

use std::collections::BTreeSet;
use std::path::Path;

use crate::site::problem::{KeyPath, Problem, Problems};
use crate::site::tree::Node;

/// The keys of the project are none of a site's.
pub(super) fn only_in_defaults(own: &Node) -> Problems {
    let mut problems = Problems::default();
    for key in ["project", "release"] {
        let path = KeyPath::from([key]);
        if own.child(key).is_some() {
            let place = own.key_place_of(&path).clone();
            let problem = Problem::new(place, path, "this holds for the whole project");
            problems.push(problem.hint("move it to environments/defaults.yaml"));
        }
    }
    problems
}

/// The secrets that a file defines and nobody refers to.
pub(super) fn unused_secrets(tree: &Node, file: &Path, used: &BTreeSet<String>) -> Problems {
    let mut problems = Problems::default();
    let path = KeyPath::from(["secrets"]);
    let entries = tree.find(&path).and_then(Node::as_map).map_or(&[][..], |map| &map.entries);
    for entry in entries.iter().filter(|entry| *entry.key_place.file == *file) {
        if !used.contains(&entry.key) {
            let message = format!("nothing refers to the secret `{}`", entry.key);
            let hint = format!("take it out, or refer to it: ${{secret.{}}}", entry.key);
            let problem = Problem::new(entry.key_place.clone(), path.key(&entry.key), message);
            problems.push(problem.hint(hint));
        }
    }
    problems
}
