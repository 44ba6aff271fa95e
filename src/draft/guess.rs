//! What was assumed and wished for, and the draft that comes of it.

use crate::site::{DebianSuite, HostName, SiteName};

/// What was assumed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    pub what: String,
    pub why: String,
}

/// What was asked for, or agreed to.
#[derive(Debug, Clone)]
pub struct Wishes {
    pub site: SiteName,
    pub name: HostName,
    pub debian: DebianSuite,
}

/// Files that make a first description, with what was assumed for them.
#[derive(Debug, PartialEq, Eq)]
pub struct Draft {
    /// Paths from the project's folder, and contents.
    pub files: Vec<(String, String)>,
    pub guesses: Vec<Guess>,
    /// What a person should see to.
    pub notes: Vec<String>,
}
