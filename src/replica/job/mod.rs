//! Jobs for stagectl's own programs inside a replica, as the JSON that they read from their
//! standard input. They hold secrets and go nowhere else.

pub(super) mod diagnose;
pub(super) mod enter;
pub(super) mod serve;
mod service;
pub(super) mod stop;
pub(super) mod suite;
mod units;
