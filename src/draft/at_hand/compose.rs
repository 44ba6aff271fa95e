//! The services of a Compose file by their images, and what the app's own container is given.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::examples::says_something;
use crate::site::{KindOfService, MARIADB, MEMCACHED, POSTGRES, RABBITMQ, REDIS, SMTP, VALKEY};

/// A program that stagectl knows, as Compose describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::draft) struct Service {
    /// Its name in the Compose file: the app finds it by that.
    pub(in crate::draft) name: String,
    pub(in crate::draft) kind: &'static KindOfService,
    /// The version that the tag says; empty for `latest`.
    pub(in crate::draft) version: String,
    pub(in crate::draft) user: Option<String>,
    pub(in crate::draft) database: Option<String>,
    /// The literal password; a secret takes its place.
    pub(in crate::draft) password: Option<String>,
}

type Variables = BTreeMap<String, String>;
type Examples = BTreeMap<String, (String, &'static str)>;

pub(super) fn read(text: &str, examples: &Examples) -> (Vec<Service>, Vec<(String, String)>) {
    let nothing = (Vec::new(), Vec::new());
    let Ok(file) = serde_yaml::from_str::<Value>(text) else { return nothing };
    let Some(all) = file.get("services").and_then(Value::as_mapping) else { return nothing };
    let (mut services, mut own): (Vec<Service>, Vec<(String, Variables)>) = Default::default();
    for (name, described) in all {
        let Some(name) = name.as_str() else { continue };
        let variables = variables(described.get("environment"), examples);
        let image = described.get("image").and_then(Value::as_str).unwrap_or_default();
        match kind(image) {
            Some((kind, version)) => services.push(service(name, kind, version, &variables)),
            None if described.get("build").is_some() => own.push((name.to_owned(), variables)),
            None => {}
        }
    }
    let usual = ["web", "app", "server", "backend", "api"];
    let at = usual.iter().find_map(|usual| own.iter().position(|(name, _)| name == usual));
    let variables = own.into_iter().nth(at.unwrap_or(0)).map(|(_, own)| own).unwrap_or_default();
    let variables = variables
        .into_iter()
        .map(|(name, value)| (name, with_secrets(&value, &services)))
        .filter(|(_, value)| says_something(&value.replace("${secret.", "")))
        .collect();
    (services, variables)
}

/// `docker.io/library/postgres:15-alpine`.
fn kind(image: &str) -> Option<(&'static KindOfService, String)> {
    let (path, tag) = image.rsplit_once(':').unwrap_or((image, ""));
    let program = path.rsplit('/').next().unwrap_or(path);
    let kind = match program {
        "postgres" | "postgis" | "postgresql" => &POSTGRES,
        "mariadb" | "mysql" => &MARIADB,
        "redis" => &REDIS,
        "valkey" => &VALKEY,
        "memcached" => &MEMCACHED,
        "rabbitmq" => &RABBITMQ,
        "mailpit" | "mailhog" | "mailcatcher" | "maildev" | "smtp4dev" => &SMTP,
        _ => return None,
    };
    // A version of MySQL is none of MariaDB's.
    let version = tag.split(['-', '@']).next().filter(|_| program != "mysql").unwrap_or_default();
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    Some((kind, if is_version { version.to_owned() } else { String::new() }))
}

fn service(
    name: &str,
    kind: &'static KindOfService,
    version: String,
    given: &Variables,
) -> Service {
    let of = |names: &[&str]| names.iter().find_map(|name| given.get(*name)).cloned();
    let (user, database, password) = match kind.key {
        "postgres" => {
            let user = of(&["POSTGRES_USER"]).unwrap_or_else(|| "postgres".to_owned());
            let database = of(&["POSTGRES_DB"]).unwrap_or_else(|| user.clone());
            (Some(user), Some(database), of(&["POSTGRES_PASSWORD"]))
        }
        "mariadb" => (
            of(&["MARIADB_USER", "MYSQL_USER"]),
            of(&["MARIADB_DATABASE", "MYSQL_DATABASE"]),
            of(&["MARIADB_PASSWORD", "MYSQL_PASSWORD"]),
        ),
        "rabbitmq" => {
            let user = of(&["RABBITMQ_DEFAULT_USER"]);
            let password = of(&["RABBITMQ_DEFAULT_PASS"]);
            (user.or(Some("guest".to_owned())), None, password.or(Some("guest".to_owned())))
        }
        _ => (None, None, None),
    };
    Service { name: name.to_owned(), kind, version, user, database, password }
}

/// A map or a list, with what Compose would put in: `${NAME:-default}`.
fn variables(described: Option<&Value>, examples: &Examples) -> Variables {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    let pairs: Vec<(String, String)> = match described {
        Some(Value::Mapping(map)) => map
            .iter()
            .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), text(value)?)))
            .collect(),
        Some(Value::Sequence(list)) => list
            .iter()
            .filter_map(|line| line.as_str()?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        _ => Vec::new(),
    };
    let put_in =
        pairs.into_iter().filter_map(|(name, value)| Some((name, put_in(&value, examples)?)));
    put_in.collect()
}

fn put_in(value: &str, examples: &Examples) -> Option<String> {
    let mut text = value.to_owned();
    while let Some(start) = text.find("${") {
        let end = start + text[start..].find('}')?;
        let inside = &text[start + 2..end];
        let (name, default) = match inside.find([':', '-', '?']) {
            Some(at) => (&inside[..at], inside[at..].trim_start_matches(':').strip_prefix('-')),
            None => (inside, None),
        };
        let known = examples.get(name).map(|(value, _)| value.clone());
        let known = known.or_else(|| default.map(str::to_owned))?;
        if known.contains("${") {
            return None;
        }
        text.replace_range(start..=end, &known);
    }
    Some(text)
}

/// The value with the secret in the place of a service's password.
fn with_secrets(value: &str, services: &[Service]) -> String {
    services.iter().fold(value.to_owned(), |value, service| {
        let Some(password) = &service.password else { return value };
        let secret = format!("${{secret.{}}}", service.secret());
        if value == *password {
            return secret;
        }
        value.replace(
            &format!(":{password}@{}", service.name),
            &format!(":{secret}@{}", service.name),
        )
    })
}

impl Service {
    /// The name of the secret that it is logged in with.
    pub(in crate::draft) fn secret(&self) -> String {
        self.name.to_lowercase().replace('-', "_")
    }
}
