//! `cover`: the fewest sites that have every value of every trait, and whose turn it is of the others.

mod least;
mod plan;
mod turn;

pub use plan::{Chosen, Cover, Known, LeftOut, PairShare};
pub use turn::due;
