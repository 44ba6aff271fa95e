//! The keys of a service, of its further databases, and of the network before it.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::scalar::{self, AnyScalar};
use crate::site::kind::{Described, KINDS, KindOfService, kinds_having};
use crate::site::model::{MailBehaviour, ServiceHost, ServiceTls};

/// What the site leans on: one of KINDS with its version in quotes, or `smtp`, or anything else by its `packages` or
/// `image` with a `command`; and the keys that go with it.
// The keys with versions come from the table of kinds, and `(KINDS)` stands for those that have a key.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Service", deny_unknown_fields, transform = add_kinds)]
pub(in crate::site) struct ServiceFile {
    /// A mail host on ports 25 and 587 that delivers nothing: `sink` takes every mail, and the suite
    /// reads them at `$STAGECTL_MAILS`; `silent` takes connections and never says a word, as a host
    /// behind a bad firewall; `closed` refuses connections.
    #[schemars(example = &"sink")]
    pub(in crate::site) smtp: Option<MailBehaviour>,
    /// Debian packages of a service that has no key of its own; `command` starts it. With `postgres` they
    /// are installed beside the server, such as those of extensions: `postgresql-15-postgis-3`.
    #[schemars(example = ["beanstalkd"])]
    pub(in crate::site) packages: Option<Vec<String>>,
    /// The Debian suite of the packages; the site's own if left out.
    #[schemars(example = &"bookworm")]
    pub(in crate::site) debian: Option<String>,
    /// An image to take instead of Debian's package. With `postgres` and the like it is one that is
    /// laid out as Debian lays it out, and may be of any version; alone it needs a `command`.
    #[schemars(example = &"registry.example/search@sha256:0123...")]
    pub(in crate::site) image: Option<String>,
    /// A shell command that runs the service in the foreground (KINDS).
    #[schemars(example = &"beanstalkd -l 0.0.0.0")]
    pub(in crate::site) command: Option<String>,
    /// A shell command that succeeds as soon as the service is ready; run inside again and again
    /// (KINDS).
    #[schemars(example = &"bash -c 'exec 3<>/dev/tcp/127.0.0.1/11300'")]
    pub(in crate::site) ready: Option<String>,
    /// The port on which the app finds it; the diagnosis looks there (KINDS).
    #[schemars(example = 11300, range(min = 1, max = 65535))]
    pub(in crate::site) port: Option<u16>,
    /// Variables of the command; they may refer to secrets (KINDS).
    #[schemars(example = BTreeMap::from([("CACHE_SIZE", "64")]))]
    pub(in crate::site) env: Option<BTreeMap<String, String>>,
    /// Where it runs: on a host of its own, or on the app's, whose address and loopback it shares.
    /// PostgreSQL has its unix socket there, too, in `/run/postgresql`, and Redis the `unixsocket` of its `settings`,
    /// for who is in its group (`user.groups`) or as `unixsocketperm` says; other services' sockets and files are not
    /// on the app's host.
    #[serde(default)]
    pub(in crate::site) host: ServiceHost,
    /// The names it has on the site's network; the service's own name if left out.
    #[schemars(example = ["db.internal"])]
    pub(in crate::site) names: Option<Vec<String>>,
    /// What the network between the app and the service is like; as in one rack if left out.
    pub(in crate::site) weather: Option<WeatherFile>,
    /// How long its start may take.
    #[serde(default = "scalar::startup")]
    pub(in crate::site) startup: String,
    /// The most memory that it may use, with its unit.
    #[schemars(example = &"256MiB")]
    pub(in crate::site) memory: Option<String>,
    /// What the app logs in with (KINDS). It may refer to a secret. PostgreSQL (but by its socket, with
    /// `host: app`), MariaDB and RabbitMQ ask for one; with others, nothing if left out.
    #[schemars(example = &"${secret.db}")]
    pub(in crate::site) password: Option<String>,
    /// The database (KINDS); the name of the site's user if left out.
    #[schemars(example = &"noticeboard")]
    pub(in crate::site) database: Option<String>,
    /// Further databases of the same server, by name (KINDS).
    pub(in crate::site) databases: Option<BTreeMap<String, DatabaseFile>>,
    /// Who the app logs in as (KINDS); the name of the site's user if
    /// left out.
    #[schemars(example = &"noticeboard")]
    pub(in crate::site) user: Option<String>,
    /// The role that owns the database and all that the seed makes (KINDS), which may be the superuser
    /// `postgres`; `user` if left out.
    #[schemars(example = &"noticeboard")]
    pub(in crate::site) owner: Option<String>,
    /// More roles that the seed or `init` speaks of (KINDS). They may log in, but have no
    /// password.
    #[schemars(example = ["reporting"])]
    pub(in crate::site) roles: Option<Vec<String>>,
    /// What the user may do with the database (KINDS); everything if left out.
    #[schemars(example = ["SELECT", "INSERT", "UPDATE", "DELETE"])]
    pub(in crate::site) grants: Option<Vec<String>>,
    /// The encoding of the database; `UTF8` (postgres) or `utf8mb4` (mariadb) if left out.
    #[schemars(example = &"UTF8")]
    pub(in crate::site) encoding: Option<String>,
    /// Collation and character type of the cluster (postgres); `C.UTF-8` if left out.
    #[schemars(example = &"de_DE.UTF-8")]
    pub(in crate::site) locale: Option<String>,
    /// The collation, where it is another one than that of the locale (postgres) or of the encoding
    /// (mariadb).
    #[schemars(example = &"C")]
    pub(in crate::site) collation: Option<String>,
    /// The lines of the live `pg_hba.conf`, in its order (KINDS). For the address of the live app's host write
    /// `app`, and for that of a pooler's the name of the service: those of a replica are others. If left out, whoever comes by the socket is its own
    /// role (`peer`), and over the network everybody has a password, as Debian has it.
    #[schemars(example = ["local all all peer", "host shop shop app scram-sha-256"])]
    pub(in crate::site) hba: Option<Vec<String>>,
    /// The service that it stands before (KINDS).
    #[schemars(example = &"db")]
    pub(in crate::site) leads_to: Option<String>,
    /// Extensions created in the database (KINDS). One that the server's own package does not bring
    /// has a package of its own, which stands in `packages`.
    #[schemars(example = ["pg_trgm"])]
    pub(in crate::site) extensions: Option<Vec<String>>,
    /// Data that is there before the release is deployed (KINDS), loaded once and kept in
    /// an image: a path from the description's folder to SQL, plain or `.gz`; to a dump of `pg_dump`
    /// (custom format or tar); to a tar archive of such files, loaded by name; or to a shell script
    /// (`#!`) that loads them.
    #[schemars(example = &"seeds/site-b.sql.gz")]
    pub(in crate::site) seed: Option<String>,
    /// SQL files run once after the seed, in order, by the superuser (KINDS): paths from
    /// the description's folder.
    #[schemars(example = ["sql/grants.sql"])]
    pub(in crate::site) init: Option<Vec<String>>,
    /// Settings of its configuration file (KINDS), such as `pool_mode`.
    #[schemars(example = BTreeMap::from([("max_connections", 50)]))]
    pub(in crate::site) settings: Option<BTreeMap<String, AnyScalar>>,
    /// Whether it speaks TLS, with a certificate of the project's root for its names (KINDS): databases on
    /// their port; mail by `STARTTLS`, on both of its ports; Redis on port 6379 if required, on 6380 if
    /// offered, or on `tls-port` of its `settings`; RabbitMQ on port 5671; Memcached required alone.
    /// No client has to show a certificate.
    #[serde(default)]
    pub(in crate::site) tls: ServiceTls,
    /// The virtual host (KINDS); `/` if left out.
    #[schemars(example = &"noticeboard")]
    pub(in crate::site) virtual_host: Option<String>,
}

