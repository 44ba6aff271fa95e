//! What is known of a failure and of the sites of its run, and how the parts of a rank are given.

use crate::site::model::Site;

/// What is known of a failure: the phase that it broke, and what was said of it.
#[derive(Debug, Clone, Default)]
pub struct Signs<'a> {
    /// Such as `ready`; empty where none is known.
    pub phase: &'a str,
    /// Message, causes, and what checks and tests said.
    pub said: Vec<&'a str>,
    /// Lines of logs at that moment: among them is what has nothing to do with it.
    pub logged: Vec<&'a str>,
    /// Whose logs they are: `app`, or a service.
    pub sources: Vec<&'a str>,
}

/// The sites of a run, as seen from one that failed.
#[derive(Debug, Clone)]
pub struct Peers<'a> {
    pub failing: &'a Site,
    /// The passing one that it is held against.
    pub nearest: &'a Site,
    /// All that passed.
    pub passed: Vec<&'a Site>,
    /// Others that broke in the same phase.
    pub failed_alike: Vec<&'a Site>,
}

/// Points of a key and the reason for them; more is more suspicious.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Points {
    pub(super) points: f64,
    pub(super) why: Option<String>,
}
