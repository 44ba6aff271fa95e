//! What the host says of the site's user beside its name.

use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::site::value::OwnerName;

/// What is absent is as stagectl makes a user, or as the base has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Account {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<LoginHome>,
    /// Beside the group of its login.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<OwnerName>,
}

impl Account {
    /// Returns true where the description has no key of it.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        *self == Account::default()
    }
}

/// The home in `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginHome {
    /// None, as users of services have it: a path at which nothing is.
    Nowhere,
    At(PathBuf),
}

/// What Debian gives to a user without a home.
const NOWHERE: &str = "/nonexistent";

impl LoginHome {
    /// As `/etc/passwd` has it.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            LoginHome::Nowhere => NOWHERE.to_owned(),
            LoginHome::At(path) => path.display().to_string(),
        }
    }
}

/// As a description writes it.
impl Serialize for LoginHome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            LoginHome::Nowhere => "none".serialize(serializer),
            LoginHome::At(path) => path.serialize(serializer),
        }
    }
}
