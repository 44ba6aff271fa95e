//! Where two environments differ, key by key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::kind::is_kind;
use super::masked::masked;
use super::model::Site;

/// Members of a site that say nothing of its environment.
pub(super) const NOT_OF_THE_ENVIRONMENT: [&str; 7] =
    ["name", "summary", "login", "order", "advisory", "source", "logs"];

/// A key path in which two environments differ, and what each has there as text; nothing where one
/// has no such key. Secrets stay references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    pub key: String,
    pub one: Option<String>,
    pub two: Option<String>,
}

/// The differences of two environments, in the order of their key paths. A file counts by its
/// content: two names of the same file are no difference.
#[must_use]
pub fn differences(one: &Site, two: &Site) -> Vec<Difference> {
    let (contents, other_contents) = (values(one), values(two));
    let (shown, other_shown) = (leaves(one), leaves(two));
    let keys: BTreeSet<&String> = contents.keys().chain(other_contents.keys()).collect();
    keys.into_iter()
        .filter(|key| contents.get(*key) != other_contents.get(*key))
        .map(|key| Difference {
            key: key.clone(),
            one: shown.get(key).map(|value| of_key(key, as_text(value))),
            two: other_shown.get(key).map(|value| of_key(key, as_text(value))),
        })
        .collect()
}

/// Who logs in at an index, or at the address of a requirement, is nobody's affair.
fn of_key(key: &str, text: String) -> String {
    if key.starts_with("install.") { masked(&text) } else { text }
}

/// What a site has at each key path, with files by what they hold; a file that cannot be read counts by its
/// name.
pub(super) fn values(site: &Site) -> BTreeMap<String, Value> {
    site.with_contents().map_or_else(|_| leaves(site), |site| leaves(&site))
}

/// Every leaf of a site by its key path.
fn leaves(site: &Site) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    if let Ok(Value::Object(mut members)) = serde_json::to_value(site) {
        members.retain(|key, _| !NOT_OF_THE_ENVIRONMENT.contains(&key.as_str()));
        members.remove("wildcards");
        let wildcards = site.wildcards.iter().map(|domain| format!("*.{domain}").into());
        if let Some(Value::Array(names)) = members.get_mut("names") {
            names.extend(wildcards);
        }
        collect(&Value::Object(members), "", &mut leaves);
    }
    leaves
}

fn collect(value: &Value, path: &str, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) if map.contains_key("secs") && map.contains_key("nanos") => {
            let seconds = map["secs"].as_f64().unwrap_or_default()
                + map["nanos"].as_f64().unwrap_or_default() / 1e9;
            leaves.insert(path.to_owned(), format!("{seconds}s").into());
        }
        // `proxy: {behind: {}}` says something.
        Value::Object(map) if map.is_empty() && path == "proxy.behind" => {
            leaves.insert(path.to_owned(), "{}".into());
        }
        Value::Object(map) => {
            for (key, value) in map {
                let inner = match (path, as_written(path, key)) {
                    (_, None) => path.to_owned(),
                    ("", Some(key)) => key.to_owned(),
                    (_, Some(key)) => format!("{}.{key}", holder(path)),
                };
                collect(value, &inner, leaves);
            }
        }
        // Steps and files go by what they are called.
        Value::Array(items) if items.iter().any(|item| name_of_item(item).is_some()) => {
            for (index, item) in items.iter().enumerate() {
                let name = name_of_item(item).map_or_else(|| index.to_string(), str::to_owned);
                collect(item, &format!("{path}.{name}"), leaves);
            }
        }
        Value::Null => {}
        other if path == "resources.milli_cpus" => {
            let cpus = other.as_f64().unwrap_or_default() / 1000.0;
            leaves.insert("resources.cpus".to_owned(), cpus.into());
        }
        other => {
            leaves.insert(path.to_owned(), other.clone());
        }
    }
}

fn name_of_item(item: &Value) -> Option<&str> {
    item.get("name").or_else(|| item.get("path")).and_then(Value::as_str)
}

/// A member's name as a description writes it; `None` for a level that it does not have.
fn as_written<'a>(path: &str, member: &'a str) -> Option<&'a str> {
    match (path, member) {
        (_, "origin" | "kind" | "suite")
        | ("tls.certificate.valid", "described")
        | ("critical", "pytest" | "command")
        | ("deploy.backup.run" | "deploy.backup.restore", "run")
        | ("wsgi.application", "callable") => None,
        // Of a folder or of one of its files.
        ("critical", "file") => Some("path"),
        // `redis: "7"`
        (service, "version" | "behaviour" | "login" | "path")
            if service.starts_with("services.") =>
        {
            None
        }
        ("", "steps") => Some("deploy.steps"),
        ("", "rollback") => Some("deploy.rollback"),
        ("", "backup") => Some("deploy.backup"),
        ("", "downtime") => Some("deploy.downtime"),
        ("", "strategy") => Some("deploy.strategy"),
        ("", "releases") => Some("deploy.releases"),
        ("", "lock_watch") => Some("deploy.lock_watch"),
        ("live", "select") => Some("suite.select"),
        ("", "account") => Some("user"),
        (_, "static_files") => Some("static"),
        (_, "plain_http") => Some("http"),
        (_, other) => Some(other),
    }
}

