//! The report of a run, as `report.json` holds it. Its schema is versioned: a new key keeps the
//! version, a key that changes its meaning or goes away raises it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::explanation::Explanation;
use super::span::Span;
pub use super::state::{PhaseReport, StateReport, Step};
use crate::event::{
    Check, Comparison, Downtime, Goal, ImageOrigin, Inventory, Machine, OutsideRequest, Release,
    Resource, ResourceKind, Surroundings, Test,
};
use crate::failure::{Excerpt, Failure, Kind, Verdict};
use crate::site;

/// The version of the schema, as the key `schema` carries it.
pub const SCHEMA: &str = "stagectl-report/1";

/// A run of stagectl.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The run's id, as its resources' labels carry it.
    pub run: String,
    pub goal: Goal,
    /// RFC 3339, UTC.
    pub started: Option<String>,
    /// The version of stagectl.
    pub stagectl: String,
    pub project: String,
    pub release: Option<Release>,
    /// The command line without secrets, the machine, and the engine; absent in the report of several runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surroundings: Option<Surroundings>,
    /// The folder of the run's files, as a person in the project would write it.
    #[serde(default)]
    pub folder: Option<String>,
    /// Which part of the sites this run was for, if they were shared by several runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<Partition>,
    /// The runs that this report was made of, if it is the verdict of several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<MergedRun>,
    /// In the order of their rehearsal.
    pub sites: Vec<SiteReport>,
    pub warnings: Vec<Warning>,
    /// Everything that the run created in Docker.
    pub created: Vec<Resource>,
    pub removed: Vec<Resource>,
    /// What was not meant to stay and is still there.
    pub left: Vec<LeftBehind>,
    /// What Docker listed after teardown; absent when nobody knows.
    pub inventory: Option<Inventory>,
    /// What stays up because it was asked for.
    pub kept: Option<Inventory>,
    /// How many images Docker keeps for later runs, of all projects.
    #[serde(default)]
    pub cached: Option<usize>,
    /// Why the run was asked to stop before its end.
    pub stopped: Option<String>,
    pub verdict: Ending,
    /// The exit code; absent while the run has not ended.
    pub code: Option<u8>,
    pub seconds: f64,
}

impl Report {
    /// The JSON Schema of `report.json`.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Report).to_value()
    }
}

/// One site's part of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SiteReport {
    pub name: String,
    /// Judged and shown; its verdict is not the run's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advisory: bool,
    /// It is the live site itself, and no replica.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub live: bool,
    /// The digest of its environment.
    pub environment: Option<String>,
    pub images: Vec<Image>,
    /// Those of its upgrade that were begun, in order; empty where none was rehearsed.
    #[serde(default)]
    pub states: Vec<StateReport>,
    /// How long it was away or wrong while a release was deployed over another one; empty where none was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub downtime: Vec<Downtime>,
    pub phases: Vec<PhaseReport>,
    /// When each step was, in the order of their ends; empty in a report of an earlier version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Span>,
    /// Seconds from the start of its server to its first answer as described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<f64>,
    /// What its host is made of; absent where it was never served.
    #[serde(default)]
    pub machine: Option<Machine>,
    /// The distributions in the release image, as `name==version`.
    pub installed: Vec<String>,
    /// The names of those whose version neither a lock nor a constraint nor `install.as_of` says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub floating: Vec<String>,
    pub steps: Vec<Step>,
    pub checks: Vec<Check>,
    pub tests: Vec<Test>,
    /// The folder of the tests' files, as a person would write the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// Tests that were left out, as `critical.pick` has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Names beyond the site that the app asked for and was refused.
    pub refused: Vec<Refused>,
    /// What the app asked of hosts beyond the site that have stubs or are allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside: Vec<OutsideRequest>,
    /// What the live site has and its replica does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_replicated: Vec<String>,
    pub failure: Option<FailureReport>,
    /// What the app logged at the moment of the failure.
    #[schemars(with = "Option<LogExcerpt>")]
    pub app_log: Option<Excerpt>,
    /// What other logs said at that moment: the app's own files, the proxy's, the databases'.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<LogExcerpt>")]
    pub logs: Vec<Excerpt>,
    pub differs: Option<Difference>,
    /// The live site beside its rehearsal, where it was held against one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// What an experiment found out of its red, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Explanation>,
    pub reachable: Option<Address>,
    /// The folder of the site's evidence.
    pub evidence: Option<String>,
    /// The command that brings the same replica up again.
    pub again: Option<String>,
    pub verdict: Ending,
    /// What the exit code would be for this site alone.
    pub code: Option<u8>,
    pub seconds: f64,
}

/// How a site or a run ended. "Failed" ran and is bad; "error" means that we never found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    Passed,
    Failed,
    Error,
    /// All is green, but something is still there.
    LeftBehind,
    Interrupted,
    /// Started, and no end of it is known.
    Unfinished,
    NotRun,
}

