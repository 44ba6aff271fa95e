//! How long a project has rested: what was last touched years ago is installed as of that day, not with
//! the libraries of today.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use walkdir::WalkDir;

use super::sources::is_elsewhere;
use crate::site::{DebianSuite, suite_released};

/// Days after which a project counts as one that rests.
const LONG: i32 = 365;
/// Files of a folder that are looked at.
const MOST_FILES: usize = 50_000;

/// Returns the day on which the newest file of a project was written, if that is over a year before
/// `today` and its Debian was there by then: an older index has nothing for the Python of that Debian.
/// Archives that give each of their files the same day long ago are so left out, too.
pub(super) fn rests_since(root: &Path, debian: &DebianSuite, today: Date) -> Option<Date> {
    let day = newest(root)?;
    let days = day.until(today).ok()?.get_days();
    (days > LONG && day >= suite_released(debian)?).then_some(day)
}

/// The day of the newest regular file that is the project's own, in UTC.
fn newest(root: &Path) -> Option<Date> {
    let walk = WalkDir::new(root).min_depth(1).into_iter();
    let files = walk.filter_entry(|entry| !is_elsewhere(entry)).flatten();
    let files = files.filter(|entry| entry.file_type().is_file()).take(MOST_FILES);
    let newest = files.filter_map(|entry| entry.metadata().ok()?.modified().ok()).max()?;
    Some(Timestamp::try_from(newest).ok()?.to_zoned_datetime(TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use std::fs::{File, create_dir_all};
    use std::time::{Duration, SystemTime};

    use super::*;

    /// A project whose files were written on these days.
    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, day) in files {
            let path = folder.path().join(path);
            create_dir_all(path.parent().unwrap()).unwrap();
            let moment: Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
            let since = Duration::from_secs(moment.as_second().unsigned_abs());
            File::create(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH + since).unwrap();
        }
        folder
    }

    #[test]
    fn what_was_not_touched_for_a_year_rests_since_its_newest_file() {
        type Files<'a> = &'a [(&'a str, &'a str)];
        let bookworm: DebianSuite = "bookworm".parse().unwrap();
        let today: Date = "2026-11-29".parse().unwrap();
        let table: [(Files<'_>, Option<&str>); 6] = [
            (&[("app.py", "2023-07-20"), ("PKG-INFO", "1970-01-01")], Some("2023-07-20")),
            // What git and the tests touch says nothing of the app.
            (
                &[
                    ("app.py", "2024-02-01"),
                    (".git/index", "2026-11-01"),
                    ("tests/t.py", "2026-11-01"),
                ],
                Some("2024-02-01"),
            ),
            (&[("app.py", "2023-07-20"), ("shop/views.py", "2026-11-01")], None),
            (&[("app.py", "2025-12-01")], None),
            // Before this Debian there were no wheels for its Python; 2020-02-02 is what builders write.
            (&[("app.py", "2020-02-02")], None),
            (&[], None),
        ];
        for (files, expected) in table {
            let folder = project(files);
            let since = rests_since(folder.path(), &bookworm, today);
            assert_eq!(since.map(|day| day.to_string()).as_deref(), expected, "{files:?}");
        }
    }
}
