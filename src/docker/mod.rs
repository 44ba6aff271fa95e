//! How Docker is asked: the only user of bollard.
//!
//! `engine` is what everyone codes against; `connection` finds the real one, and the files beside
//! it hold its requests, one subject each. Labels are stagectl's only state.

mod about;
mod archive;
mod attach;
mod connection;
mod container;
mod create;
mod daemon;
mod engine;
mod error;
mod exec;
#[cfg(test)]
pub mod fake;
mod forkserver;
mod image;
mod inventory;
mod journal;
mod labels;
mod lines;
mod network;
mod owner;
mod place;
mod real;
mod ssh;
mod traced;
mod traces;

pub use about::EngineFacts;
pub use connection::Docker;
pub use engine::*;
pub use error::{DockerError, Unreachable};
pub use labels::Found;
pub use owner::{Liveness, Owner};
pub use traces::Traces;