impl Ending {
    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Ending::Passed => "passed",
            Ending::Failed => "failed",
            Ending::Error => "error",
            Ending::LeftBehind => "left behind",
            Ending::Interrupted => "interrupted",
            Ending::Unfinished => "unfinished",
            Ending::NotRun => "not run",
        }
    }
}

impl From<Verdict> for Ending {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Ending::Passed,
            Verdict::Not(Kind::LeftBehind) => Ending::LeftBehind,
            Verdict::Not(Kind::Interrupted | Kind::Terminated) => Ending::Interrupted,
            Verdict::Not(kind) if kind.is_error() => Ending::Error,
            Verdict::Not(_) => Ending::Failed,
        }
    }
}

/// An image of a replica.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    pub role: String,
    /// The digest of everything that went in.
    pub key: String,
    pub id: String,
    pub origin: ImageOrigin,
    pub seconds: f64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// A name, or `addresses beyond its network`.
    pub name: String,
    pub times: u32,
    /// The roles of those who asked for it.
    #[serde(default)]
    pub by: Vec<String>,
}

/// The passing site that is nearest to a failing one, and where they differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    pub passed: String,
    /// The most suspicious first; `why` of `values` says what speaks for or against each.
    pub keys: Vec<String>,
    /// What each of the two has there; secrets stay references.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<KeyValues>,
}

/// A key in which two sites differ; a site without it has no value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyValues {
    pub key: String,
    pub failing: Option<String>,
    pub passing: Option<String>,
    /// What speaks for or against the key, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// One of several runs that share the sites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Partition {
    /// Such as `2/4`.
    pub part: String,
    /// The sites of all parts.
    pub sites: Vec<String>,
}

/// A run whose report became a part of this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MergedRun {
    pub run: String,
    #[serde(default)]
    pub part: Option<String>,
    pub started: Option<String>,
    pub verdict: Ending,
    pub code: Option<u8>,
    pub seconds: f64,
    pub sites: Vec<String>,
}

/// Where a replica that stays up is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Address {
    pub url: String,
    pub command: String,
    /// What else a person wants to know.
    #[serde(default)]
    pub more: Vec<crate::event::Hint>,
}

/// A warning, and the sites that it is about; none for the run as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    pub message: String,
    pub sites: Vec<String>,
}

/// A thing that was to be removed and is still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftBehind {
    pub site: Option<String>,
    pub kind: ResourceKind,
    pub name: String,
    pub error: String,
}

/// What could not be done, why, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureReport {
    #[schemars(with = "FailureKind")]
    pub kind: Kind,
    pub message: String,
    pub causes: Vec<String>,
    pub hints: Vec<String>,
    #[schemars(with = "Option<LogExcerpt>")]
    pub log: Option<Excerpt>,
}

/// The schema of [`Excerpt`] in a report, by the name that it has had from the start.
struct LogExcerpt;

impl JsonSchema for LogExcerpt {
    fn schema_name() -> Cow<'static, str> {
        "LogExcerpt".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Excerpt::json_schema(generator);
        schema.insert("description".to_owned(), "The tail of a log.".into());
        if let Some(source) =
            schema.pointer_mut("/properties/source").and_then(Value::as_object_mut)
        {
            source.remove("description");
        }
        schema
    }
}

/// The schema of [`Kind`] in a report, by the name that it has had from the start.
struct FailureKind;

impl JsonSchema for FailureKind {
    fn schema_name() -> Cow<'static, str> {
        "FailureKind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "enum": Kind::ALL,
            "description": "Why something is not green: one for each exit code."
        })
    }
}

impl From<&site::Suspect> for KeyValues {
    fn from(suspect: &site::Suspect) -> Self {
        let difference = &suspect.difference;
        KeyValues {
            key: difference.key.clone(),
            failing: difference.one.clone(),
            passing: difference.two.clone(),
            why: suspect.why.clone(),
        }
    }
}

impl From<&Failure> for FailureReport {
    fn from(failure: &Failure) -> Self {
        FailureReport {
            kind: failure.kind,
            message: failure.message.clone(),
            causes: failure.causes.clone(),
            hints: failure.hints.clone(),
            log: failure.evidence.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_schema_knows_every_key_of_a_report() {
        let schema = Report::schema();
        let known = schema["properties"].as_object().unwrap();
        for events in [sample::leftovers(), sample::red_suite()] {
            let report = serde_json::to_value(Report::fold(&events)).unwrap();
            for key in report.as_object().unwrap().keys() {
                assert!(known.contains_key(key), "{key}");
            }
        }
        assert_eq!(schema["title"], "Report");
        assert_eq!(known["schema"]["const"], SCHEMA);
        for key in ["command", "host", "engine"] {
            let said = &schema["$defs"]["Surroundings"]["properties"][key];
            assert!(said.is_object(), "{key}");
        }
    }
}
