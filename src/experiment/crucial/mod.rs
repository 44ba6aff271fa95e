//! `crucial`: which traits of an environment matter, and which of them nobody would notice.
//!
//! A green site is rehearsed again and again, each time with one thing changed. The planner says what comes next.

mod adversity;
mod answer;
mod explore;
mod fold;
mod mutants;
mod observed;
mod page;
mod patch;
mod plan;
mod saved;
mod study;
#[cfg(test)]
mod tests;
mod words;

pub use answer::*;
pub use explore::{Ended, Exploration};
pub use fold::{Known, fold, standing_of};
pub use mutants::{Declared, Mutants, Planned};
pub use page::page;
pub use patch::patch;
pub use plan::{Candidate, Group, Results, Verdict, group_of, groups, next};
pub use study::{Studied, Study};
pub use words::{head, line, reproducing, score, text};
