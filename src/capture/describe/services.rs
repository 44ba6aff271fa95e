//! `services`: what the app leans on, by its own URLs.

mod address;
mod kind;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

pub(super) use self::kind::Kind;

use super::scene::Scene;
use crate::capture::description::Description;
use crate::capture::host::Asked;

/// A service that a variable leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    /// Its name in the description.
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) variable: String,
    /// `db.internal`; absent where it is a socket or the host itself.
    pub(super) host: Option<String>,
    /// Who logs in, where the service said so.
    user: Option<String>,
    /// Whether there is a password.
    has_password: bool,
    database: Option<String>,
    /// RabbitMQ's, where its URL says one; empty where that is the usual one.
    virtual_host: Option<String>,
}

impl Role {
    /// The URL of a variable, as a description has it.
    pub(super) fn url(&self, url: &str, flags: &str) -> String {
        let url = self.in_replica(url);
        let (scheme, rest) = url.split_once("://").unwrap_or(("", &url));
        if !flags.contains('l') {
            return url;
        }
        let user = self.user.clone().unwrap_or_default();
        let login =
            if self.has_password { format!("{user}:${{secret.{}}}", self.name) } else { user };
        format!("{scheme}://{login}@{rest}")
    }
}

/// Hosts that are the app's own.
fn is_own_host(host: &str) -> bool {
    host.is_empty() || host == "localhost" || host.starts_with("127.") || host == "::1"
}

/// The services that variables of the app lead to.
pub(super) fn roles(scene: &Scene<'_>) -> Vec<Role> {
    let Some(variables) = scene.app.variables(scene.host) else { return Vec::new() };
    let mut roles: Vec<Role> = Vec::new();
    for variable in variables.values().filter(|variable| super::of_app::is_of_app(&variable.name)) {
        let asked = scene.host.services.iter().find(|asked| asked.variable == variable.name);
        let (kind, host, flags, database) =
            match (variable.url().and_then(|url| url.split_once("://")), mail_host(variable)) {
                (Some((scheme, rest)), _) => {
                    let Some(kind) = Kind::of(&scheme.to_lowercase()) else { continue };
                    let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
                    let host = if place.starts_with('[') {
                        place.split(']').next().unwrap_or(place).trim_start_matches('[')
                    } else {
                        place.split(':').next().unwrap_or(place)
                    };
                    (kind, host.to_owned(), variable.flags().to_owned(), path.to_owned())
                }
                (None, Some(host)) => (Kind::Smtp, host, String::new(), String::new()),
                (None, None) => match place_of(variable) {
                    Some((kind, host)) => (kind, host, String::new(), String::new()),
                    None => continue,
                },
            };
        let same = roles.iter().find(|role| {
            role.kind == kind && role.host == Some(host.clone()).filter(|host| !is_own_host(host))
        });
        let name = same.map_or_else(|| free_name(kind, &roles), |role| role.name.clone());
        let said = asked.and_then(|asked| asked.user.clone());
        let user =
            said.or_else(|| flags.contains('u').then(|| scene.app.user(scene.host)).flatten());
        // A path that was kept back says nothing.
        let is_whole = variable.url().is_some() && !flags.contains('q');
        let virtual_host = (kind == Kind::Rabbitmq && is_whole).then(|| virtual_host_of(&database));
        let database = asked.and_then(|asked| asked.database.clone()).or_else(|| {
            Some(database)
                .filter(|name| !name.is_empty() && matches!(kind, Kind::Postgres | Kind::Mariadb))
        });
        roles.push(Role {
            name,
            kind,
            variable: variable.name.clone(),
            host: Some(host).filter(|host| !is_own_host(host)),
            user,
            has_password: flags.contains('p'),
            database,
            virtual_host,
        });
    }
    roles
}

/// `board` and `/board` of `board` and `%2Fboard`; nothing where it is RabbitMQ's usual one, `/`.
fn virtual_host_of(path: &str) -> String {
    let mut parts = path.split('%');
    let mut host = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(u8::is_ascii_graphic) {
            Some(byte) => host.extend([char::from(byte).to_string().as_str(), &part[2..]]),
            None => host.extend(["%", part]),
        }
    }
    if host == "/" { String::new() } else { host }
}

