//! The folder of our own in a project, `.stagectl`: nothing in it may lead elsewhere, as a repository
//! can carry links, and what we write there is written with our rights.

use std::fs::{self, DirBuilder, FileType, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The folder in a project's root.
const FOLDER: &str = ".stagectl";
/// What is a folder in it.
const FOLDERS: [&str; 4] = ["live", "looks", "runs", "tls"];

/// Looks at the folder of a project before anything is written there; one that is not there yet is good.
///
/// # Errors
/// Usage: it, or something directly below it or its folders, is a link; it or a folder of it is no
/// folder, or is somebody else's.
pub fn look_at(project_root: &Path) -> Result<(), Failure> {
    let ours = project_root.join(FOLDER);
    look_at_folder(&ours)?;
    for name in FOLDERS {
        look_at_folder(&ours.join(name))?;
    }
    for folder in [ours.clone()].into_iter().chain(FOLDERS.map(|name| ours.join(name))) {
        for (path, kind) in entries(&folder)? {
            if kind.is_symlink() {
                return Err(unusable(&path, "is a link"));
            }
        }
    }
    Ok(())
}

/// Makes a folder in that of a project, if it is not there; git does not see it.
///
/// # Errors
/// Infrastructure: it cannot be made.
pub fn folder_below(project_root: &Path, below: &Path) -> Result<PathBuf, Failure> {
    let ours = project_root.join(FOLDER);
    let folder = ours.join(below);
    let made = || {
        fs::create_dir_all(&folder)?;
        let ignore = ours.join(".gitignore");
        if ignore.exists() { Ok(()) } else { fs::write(&ignore, "*\n") }
    };
    made().map_err(|error: io::Error| could_not("make", &folder, &error))?;
    Ok(folder)
}

/// What kept us from writing in the folder of ours, with what would help.
#[must_use]
pub fn could_not(action: &str, path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::infrastructure(format!("could not {action} {}", path.display()));
    because_of(failure, error)
}

/// A failure to write in the folder of ours, with its cause and what would help.
#[must_use]
pub fn because_of(failure: Failure, error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => failure
            .cause("the disk is full")
            .hint("make room there, or remove old runs from `.stagectl/runs`"),
        ErrorKind::ReadOnlyFilesystem => failure
            .cause("the file system is read-only")
            .hint("run stagectl in a copy of the project that can be written"),
        ErrorKind::PermissionDenied => failure
            .cause("this user may not write there")
            .hint("make `.stagectl` writable for this user, or remove it if another user made it"),
        ErrorKind::NotFound => failure
            .cause("the folder was removed while stagectl worked in it")
            .hint("let `.stagectl` alone while something is rehearsed, and try again"),
        _ => failure.because(error),
    }
}

/// Looks at a folder of ours; the same rules.
///
/// # Errors
/// As for [`look_at`].
pub fn look_at_folder(folder: &Path) -> Result<(), Failure> {
    let Some(found) = find_metadata(folder)? else { return Ok(()) };
    if found.is_symlink() {
        return Err(unusable(folder, "is a link"));
    }
    if !found.is_dir() {
        return Err(unusable(folder, "is not a folder"));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(unusable(folder, &format!("belongs to somebody else (uid {})", found.uid())));
    }
    Ok(())
}

/// Makes a folder of ours outside of any project, such as that of the locks in `/tmp`, where anybody may have put one
/// in its place before; one that is there is looked at.
///
/// # Errors
/// Infrastructure: it cannot be made, is a link or no folder, or others than its owner can write there.
pub fn private_folder(folder: &Path) -> Result<(), Failure> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(|error| unreadable(parent, &error))?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(unreadable(folder, &error)),
    }
    let found = fs::symlink_metadata(folder).map_err(|error| unreadable(folder, &error))?;
    let ours = rustix::process::geteuid().as_raw();
    let why = if found.is_symlink() {
        "is a link".to_owned()
    } else if !found.is_dir() {
        "is not a folder".to_owned()
    } else if found.uid() != ours {
        format!("belongs to somebody else (uid {})", found.uid())
    } else if found.mode() & 0o022 != 0 {
        format!("can be written to by others (mode {:04o})", found.mode() & 0o7777)
    } else {
        return Ok(());
    };
    Err(Failure::infrastructure(format!("could not use {}: it {why}", folder.display()))
        .hint("remove it, or let XDG_RUNTIME_DIR name a folder of your own"))
}

fn find_metadata(path: &Path) -> Result<Option<Metadata>, Failure> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn entries(folder: &Path) -> Result<Vec<(PathBuf, FileType)>, Failure> {
    let read = || {
        fs::read_dir(folder)?
            .map(|entry| entry.and_then(|one| Ok((one.path(), one.file_type()?))))
            .collect()
    };
    match read() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(folder, &error)),
        found => found.map_err(|error: io::Error| unreadable(folder, &error)),
    }
}

