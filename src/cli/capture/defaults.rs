//! `environments/defaults.yaml`, as far as several captured sites have something in common.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::capture::{Description, Key, SHARED, share, text_of};
use crate::failure::Failure;
use crate::site::{value_of_yaml, with_value};

/// Where it is, from the project's folder.
const PATH: &str = "environments/defaults.yaml";

/// What goes into the file that all sites share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Its new text; nothing where it stays as it is.
    pub(super) text: Option<String>,
    /// Whether it was there before.
    pub(super) is_there: bool,
    /// Files below `environments/defaults`.
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// What was done, in words.
    pub(super) said: Vec<String>,
}

/// Takes out of several descriptions what they share, unless other sites would have it, too.
///
/// # Errors
/// Usage: the file that is there cannot be read.
pub(super) fn take_out_shared(
    root: &Path,
    sites: &mut [(String, Description)],
) -> Result<Shared, Failure> {
    let mut shared = Shared::default();
    if sites.len() < 2 {
        return Ok(shared);
    }
    let others = find_others(root, sites);
    if !others.is_empty() {
        shared
            .said
            .push(format!("nothing was put into {PATH}: {} would have it, too", others.join(", ")));
        return Ok(shared);
    }
    let mut common = share(sites);
    let names: Vec<&str> = sites.iter().map(|(site, _)| site.as_str()).collect();
    let names = join_names(&names);
    shared.files = common
        .files
        .iter()
        .map(|file| (format!("environments/{SHARED}/{}", file.path), file.bytes.clone()))
        .collect();
    if let Some((path, _)) =
        shared.files.iter().find(|(path, _)| root.join(path).symlink_metadata().is_ok())
    {
        return Err(Failure::usage(format!("{path} is there already: nothing was written"))
            .hint("move it away, or capture the sites one by one"));
    }
    shared.is_there = root.join(PATH).symlink_metadata().is_ok();
    if shared.is_there {
        let before = fs::read_to_string(root.join(PATH))
            .map_err(|error| Failure::usage(format!("could not read {PATH}")).because(&error))?;
        let (text, left) = add_keys(&before, &common);
        for (_, site) in sites.iter_mut() {
            site.keys.extend(left.iter().cloned());
        }
        common.keys.retain(|key| !left.contains(key));
        shared.text = (text != before).then_some(text);
    } else if !common.keys.is_empty() || !common.todos.is_empty() {
        let head =
            format!("What {names} have in common, as it was captured. Edit it: it is yours.");
        shared.text = Some(text_of(&common, &[head]));
    }
    if shared.text.is_some() {
        let files = if shared.files.is_empty() {
            String::new()
        } else {
            let names: Vec<&str> = common.files.iter().map(|file| file.path.as_str()).collect();
            format!(", environments/{SHARED}/{{{}}}", names.join(", "))
        };
        let verb = if shared.is_there { "added to" } else { "wrote" };
        shared
            .said
            .push(format!("{verb} {PATH}{files}: {} keys that {names} share", common.keys.len()));
    }
    Ok(shared)
}

/// `a, b and c`
fn join_names(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What all sites share already.
///
/// # Errors
/// Usage: the file is no description.
pub(super) fn read_defaults(root: &Path) -> Result<Value, Failure> {
    let text = match fs::read_to_string(root.join(PATH)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Value::Null),
        Err(error) => {
            return Err(Failure::usage(format!("could not read {PATH}")).because(&error));
        }
    };
    match value_of_yaml(&text) {
        Some(value @ (Value::Object(_) | Value::Null)) => Ok(value),
        _ => Err(Failure::usage(format!("{PATH} is no description: nothing was written"))
            .hint("see what is wrong with it: `stagectl check`")),
    }
}

/// Takes back, for one site, what all share and its host does not have.
pub(super) fn take_back(description: &mut Description, shared: &Value) {
    let mut paths = Vec::new();
    leaves(shared, &mut Vec::new(), &mut paths);
    for path in paths {
        let Some(seen) =
            (1..=path.len()).map(|end| &path[..end]).find(|part| description.has_seen(part))
        else {
            continue;
        };
        let is_there = |key: &Key| key.path.starts_with(seen) || seen.starts_with(&key.path);
        if !description.keys.iter().any(is_there) {
            let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
            description.set_at(&seen, Value::Null, "in defaults.yaml, and not so on the host");
        }
    }
}

/// The paths of what is no map.
fn leaves(value: &Value, path: &mut Vec<String>, into: &mut Vec<Vec<String>>) {
    let Value::Object(map) = value else {
        if !value.is_null() {
            into.push(path.clone());
        }
        return;
    };
    for (key, value) in map {
        path.push(key.clone());
        leaves(value, path, into);
        path.pop();
    }
}

/// Puts another text into the file that is there, all of it or nothing.
///
/// # Errors
/// Infrastructure: it cannot be written.
pub(super) fn replace(root: &Path, text: &str) -> Result<(), Failure> {
    let put = || {
        // A link stays one.
        let file = root.join(PATH).canonicalize()?;
        let new = file.with_extension("yaml.new");
        fs::write(&new, text).and_then(|()| fs::rename(&new, &file))
    };
    put().map_err(|error: std::io::Error| {
        Failure::infrastructure(format!("could not write {PATH}")).because(&error)
    })
}

/// A text with keys that it does not have yet, and those that are better left where they were: what stands there is not changed.
fn add_keys(text: &str, common: &Description) -> (String, Vec<Key>) {
    let (mut text, mut left) = (text.to_owned(), Vec::new());
    for key in &common.keys {
        let all = value_of_yaml(&text).unwrap_or_default();
        let there = key.path.iter().try_fold(&all, |value, part| value.get(part));
        if there == Some(&key.value) {
            continue;
        }
        match with_value(&text, &key.path, Some(&key.value)) {
            Ok(new) if there.is_none() => text = new,
            _ => left.push(key.clone()),
        }
    }
    for todo in &common.todos {
        let line = format!("# TODO {}: {}\n", todo.section, todo.text);
        if !text.contains(&line) {
            text.push_str(&line);
        }
    }
    (text, left)
}

/// Sites that are described already, and read the same file.
fn find_others(root: &Path, sites: &[(String, Description)]) -> Vec<String> {
    let entries = fs::read_dir(root.join("environments")).into_iter().flatten().flatten();
    let mut others: Vec<String> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))?;
            Some(stem.to_owned())
        })
        .filter(|name| name != SHARED && !sites.iter().any(|(site, _)| site == name))
        .collect();
    others.sort();
    others
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_stands_there_stays_and_what_cannot_be_added_is_left() {
        let mut common = Description::default();
        common.set("base.debian", "bookworm", "os-release");
        common.set("base.locale", "de_DE.UTF-8", "");
        common.set("wsgi.workers", 3, "");
        common.todo("health", "a page");
        let (text, left) =
            add_keys("# ours\nbase: {debian: trixie}\nwsgi:\n  workers: 3   # as live\n", &common);
        assert_eq!(
            value_of_yaml(&text).unwrap()["base"],
            json!({"debian": "trixie", "locale": "de_DE.UTF-8"})
        );
        assert!(
            text.starts_with("# ours\n")
                && text.contains("# as live")
                && text.ends_with("# TODO health: a page\n")
        );
        let left: Vec<String> = left.iter().map(|key| key.path.join(".")).collect();
        assert_eq!(left, ["base.debian"]);
    }
}
