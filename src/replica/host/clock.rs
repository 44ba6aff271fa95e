//! A host whose clock is not today's: the library that shifts it, and its file.

use crate::replica::paths;
use crate::replica::spec::FileEntry;
use crate::site::{Clock, Site};

/// The Debian package of `libfaketime`, and the copy of it that is used.
pub(in crate::replica) const CLOCK_PACKAGE: &str = "libfaketime";

pub(in crate::replica) const CLOCK_LIBRARY: &str = paths::CLOCK_LIBRARY;

/// Where `libfaketime` looks for the shift when no variable says it.
const CLOCK_FILE: &str = "/etc/faketimerc";

/// A moment in seconds since 1970; `host.sh` makes the shift of it when the host starts.
const MOMENT_FILE: &str = paths::MOMENT;

/// Waits are counted in real seconds, and files show real times (each under both of the names that
/// versions of the library have for it).
const CLOCK_VARIABLES: [(&str, &str); 4] = [
    ("LD_PRELOAD", CLOCK_LIBRARY),
    ("DONT_FAKE_MONOTONIC", "1"),
    ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ("NO_FAKE_STAT", "1"),
];

/// The shift of the clock, for the host and the suite.
pub(in crate::replica) fn clock_files(site: &Site) -> Option<FileEntry> {
    let file = match site.host.clock? {
        Clock::Shift(shift) => {
            FileEntry::new(CLOCK_FILE, 0o644, format!("{:+}\n", shift.as_secs()))
        }
        Clock::Moment(moment) => {
            FileEntry::new(MOMENT_FILE, 0o644, format!("{}\n", moment.as_second()))
        }
    };
    Some(file)
}

/// What a process needs to have the site's clock; nothing where it is the real one.
pub fn clock_variables(site: &Site) -> impl Iterator<Item = (String, String)> {
    let variables = site.host.clock.map(|_| CLOCK_VARIABLES);
    variables.into_iter().flatten().map(|(key, value)| (key.to_owned(), value.to_owned()))
}