fn unusable(path: &Path, why: &str) -> Failure {
    Failure::usage(format!("could not use {}: it {why}", path.display()))
        .hint(format!("look where it comes from, and remove it: `rm -r {}`", path.display()))
        .hint("stagectl makes `.stagectl` itself; it does not belong into a repository")
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::infrastructure(format!("could not look at {}", path.display())).because(error)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    #[test]
    fn a_full_disk_and_a_read_only_one_are_told_apart() {
        for (kind, cause) in [
            (io::ErrorKind::StorageFull, "the disk is full"),
            (io::ErrorKind::ReadOnlyFilesystem, "the file system is read-only"),
            (io::ErrorKind::PermissionDenied, "this user may not write there"),
        ] {
            let failure = could_not("write", Path::new("report.json"), &kind.into());
            assert_eq!(failure.message, "could not write report.json");
            assert_eq!(failure.causes, [cause]);
            assert_eq!(failure.hints.len(), 1);
        }
    }

    #[test]
    fn links_anywhere_in_it_are_refused() {
        for (folders, link) in [
            (&[][..], ".stagectl"),
            (&[".stagectl"], ".stagectl/tls"),
            (&[".stagectl"], ".stagectl/runs"),
            (&[".stagectl"], ".stagectl/.gitignore"),
            (&[".stagectl/tls"], ".stagectl/tls/root.pem"),
            (&[".stagectl/tls"], ".stagectl/tls/lock"),
            (&[".stagectl/runs"], ".stagectl/runs/20261123-1014-3f9c"),
        ] {
            let project = tempfile::tempdir().unwrap();
            let victim = tempfile::tempdir().unwrap();
            for folder in folders {
                fs::create_dir_all(project.path().join(folder)).unwrap();
            }
            assert!(look_at(project.path()).is_ok());
            let mode = || fs::metadata(victim.path()).unwrap().permissions().mode();
            let before = mode();
            // One that leads nowhere is as bad.
            for target in [victim.path().to_owned(), project.path().join("nowhere")] {
                let path = project.path().join(link);
                symlink(&target, &path).unwrap();
                let failure = look_at(project.path()).unwrap_err();
                let expected = format!("could not use {}: it is a link", path.display());
                assert_eq!(failure.message, expected);
                fs::remove_file(path).unwrap();
            }
            assert_eq!(mode(), before);
        }
    }

    #[test]
    fn a_folder_in_a_shared_place_is_ours_alone() {
        let shared = tempfile::tempdir().unwrap();
        let locks = shared.path().join("below/locks");
        private_folder(&locks).unwrap();
        assert_eq!(fs::metadata(&locks).unwrap().permissions().mode() & 0o777, 0o700);
        // One that is there, as it was before, is good.
        fs::set_permissions(&locks, fs::Permissions::from_mode(0o755)).unwrap();
        private_folder(&locks).unwrap();
        let assert_unusable = |expected: &str| {
            let failure = private_folder(&locks).unwrap_err();
            let message = format!("could not use {}: it {expected}", locks.display());
            assert_eq!(failure.message, message);
            assert_eq!(failure.kind, crate::failure::Kind::Infrastructure);
        };
        fs::set_permissions(&locks, fs::Permissions::from_mode(0o777)).unwrap();
        assert_unusable("can be written to by others (mode 0777)");
        if rustix::process::geteuid().is_root() {
            chown(&locks, Some(1), None).unwrap();
            assert_unusable("belongs to somebody else (uid 1)");
        }
        fs::remove_dir(&locks).unwrap();
        fs::write(&locks, "").unwrap();
        assert_unusable("is not a folder");
        fs::remove_file(&locks).unwrap();
        symlink(shared.path(), &locks).unwrap();
        assert_unusable("is a link");
    }

    #[test]
    fn what_is_no_folder_or_somebody_elses_is_refused() {
        let project = tempfile::tempdir().unwrap();
        let ours = project.path().join(".stagectl");
        fs::write(&ours, "").unwrap();
        let failure = look_at(project.path()).unwrap_err();
        assert!(failure.message.ends_with("/.stagectl: it is not a folder"), "{failure}");
        // Root's own for all others, and theirs for root.
        let (folder, owner) = if rustix::process::geteuid().is_root() {
            chown(project.path(), Some(1), None).unwrap();
            (project.path(), 1)
        } else {
            (Path::new("/usr"), 0)
        };
        let failure = look_at_folder(folder).unwrap_err();
        let expected = format!("belongs to somebody else (uid {owner})");
        assert!(failure.message.contains(&expected), "{failure}");
    }
}
