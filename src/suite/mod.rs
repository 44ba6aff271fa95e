//! Is it good: the built-in diagnosis and the site's critical suite, both run inside the replica.

mod advice;
mod critical;
mod diagnosis;
mod ended;
mod junit;
mod repetition;

pub use advice::with_advice;
pub use critical::{SuiteResult, critical};
pub use diagnosis::{diagnosis, judge_checks};
pub use ended::with_ended;
pub use junit::read as read_junit;
pub use repetition::repeat;
