//! The small domain types of a description: names, versions, sizes, texts with references.

use std::fmt;
use std::str::FromStr;

use pep440_rs::Version;
use pep508_rs::PackageName;
use serde::Serialize;

/// Makes a type of text that was checked once, where it was read.
macro_rules! checked_text {
    ($(#[$meta:meta])* $name:ident, $check:path, $expected:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadValue;
            fn from_str(text: &str) -> Result<Self, BadValue> {
                if $check(text) {
                    Ok($name(text.to_owned()))
                } else {
                    Err(BadValue { value: text.to_owned(), expected: $expected })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }
    };
}

/// A value that is not of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {expected}")]
pub struct BadValue {
    pub value: String,
    /// What it should have been: "a host name".
    pub expected: &'static str,
}

checked_text!(
    /// A site's name: the stem of its file. Lowercase letters, digits and dashes.
    SiteName, is_label, "a site name (lowercase letters, digits, dashes; at most 40)"
);
checked_text!(
    /// A project's name, part of the name of everything that is made for it.
    ProjectName, is_label, "a project's name (lowercase letters, digits, dashes; at most 40)"
);
checked_text!(
    /// The name of a service or process of a replica, such as `db`.
    Role, is_label, "a name (lowercase letters, digits, dashes; at most 40)"
);
checked_text!(
    /// The name of a secret, such as `db` in `${secret.db}`.
    SecretName, is_identifier, "a secret's name (letters, digits, `_`, `-`)"
);
checked_text!(
    /// A login name on the site.
    UserName, is_user, "a login name (lowercase letters, digits, `_`, `-`; at most 32)"
);
checked_text!(
    /// A user or a group of the host, by its name or its number.
    OwnerName, is_owner, "a name of a user or group, or its number"
);
checked_text!(
    /// A host name without a wildcard; lowercase.
    HostName, is_host, "a host name"
);
checked_text!(
    /// A Debian suite by its code name, such as `bookworm`.
    DebianSuite, is_label, "a Debian suite by its code name, such as `bookworm`"
);

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 40
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_user(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

/// As Debian's own packages name them, too: `_apt`, `Debian-exim`.
fn is_owner(text: &str) -> bool {
    let is_number = text.parse::<u32>().is_ok_and(|number| number < u32::MAX);
    let is_name = text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    is_name || is_number && !text.starts_with('+')
}

/// RFC 1123, lowercase.
fn is_host(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

/// A Python minor version, such as 3.11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PythonVersion {
    pub major: u8,
    pub minor: u8,
}

impl FromStr for PythonVersion {
    type Err = BadValue;
    fn from_str(text: &str) -> Result<Self, BadValue> {
        text.split_once('.')
            .and_then(|(major, minor)| {
                Some(PythonVersion { major: major.parse().ok()?, minor: minor.parse().ok()? })
            })
            .ok_or(BadValue {
                value: text.to_owned(),
                expected: "a Python version of two numbers, such as \"3.11\"",
            })
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

impl Serialize for PythonVersion {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

/// A day, as `2026-02-18`; its end is meant where a moment is needed.
pub type Date = jiff::civil::Date;

/// Text in which secrets may be referred to; their values are known only inside a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(transparent)]
pub struct Text(pub Vec<Part>);

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    Literal(String),
    Secret(SecretName),
}

impl Text {
    /// Text without any reference.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        Text(vec![Part::Literal(text.into())])
    }

    /// The text with each secret's value put in.
    pub fn reveal<'a>(&self, mut value_of: impl FnMut(&SecretName) -> &'a str) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.as_str(),
                Part::Secret(name) => value_of(name),
            })
            .collect()
    }

    /// Whether there is nothing in it: no letter and no reference.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Literal(text) if text.is_empty()))
    }

    /// The secrets it refers to.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretName> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Secret(name) => Some(name),
        })
    }
}

/// As written: references stay references.
impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Literal(text) => formatter.write_str(text)?,
                Part::Secret(name) => write!(formatter, "${{secret.{name}}}")?,
            }
        }
        Ok(())
    }
}
/// A release as a package index knows it: `noticeboard==1.1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Published {
    /// Normalised.
    pub name: String,
    pub version: Version,
}

impl FromStr for Published {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let bad = || BadValue { value: text.to_owned(), expected: "a release of a package index" };
        let (name, version) = text.split_once("==").ok_or_else(bad)?;
        let name: PackageName = name.trim().parse().map_err(|_| bad())?;
        let version = version.trim().parse().map_err(|_| bad())?;
        Ok(Published { name: name.to_string(), version })
    }
}

impl fmt::Display for Published {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}=={}", self.name, self.version)
    }
}

impl From<Published> for String {
    fn from(published: Published) -> String {
        published.to_string()
    }
}
