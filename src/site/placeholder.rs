//! Where a value stands in the descriptions, and which values only hold a place for what the live site has.

use std::path::Path;

use super::folder::{self, FileRead};
use super::problem::{KeyPath, Place, Problems};
use super::source_line::Sources;
use super::tree::{Node, Value};
use super::value::SiteName;
use crate::failure::SourceLine;

/// What is to be replaced, wherever it stands in a value.
pub const PLACEHOLDER: &str = "change-me";
/// The same as the name of a module, which has no dash.
pub const PLACEHOLDER_MODULE: &str = "change_me";

/// A value that holds a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placeholder {
    pub place: Place,
    pub key: KeyPath,
    pub value: String,
}

/// The placeholders of these sites and of what all sites share, in the order of files and lines.
#[must_use]
pub fn placeholders(root: &Path, sites: &[SiteName]) -> Vec<Placeholder> {
    let mut found = Vec::new();
    for file in files(root, sites) {
        if let Some(tree) = &file.tree {
            collect(tree, &KeyPath::default(), &mut found);
        }
    }
    found.sort();
    found
}

/// Where a site's value of this key is written: in its own file, else in what all sites share.
#[must_use]
pub fn written_at(root: &Path, site: &SiteName, key: &KeyPath) -> Option<Place> {
    let files = files(root, std::slice::from_ref(site));
    let trees = files.iter().rev().filter_map(|file| file.tree.as_ref());
    trees.filter_map(|tree| tree.find(key)).map(|node| node.place.clone()).next()
}

/// The line at a place of a project's descriptions, as it may be shown.
#[must_use]
pub fn source_at(root: &Path, place: &Place) -> Option<SourceLine> {
    Sources::new(root, &|name| std::env::var(name).ok()).line(place)
}

/// What all sites share, then the sites' own.
fn files(root: &Path, sites: &[SiteName]) -> Vec<FileRead> {
    let descriptions = folder::read(root, &mut Problems::default());
    let own = descriptions.sites.into_iter().filter(|(name, _)| sites.contains(name));
    descriptions.defaults.into_iter().chain(own.map(|(_, file)| file)).collect()
}

fn collect(node: &Node, key: &KeyPath, found: &mut Vec<Placeholder>) {
    match &node.value {
        Value::Scalar(scalar) => {
            if [PLACEHOLDER, PLACEHOLDER_MODULE].iter().any(|word| has_word(&scalar.text, word)) {
                found.push(Placeholder {
                    place: node.place.clone(),
                    key: key.clone(),
                    value: scalar.text.clone(),
                });
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &key.key(index), found);
            }
        }
        Value::Map(map) => {
            for entry in &map.entries {
                collect(&entry.value, &key.key(&entry.key), found);
            }
        }
    }
}

/// True where the word stands there by itself, and not as `exchange-metrics` has it.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let beside = [text[..at].chars().next_back(), text[at + word.len()..].chars().next()];
        !beside.into_iter().flatten().any(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_found_where_it_stands_and_no_comment_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join("environments").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        file("defaults.yaml", "wsgi:\n  application: change_me:app  # change-me\nenv:\n  A: b\n");
        file(
            "shop.yaml",
            "env:\n  URL: https://change-me/x\n  RATES: https://exchange-metrics/x\n",
        );
        file("other.yaml", "env: {X: change-me}\n");
        let shop: SiteName = "shop".parse().unwrap();
        let found = placeholders(folder.path(), std::slice::from_ref(&shop));
        let lines: Vec<String> = found
            .iter()
            .map(|found| format!("{} {} {}", found.place, found.key, found.value))
            .collect();
        assert_eq!(
            lines,
            [
                "environments/defaults.yaml:2:16 wsgi.application change_me:app",
                "environments/shop.yaml:2:8 env.URL https://change-me/x",
            ]
        );
        let place = written_at(folder.path(), &shop, &KeyPath::from(["wsgi", "application"]));
        assert_eq!(place.unwrap().to_string(), "environments/defaults.yaml:2:16");
    }
}