/// Puts the keys of the kinds before the others, and the names of kinds where a description says `KINDS`.
fn add_kinds(schema: &mut Schema) {
    let versions = KINDS.into_iter().filter_map(|kind| match kind.described {
        Described::Version { text, example } => Some((kind.key, text, example)),
        Described::Elsewhere => None,
    });
    let keys: Vec<String> = versions.clone().map(|(key, ..)| format!("`{key}`")).collect();
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace("KINDS", &keys.join(", "));
    }
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for (key, property) in properties.iter_mut() {
        let kinds: Vec<&str> = kinds_having(key).map(KindOfService::key_words).collect();
        if let Some(Value::String(text)) = property.get_mut("description") {
            *text = text.replace("(KINDS)", &format!("({})", kinds.join(", ")));
        }
    }
    let mut all: Map<String, Value> = versions
        .map(|(key, text, example)| {
            let property =
                json!({"description": text, "type": ["string", "null"], "examples": [example]});
            (key.to_owned(), property)
        })
        .collect();
    all.append(properties);
    *properties = all;
}

/// One more database of the same server, beside the one that `database` names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Database")]
pub(in crate::site) struct DatabaseFile {
    /// Who logs in for it; the service's `user` if left out.
    #[schemars(example = &"reporting")]
    pub(in crate::site) user: Option<String>,
    /// What that user logs in with: required for one that no other database of the service has. It may refer
    /// to a secret.
    #[schemars(example = &"${secret.reporting}")]
    pub(in crate::site) password: Option<String>,
    /// The role that owns it and all that its seed makes (postgres); its user if left out.
    #[schemars(example = &"curator")]
    pub(in crate::site) owner: Option<String>,
    /// What its user may do with it (mariadb); everything if left out.
    #[schemars(example = ["SELECT"])]
    pub(in crate::site) grants: Option<Vec<String>>,
    /// Its encoding; that of the server if left out.
    #[schemars(example = &"UTF8")]
    pub(in crate::site) encoding: Option<String>,
    /// Its collation; that of the server, or of the encoding, if left out.
    #[schemars(example = &"C")]
    pub(in crate::site) collation: Option<String>,
    /// Extensions created in it (postgres).
    #[schemars(example = ["pg_trgm"])]
    pub(in crate::site) extensions: Option<Vec<String>>,
    /// Its data, as the service's `seed` is written.
    #[schemars(example = &"seeds/reporting.sql.gz")]
    pub(in crate::site) seed: Option<String>,
    /// SQL files run in it once after its seed, in order, by the superuser: paths from the description's folder.
    #[schemars(example = ["sql/reporting.sql"])]
    pub(in crate::site) init: Option<Vec<String>>,
}

