//! When two sites are the same environment.

use std::io;
use std::path::{Path, PathBuf};

use super::difference::NOT_OF_THE_ENVIRONMENT;
use super::model::{AptSource, BaseOrigin, Lock, Outside, Site, SuiteSource};
use crate::digest::{Digest, sha256};

impl Site {
    /// The digest of everything that is described, and of the contents of the files that are named.
    ///
    /// Two sites with the same digest are the same environment: name, summary, order and the place
    /// of the files do not count.
    ///
    /// # Errors
    /// When a file that is named cannot be read any more.
    pub fn digest(&self) -> io::Result<String> {
        let mut described = serde_json::to_value(self.with_contents()?)?;
        if let Some(members) = described.as_object_mut() {
            for key in NOT_OF_THE_ENVIRONMENT {
                // The others keep their order, whether it was there or not.
                members.shift_remove(key);
            }
        }
        Ok(Digest::of("site").with(described.to_string()).hex())
    }

    /// The site with a digest of its content in the place of each file that is named.
    ///
    /// # Errors
    /// When a file cannot be read any more.
    pub(super) fn with_contents(&self) -> io::Result<Site> {
        let mut site = self.clone();
        for path in site.host_paths() {
            *path = PathBuf::from(content_digest(path)?);
        }
        Ok(site)
    }

    /// Every path on this machine that the description names.
    fn host_paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = Vec::new();
        if let BaseOrigin::Rootfs(path) = &mut self.base.origin {
            paths.push(path);
        }
        for source in &mut self.base.sources {
            match source {
                AptSource::Repository { key, .. } => paths.extend(key),
                AptSource::Folder { folder, key, .. } => {
                    paths.push(folder);
                    paths.extend(key);
                }
            }
        }
        if let Some(Lock::Project(path)) = &mut self.install.requirements {
            paths.push(path);
        }
        paths.extend(&mut self.install.constraints);
        paths.extend(&mut self.install.included);
        paths.extend(&mut self.install.wheels);
        paths.extend(&mut self.proxy.config);
        paths.extend(&mut self.wsgi.config);
        paths.extend(self.files.iter_mut().map(|file| file.content.host_path()));
        for outside in self.outside.values_mut() {
            if let Outside::Stub(stub) = outside {
                paths.push(&mut stub.file);
            }
        }
        for service in self.services.values_mut() {
            paths.extend(service.kind.host_paths());
        }
        match &mut self.critical.suite {
            SuiteSource::Pytest { path, .. } => paths.push(path),
            SuiteSource::Command { path, .. } => paths.extend(path),
        }
        paths.extend(&mut self.critical.requirements);
        paths.extend(&mut self.critical.included);
        paths
    }
}

/// The digest of a file, or of a folder with the names and contents of all its files; what Python
/// leaves behind does not count.
fn content_digest(path: &Path) -> io::Result<String> {
    if !path.is_dir() {
        return sha256(std::fs::File::open(path)?);
    }
    let mut digest = Digest::of("folder");
    let files = walkdir::WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(|entry| {
        entry.file_name() != "__pycache__" && entry.file_name() != ".pytest_cache"
    });
    for entry in files {
        let entry = entry?;
        let name = entry.path().strip_prefix(path).unwrap_or(entry.path());
        if entry.file_type().is_file() {
            digest.add(name.as_os_str().as_encoded_bytes());
            digest.add(sha256(std::fs::File::open(entry.path())?)?);
        } else if entry.file_type().is_symlink() {
            digest.add(name.as_os_str().as_encoded_bytes());
            digest.add(std::fs::read_link(entry.path())?.as_os_str().as_encoded_bytes());
        }
    }
    Ok(digest.hex())
}
