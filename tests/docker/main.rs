//! Tests against a real Docker Engine. They fail, not skip, without one, and each proves that
//! nothing with its label remains.

mod engine;
mod stage;
