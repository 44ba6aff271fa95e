//! The whole binary without Docker: what a person types, and everything that it answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod accepted;
mod archived;
mod asked;
mod bad_input;

mod begun;
mod captured;
mod compared;
mod completed;
mod confined;
mod covered;
mod described;
mod doctored;
mod for_programs;
mod given;
mod helped;
mod live;
mod monsters;
mod no_docker;
mod program;
mod released;
mod reports;
mod requests;
#[path = "../ci/schema.rs"]
mod schema;
mod templated;
mod upgraded;
