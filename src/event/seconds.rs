//! Times as programs and people read them.

use std::time::Duration;

use serde::Serializer;

/// Seconds, to the millisecond.
pub(super) fn seconds<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64((time.as_secs_f64() * 1000.0).round() / 1000.0)
}

/// Seconds, in the largest unit that is not zero; hours with their minutes.
#[must_use]
pub fn span_in_words(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{}s", seconds.max(0)),
        60..3600 => format!("{}min", seconds / 60),
        3600..86400 if seconds % 3600 < 60 => format!("{}h", seconds / 3600),
        3600..86400 => format!("{}h{}min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d", seconds / 86400),
    }
}
