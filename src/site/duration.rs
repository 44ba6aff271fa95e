//! How a duration is written, in descriptions and on the command line alike.

use std::time::Duration;

/// `500ms`, `1.5s`, `5min` or `5m`, `1h 30m`: numbers with their units, up to hours.
/// (<https://docs.rs/jiff/latest/jiff/fmt/friendly/>)
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok()
}
