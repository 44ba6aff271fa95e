//! What each Debian suite brings along: its Python, and the versions of the services.

use super::problem::nearest;
use super::value::{DebianSuite, PythonVersion};

/// A suite and what it has.
struct Suite {
    name: &'static str,
    /// The minor version of its Python 3.
    python: u8,
    postgres: &'static str,
    redis: &'static str,
    memcached: &'static str,
    mariadb: &'static str,
    /// Empty where it cannot load its definitions by itself (since 3.8).
    rabbitmq: &'static str,
    pgbouncer: &'static str,
}

/// Oldest first. From packages.debian.org; a suite keeps its versions for life.
const SUITES: [Suite; 4] = [
    Suite {
        name: "buster",
        python: 7,
        postgres: "11",
        redis: "5.0",
        memcached: "1.5",
        mariadb: "10.3",
        rabbitmq: "",
        pgbouncer: "1.9",
    },
    Suite {
        name: "bullseye",
        python: 9,
        postgres: "13",
        redis: "6.0",
        memcached: "1.6",
        mariadb: "10.5",
        rabbitmq: "3.8",
        pgbouncer: "1.15",
    },
    Suite {
        name: "bookworm",
        python: 11,
        postgres: "15",
        redis: "7.0",
        memcached: "1.6",
        mariadb: "10.11",
        rabbitmq: "3.10",
        pgbouncer: "1.18",
    },
    Suite {
        name: "trixie",
        python: 13,
        postgres: "17",
        redis: "8.0",
        memcached: "1.6",
        mariadb: "11.8",
        rabbitmq: "4.0",
        pgbouncer: "1.24",
    },
];

/// The number of the first of [`SUITES`]; the others follow one by one.
const FIRST_NUMBER: usize = 10;

/// The suite that a person means: by its code name, or by its number as in `12`, `12.5` and
/// `Debian GNU/Linux 12 (bookworm)`.
///
/// # Errors
/// What is wrong with the words, with the suites that there are.
pub fn suite_meant(text: &str) -> Result<DebianSuite, String> {
    let words = text.to_lowercase();
    let words: Vec<&str> = words
        .split(|c: char| c.is_whitespace() || "()/,:".contains(c))
        .filter(|word| !matches!(*word, "" | "debian" | "gnu" | "linux"))
        .collect();
    let of = |word: &str| {
        let number = word.split('.').next().and_then(|number| number.parse::<usize>().ok());
        let numbered = number.and_then(|number| SUITES.get(number.checked_sub(FIRST_NUMBER)?));
        numbered.or_else(|| SUITES.iter().find(|suite| suite.name == word))
    };
    let mut meant: Vec<Option<DebianSuite>> =
        words.iter().map(|word| of(word).map(named)).collect();
    meant.dedup();
    if let [Some(suite)] = &meant[..] {
        return Ok(suite.clone());
    }
    let said = text.trim();
    let known = SUITES
        .iter()
        .enumerate()
        .map(|(index, suite)| format!("{} ({})", suite.name, index + FIRST_NUMBER));
    let known: Vec<String> = known.collect();
    let nearest = nearest(said, suite_names()).map(|name| format!("did you mean `{name}`? "));
    Err(format!(
        "`{said}` is no Debian that stagectl knows; {}the ones it knows: {}",
        nearest.unwrap_or_default(),
        known.join(", ")
    ))
}

/// A service's program, as its key in a description names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServiceProgram {
    Postgres,
    Mariadb,
    Redis,
    Memcached,
    Rabbitmq,
    Pgbouncer,
}

impl ServiceProgram {
    /// The key in a description.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            ServiceProgram::Postgres => "postgres",
            ServiceProgram::Redis => "redis",
            ServiceProgram::Memcached => "memcached",
            ServiceProgram::Mariadb => "mariadb",
            ServiceProgram::Rabbitmq => "rabbitmq",
            ServiceProgram::Pgbouncer => "pgbouncer",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            ServiceProgram::Postgres => "PostgreSQL",
            ServiceProgram::Redis => "Redis",
            ServiceProgram::Memcached => "Memcached",
            ServiceProgram::Mariadb => "MariaDB",
            ServiceProgram::Rabbitmq => "RabbitMQ",
            ServiceProgram::Pgbouncer => "PgBouncer",
        }
    }

    fn version_in(self, suite: &Suite) -> &'static str {
        match self {
            ServiceProgram::Postgres => suite.postgres,
            ServiceProgram::Redis => suite.redis,
            ServiceProgram::Memcached => suite.memcached,
            ServiceProgram::Mariadb => suite.mariadb,
            ServiceProgram::Rabbitmq => suite.rabbitmq,
            ServiceProgram::Pgbouncer => suite.pgbouncer,
        }
    }

    /// The versions that some known suite has, with the suite, oldest first.
    pub(super) fn known(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let versions = SUITES.iter().map(move |suite| (self.version_in(suite), suite.name));
        versions.filter(|(version, _)| !version.is_empty())
    }
}