/// What a description writes beside `postgres: "15"`, the model has below it.
fn holder(path: &str) -> &str {
    match path.rsplit_once('.') {
        // Deeper down it is the name of somebody's database.
        Some((service, kind))
            if is_kind(kind)
                && service.strip_prefix("services.").is_some_and(|role| !role.contains('.')) =>
        {
            service
        }
        _ => path,
    }
}

/// A leaf on one line; a text with its references as they are written.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => visible(text),
        Value::Array(items) => match items.iter().map(part).collect::<Option<Vec<_>>>() {
            Some(parts) if !parts.is_empty() => visible(&parts.concat()),
            _ => format!("[{}]", items.iter().map(as_text).collect::<Vec<_>>().join(", ")),
        },
        other => other.to_string(),
    }
}

/// The text, and `""` for one that nobody would see.
fn visible(text: &str) -> String {
    if text.is_empty() { "\"\"".to_owned() } else { text.to_owned() }
}

/// A piece of a text in which secrets may stand, as a description writes it.
fn part(item: &Value) -> Option<String> {
    let map = item.as_object().filter(|map| map.len() == 1)?;
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    let literal = text("literal").map(str::to_owned);
    literal.or_else(|| text("secret").map(|name| format!("${{secret.{name}}}")))
}

impl Difference {
    /// The same with the project's own paths as they stand in the project.
    #[must_use]
    pub fn within(mut self, root: &Path) -> Self {
        let root = format!("{}/", root.display());
        for side in [&mut self.one, &mut self.two].into_iter().flatten() {
            *side = side.replace(&root, "");
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::fixture::TestProject;

    /// The differences of two descriptions, a line each.
    fn list_differences(one: &str, two: &str) -> String {
        let defaults = "base: {debian: bookworm}\nnames: [www.shop.example]\n\
                        wsgi: {server: gunicorn, application: 'shop.wsgi:application'}\n\
                        env: {DB: 'postgres://${secret.db}@db'}\n\
                        secrets: {db: {generate: 24}}\ncritical: {path: ../tests}\n";
        let folder = TestProject::empty()
            .file("tests/test_shop.py", "")
            .file("more/test_shop.py", "")
            .site("defaults", defaults)
            .site("one", one)
            .site("two", two);
        let project = folder.load().unwrap();
        let [one, two] = &project.sites[..] else { panic!("two sites") };
        let lines = differences(one, two).into_iter().map(|other| {
            let Difference { key, one, two } = other.within(&project.root);
            format!("{key}: {} | {}", one.unwrap_or_default(), two.unwrap_or_default())
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn differences_stand_under_the_keys_of_a_description_and_show_no_secret() {
        let one = "services: {cache: {redis: '7', startup: 1min}}\nresources: {cpus: 2}\n\
                   deploy: {steps: [{name: migrate, run: shop migrate}]}\n";
        let two = "summary: the other\norder: 1\nnames: [www.shop.example, '*.shop.example']\n\
                   env: {DB: 'mysql://${secret.db}@db'}\n\
                   services: {cache: {redis: '6', startup: 90s}}\n\
                   deploy: {steps: [{name: migrate, run: shop upgrade}]}\n\
                   critical: {path: ../more}\n";
        insta::assert_snapshot!(list_differences(one, two), @"
        deploy.steps.migrate.run: shop migrate | shop upgrade
        env.DB: postgres://${secret.db}@db | mysql://${secret.db}@db
        names: [www.shop.example] | [www.shop.example, *.shop.example]
        resources.cpus: 2.0 | 1.0
        services.cache.redis: 7 | 6
        services.cache.startup: 60s | 90s
        ");
    }

    #[test]
    fn databases_of_one_server_stand_under_their_names() {
        let db = |databases: &str| {
            format!(
                "services: {{db: {{postgres: '15', user: app, password: '${{secret.db}}', databases: {{{databases}}}}}}}"
            )
        };
        let one = db("reports: {owner: curator}, redis: {}");
        insta::assert_snapshot!(list_differences(&one, &db("reports: {encoding: LATIN1}")), @"
        services.db.databases.redis.owner: app | 
        services.db.databases.redis.user: app | 
        services.db.databases.reports.encoding:  | LATIN1
        services.db.databases.reports.owner: curator | app
        ");
    }

    #[test]
    fn an_empty_text_is_not_an_empty_list_and_not_an_absent_key() {
        let one = "env: {A: ''}\nbase: {packages: []}";
        assert_eq!(
            list_differences(one, "env: {A: b}\nbase: {packages: [git]}"),
            "base.packages: [] | [git]\nenv.A: \"\" | b"
        );
        assert_eq!(list_differences(one, ""), "env.A: \"\" | ");
    }

    #[test]
    fn who_logs_in_at_an_index_is_shown_nowhere() {
        let one = "install: {index: 'https://me:word@a.example/x', extra: ['a @ https://token@b.example/a.whl']}";
        let two = "install: {index: 'https://me:other@a.example/x', extra_indexes: ['https://u:p@c.example/']}";
        insta::assert_snapshot!(list_differences(one, two), @"
        install.extra: [a @ https://***@b.example/a.whl] | []
        install.extra_indexes: [] | [https://***@c.example/]
        install.index: https://***@a.example/x | https://***@a.example/x
        ");
    }

    #[test]
    fn a_site_does_not_differ_from_itself() {
        assert_eq!(
            list_differences("env: {A: b}", "{summary: the other, order: 1, env: {A: b}}"),
            ""
        );
    }
}
