//! The network between the app and a service.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::is_default;
use crate::site::value::ByteSize;

/// What the network between the app and a service is like; what is absent does not happen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Weather {
    /// There and back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Duration>,
    /// Beside the latency, at most; there and back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<Share>,
    /// Bytes a second, each way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<ByteSize>,
    /// Bytes of a connection, both ways together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_after: Option<ByteSize>,
    #[serde(skip_serializing_if = "is_default")]
    pub black_hole: bool,
}

/// A part of a whole, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u32);

impl Share {
    /// From 0 to 1.
    #[must_use]
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}%", f64::from(self.0) / 1e4))
    }
}
