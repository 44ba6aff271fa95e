//! Times as programs read them.

use std::time::Duration;

use serde::Serializer;

/// Seconds, to the millisecond.
pub(super) fn seconds<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64((time.as_secs_f64() * 1000.0).round() / 1000.0)
}
