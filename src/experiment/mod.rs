//! Experiments: which part of an environment makes the difference of verdicts.
//!
//! Each question has a room of its own, with a planner that is a pure function of what is known so far: whoever
//! rehearses asks it what comes next. How a description is rehearsed for it, and what is known already, they share.

mod at_once;
mod bench;
mod cover;
pub mod crucial;
mod limits;
mod pick;
mod recorded;
mod verdicts;
mod why;

pub use at_once::{Planner, at_once, most_at_once};
pub use bench::{Bench, Found, Seen};
pub use cover::{Chosen, Cover, Known, LeftOut, PairShare, due};
pub use limits::Limits;
pub use pick::{Noticing, pick};
pub use recorded::{recorded, release_of};
pub use verdicts::{Verdicts, verdict_key};
pub use why::{
    Answer, Because, Between, Cause, Changed, End, Explained, Explored, Findings, Hybrid, Inquiry,
    Kind, Lacking, Next, OneOf, Outcome, Purpose, Question, Range, Rehearsed, Results, Side, Space,
    Trial, Tried, Unit, Verdict, Without, best_so_far, next,
};
