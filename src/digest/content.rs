//! What files hold. A root file system, a seed or a wheel is read once in a process, however often a plan is made.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::{Digest, sha256};
use crate::bounded;

/// Device, number, size, and the seconds and nanoseconds of its last change: a file as it is now.
type Version = (u64, u64, u64, i64, i64);

/// A file that was changed more recently may change again without a new time of its change.
const SETTLED: Duration = Duration::from_secs(2);

/// The digests of files that were read before in this process.
fn known() -> MutexGuard<'static, HashMap<Version, String>> {
    static KNOWN: LazyLock<Mutex<HashMap<Version, String>>> = LazyLock::new(Mutex::default);
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The SHA-256 of a regular file, or of the one that a link leads to, as `sha256sum` prints it.
///
/// # Errors
/// What the system says of it; without its name.
pub fn of_file(path: &Path) -> io::Result<String> {
    let mut file = bounded::open(path)?;
    let before = file.metadata()?;
    if let Some(digest) = known().get(&version(&before)) {
        return Ok(digest.clone());
    }
    let digest = sha256(&mut file)?;
    let after = file.metadata()?;
    if version(&before) == version(&after) && is_settled(&after) {
        known().insert(version(&after), digest.clone());
    }
    Ok(digest)
}

fn version(file: &Metadata) -> Version {
    (file.dev(), file.ino(), file.size(), file.ctime(), file.ctime_nsec())
}

fn is_settled(file: &Metadata) -> bool {
    let age = |time: SystemTime| time.elapsed().unwrap_or_default();
    let changed = u64::try_from(file.ctime()).map(Duration::from_secs).unwrap_or_default();
    age(SystemTime::UNIX_EPOCH + changed) > SETTLED
}

/// The digest of a folder: names and contents of its files, names and targets of its links, but for what has one
/// of these names, and is left out with all that is in it.
///
/// # Errors
/// What the system says, with the name of the file.
pub fn of_folder(folder: &Path, left_out: &[&str]) -> io::Result<String> {
    let mut digest = Digest::of("folder");
    let is_left_out = |name: &OsStr| left_out.iter().any(|other| name == *other);
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in files.filter_entry(|entry| !is_left_out(entry.file_name())) {
        // Its own words have the name.
        let entry = entry?;
        let path = entry.path();
        let named =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let name = path.strip_prefix(folder).unwrap_or(path);
        if entry.file_type().is_file() {
            digest.add(name.as_os_str().as_encoded_bytes());
            digest.add(of_file(path).map_err(named)?);
        } else if entry.file_type().is_symlink() {
            digest.add(name.as_os_str().as_encoded_bytes());
            let target = std::fs::read_link(path).map_err(named)?;
            digest.add(target.as_os_str().as_encoded_bytes());
        }
    }
    Ok(digest.hex())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_that_changes_has_another_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, "abc").unwrap();
        let first = of_file(&path).unwrap();
        assert_eq!(first, sha256(&b"abc"[..]).unwrap());
        fs::write(&path, "abd").unwrap();
        assert_ne!(of_file(&path).unwrap(), first);
    }

    #[test]
    fn a_large_file_that_has_not_changed_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("base.tar");
        fs::File::create(&path).unwrap().set_len(64 << 20).unwrap();
        let now = || fs::metadata(&path).unwrap();
        while !is_settled(&now()) {
            assert!(now().modified().unwrap().elapsed().unwrap() < SETTLED * 10);
            std::thread::yield_now();
        }
        let first = of_file(&path).unwrap();
        assert_eq!(known().insert(version(&now()), "not read again".to_owned()), Some(first));
        assert_eq!(of_file(&path).unwrap(), "not read again");
    }

    #[test]
    fn a_folder_is_its_names_contents_and_links() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let of = || of_folder(root, &["__pycache__"]).unwrap();
        fs::write(root.join("a.whl"), "a").unwrap();
        let mut seen = vec![of()];
        fs::rename(root.join("a.whl"), root.join("b.whl")).unwrap();
        seen.push(of());
        symlink("b.whl", root.join("c.whl")).unwrap();
        seen.push(of());
        fs::remove_file(root.join("c.whl")).unwrap();
        symlink("../b.whl", root.join("c.whl")).unwrap();
        seen.push(of());
        fs::create_dir(root.join("__pycache__")).unwrap();
        fs::write(root.join("__pycache__/x"), "x").unwrap();
        assert_eq!(Some(&of()), seen.last());
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let wheels = folder.path().join("wheels");
        let error = of_folder(&wheels, &[]).unwrap_err().to_string();
        assert!(error.contains(wheels.to_str().unwrap()), "{error}");
    }
}
