//! `why`: the smallest difference to a passing site that makes a failing one fail.

mod ahead;
mod answer;
mod below;
mod between;
mod distributions;
mod ends;
mod explained;
mod explore;
mod inquiry;
mod plan;
mod question;
mod requires;
mod results;
mod runs;
mod search;
mod space;
mod suspects;
#[cfg(test)]
mod tests;
mod words;

pub use answer::{Answer, Cause, End, Range, Without};
pub use between::{Between, Kind};
pub use explained::{Because, Changed, Explained, Lacking, OneOf, Side, Tried};
pub use explore::Explored;
pub use inquiry::{Findings, Inquiry};
pub use plan::{Next, best_so_far, next};
pub use question::Question;
pub use results::{Outcome, Results, Verdict};
pub use search::{Purpose, Trial};
pub use space::{Hybrid, Space, Unit};
pub use words::Rehearsed;
