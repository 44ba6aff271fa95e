//! Whether a description is still true: what is written, what the live host has, and what the last rehearsal built,
//! key by key.

mod compare;
mod finding;
mod form;
mod junit;
mod locked;
mod look;
mod page;
mod words;

pub use compare::{Compared, Sides, beyond, compare};
pub use finding::{Drift, Finding, Standing, Weight};
pub use junit::junit;
pub use locked::{locked, with_extra};
pub use look::{Look, age_in_words, last_look};
pub use page::page;
pub use words::in_words;
