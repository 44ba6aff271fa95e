//! How Docker is asked: the only user of bollard.

mod engine;
mod error;

pub use engine::*;
pub use error::{DockerError, Unreachable};
