//! References in a description: `${site.host}`, `${services.db.database}`, `${secret.db}`.
//!
//! All but secrets are followed here, once, on the merged tree; those stay, where they can be kept.

mod text;

use std::collections::{BTreeMap, BTreeSet};

use super::kind::kinds_having;
use super::problem::{KeyPath, Problem, Problems, suggestion};
use super::tree::{Map, Node, Value};
use super::value::{Part, SecretName, SiteName, Text};
use text::{DeadEnd, Piece, pieces};

/// Where secrets may stand.
const SECRET_PLACES: [&[&str]; 12] = [
    &["env", "*"],
    &["login", "*"],
    &["services", "*", "password"],
    &["services", "*", "databases", "*", "password"],
    &["services", "*", "command"],
    &["services", "*", "env", "*"],
    &["critical", "env", "*"],
    &["deploy", "steps", "*", "run"],
    &["deploy", "backup", "*"],
    &["deploy", "rollback", "steps", "*", "run"],
    &["processes", "*", "run"],
    &["timers", "*", "run"],
];

/// The most bytes of a text after references are followed.
const MAX_TEXT: usize = 64 * 1024;
/// Names, services and secrets each among which the nearest to a wrong one is sought.
const MOST_KNOWN: usize = 50;

/// What following the references of a site brought.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// The values in which secrets may stand.
    pub(super) texts: BTreeMap<KeyPath, Text>,
    /// Values that cannot be judged: their references lead nowhere, which is reported.
    pub(super) broken: BTreeSet<KeyPath>,
    /// Every secret that is referred to.
    pub(super) secrets: BTreeSet<String>,
    pub(super) problems: Problems,
}

/// Follows every reference of a merged tree, in place.
pub(super) fn follow(tree: &mut Node, site: &SiteName) -> Followed {
    let original = tree.clone();
    let mut follower = Follower {
        tree: &original,
        site,
        known: BTreeMap::new(),
        under_way: Vec::new(),
        followed: Followed::default(),
    };
    follower.node(tree, &KeyPath::default());
    follower.followed
}

struct Follower<'a> {
    tree: &'a Node,
    site: &'a SiteName,
    known: BTreeMap<String, Result<String, DeadEnd>>,
    /// The references that are being followed, each from the one before.
    under_way: Vec<String>,
    followed: Followed,
}

