//! How a duration is written, in descriptions and on the command line alike.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// `500ms`, `1.5s`, `5min` or `5m`, `1h 30m`: numbers with their units, up to hours.
/// (<https://docs.rs/jiff/latest/jiff/fmt/friendly/>)
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    Duration::try_from(text.parse::<SignedDuration>().ok()?).ok()
}

/// `12h`, `7d`, `4w`, `1d 12h`: an age, in days of 24 hours, too.
#[must_use]
pub fn parse_age(text: &str) -> Option<Duration> {
    Duration::try_from(parse_shift(text)?).ok()
}

/// `5d`, `-3d`, `+12h`, `1d 12h`: the same from now on, in days of 24 hours, too.
pub(super) fn parse_shift(text: &str) -> Option<SignedDuration> {
    let span = text.parse::<Span>().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}
