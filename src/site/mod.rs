//! What was described: the project's site files, read, merged, checked and resolved. Pure.

mod model;
mod value;

pub use model::*;
pub use value::*;
