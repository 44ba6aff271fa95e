//! Which certificates: a private root per project, and chains of the described shape. Pure but for
//! the root's folder.

mod authority;
mod certificates;
mod chain;
#[cfg(test)]
mod copy_tests;
mod encode;
#[cfg(test)]
mod form_tests;
mod key;
mod name;
#[cfg(test)]
mod openssl_tests;
mod recipe;
mod root;
#[cfg(test)]
mod shape_tests;
mod store;
mod term;

pub use authority::{Authority, Origin};
pub use certificates::{Certificates, ClientPair};
pub use chain::Chain;
pub use name::covers;
