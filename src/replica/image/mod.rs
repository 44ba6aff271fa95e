//! The images of a site, as data: the chain that a content key holds together, and what is installed in each.

pub(super) mod apt;
pub(super) mod chain;
pub(super) mod environment;
pub(super) mod install;
pub(super) mod locale;
mod options;
mod packages;
pub(super) mod requires;
pub(super) mod site;
