//! Experiments: which difference of two environments makes the difference of their verdicts.
//!
//! The planner is a pure function of what is known so far; whoever rehearses asks it what comes next.

mod answer;
mod bench;
mod between;
mod plan;
mod results;
mod search;
mod space;
#[cfg(test)]
mod tests;
mod verdicts;
mod words;

pub use answer::{Answer, Cause, End, Range, Without};
pub use bench::{Bench, Seen};
pub use between::Between;
pub use plan::{Next, best_so_far, next};
pub use results::{Outcome, Results, Verdict};
pub use search::{Purpose, Trial};
pub use space::{Hybrid, Space, Unit};
pub use verdicts::{Verdicts, verdict_key};
pub use words::Rehearsed;