/// The suites whose own package of the program is of this version, oldest first. `7` stands for
/// any 7.x.
pub fn service_suites(
    program: ServiceProgram,
    version: &str,
) -> impl Iterator<Item = DebianSuite> + use<'_> {
    SUITES.iter().filter(move |suite| is_of(program.version_in(suite), version)).map(named)
}

/// The newest of [`service_suites`].
#[must_use]
pub fn service_suite(program: ServiceProgram, version: &str) -> Option<DebianSuite> {
    service_suites(program, version).last()
}

/// The version of a service that a known suite has.
#[must_use]
pub fn suite_service(suite: &DebianSuite, program: ServiceProgram) -> Option<&'static str> {
    let suite = SUITES.iter().find(|known| known.name == suite.as_str())?;
    Some(program.version_in(suite)).filter(|version| !version.is_empty())
}

/// The Python 3 of a known suite.
#[must_use]
pub fn suite_python(suite: &DebianSuite) -> Option<PythonVersion> {
    let suite = SUITES.iter().find(|known| known.name == suite.as_str())?;
    Some(PythonVersion { major: 3, minor: suite.python })
}

/// The suite whose own Python this is.
#[must_use]
pub fn python_suite(python: PythonVersion) -> Option<DebianSuite> {
    let suite = SUITES.iter().find(|suite| python.major == 3 && suite.python == python.minor);
    suite.map(named)
}

/// Every known suite, oldest first.
pub fn suite_names() -> impl Iterator<Item = &'static str> + Clone {
    SUITES.iter().map(|suite| suite.name)
}

fn is_of(full: &str, wanted: &str) -> bool {
    full.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        && !wanted.is_empty()
}

fn named(suite: &Suite) -> DebianSuite {
    suite.name.parse().expect("the table has the names of suites")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_is_found_in_its_suite() {
        use ServiceProgram::{Mariadb, Memcached, Postgres, Redis};
        let table = [
            (Postgres, "11", Some("buster")),
            (Postgres, "15", Some("bookworm")),
            (Postgres, "1", None),
            (Postgres, "14", None),
            (Redis, "7", Some("bookworm")),
            (Redis, "7.0", Some("bookworm")),
            (Redis, "7.2", None),
            (Redis, "", None),
            (Memcached, "1.6", Some("trixie")),
            (Memcached, "1", Some("trixie")),
            (Mariadb, "10", Some("bookworm")),
            (Mariadb, "10.1", None),
        ];
        for (program, version, expected) in table {
            let suite = service_suite(program, version);
            assert_eq!(suite.as_ref().map(DebianSuite::as_str), expected, "{program:?} {version}");
        }
        assert_eq!(service_suites(Memcached, "1.6").count(), 3);
    }

    #[test]
    fn a_suite_is_meant_by_name_or_number_and_others_are_refused() {
        for text in ["bookworm", "12", "12.5", "Debian 12", "Debian GNU/Linux 12 (bookworm)"] {
            assert_eq!(suite_meant(text).unwrap().as_str(), "bookworm", "{text}");
        }
        for text in ["", "stable", "Ubuntu 22.04", "jammy", "bookwrm", "9", "12 (trixie)", "3.12"] {
            assert!(suite_meant(text).is_err(), "{text}");
        }
        assert_eq!(
            suite_meant("bookwrm").unwrap_err(),
            "`bookwrm` is no Debian that stagectl knows; did you mean `bookworm`? the ones it knows: \
             buster (10), bullseye (11), bookworm (12), trixie (13)"
        );
    }

    #[test]
    fn a_suite_and_its_python_find_each_other() {
        for name in suite_names() {
            let suite: DebianSuite = name.parse().unwrap();
            assert_eq!(python_suite(suite_python(&suite).unwrap()), Some(suite));
        }
    }
}
