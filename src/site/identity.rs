//! When two sites are the same environment.

use std::io;
use std::path::{Path, PathBuf};

use super::difference::NOT_OF_THE_ENVIRONMENT;
use super::model::{
    AptSource, BaseOrigin, Live, Lock, Outside, Service, Site, SuiteSource, Visitor,
};
use crate::digest::{Digest, of_file, of_folder};

impl Site {
    /// The digest of everything that is described, and of the contents of the files that are named.
    ///
    /// Two sites with the same digest are the same environment: name, summary, order, the place of the files and
    /// the release that is live today do not count.
    ///
    /// # Errors
    /// When a file that is named cannot be read any more.
    pub fn digest(&self) -> io::Result<String> {
        let site = Site { live: Live::default(), ..self.clone() };
        let mut described = serde_json::to_value(site.with_contents()?)?;
        if let Some(members) = described.as_object_mut() {
            for key in NOT_OF_THE_ENVIRONMENT {
                // The others keep their order, whether it was there or not.
                members.shift_remove(key);
            }
        }
        Ok(Digest::of("site").with(described.to_string()).hex())
    }

    /// Whether it is made of files that take their time to be read: a root file system, packages, wheels, seeds.
    #[must_use]
    pub fn has_large_files(&self) -> bool {
        let is_folder = |source: &AptSource| matches!(source, AptSource::Folder { .. });
        let has_seeds = |service: &Service| !service.kind.clone().host_paths().is_empty();
        matches!(self.base.origin, BaseOrigin::Rootfs(_))
            || self.install.wheels.is_some()
            || self.base.sources.iter().any(is_folder)
            || self.services.values().any(has_seeds)
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
        // It may come later than all else.
        paths.extend(self.live.release.as_mut().filter(|path| path.exists()));
        if let Some(Lock::Project(path)) = &mut self.live.install.requirements {
            paths.push(path);
        }
        paths.extend(&mut self.live.install.constraints);
        paths.extend(&mut self.live.install.included);
        if let Some(Visitor::Script(script)) = &mut self.live.visit {
            paths.push(script);
        }
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

/// The digest of a file or a folder; what Python leaves behind does not count.
fn content_digest(path: &Path) -> io::Result<String> {
    if path.is_dir() {
        return of_folder(path, &["__pycache__", ".pytest_cache"]);
    }
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    of_file(path).map_err(named)
}
