//! The recorded runs of a project that are old, and their removal.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use walkdir::WalkDir;

use super::recorded::run_folders;
use crate::failure::Failure;

/// What is left of a run: its report, its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldRun {
    pub run: String,
    /// Of all its files.
    pub bytes: u64,
    folder: PathBuf,
}

/// The recorded runs that began longer ago, the oldest first. What is not named like a run is none.
#[must_use]
pub fn old_runs(project_root: &Path, older_than: Duration, now: Timestamp) -> Vec<OldRun> {
    let mut old: Vec<OldRun> = run_folders(project_root)
        .into_iter()
        .filter_map(|folder| {
            let run = folder.file_name()?.to_str()?.to_owned();
            let is_folder = fs::symlink_metadata(&folder).is_ok_and(|found| found.is_dir());
            let age = now.duration_since(began(&run)?);
            let is_old = Duration::try_from(age).is_ok_and(|age| age >= older_than);
            (is_folder && is_old).then(|| OldRun { bytes: bytes_in(&folder), run, folder })
        })
        .collect();
    old.sort_by(|one, two| one.run.cmp(&two.run));
    old
}

impl OldRun {
    /// Removes all its files. That they are gone is success.
    ///
    /// # Errors
    /// Infrastructure: the system's.
    pub fn remove(&self) -> Result<(), Failure> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::infrastructure(format!("could not remove {}", self.folder.display()))
                    .because(&error))
            }
            _ => Ok(()),
        }
    }
}

/// When a run began, by its name: `20261123-101455-3f9c`, in the time zone of this machine.
fn began(run: &str) -> Option<Timestamp> {
    let (time, rest) = run.split_at_checked("20261123-101455".len())?;
    let at = civil::DateTime::strptime("%Y%m%d-%H%M%S", time).ok()?;
    let at = TimeZone::system().to_timestamp(at).ok()?;
    rest.starts_with('-').then_some(at)
}

fn bytes_in(folder: &Path) -> u64 {
    let files = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    files
        .filter_map(|file| file.metadata().ok())
        .filter(fs::Metadata::is_file)
        .map(|found| found.len())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_old_by_their_names_and_nothing_else_is_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join(".stagectl/runs");
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        for name in [
            "20260901-101455-3f9c",
            "20261122-101455-3f9c",
            "20250101-101455-merged",
            "20200101",
            "mine",
        ] {
            fs::create_dir_all(runs.join(name).join("site-a")).unwrap();
            fs::write(runs.join(name).join("report.json"), "{}").unwrap();
        }
        fs::write(runs.join("20240101-101455-file"), "").unwrap();
        std::os::unix::fs::symlink("/", runs.join("20240101-101455-link")).unwrap();
        let old = old_runs(folder.path(), Duration::from_hours(24 * 30), now);
        let seen: Vec<(&str, u64)> = old.iter().map(|run| (run.run.as_str(), run.bytes)).collect();
        assert_eq!(seen, [("20250101-101455-merged", 2), ("20260901-101455-3f9c", 2)]);
        for run in &old {
            run.remove().unwrap();
        }
        old[0].remove().unwrap();
        assert_eq!(old_runs(folder.path(), Duration::from_hours(24 * 30), now), []);
        assert!(runs.join("mine/site-a").is_dir() && runs.join("20261122-101455-3f9c").is_dir());
    }
}
