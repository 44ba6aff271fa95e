//! The images of a chain: each is found by its key, or made.

mod base;
mod build;
mod build_log;
mod lock;
mod progress;
mod record;
mod store;

pub use record::ImageRecord;
pub use store::Images;