/// A name for one more service of a kind: `db`, `db2`.
fn free_name(kind: Kind, roles: &[Role]) -> String {
    let base = kind.role();
    let mut taken: Vec<&str> =
        roles.iter().map(|role| role.name.as_str()).filter(|name| name.starts_with(base)).collect();
    taken.dedup();
    if taken.is_empty() { base.to_owned() } else { format!("{base}{}", taken.len() + 1) }
}

/// `127.0.0.1:11211`: what listens there by its port.
fn place_of(variable: &crate::capture::host::Variable) -> Option<(Kind, String)> {
    let crate::capture::host::Shown::Value(value) = &variable.shown else { return None };
    let (host, port) = value.rsplit_once(':')?;
    let is_host =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    Some((Kind::of_port(port.parse().ok()?)?, host.to_owned())).filter(|_| is_host)
}

/// The host of a variable such as `SHOP_MAIL_SERVER`.
fn mail_host(variable: &crate::capture::host::Variable) -> Option<String> {
    let name = &variable.name;
    let is_mail = (name.contains("MAIL") || name.contains("SMTP"))
        && (name.ends_with("HOST") || name.ends_with("SERVER") || name.ends_with("RELAY"));
    match &variable.shown {
        crate::capture::host::Shown::Value(value) if is_mail && !value.is_empty() => {
            Some(value.split(':').next().unwrap_or(value).to_owned())
        }
        _ => None,
    }
}

pub(super) fn describe(scene: &Scene<'_>, into: &mut Description) {
    let mut done: Vec<String> = Vec::new();
    for role in roles(scene) {
        if done.contains(&role.name) {
            continue;
        }
        done.push(role.name.clone());
        let asked = scene.host.services.iter().find(|asked| asked.variable == role.variable);
        one(scene, &role, asked, into);
    }
    // What runs on the host and no variable speaks of.
    let runs =
        |names: &[&str]| scene.host.running.iter().any(|one| names.contains(&one.name.as_str()));
    for (kind, names) in [
        (Kind::Postgres, &["postgres"][..]),
        (Kind::Mariadb, &["mariadbd", "mysqld"][..]),
        (Kind::Redis, &["redis-server"][..]),
        (Kind::Memcached, &["memcached"][..]),
        (Kind::Rabbitmq, &["beam.smp"][..]),
    ] {
        let is_described = roles(scene).iter().any(|role| role.kind == kind);
        if runs(names) && !is_described {
            let version = kind.version_of(scene.host).unwrap_or_else(|| "?".to_owned());
            into.todo("services", format!("{} runs on the host, and no variable that could be read leads there; if the app uses it: {}: {{{}: \"{version}\", host: app}}", names[0], kind.role(), kind.key()));
        }
    }
}

fn one(scene: &Scene<'_>, role: &Role, asked: Option<&Asked>, into: &mut Description) {
    let path = |key: &str| vec!["services".to_owned(), role.name.clone(), key.to_owned()];
    let from = format!("by {}", role.variable);
    let mut set = |into: &mut Description, key: &str, value: Value, from: &str| {
        let path = path(key);
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        into.set_at(&path, value, from);
    };
    if role.kind == Kind::Smtp {
        set(into, "smtp", "sink".into(), &from);
    } else {
        let said =
            asked.and_then(|asked| asked.version.as_deref()).map(|said| role.kind.version(said));
        let of_package = || role.host.is_none().then(|| role.kind.version_of(scene.host)).flatten();
        let from = if said.is_some() {
            format!("it says {}", asked.and_then(|asked| asked.version.clone()).unwrap_or_default())
        } else {
            from.clone()
        };
        if let Some(version) = said.or_else(of_package) {
            set(into, role.kind.key(), version.into(), &from);
        } else {
            let why = asked
                .and_then(|asked| asked.unread.clone())
                .unwrap_or_else(|| "nobody could ask it".to_owned());
            into.todo(
                "services",
                format!("{}: its version, {}: \"?\" ({why})", role.name, role.kind.key()),
            );
            into.not_readable.push(format!("{} of {}: {why}", role.kind.key(), role.variable));
        }
    }
    match &role.host {
        Some(_) if let Some(address) = role.address() => into.notes.push(format!(
            "{address}, where {} leads, is nobody in a replica: it is called `{}` there",
            role.variable, role.name
        )),
        Some(host) => set(into, "names", json!([host]), &from),
        None if role.kind != Kind::Smtp => set(into, "host", "app".into(), "on the host itself"),
        None => {}
    }
    if role.has_password {
        set(into, "password", format!("${{secret.{}}}", role.name).into(), "kept back on the host");
        into.set_at(&["secrets", &role.name], json!({"generate": 24}), "made for each run");
    }
    database(role, asked, &mut set, into);
}

