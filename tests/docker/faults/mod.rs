//! Faults of Docker itself, on a real one: a proxy before its socket fails, cuts, garbles or delays
//! requests, an engine of the test's own is restarted and starved. The verdict is never about the app,
//! and nothing is left.

#![expect(clippy::print_stderr, reason = "figures of the campaigns, and what only root can try")]

mod allowed;
mod by_hand;
mod chaos;
pub(crate) mod engine;
mod engines;
pub(crate) mod house;
mod matrix;
mod plugin;
pub(crate) mod proxy;
pub(crate) mod second_engine;
mod small_disk;
mod stale;
