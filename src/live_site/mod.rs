//! The live site after a deploy: looked at from outside, its suite run against it, and both held against the rehearsal.
//! Nothing is made of it but the container that its suite runs in.

mod checks;
mod compare;
mod differences;
#[cfg(test)]
mod every_request;
mod meant;
mod relay;
mod suite;
#[cfg(test)]
mod tests;
mod turn;

pub use compare::Rehearsed;
pub use meant::{Meant, meant_live};
pub use relay::{Route, SshHost};
pub use turn::{Asked, examine};
