//! Values as a description writes them.

/// `10m` of nginx, or bytes, as a size with its unit.
pub(super) fn size(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let (number, unit) =
        lower.split_at(lower.find(|c: char| !c.is_ascii_digit()).unwrap_or(lower.len()));
    let number: u64 = number.parse().ok()?;
    Some(match unit {
        "m" => format!("{number}MiB"),
        "k" => format!("{number}KiB"),
        "g" => format!("{number}GiB"),
        "" if number > 0 && number.is_multiple_of(1 << 20) => format!("{}MiB", number >> 20),
        "" if number > 0 && number.is_multiple_of(1 << 10) => format!("{}KiB", number >> 10),
        "" if number > 0 => format!("{number}B"),
        _ => return None,
    })
}

/// `60s`, `2m` or seconds, as a duration with its unit.
pub(super) fn span(text: &str) -> Option<String> {
    let (number, unit) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    number.parse::<u64>().ok().filter(|number| *number > 0)?;
    match unit {
        "" | "s" => Some(format!("{number}s")),
        "m" => Some(format!("{number}min")),
        "h" => Some(format!("{number}h")),
        _ => None,
    }
}

/// `27` and `027` are `0027`.
pub(super) fn four_digits(umask: &str) -> String {
    format!("{:0>4}", umask.trim_start_matches("0o"))
}
