//! The ends of a certificate's validity.

use jiff::{SignedDuration, Timestamp, tz};

use crate::site::duration::parse_shift;
use crate::site::model::Moment;
use crate::site::resolve::amount;
use crate::site::resolve::value::{Complaint, Judged};

/// `2026-03-01`, `2026-03-01T12:00:00Z`, or a time from now: `5d`, `-3d`, `+12h`.
pub(super) fn moment(text: &str) -> Judged<Moment> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(Moment::At(moment));
    }
    if let Ok(day) = amount::date(text)
        && let Ok(start) = tz::Offset::UTC.to_timestamp(day.at(0, 0, 0, 0))
    {
        return Ok(Moment::At(start));
    }
    offset(text).map(Moment::In).ok_or_else(|| {
        Complaint::new(format!("`{text}` is neither a day nor a time from now"))
            .hint("write a day such as 2026-03-01, or a time from now such as 5d, -3d, -12h")
    })
}

/// A time that is still to come.
pub(super) fn remaining(text: &str) -> Judged<SignedDuration> {
    let wrong = || Complaint::new(format!("`{text}` is not a time that is left"));
    match offset(text) {
        Some(left) if left.is_positive() => Ok(left),
        Some(_) => {
            Err(wrong().hint(format!("for an expired one write `valid: {{until: {text}}}`")))
        }
        None => Err(wrong().hint("write it as 5d or 12h")),
    }
}

/// A century is enough for anybody, and no clock overflows.
fn offset(text: &str) -> Option<SignedDuration> {
    let century = SignedDuration::from_hours(100 * 366 * 24);
    parse_shift(text).filter(|shift| shift.abs() <= century)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_days_or_times_from_now() {
        let hours = |hours| Some(Moment::In(SignedDuration::from_hours(hours)));
        let at = |text: &str| Some(Moment::At(text.parse().unwrap()));
        for (text, expected) in [
            ("5d", hours(120)),
            ("-3d", hours(-72)),
            ("+12h", hours(12)),
            ("1d 12h", hours(36)),
            ("-120m", hours(-2)),
            ("2026-03-01", at("2026-03-01T00:00:00Z")),
            ("2026-03-01T12:00:00Z", at("2026-03-01T12:00:00Z")),
            ("soon", None),
            ("5", None),
            ("-d", None),
            ("99999999999999999999d", None),
            ("2026-02-30", None),
        ] {
            assert_eq!(moment(text).ok(), expected, "{text}");
        }
        assert!(remaining("5d").is_ok());
        let hint = remaining("-5d").unwrap_err().hint.unwrap();
        assert_eq!(hint, "for an expired one write `valid: {until: -5d}`");
    }
}
