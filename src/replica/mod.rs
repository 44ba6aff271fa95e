//! What shall exist: images, networks, containers, order. Pure data.

mod spec;

pub use spec::*;
