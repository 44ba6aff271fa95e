//! What was found of a site, as programs read it.

use serde::{Deserialize, Serialize};

/// A key in which a live host differs from its description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// As a description has it, with dots.
    pub key: String,
    /// Its parts, which may have dots in them.
    #[serde(skip)]
    pub path: Vec<String>,
    pub standing: Standing,
    /// What the description says; absent where it has no such key.
    pub described: Option<String>,
    /// What the host has; absent where it has no such thing.
    pub live: Option<String>,
    /// What the last rehearsal's description said.
    pub built: Option<String>,
    /// When it was first seen, as `2026-11-30`.
    pub since: String,
    pub weight: Weight,
    /// The value that `--accept` writes, of a package its member of the list; `null` takes it away. Absent where it is for
    /// a person to write.
    #[serde(skip)]
    pub accepted: Option<serde_json::Value>,
}

/// What a difference means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The description is not true any more.
    Drifted,
    /// It moved within what the description allows, as by a security update.
    Aged,
}

/// What `stagectl crucial` found of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The suite or the diagnosis notices a change of it.
    Crucial,
    /// Nobody knows.
    Unknown,
    /// The app was not seen to use it.
    NotUsed,
}

impl Weight {
    /// As a person reads it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Weight::Crucial => "crucial",
            Weight::Unknown => "weight unknown",
            Weight::NotUsed => "not used",
        }
    }
}

/// What a look at a site's hosts came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    pub site: String,
    /// The hosts that were read.
    pub hosts: Vec<String>,
    /// Keys of the description that were compared.
    pub compared: usize,
    pub findings: Vec<Finding>,
    /// Keys of the description of which nothing was known this time.
    pub not_known: Vec<String>,
    /// What could not be read this time.
    pub not_read: Vec<String>,
    /// The run that `built` is of.
    pub run: Option<String>,
    /// Why the host was not read; then nothing is known of it.
    pub error: Option<String>,
}

impl Drift {
    /// What has drifted, the weightiest first.
    pub fn drifted(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.standing == Standing::Drifted)
    }

    /// What has aged.
    pub fn aged(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.standing == Standing::Aged)
    }
}
