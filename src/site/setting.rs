//! A key of a description as the command line says it: `--set tls.certificate.key=ecdsa-p256`.

use std::fmt;
use std::str::FromStr;

use super::problem::{KeyPath, Place, Problem};
use super::tree::{Node, Value};
use super::yaml;

/// Where a problem of such a key is said to be.
const PLACE: &str = "--set";

/// A key, and what it is to be instead of what the description says; `null` takes it away.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    path: KeyPath,
    value: Node,
    written: String,
}

impl Setting {
    /// Puts it into a site's own description.
    ///
    /// # Errors
    /// What holds the key is no map there.
    pub(super) fn put_into(&self, tree: &mut Node) -> Result<(), Problem> {
        if tree.put(&self.path, Some(self.value.clone())) {
            return Ok(());
        }
        let message = "a key above it holds a value, and no keys";
        Err(Problem::new(self.value.place.clone(), self.path.clone(), message))
    }
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        let wrong = || "write a key and its value: tls.certificate.key=ecdsa-p256".to_owned();
        let (path, rest) = key_path(written).ok_or_else(wrong)?;
        let value = rest.strip_prefix('=').ok_or_else(wrong)?;
        let read = yaml::read(PLACE, format!("value: {value}").as_bytes());
        let read = read.map_err(|problems| {
            let first = problems.into_iter().next().map(|problem| problem.message.clone());
            first.unwrap_or_else(wrong)
        })?;
        let mut value = read.child("value").cloned().ok_or_else(wrong)?;
        if read.as_map().is_some_and(|map| map.entries.len() > 1) {
            return Err(wrong());
        }
        forget_lines(&mut value);
        Ok(Setting { path, value, written: written.to_owned() })
    }
}

/// As it was written.
impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written)
    }
}

/// The path at the begin of a text, and what follows; a key with dots stands in quotes.
fn key_path(text: &str) -> Option<(KeyPath, &str)> {
    let mut keys = Vec::new();
    let mut rest = text;
    loop {
        let key;
        (key, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find(['.', '='])?),
        };
        if key.is_empty() {
            return None;
        }
        keys.push(key.to_owned());
        match rest.strip_prefix('.') {
            Some(further) => rest = further,
            None => return Some((KeyPath::of(keys), rest)),
        }
    }
}

/// What is written on a command line has no line and no column.
fn forget_lines(node: &mut Node) {
    node.place = Place::file(PLACE);
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(forget_lines),
        Value::Map(map) => {
            for entry in &mut map.entries {
                entry.key_place = Place::file(PLACE);
                forget_lines(&mut entry.value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The description with the settings, as JSON.
    fn with(settings: &[&str]) -> String {
        let mut tree =
            yaml::read("a.yaml", b"{user: shop, env: {A: b}, names: [a.example]}").unwrap();
        for setting in settings {
            setting.parse::<Setting>().unwrap().put_into(&mut tree).unwrap();
        }
        tree.to_json().to_string()
    }

    #[test]
    fn a_key_is_put_where_it_belongs() {
        let all = [
            "env.A=c",
            "env.B=\"8\"",
            "names=[b.example, 'c.example']",
            "outside.\"api.pay.example\".stub=pay.yaml",
            "user=null",
        ];
        assert_eq!(
            with(&all),
            r#"{"user":null,"env":{"A":"c","B":"8"},"names":["b.example","c.example"],"outside":{"api.pay.example":{"stub":"pay.yaml"}}}"#
        );
        assert_eq!(with(&["env.A="]), r#"{"user":"shop","env":{"A":null},"names":["a.example"]}"#);
    }

    #[test]
    fn what_is_no_key_and_no_value_is_refused() {
        for wrong in ["", "env", "=a", "env.=a", ".env=a", "a\"b", "env.A=[", "env.A=a\nuser: b"] {
            assert!(wrong.parse::<Setting>().is_err(), "{wrong}");
        }
        let mut tree = yaml::read("a.yaml", b"user: shop").unwrap();
        let setting: Setting = "user.groups=[redis]".parse().unwrap();
        let problem = setting.put_into(&mut tree).unwrap_err();
        assert_eq!(
            problem.to_string(),
            "--set: user.groups: a key above it holds a value, and no keys"
        );
    }
}
