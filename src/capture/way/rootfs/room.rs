//! Where an archive is unpacked: a folder of our own below the system's folder for such, removed with who took it.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::process::{Pid, test_kill_process};
use tempfile::TempDir;

const PREFIX: &str = "stagectl-unpacked-";

/// A folder that is empty, and readable by its owner alone. Those that killed processes left are removed.
///
/// # Errors
/// What the system says.
pub(super) fn take() -> io::Result<TempDir> {
    let above = std::env::temp_dir();
    // The script names files in words.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let above = if above.to_string_lossy().chars().all(is_plain) { above } else { "/tmp".into() };
    sweep(&above);
    let mut builder = tempfile::Builder::new();
    builder.permissions(Permissions::from_mode(0o700));
    builder.prefix(&format!("{PREFIX}{}-", std::process::id())).tempdir_in(above)
}

/// Removes what is left of processes that are no more.
fn sweep(above: &Path) {
    for entry in above.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let owner =
            owner.and_then(|rest| rest.split('-').next()?.parse().ok()).and_then(Pid::from_raw);
        let is_left =
            owner.is_some_and(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH));
        // A link of that name is nobody's folder; what is another user's stays.
        if is_left && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_owners_alone() {
        let folder = take().unwrap();
        let mode = folder.path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_a_living_one_has_stays() {
        let above = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let left = above.path().join(format!("{PREFIX}{}-x", child.id()));
        let own = above.path().join(format!("{PREFIX}{}-x", std::process::id()));
        std::fs::create_dir_all(left.join("root/etc")).unwrap();
        std::fs::create_dir(&own).unwrap();
        sweep(above.path());
        assert!(!left.exists() && own.exists());
    }
}
