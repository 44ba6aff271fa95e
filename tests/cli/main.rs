//! The whole binary without Docker: what a person types, and everything that it answers.

mod bad_input;
mod described;
mod helped;
mod no_docker;
mod program;
mod released;
