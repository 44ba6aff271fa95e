//! Numbers of seconds, as a report holds them.

use std::time::Duration;

/// Seconds to the millisecond: what a person or a graph can use.
pub(super) fn seconds(duration: Duration) -> f64 {
    finite(duration.as_secs_f64())
}

/// A number of seconds that JSON can hold, whatever a suite wrote into its XML: at least zero, at
/// most a year.
pub(super) fn finite(seconds: f64) -> f64 {
    const YEAR: f64 = 365.0 * 86_400.0;
    if seconds.is_nan() { 0.0 } else { (seconds.clamp(0.0, YEAR) * 1000.0).round() / 1000.0 }
}
