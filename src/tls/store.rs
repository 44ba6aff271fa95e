//! The authority's folder: private files, written whole or not at all, by one process at a time.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::state;

/// Nothing that is kept here is larger.
const LARGEST: u64 = 1 << 20;

/// A folder that its owner alone can enter.
#[derive(Debug, Clone)]
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    /// Opens the folder, and makes it, with the mode 0700.
    ///
    /// # Errors
    /// Usage for a link or somebody else's folder in its place; infrastructure for the rest.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        state::look_at_folder(folder)?;
        let made = || {
            if let Some(parent) = folder.parent() {
                fs::create_dir_all(parent)?;
            }
            match DirBuilder::new().mode(0o700).create(folder) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
            if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
                fs::set_permissions(folder, Permissions::from_mode(0o700))?;
            }
            Ok(())
        };
        made().map_err(|error| describe_failure("prepare", folder, &error))?;
        Ok(Store { folder: folder.to_owned() })
    }

    /// Waits until no other process works in the folder; the lock goes with the returned file.
    pub(super) fn lock(&self) -> Result<File, Failure> {
        let path = self.folder.join("lock");
        let locked = || {
            let file = private(OpenOptions::new().create(true).truncate(false)).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        locked().map_err(|error| describe_failure("lock", &path, &error))
    }

    /// Reads a small text file that must be its owner's alone where it is secret.
    pub(super) fn read(&self, name: &str, secrecy: Secrecy) -> io::Result<String> {
        let file = File::open(self.folder.join(name))?;
        let mode = file.metadata()?.permissions().mode();
        if secrecy == Secrecy::OwnerOnly && mode & 0o077 != 0 {
            return Err(io::Error::other("others than its owner can read it"));
        }
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text)?;
        Ok(text)
    }

    /// Where a file of the folder is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Puts a file in place, whole, with the mode 0600.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.folder.join(name);
        let write_and_rename = || {
            // Made with the mode 0600, and removed again when something fails.
            let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        write_and_rename().map_err(|error: io::Error| describe_failure("write", &path, &error))
    }

    /// Removes the chains that were issued by an earlier root.
    pub(super) fn forget_chains(&self) -> Result<(), Failure> {
        let forgotten = || {
            for entry in fs::read_dir(&self.folder)? {
                let entry = entry?;
                let name = entry.file_name();
                if name.to_string_lossy().starts_with(CHAIN_PREFIX) {
                    fs::remove_file(entry.path())?;
                }
            }
            Ok(())
        };
        forgotten().map_err(|error: io::Error| describe_failure("clear", &self.folder, &error))
    }
}

/// How the files of issued chains are called.
pub(super) const CHAIN_PREFIX: &str = "chain-";

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrecy {
    OwnerOnly,
    Public,
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.read(true).write(true).mode(0o600)
}

fn describe_failure(action: &str, path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::infrastructure(format!("could not {action} `{}`", path.display()));
    state::because_of(failure, error)
}