impl Follower<'_> {
    fn node(&mut self, node: &mut Node, path: &KeyPath) {
        match &mut node.value {
            Value::Map(map) => {
                for entry in &mut map.entries {
                    self.node(&mut entry.value, &path.key(&entry.key));
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.node(item, &path.key(index));
                }
            }
            Value::Scalar(scalar) => {
                let keeps_secrets = SECRET_PLACES.iter().any(|place| path.is(place));
                if !keeps_secrets && !scalar.text.contains("${") {
                    return;
                }
                match self.text(&scalar.text) {
                    Ok(text) if keeps_secrets => {
                        self.followed.texts.insert(path.clone(), text);
                    }
                    Ok(text) => match plain(&text) {
                        Ok(text) => scalar.text = text,
                        Err(end) => self.dead_end(node, path, end),
                    },
                    Err(end) => self.dead_end(node, path, end),
                }
            }
        }
    }

    fn dead_end(&mut self, node: &Node, path: &KeyPath, end: DeadEnd) {
        if !end.is_known {
            let problem = Problem::new(node.place.clone(), path.clone(), end.message);
            self.followed.problems.push(problem.maybe_hint(end.hint));
        }
        self.followed.broken.insert(path.clone());
    }

    /// A text with its references followed and its secrets kept.
    fn text(&mut self, written: &str) -> Result<Text, DeadEnd> {
        let mut parts: Vec<Part> = Vec::new();
        let mut length = 0;
        for piece in pieces(written).map_err(DeadEnd::new)? {
            let literal = match piece {
                Piece::Literal(text) => text.to_owned(),
                Piece::Reference(name) => match name.strip_prefix("secret.") {
                    Some(secret) => {
                        parts.push(Part::Secret(self.secret(secret)?));
                        continue;
                    }
                    None => self.reference(name)?,
                },
            };
            length += literal.len();
            if length > MAX_TEXT {
                return Err(DeadEnd::new("the text is too long after following its references"));
            }
            match parts.last_mut() {
                Some(Part::Literal(text)) => text.push_str(&literal),
                _ => parts.push(Part::Literal(literal)),
            }
        }
        // An empty text is a text, too, and no list of nothing.
        if parts.is_empty() {
            parts.push(Part::Literal(String::new()));
        }
        Ok(Text(parts))
    }

    fn secret(&mut self, name: &str) -> Result<SecretName, DeadEnd> {
        let parsed = name.parse::<SecretName>().map_err(|error| DeadEnd::new(error.to_string()))?;
        self.followed.secrets.insert(name.to_owned());
        let secrets = self.map(["secrets"]);
        let is_spoiled = secrets.is_some_and(|map| map.spoiled.iter().any(|key| key == name))
            || self.tree.is_spoiled(&KeyPath::default(), "secrets");
        if is_spoiled || secrets.is_some_and(|map| map.get(name).is_some()) {
            return Ok(parsed);
        }
        let entries = secrets.map_or(&[][..], |map| &map.entries);
        let known = entries.iter().take(MOST_KNOWN).map(|entry| entry.key.as_str());
        let hint = suggestion(name, known, "the secrets of this site")
            .unwrap_or_else(|| format!("add it: `secrets: {{{name}: {{generate: 24}}}}`"));
        Err(DeadEnd::new(format!("there is no secret `{name}`")).hint(hint))
    }

    fn map<const N: usize>(&self, path: [&str; N]) -> Option<&Map> {
        self.tree.find(&KeyPath::from(path)).and_then(Node::as_map)
    }

    fn has<const N: usize>(&self, path: [&str; N]) -> bool {
        self.tree.find(&KeyPath::from(path)).is_some()
    }

    /// What a reference stands for, found out once.
    fn reference(&mut self, name: &str) -> Result<String, DeadEnd> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        if self.under_way.iter().any(|other| other == name) {
            let chain = self.under_way.iter().map(String::as_str).chain([name]);
            let chain: Vec<_> = chain.map(|name| format!("${{{name}}}")).collect();
            let message = format!("the reference leads back to itself: {}", chain.join(" -> "));
            return Err(DeadEnd::new(message));
        }
        self.under_way.push(name.to_owned());
        let value = self.look_up(name).map_err(|end| {
            let is_known = end.is_known || self.is_reported(name);
            DeadEnd { is_known, ..end }
        });
        self.under_way.pop();
        self.known.insert(name.to_owned(), value.clone());
        value
    }

    /// True where the reference fails because of something that is reported elsewhere.
    fn is_reported(&self, name: &str) -> bool {
        let top = KeyPath::default();
        let keys: Vec<&str> = name.split('.').collect();
        match keys[..] {
            ["site", "host" | "url"] | ["names", _] => self.tree.child("names").is_none(),
            ["services", service, _] => {
                let is_wrong =
                    self.map(["services", service]).is_some_and(|map| !map.spoiled.is_empty());
                is_wrong
                    || self.tree.is_spoiled(&top, "services")
                    || self.tree.is_spoiled(&top.key("services"), service)
            }
            _ => false,
        }
    }

    fn look_up(&mut self, name: &str) -> Result<String, DeadEnd> {
        let keys: Vec<&str> = name.split('.').collect();
        match keys[..] {
            ["site", "name"] => Ok(self.site.to_string()),
            ["site", "host"] => {
                self.value(["names", "0"], |me| Err(unknown(name, &me.known_names())))
            }
            ["names", index] => {
                self.value(["names", index], |me| Err(unknown(name, &me.known_names())))
            }
            ["site", "url"] => {
                let scheme = if self.map(["tls"]).is_some() { "https" } else { "http" };
                let host = self.reference("site.host")?;
                let prefix = self.value(["proxy", "prefix"], |_| Ok("/".to_owned()))?;
                let slash = if prefix.ends_with('/') { "" } else { "/" };
                Ok(format!("{scheme}://{host}{prefix}{slash}"))
            }
            ["services", service, key] if self.map(["services", service]).is_some() => match key {
                "name" | "host" => {
                    self.value(["services", service, "names", "0"], |_| Ok(service.to_owned()))
                }
                "database" | "user"
                    if kinds_having("database")
                        .any(|kind| self.has(["services", service, kind.key])) =>
                {
                    self.value(["services", service, key], |me| {
                        me.value(["user"], |me| {
                            me.value(["user", "name"], |_| Ok("app".to_owned()))
                        })
                    })
                }
                _ => Err(unknown(name, &self.known_names())),
            },
            _ => Err(unknown(name, &self.known_names())),
        }
    }

    /// The plain text at a path, its own references followed.
    fn value<const N: usize>(
        &mut self,
        path: [&str; N],
        otherwise: impl FnOnce(&mut Self) -> Result<String, DeadEnd>,
    ) -> Result<String, DeadEnd> {
        match self.tree.text_at(&KeyPath::from(path)) {
            Some(written) => {
                let written = written.to_owned();
                plain(&self.text(&written)?)
            }
            None => otherwise(self),
        }
    }

    fn known_names(&self) -> Vec<String> {
        let mut names = vec!["site.name".to_owned(), "site.url".to_owned(), "site.host".to_owned()];
        if let Some(Value::List(items)) = self.tree.child("names").map(|node| &node.value) {
            names.extend((0..items.len().min(MOST_KNOWN)).map(|index| format!("names.{index}")));
        }
        let services = self.map(["services"]).map_or(&[][..], |map| &map.entries);
        for service in services.iter().take(MOST_KNOWN) {
            let is_database =
                kinds_having("database").any(|kind| service.value.child(kind.key).is_some());
            let keys = if is_database {
                &["name", "host", "database", "user"][..]
            } else {
                &["name", "host"]
            };
            names.extend(keys.iter().map(|key| format!("services.{}.{key}", service.key)));
        }
        let secrets = self.map(["secrets"]).map_or(&[][..], |map| &map.entries);
        for secret in secrets.iter().take(MOST_KNOWN) {
            names.push(format!("secret.{}", secret.key));
        }
        names
    }
}

fn unknown(name: &str, known: &[String]) -> DeadEnd {
    let mut hint = suggestion(name, known.iter().map(String::as_str), "what can be referred to")
        .unwrap_or_default();
    if !name.contains('.') {
        hint = format!("for a literal `${{{name}}}`, write `$${{{name}}}`; {hint}");
    }
    DeadEnd::new(format!("nothing is known as `${{{name}}}`")).hint(hint)
}

/// The text, where no secret may stand.
fn plain(text: &Text) -> Result<String, DeadEnd> {
    match text.secrets().next() {
        None => Ok(text.reveal(|_| "")),
        Some(secret) => {
            let hint = "secrets may stand in `env`, in `files`, and in a service's `password`";
            Err(DeadEnd::new(format!("the secret `{secret}` cannot stand here")).hint(hint))
        }
    }
}

#[cfg(test)]
mod tests;
