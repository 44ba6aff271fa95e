//! Names of modules and of packages, from those of files.

use std::collections::BTreeSet;

use regex::Regex;

/// `shop.wsgi` for `shop/wsgi.py`; `None` for what cannot be imported.
pub(super) fn module(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let (stem, end) = name.split_once('.')?;
    let is_code = end == "py" || end == "pyx" || end.ends_with("so");
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if stem != "__init__" {
        parts.push(stem);
    }
    let is_good = is_code && !parts.is_empty() && parts.iter().all(|part| is_name(part));
    is_good.then(|| parts.join("."))
}

pub(super) fn is_name(part: &str) -> bool {
    part.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && part.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The dotted name of every folder below another one that has Python in it.
pub(super) fn packages(files: &BTreeSet<String>, below: &str, which: Which) -> BTreeSet<String> {
    let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|file| Which::is_python(file)) {
        let Some((folder, _)) = file.strip_prefix(&prefix).and_then(|rest| rest.rsplit_once('/'))
        else {
            continue;
        };
        let parts: Vec<&str> = folder.split('/').collect();
        for end in 1..=parts.len() {
            let path = parts[..end].join("/");
            let is_one = is_name(parts[end - 1])
                && match which {
                    Which::Regular => files.contains(&format!("{prefix}{path}/__init__.py")),
                    Which::Namespaces => true,
                };
            if !is_one {
                break;
            }
            found.insert(parts[..end].join("."));
        }
    }
    found
}

/// Which folders are packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Those with an `__init__.py`, below such ones.
    Regular,
    Namespaces,
}

impl Which {
    fn is_python(file: &str) -> bool {
        file.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "py" | "pyx" | "so"))
    }
}

/// True where a pattern of the shell fits the whole text, as `fnmatch` has it: a star takes dots, too.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let escaped = regex::escape(pattern).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("^(?:{escaped})$")).is_ok_and(|pattern| pattern.is_match(text))
}

/// A distribution's name as that of its package.
pub(super) fn of_distribution(name: &str) -> String {
    name.replace(['-', '.'], "_")
}