/// Keys of databases alone.
fn database(
    role: &Role,
    asked: Option<&Asked>,
    set: &mut impl FnMut(&mut Description, &str, Value, &str),
    into: &mut Description,
) {
    if !matches!(role.kind, Kind::Postgres | Kind::Mariadb) {
        if let Some(user) =
            role.user.as_ref().filter(|_| matches!(role.kind, Kind::Smtp | Kind::Rabbitmq))
        {
            set(into, "user", user.clone().into(), "");
        }
        if let Some(host) = &role.virtual_host {
            into.saw(&["services.*.virtual_host"]);
            if !host.is_empty() {
                set(into, "virtual_host", host.clone().into(), &format!("by {}", role.variable));
            }
        }
        for (name, value) in asked.iter().flat_map(|asked| &asked.settings) {
            let path = ["services", role.name.as_str(), "settings", name];
            into.set_at(&path, number_or_text(value), "it says so");
        }
        return;
    }
    if let Some(database) = &role.database {
        set(into, "database", database.clone().into(), "");
    }
    match (&role.user, asked.and_then(|asked| asked.user.as_ref())) {
        (Some(user), Some(_)) => set(into, "user", user.clone().into(), ""),
        (Some(user), None) => into.todo(
            "services",
            format!(
                "{}: who logs in there was kept back, and `{user}` stands in its place",
                role.name
            ),
        ),
        (None, _) => {}
    }
    let Some(asked) = asked else { return };
    if asked.version.is_some() {
        into.saw(&[
            "services.*.extensions",
            "services.*.collation",
            "services.*.locale",
            "services.*.owner",
        ]);
    }
    if let Some(encoding) = &asked.encoding {
        set(into, "encoding", encoding.clone().into(), "");
    }
    if let Some(owner) = asked.owner.as_ref().filter(|owner| Some(*owner) != asked.user.as_ref()) {
        set(into, "owner", owner.clone().into(), "owner of the database");
    }
    let usual = if role.kind == Kind::Postgres { "C.UTF-8" } else { "" };
    match (&asked.ctype, &asked.collation) {
        (Some(ctype), collation) => {
            if ctype != usual {
                set(into, "locale", ctype.clone().into(), "");
            }
            if let Some(collation) = collation.as_ref().filter(|collation| *collation != ctype) {
                set(into, "collation", collation.clone().into(), "");
            }
        }
        (None, Some(collation)) => set(into, "collation", collation.clone().into(), ""),
        (None, None) => {}
    }
    if !asked.extensions.is_empty() {
        set(into, "extensions", json!(asked.extensions), "");
    }
    let roles: Vec<&String> = asked
        .roles
        .iter()
        .filter(|one| Some(*one) != asked.user.as_ref() && Some(*one) != asked.owner.as_ref())
        .collect();
    if !roles.is_empty() {
        set(into, "roles", json!(roles), "");
    }
    let settings: Map<String, Value> =
        asked.settings.iter().map(|(name, value)| (name.clone(), number_or_text(value))).collect();
    if !settings.is_empty() {
        set(into, "settings", Value::Object(settings), "changed on the live server");
    }
}

fn number_or_text(value: &str) -> Value {
    value.parse::<i64>().map_or_else(|_| value.into(), Value::from)
}
