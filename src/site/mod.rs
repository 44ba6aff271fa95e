//! What was described: the project's site files, read, merged, checked and resolved. Pure.

mod check;
mod debian;
mod file;
mod model;
mod problem;
mod reference;
mod scalar;
mod schema;
mod tree;
mod unbuilt;
mod value;
mod yaml;

pub use debian::{
    ServiceProgram, python_suite, service_suite, service_suites, suite_python,
};
pub use model::*;
pub use problem::{KeyPath, Place, Problem, Problems};
pub use schema::schema;
pub use value::*;
