//! The small parts of a site file: scalars of any kind, and the defaults of plain keys.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// Text, a number or a flag, kept in the letters it was written in.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(in crate::site) struct AnyScalar(pub(in crate::site) String);

impl JsonSchema for AnyScalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer", "number", "boolean"] })
    }

    fn inline_schema() -> bool {
        true
    }
}

macro_rules! text_defaults {
    ($($name:ident = $text:literal;)*) => {
        $(pub(super) fn $name() -> String { $text.to_owned() })*
    };
}

text_defaults! {
    locale = "C.UTF-8";
    timezone = "UTC";
    memory = "512MiB";
    slash = "/";
    app = "app";
    startup = "60s";
    step_timeout = "5min";
    within = "30s";
    budget = "60s";
}

pub(super) fn cpus() -> f64 {
    1.0
}

/// Near to what systemd gives a service where nothing is said (`DefaultTasksMax`: 4915 of 32768).
pub(super) fn pids() -> u32 {
    4096
}

/// As Capistrano has it.
pub(super) fn kept_releases() -> u16 {
    5
}

pub(super) fn retries() -> u8 {
    1
}

pub(super) fn status() -> u16 {
    200
}
