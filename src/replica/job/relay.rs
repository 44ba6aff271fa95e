//! For `relay.py` in the container of a suite that looks at the live site: the places whose connections stagectl makes itself.

use serde::Serialize;

/// Where it listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelayJob {
    pub places: Vec<RelayPlace>,
}

/// An address of the container's own loopback, and what is there in truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelayPlace {
    pub address: String,
    pub port: u16,
    /// `NAME:PORT`
    pub place: String,
}
