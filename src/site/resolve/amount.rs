//! Amounts, days and file modes: from their letters to their meaning.

use std::time::Duration;

use super::value::{Complaint, Judged};
use crate::site::duration::parse_duration;
use crate::site::value::{ByteSize, Date};

/// A duration of more than nothing, and at most a day.
pub(super) fn duration(text: &str) -> Judged<Duration> {
    let duration = parse_duration(text).ok_or_else(|| {
        Complaint::new(format!("`{text}` is not a duration"))
            .hint("write a number and its unit: 500ms, 30s, 5min, 1h")
    })?;
    if duration.is_zero() || duration > Duration::from_hours(24) {
        return Err(Complaint::new(format!("`{text}` is not between 1ms and 24h")));
    }
    Ok(duration)
}

/// A duration in whole seconds, as the configuration of a server has it.
pub(super) fn seconds(text: &str) -> Judged<Duration> {
    let duration = duration(text)?;
    if duration.subsec_nanos() != 0 {
        return Err(Complaint::new(format!("`{text}` is not a number of whole seconds"))
            .hint("such as 30s, 5min"));
    }
    Ok(duration)
}

/// The bytes of `512MiB`, `20GiB`, `0B`, as the command line has them.
#[must_use]
pub fn parse_size(text: &str) -> Option<u64> {
    size_of_at_least(text, 0).ok().map(|size| size.0)
}

/// `512MiB`, `2GiB`; at least a mebibyte.
pub(super) fn size(text: &str) -> Judged<ByteSize> {
    size_of_at_least(text, 1024 * 1024)
}

/// The same with a smallest size of its own, in bytes.
pub(super) fn size_of_at_least(text: &str, least: u64) -> Judged<ByteSize> {
    let wrong = || {
        Complaint::new(format!("`{text}` is not a size"))
            .hint("write a number and its unit: 512MiB, 2GiB")
    };
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        return Err(wrong());
    }
    let bytes = text.parse::<bytesize::ByteSize>().map_err(|_| wrong())?.as_u64();
    if bytes < least {
        let least = if least < 1 << 20 {
            format!("{}KiB", least >> 10)
        } else {
            format!("{}MiB", least >> 20)
        };
        return Err(Complaint::new(format!("`{text}` is less than {least}")));
    }
    if bytes > 1 << 50 {
        return Err(Complaint::new(format!("`{text}` is more than 1PiB")));
    }
    Ok(ByteSize(bytes))
}

/// A day, as `2026-02-18`.
pub(super) fn date(text: &str) -> Judged<Date> {
    let is_shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    text.parse().ok().filter(|_| is_shaped).ok_or_else(|| {
        Complaint::new(format!("`{text}` is not a day")).hint("write it as 2026-02-18")
    })
}

/// Permission bits in octal digits: `0640`.
pub(super) fn mode(text: &str) -> Judged<u32> {
    octal(text).ok_or_else(|| {
        Complaint::new(format!("`{text}` is not a file mode"))
            .hint("write three or four octal digits in quotes: \"0640\"")
    })
}

/// The permission bits that new files do not get: `0027`.
pub(super) fn umask(text: &str) -> Judged<u32> {
    octal(text).filter(|bits| *bits <= 0o777).ok_or_else(|| {
        Complaint::new(format!("`{text}` is not a umask"))
            .hint("write three or four octal digits in quotes: \"0027\"")
    })
}

fn octal(text: &str) -> Option<u32> {
    let is_shaped = (3..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    u32::from_str_radix(text, 8).ok().filter(|_| is_shaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        let table = [
            ("500ms", Some(500)),
            ("30s", Some(30_000)),
            ("1.5s", Some(1_500)),
            ("5min", Some(300_000)),
            ("1h", Some(3_600_000)),
            ("30", None),
            ("5m", Some(300_000)),
            ("1h 30m", Some(5_400_000)),
            ("90min", Some(5_400_000)),
            ("0s", None),
            ("25h", None),
            ("-1s", None),
            ("s", None),
            ("1e9s", None),
        ];
        for (text, expected) in table {
            let expected = expected.map(Duration::from_millis);
            assert_eq!(duration(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn sizes_have_units() {
        let table = [
            ("512MiB", Some(512 << 20)),
            ("2GiB", Some(2 << 30)),
            ("1.5 GB", Some(1_500_000_000)),
            ("512", None),
            ("10B", None),
            ("99999PiB", None),
            ("lots", None),
        ];
        for (text, expected) in table {
            assert_eq!(size(text).ok(), expected.map(ByteSize), "{text}");
        }
    }

    #[test]
    fn days_and_modes_have_their_shape() {
        for (text, is_right) in [
            ("2026-02-18", true),
            ("2026-02-30", false),
            ("18.2.2026", false),
            ("2026-02-18T00", false),
        ] {
            assert_eq!(date(text).is_ok(), is_right, "{text}");
        }
        for (text, expected) in [
            ("0640", Some(0o640)),
            ("755", Some(0o755)),
            ("0840", None),
            ("rw", None),
            ("00640", None),
        ] {
            assert_eq!(mode(text).ok(), expected, "{text}");
        }
    }
}