/// What the network between the app and a service is like, for everybody who asks for the service by its
/// names. What is left out is as in one rack: nothing is lost, and nothing takes long.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Weather")]
pub(in crate::site) struct WeatherFile {
    /// How much longer a question and its answer take, there and back, as `ping` shows it; the beginning of a
    /// connection costs it once more. At most 5 s.
    #[schemars(example = &"40ms")]
    pub(in crate::site) latency: Option<String>,
    /// By how much more it may be, by chance; half of it each way. Nothing overtakes what was sent before.
    #[schemars(example = &"10ms")]
    pub(in crate::site) jitter: Option<String>,
    /// Which share of the packets is lost, each way. They are sent again, as TCP does it: after 200 ms and more, and
    /// the first of a connection after a second.
    #[schemars(example = &"1%")]
    pub(in crate::site) loss: Option<String>,
    /// How much goes through in a second, each way, for all connections together.
    #[schemars(example = &"1MiB")]
    pub(in crate::site) rate: Option<String>,
    /// A connection is reset when so much went through it, both ways together.
    #[schemars(example = &"64KiB")]
    pub(in crate::site) cut_after: Option<String>,
    /// Nothing comes through and nothing is refused, as behind a firewall that drops what it should reject.
    #[serde(default)]
    pub(in crate::site) black_hole: bool,
}
