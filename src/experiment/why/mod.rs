//! `why`: the smallest difference to a passing site that makes a failing one fail.

mod answer;
mod between;
mod explained;
mod explore;
mod plan;
mod question;
mod results;
mod search;
mod space;
#[cfg(test)]
mod tests;
mod words;

pub use answer::{Answer, Cause, End, Range, Without};
pub use between::Between;
pub use explained::{Because, Changed, Explained, Lacking, OneOf, Side, Tried};
pub use explore::{Explored, Limits};
pub use plan::{Next, best_so_far, next};
pub use question::Question;
pub use results::{Outcome, Results, Verdict};
pub use search::{Purpose, Trial};
pub use space::{Hybrid, Space, Unit};
pub use words::Rehearsed;
