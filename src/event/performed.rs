//! Steps of a plan that were performed.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::outcome::{ImageOrigin, Outcome};
use super::seconds::seconds;
use crate::replica::{Phase, Reached};

/// A step of a site's plan that ended, in whatever way. Its end is the time of its event.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Performed {
    /// In the plan, from one; zero is its network.
    pub number: usize,
    pub phase: Phase,
    /// Such as `start db`.
    pub what: String,
    /// What came of a container, where the step is about one.
    #[serde(flatten)]
    pub reached: Option<Reached>,
    /// Of the step of an image: where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    pub origin: Option<ImageOrigin>,
    /// Seconds.
    #[serde(serialize_with = "seconds")]
    #[schemars(with = "f64")]
    pub took: Duration,
    /// The numbers of the steps that it waited for.
    pub after: Vec<usize>,
    pub outcome: Outcome,
}
