//! Where stagectl's own things are inside a replica. Programs and templates have these paths as they are, and
//! a test holds each of theirs to this list. What a site has for itself is in `host/layout.rs`.

macro_rules! paths {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $path;)*
        /// All of them.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

// `ROLE` stands for a process.
paths! {
    /// The folder of everything that is not a note or a log.
    OWN = "/opt/stagectl";

    // Notes of a host.
    /// That the host is ready.
    READY = "/run/stagectl.ready";
    /// Where a command that was begun early is let on.
    GATE = "/run/stagectl.gate";
    /// Where the visitor of a deploy is told that it is over.
    TRAFFIC = "/run/stagectl.traffic";
    /// The process id of a process of the site,
    PID = "/run/stagectl.ROLE.pid";
    /// and how it ended.
    CODE = "/run/stagectl.ROLE.code";

    // Logs.
    LOGS = "/var/log/stagectl";
    /// What a process writes to its output.
    LOG = "/var/log/stagectl/ROLE.log";
    /// The requests that stubs got.
    OUTSIDE_JOURNAL = "/var/log/stagectl/outside.jsonl";

    // What a release and the suite bring: made with their images.
    /// The packages of the release,
    INSTALLED_TXT = "/opt/stagectl/installed.txt";
    /// what its environment began with,
    BROUGHT_TXT = "/opt/stagectl/brought.txt";
    /// and the bundles of certificates in it.
    BUNDLES_TXT = "/opt/stagectl/bundles.txt";
    UV = "/opt/stagectl/uv/bin/uv";
    UV_PIP = "/opt/stagectl/uv/bin/pip";
    SUITE_PROGRAMS = "/opt/stagectl/suite/bin";
    SUITE_PYTHON = "/opt/stagectl/suite/bin/python";
    CRITICAL = "/opt/stagectl/critical";
    RESULTS = "/opt/stagectl/results";
    JUNIT = "/opt/stagectl/results/junit.xml";
    JUNIT_JOURNAL = "/opt/stagectl/results/junit.xml.journal";
    /// What the app was seen to touch, where that is observed.
    OBSERVED = "/opt/stagectl/observed";
    /// The visitor of an upgrade,
    VISIT_PY = "/opt/stagectl/visit.py";
    /// and what it keeps for itself.
    VISIT = "/opt/stagectl/visit";

    // What a host is given.
    HOST_SH = "/opt/stagectl/host.sh";
    OWNERS_SH = "/opt/stagectl/owners.sh";
    /// What `owners.sh` reads.
    OWNERS = "/opt/stagectl/owners.txt";
    TRUST_SH = "/opt/stagectl/trust.sh";
    /// What `trust.sh` reads: where roots go.
    TRUST = "/opt/stagectl/trust.txt";
    /// The rehearsal's root.
    ROOT = "/opt/stagectl/root.pem";
    LEFT_OUT = "/opt/stagectl/left-out.pem";
    SELF_SIGNED = "/opt/stagectl/self-signed.pem";
    CLIENT_CERTIFICATE = "/opt/stagectl/client.pem";
    CLIENT_KEY = "/opt/stagectl/client-key.pem";
    CLOCK_LIBRARY = "/opt/stagectl/libfaketime.so";
    /// When the site's clock starts, in seconds since 1970.
    MOMENT = "/opt/stagectl/moment";
    SECRETS = "/opt/stagectl/secrets.json";
    SESSION = "/opt/stagectl/session.json";
    /// Where data is kept while its folder is another release's.
    ASIDE = "/opt/stagectl/aside";
    /// Where the other release of an upgrade is kept.
    KEPT = "/opt/stagectl/kept";
    /// That the release is the host's own, and no image's.
    SETTLED = "/opt/stagectl/settled";
    /// Where the release is that comes in the place of that.
    INCOMING = "/opt/stagectl/kept/incoming";
    BECOME_PY = "/opt/stagectl/become.py";
    ENDED_SH = "/opt/stagectl/ended.sh";
    ENTER_PY = "/opt/stagectl/enter.py";
    FOLLOW_PY = "/opt/stagectl/follow.py";

    // What stands around it.
    BALANCER_CONF = "/opt/stagectl/balancer.conf";
    BALANCER_SITE_CONF = "/opt/stagectl/balancer-site.conf";
    DOOR_CONF = "/opt/stagectl/door.conf";
    GATEWAY_CONF = "/opt/stagectl/gateway.conf";
    GATEWAY_SH = "/opt/stagectl/gateway.sh";
    /// What the gateway refuses: its own networks.
    REFUSED_CONF = "/opt/stagectl/refused.conf";
    OUTSIDE = "/opt/stagectl/outside";
    RESOLVER_SH = "/opt/stagectl/resolver.sh";

    // What a service is given.
    SERVICE_CERTIFICATE = "/opt/stagectl/certificate.pem";
    SERVICE_KEY = "/opt/stagectl/certificate-key.pem";
    AS_USER_SH = "/opt/stagectl/as-user.sh";
    COMMAND_SH = "/opt/stagectl/command.sh";
    COMMAND_READY_SH = "/opt/stagectl/command-ready.sh";
    PORT_READY_SH = "/opt/stagectl/port-ready.sh";
    TLS_READY_SH = "/opt/stagectl/tls-ready.sh";
    MAIL_JSON = "/opt/stagectl/mail.json";
    MAIL_PY = "/opt/stagectl/mail.py";
    MARIADB_SH = "/opt/stagectl/mariadb.sh";
    MARIADB_READY_SH = "/opt/stagectl/mariadb-ready.sh";
    MARIADB_LOCKS_SH = "/opt/stagectl/mariadb-locks.sh";
    PG_HBA_CONF = "/opt/stagectl/pg_hba.conf";
    POSTGRES_LOGIN = "/opt/stagectl/login";
    POSTGRES_SH = "/opt/stagectl/postgres.sh";
    POSTGRES_READY_SH = "/opt/stagectl/postgres-ready.sh";
    POSTGRES_LOCKS_SH = "/opt/stagectl/postgres-locks.sh";
    /// Where the open transaction of the database with this number is ended.
    LOCKS_GATE = "/run/stagectl.locks-ROLE";
    PGBOUNCER_INI = "/opt/stagectl/pgbouncer.ini";
    PGBOUNCER_USERS_TXT = "/opt/stagectl/pgbouncer-users.txt";
    PGBOUNCER_READY_SH = "/opt/stagectl/pgbouncer-ready.sh";
    DEFINITIONS_JSON = "/opt/stagectl/definitions.json";
    /// The same for the broker's own user, who may not read that one.
    DEFINITIONS_FOR_THE_BROKER = "/run/stagectl-definitions.json";
    RABBITMQ_CONF = "/opt/stagectl/rabbitmq.conf";
    RABBITMQ_SH = "/opt/stagectl/rabbitmq.sh";
    RABBITMQ_READY_SH = "/opt/stagectl/rabbitmq-ready.sh";
    REDIS_CONF = "/opt/stagectl/redis.conf";
    REDIS_SH = "/opt/stagectl/redis.sh";
    WEATHER_JSON = "/opt/stagectl/weather.json";
    WEATHER_PY = "/opt/stagectl/weather.py";
    /// That the weather is made.
    WEATHER_READY = "/run/stagectl.weather";
}

/// The command that gives files to the owners that they have by name.
pub const OWNERS_COMMAND: &str = "/bin/sh /opt/stagectl/owners.sh";
/// The command that puts the root where another release looks for roots.
pub const TRUST_COMMAND: &str = "/bin/sh /opt/stagectl/trust.sh";

/// One of stagectl's own files, by its name.
#[must_use]
pub fn own(name: &str) -> String {
    format!("{OWN}/{name}")
}

/// A path with this process in it.
#[must_use]
pub fn of_role(path: &str, role: &str) -> String {
    path.replace("ROLE", role)
}

/// The process id of a person's command. Not named as those of the site's processes, whose end is looked for.
#[must_use]
pub fn session_pid(id: &str) -> String {
    format!("/run/stagectl-session-{id}")
}

/// Where the suite's own Python looks for modules; its version as `3.11`.
#[must_use]
pub fn suite_packages(python: &str) -> String {
    format!("{OWN}/suite/lib/python{python}/site-packages")
}
