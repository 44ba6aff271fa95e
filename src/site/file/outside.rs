//! The keys of a host beyond the site, and those of a stub's own file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::scalar::{self, AnyScalar};
use crate::site::model::StubError;

/// What becomes of a host beyond the site: the word `allow`, or a stub.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::site) enum OutsideFile {
    Word(String),
    Stubbed { stub: Option<String> },
}

impl JsonSchema for OutsideFile {
    fn schema_name() -> Cow<'static, str> {
        "Outside".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["object", "string"],
            "description": "A host beyond the site: the word `allow` (the real one is reached, on ports 80 and 443), or a map with its `stub`.",
            "pattern": "^allow$",
            "properties": {"stub": {
                "type": "string",
                "description": "A file of requests and their answers: a path from the description's folder.",
                "examples": ["stubs/pay.yaml"],
            }},
            "additionalProperties": false,
        })
    }
}

/// What a stub answers: the first request that is meant decides.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "stagectl stub", rename = "Stub")]
pub(in crate::site) struct StubFile {
    /// The requests that it knows. Any other gets the status 501, and stands in the report.
    #[schemars(required)]
    pub(in crate::site) requests: Option<Vec<RequestFile>>,
}

/// A request that the stub knows, and its answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StubRequest")]
pub(in crate::site) struct RequestFile {
    /// The HTTP method; any if left out.
    #[schemars(example = &"POST")]
    pub(in crate::site) method: Option<String>,
    /// The path, without a query; a `*` at its end stands for everything below.
    #[schemars(required, example = &"/v1/charges")]
    pub(in crate::site) path: Option<String>,
    /// What the query has, beside whatever else.
    #[serde(default)]
    #[schemars(example = BTreeMap::from([("expand", "customer")]))]
    pub(in crate::site) query: BTreeMap<String, AnyScalar>,
    /// What the headers have, beside whatever else; their names are the same in any case.
    #[serde(default)]
    #[schemars(example = BTreeMap::from([("Authorization", "Bearer test")]))]
    pub(in crate::site) headers: BTreeMap<String, AnyScalar>,
    /// The whole body, as text.
    #[schemars(example = &"amount=500")]
    pub(in crate::site) body: Option<String>,
    /// What the body has, read as JSON; maps may have more members.
    #[schemars(example = BTreeMap::from([("currency", "EUR")]))]
    pub(in crate::site) json: Option<serde_json::Value>,
    /// The answers, in their order; the last one is given from then on.
    #[schemars(required)]
    pub(in crate::site) answers: Option<Vec<AnswerFile>>,
}

/// One answer of a stub: what it says, or an `error` instead.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StubAnswer")]
pub(in crate::site) struct AnswerFile {
    /// The HTTP status.
    #[serde(default = "scalar::status")]
    #[schemars(range(min = 200, max = 599))]
    pub(in crate::site) status: u16,
    /// Headers beside those that every answer has.
    #[serde(default)]
    #[schemars(example = BTreeMap::from([("Retry-After", "5")]))]
    pub(in crate::site) headers: BTreeMap<String, AnyScalar>,
    /// The body, as text.
    #[schemars(example = &"ok")]
    pub(in crate::site) body: Option<String>,
    /// The body, as JSON; its `Content-Type` comes with it.
    #[schemars(example = BTreeMap::from([("id", "ch_1")]))]
    pub(in crate::site) json: Option<serde_json::Value>,
    /// How long it takes.
    #[schemars(example = &"200ms")]
    pub(in crate::site) delay: Option<String>,
    /// What happens instead of an answer: the connection is reset, or closed without a word.
    pub(in crate::site) error: Option<StubError>,
}
