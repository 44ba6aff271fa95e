//! Is it good: the built-in diagnosis and the site's critical suite, both run inside the replica.

mod advice;
mod budget;
mod critical;
mod diagnosis;
mod ended;
mod journal;
mod junit;
mod pages;
mod repetition;
mod traffic;
mod visit;

pub use advice::with_advice;
pub use critical::{NO_TESTS, Suite, SuiteResult, critical};
pub use diagnosis::{diagnosis, judge_checks};
pub use ended::with_ended;
pub use junit::read as read_junit;
pub use pages::asked_pages;
pub use repetition::repeat;
pub use traffic::{Answers, Page};
pub use visit::pay_visit;
