//! The documents, held to the program: examples load, commands exist, links lead somewhere, and the
//! generated parts are what the types say (`UPDATE=1 cargo test --test readme` writes them).

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod commands;
mod document;
mod examples;
mod generated;
mod pipelines;
mod promises;
#[path = "../ci/schema.rs"]
mod schema;
mod site;
