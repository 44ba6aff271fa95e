//! Which certificates: a private root per project, and chains of the described shape. Pure but for
//! the root's folder.

mod authority;
mod chain;
mod name;
#[cfg(test)]
mod openssl_tests;
mod root;
mod store;

pub use authority::{Authority, Origin};
pub use chain::Chain;
pub use name::covers;
