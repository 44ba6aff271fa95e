//! Jobs for stagectl's own programs inside a replica: a type for each, which they read as JSON from their
//! standard input. They hold secrets and go nowhere else. `templates/inside/job.pyi` is the other side: mypy
//! holds the programs to it, and `replica/tests/contract.rs` what is sent for sample sites.

mod certificates;
pub(super) mod connections;
pub(super) mod diagnose;
pub(super) mod direct;
pub(super) mod enter;
mod facts;
mod files;
pub(super) mod follow;
pub(super) mod network;
mod process;
pub(super) mod relay;
pub(super) mod said;
pub(super) mod serve;
mod service;
pub(super) mod step;
pub(super) mod stop;
pub(super) mod suite;
pub(super) mod switch;
pub(super) mod traffic;
mod units;
pub(super) mod ways;

use serde::Serialize;

/// A job as its program reads it.
///
/// # Panics
/// Never: jobs have texts for keys.
#[must_use]
pub fn write_job(job: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(job).expect("jobs have texts for keys")
}
