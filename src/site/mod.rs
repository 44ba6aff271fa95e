//! What was described: the project's site files, read, merged, checked and resolved. Pure.

mod file;
mod model;
mod problem;
mod scalar;
mod schema;
mod tree;
mod value;
mod yaml;

pub use model::*;
pub use problem::{KeyPath, Place, Problem, Problems};
pub use schema::schema;
pub use value::*;
