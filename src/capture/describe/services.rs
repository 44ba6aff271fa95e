//! `services`: what the app leans on, by its own URLs.

use serde_json::{Map, Value, json};

use super::scene::Scene;
use crate::capture::description::Description;
use crate::capture::host::{Asked, Host};

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
}

/// What a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Postgres,
    Mariadb,
    Redis,
    Memcached,
    Rabbitmq,
    Smtp,
}

impl Kind {
    fn of(scheme: &str) -> Option<Kind> {
        Some(match scheme.split('+').next().unwrap_or(scheme) {
            "postgres" | "postgresql" | "postgis" | "psql" | "pgsql" => Kind::Postgres,
            "mysql" | "mariadb" | "mysql2" => Kind::Mariadb,
            "redis" | "rediss" | "unix" | "redis-socket" | "valkey" => Kind::Redis,
            "memcached" | "memcache" | "pymemcache" | "pymemcachecache" => Kind::Memcached,
            "amqp" | "amqps" | "pyamqp" => Kind::Rabbitmq,
            "smtp" | "smtps" | "submission" | "smtp-tls" => Kind::Smtp,
            _ => return None,
        })
    }

    /// What mostly listens on a port.
    fn of_port(port: u16) -> Option<Kind> {
        Some(match port {
            5432 => Kind::Postgres,
            3306 => Kind::Mariadb,
            6379 => Kind::Redis,
            11211 => Kind::Memcached,
            5672 => Kind::Rabbitmq,
            25 | 587 => Kind::Smtp,
            _ => return None,
        })
    }

    fn role(self) -> &'static str {
        match self {
            Kind::Postgres | Kind::Mariadb => "db",
            Kind::Redis | Kind::Memcached => "cache",
            Kind::Rabbitmq => "queue",
            Kind::Smtp => "mail",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Kind::Postgres => "postgres",
            Kind::Mariadb => "mariadb",
            Kind::Redis => "redis",
            Kind::Memcached => "memcached",
            Kind::Rabbitmq => "rabbitmq",
            Kind::Smtp => "smtp",
        }
    }

    /// Its version as a description has it, of what it says itself.
    fn version(self, said: &str) -> String {
        let number: String = said
            .trim_start_matches(|c: char| !c.is_ascii_digit())
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        // MariaDB says `5.5.5-10.11.6-MariaDB` to old clients.
        let number = if self == Kind::Mariadb && said.starts_with("5.5.5-") {
            said[6..].split('-').next().unwrap_or(&number).to_owned()
        } else {
            number
        };
        let parts = match self {
            Kind::Postgres | Kind::Redis => 1,
            _ => 2,
        };
        number.split('.').take(parts).collect::<Vec<_>>().join(".")
    }

    /// The package that says its version where it runs on a host that was read.
    fn version_of(self, host: &Host) -> Option<String> {
        let names: &[&str] = match self {
            Kind::Postgres => return postgres_of(host),
            Kind::Mariadb => &["mariadb-server", "mariadb-server-10.5"],
            Kind::Redis => &["redis-server"],
            Kind::Memcached => &["memcached"],
            Kind::Rabbitmq => &["rabbitmq-server"],
            Kind::Smtp => return None,
        };
        let version = names.iter().find_map(|name| host.packages.version(name))?;
        let version = version.split_once(':').map_or(version, |(_, version)| version);
        Some(self.version(version))
    }
}

/// `15` of `postgresql-15`.
fn postgres_of(host: &Host) -> Option<String> {
    let numbers = host
        .packages
        .installed
        .keys()
        .filter_map(|name| name.strip_prefix("postgresql-")?.parse::<u32>().ok());
    numbers.max().map(|number| number.to_string())
}

impl Role {
    /// The URL of a variable, as a description has it.
    pub(super) fn url(&self, url: &str, flags: &str) -> String {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        if !flags.contains('l') {
            return url.to_owned();
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
        });
    }
    roles
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_as_a_description_has_them() {
        assert_eq!(Kind::Postgres.version("15.20 (Debian 15.20-0+deb12u1)"), "15");
        assert_eq!(Kind::Mariadb.version("5.5.5-10.11.6-MariaDB-0+deb12u1"), "10.11");
        assert_eq!(Kind::Mariadb.version("10.11.14-MariaDB"), "10.11");
        assert_eq!(Kind::Redis.version("7.0.15"), "7");
        assert_eq!(Kind::Memcached.version("1.6.18"), "1.6");
        assert_eq!(Kind::Rabbitmq.version("3.10.8"), "3.10");
    }
}
