//! What is handed out beside the program, as far as it can be seen without building or a server: manifests by their
//! schemas, their shell steps run, and which commit the program says it is. Wheel, tarball, package and image are
//! made and tried in `tests/docker/dist`.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod action;
mod built_from;
mod manifests;
#[path = "../ci/schema.rs"]
#[expect(dead_code, reason = "events of runs are for others")]
mod schema;

use std::path::Path;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn text(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap()
}

pub(crate) fn yaml(text: &str) -> serde_json::Value {
    serde_yaml::from_str(text).unwrap()
}

/// The problems of a YAML document by a schema in `tests/ci/schemas`.
pub(crate) fn problems(text: &str, schema: &str) -> Vec<String> {
    let schema = root().join("tests/ci/schemas").join(schema);
    schema::problems(&schema, &yaml(text).to_string())
}
