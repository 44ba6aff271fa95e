//! Kinds of services, by what URLs, ports and packages say of them.

use crate::capture::host::Host;

/// What a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::capture::describe) enum Kind {
    Postgres,
    Mariadb,
    Redis,
    Memcached,
    Rabbitmq,
    Smtp,
}

impl Kind {
    pub(super) fn of(scheme: &str) -> Option<Kind> {
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
    pub(super) fn of_port(port: u16) -> Option<Kind> {
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

    pub(super) fn role(self) -> &'static str {
        match self {
            Kind::Postgres | Kind::Mariadb => "db",
            Kind::Redis | Kind::Memcached => "cache",
            Kind::Rabbitmq => "queue",
            Kind::Smtp => "mail",
        }
    }

    pub(super) fn key(self) -> &'static str {
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
    pub(super) fn version(self, said: &str) -> String {
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
    pub(super) fn version_of(self, host: &Host) -> Option<String> {
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
