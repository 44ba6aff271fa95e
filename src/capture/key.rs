//! The key that fingerprints of kept-back values are made with: one for each project, readable by its owner alone.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rand::RngExt as _;
use rand::distr::Alphanumeric;

use crate::failure::Failure;
use crate::state::{could_not, folder_below};

/// The variable that holds it where a machine keeps nothing, such as that of a nightly job.
const VARIABLE: &str = "STAGECTL_CAPTURE_KEY";
/// The folder of what was seen of hosts.
const FOLDER: &str = "looks";
const FILE: &str = "key";
const LENGTH: usize = 48;

/// The project's key: that of the variable, else the one in its folder, which is made the first time.
///
/// # Errors
/// Usage: the variable's is too short or not plain. Infrastructure: the folder cannot be written.
pub fn fingerprint_key(root: &Path) -> Result<String, Failure> {
    if let Some(key) = std::env::var(VARIABLE).ok().filter(|key| !key.is_empty()) {
        return is_key(&key).then_some(key).ok_or_else(|| {
            Failure::usage(format!("{VARIABLE} is no key: it takes 32 letters and digits at least"))
                .hint("make one: openssl rand -hex 32")
        });
    }
    let path = folder_below(root, Path::new(FOLDER))?.join(FILE);
    if let Ok(text) = fs::read_to_string(&path)
        && is_key(text.trim())
    {
        return Ok(text.trim().to_owned());
    }
    let key: String = rand::rng().sample_iter(Alphanumeric).take(LENGTH).map(char::from).collect();
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(key.as_bytes()));
    match written {
        Ok(()) => Ok(key),
        // Another one of us was here a moment ago.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let there =
                fs::read_to_string(&path).map_err(|error| could_not("read", &path, &error))?;
            if is_key(there.trim()) {
                return Ok(there.trim().to_owned());
            }
            Err(Failure::usage(format!("{} holds no key", path.display()))
                .hint("remove it: a new one is made, and what was kept back counts as new once"))
        }
        Err(error) => Err(could_not("write", &path, &error)),
    }
}

fn is_key(text: &str) -> bool {
    text.len() >= 32 && text.chars().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn a_project_has_one_key_that_its_owner_alone_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let key = fingerprint_key(folder.path()).unwrap();
        assert_eq!(fingerprint_key(folder.path()).unwrap(), key);
        let path = folder.path().join(".stagectl/looks/key");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        fs::write(&path, "short").unwrap();
        assert!(fingerprint_key(folder.path()).unwrap_err().message.ends_with("holds no key"));
    }
}
