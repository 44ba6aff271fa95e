//! What went wrong, found in what programs print: exceptions with the frames of the app's own code, and the
//! lines of logs that complain. Pure; texts come without secrets.

mod found;
mod own;
mod record;
mod search;
mod traceback;
mod weight;

#[cfg(test)]
mod tests;

pub(crate) use found::Cause;
pub(crate) use own::Own;
pub(crate) use search::{causes, in_words};
pub(crate) use weight::is_harmless;
