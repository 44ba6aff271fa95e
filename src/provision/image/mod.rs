//! The images of a chain: each is found by its key, or made.

mod base;
mod build;
mod build_log;
mod known;
mod lock;
mod progress;
mod record;
mod store;

pub use known::{ImageRecord, Images};
pub(super) use store::ensure;
