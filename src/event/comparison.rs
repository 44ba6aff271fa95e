//! What comes of a live site that is held against its rehearsal.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A live site beside the rehearsal of its replica.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The run that the rehearsal was of.
    pub run: String,
    /// Name, version and the digest's beginning of what was rehearsed, where the report says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// What is red on the live site, and what it was in the rehearsal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reds: Vec<ComparedRed>,
    /// In what the two differ, as far as it is seen from outside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<SeenDifference>,
}

/// A check or a test that is red on the live site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedRed {
    pub name: String,
    pub rehearsed: RehearsedAs,
}

/// What a check or a test of the live site was in the rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RehearsedAs {
    /// The replica has a hole there.
    Green,
    Red,
    /// It was skipped, or is not among those that were run.
    NotRun,
}

/// Something that is one thing in the rehearsal, and another on the live site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeenDifference {
    /// Such as `key of the certificate of www.site-a.example`.
    pub what: String,
    pub rehearsed: String,
    pub live: String,
}

impl Comparison {
    /// What was green in the rehearsal and is red on the live site.
    pub fn holes(&self) -> impl Iterator<Item = &str> {
        self.reds_that_were(RehearsedAs::Green)
    }

    /// What is red on the live site and was this in the rehearsal.
    pub fn reds_that_were(&self, rehearsed: RehearsedAs) -> impl Iterator<Item = &str> {
        let reds = self.reds.iter().filter(move |red| red.rehearsed == rehearsed);
        reds.map(|red| red.name.as_str())
    }
}
