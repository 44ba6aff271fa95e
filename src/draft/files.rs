//! Files of a description on disk: new ones alone, and all of them or none.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// What was written.
#[derive(Debug)]
pub struct Written {
    root: PathBuf,
    /// From the project's folder.
    pub files: Vec<String>,
    folders: Vec<PathBuf>,
}

/// Writes files that are not there yet, all or none.
///
/// # Errors
/// Usage: one of them is there. Infrastructure: one cannot be written.
pub fn write<C: AsRef<[u8]>>(root: &Path, files: &[(String, C)]) -> Result<Written, Failure> {
    for (path, _) in files {
        if root.join(path).symlink_metadata().is_ok() {
            return Err(Failure::usage(format!("{path} is there already: nothing was written")));
        }
    }
    let mut written = Written { root: root.to_path_buf(), files: Vec::new(), folders: Vec::new() };
    for (path, content) in files {
        if let Err(error) = written.put(path, content.as_ref()) {
            let failure =
                Failure::infrastructure(format!("could not write {path}")).because(&error);
            written.undo();
            return Err(failure);
        }
    }
    Ok(written)
}

impl Written {
    fn put(&mut self, path: &str, content: &[u8]) -> std::io::Result<()> {
        let full = self.root.join(path);
        let missing: Vec<&Path> =
            full.ancestors().skip(1).take_while(|folder| !folder.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder)?;
            self.folders.push(folder.to_path_buf());
        }
        let mut file = File::create_new(&full)?;
        self.files.push(path.to_owned());
        file.write_all(content)
    }

    /// Takes away what was written, and the folders that were made for it.
    pub fn undo(self) {
        for path in &self.files {
            // It may be gone, or be somebody's by now: then it stays.
            drop(fs::remove_file(self.root.join(path)));
        }
        for folder in self.folders.iter().rev() {
            drop(fs::remove_dir(folder));
        }
    }
}
