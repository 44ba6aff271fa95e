//! A description in the making: keys with their values, each with where it comes from, and what is left to do.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A key of the description.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub path: Vec<String>,
    pub value: Value,
    /// Where it was read, as a remark says it.
    pub from: String,
}

/// Something that a person has to see to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    /// The top-level key that it belongs to.
    pub section: &'static str,
    pub text: String,
}

/// A file beside the description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// From the site's own folder: `nginx.conf`.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// All that is described of a site.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Description {
    pub keys: Vec<Key>,
    pub todos: Vec<Todo>,
    pub files: Vec<Beside>,
    /// What the host has that no replica can have, or that was left out on purpose.
    pub notes: Vec<String>,
    /// What was not readable, each with the command that would say it.
    pub not_readable: Vec<String>,
    /// Every package with its version, for drift.
    pub installed: BTreeMap<String, String>,
    /// Every distribution of the app's environment with its version.
    pub distributions: BTreeMap<String, String>,
    /// The distribution that is the release itself.
    pub release: Option<String>,
    /// The certificates that the site sends, in DER.
    pub chain: Option<Vec<Vec<u8>>>,
    /// The texts of files that were brought along, by the keys that name them.
    pub texts: BTreeMap<String, String>,
    /// Keys that were looked for, so that one that is not there is not so on the host; `*` is any part.
    pub seen: Vec<&'static str>,
    /// Values that are known by their fingerprints alone, by key path.
    pub marks: Vec<(String, String)>,
}

impl Description {
    /// Adds a key; `path` has dots between its parts, which none of them has in itself.
    pub fn set(&mut self, path: &str, value: impl Into<Value>, from: impl Into<String>) {
        self.set_at(&path.split('.').collect::<Vec<_>>(), value, from);
    }

    /// Adds a key whose parts may have dots in them, such as the name of a host.
    pub fn set_at(&mut self, path: &[&str], value: impl Into<Value>, from: impl Into<String>) {
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        self.keys.retain(|key| key.path != path);
        self.keys.push(Key { path, value: value.into(), from: from.into() });
    }

    /// Adds a key where there is a value.
    pub fn set_some(
        &mut self,
        path: &str,
        value: Option<impl Into<Value>>,
        from: impl Into<String>,
    ) {
        if let Some(value) = value {
            self.set(path, value, from);
        }
    }

    /// Adds something to be seen to.
    pub fn todo(&mut self, section: &'static str, text: impl Into<String>) {
        self.todos.push(Todo { section, text: text.into() });
    }

    /// Adds a file beside the description.
    pub fn add_file(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files.retain(|file| file.path != path);
        self.files.push(Beside { path: path.to_owned(), bytes: bytes.into() });
    }

    /// Says of keys that they were looked for.
    pub fn saw(&mut self, keys: &[&'static str]) {
        self.seen.extend(keys);
    }

    /// Whether a key was looked for, so that its absence says something.
    #[must_use]
    pub fn has_seen(&self, path: &[String]) -> bool {
        self.seen.iter().any(|pattern| {
            let parts: Vec<&str> = pattern.split('.').collect();
            parts.len() == path.len()
                && parts.iter().zip(path).all(|(part, own)| *part == "*" || part == own)
        })
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Value> {
        let path: Vec<&str> = path.split('.').collect();
        self.keys.iter().find(|key| key.path == path).map(|key| &key.value)
    }

    /// All of it as one value.
    #[must_use]
    pub fn tree(&self) -> Value {
        let mut tree = Value::Object(Map::new());
        for key in &self.keys {
            put(&mut tree, &key.path, key.value.clone());
        }
        tree
    }
}

fn put(tree: &mut Value, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *tree = value;
        return;
    };
    if !tree.is_object() {
        *tree = json!({});
    }
    if let Value::Object(map) = tree {
        put(map.entry(first.clone()).or_insert(Value::Null), rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_one_tree() {
        let mut description = Description::default();
        description.set("base.debian", "bookworm", "os-release");
        description.set_at(&["outside", "api.pay.example"], json!({"stub": "x.yaml"}), "");
        description.set("base.debian", "trixie", "os-release");
        assert_eq!(
            description.tree(),
            json!({"base": {"debian": "trixie"}, "outside": {"api.pay.example": {"stub": "x.yaml"}}})
        );
    }
}
