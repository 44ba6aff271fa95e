//! How a release and what it needs come into a site's virtual environment: which files and options
//! an installer gets, and which versions they pin.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::apt::{BUILD_PINS, Lasting, pins};
use super::chain::{BUILD_FOLDER, ImageIndex, ImageKind, ImageSpec};
use super::options::{CONSTRAINTS, index_options, options};
use super::requires::{Requires, is_distribution};
use crate::digest::{Digest, of_folder};
use crate::failure::{Failure, Kind};
use crate::release::{Form, Release};
use crate::replica::spec::{Content, FileEntry};
use crate::replica::template::{Templates, context};
use crate::site::{
    EnvironmentOwner, Installer, KeyPath, Lock, RequirementFiles, ServerOrigin, Site, SuiteSource,
    WsgiServer, named, normalised,
};

/// Where requirements are while an image is made, with what they include.
const REQUIREMENTS: &str = "/stagectl-build/requirements";
const EXCLUDES: &str = "/stagectl-build/excludes.txt";

/// Everything that decides what is installed.
pub(in crate::replica) struct Installation<'a> {
    site: &'a Site,
    release: &'a Release,
    requires: Requires,
    lock: Option<RequirementFiles>,
    constraints: Option<RequirementFiles>,
}

impl<'a> Installation<'a> {
    /// # Errors
    /// Usage or deploy: a requirements file that cannot be read, extras that are none.
    pub(in crate::replica) fn new(site: &'a Site, release: &'a Release) -> Result<Self, Failure> {
        let requires = Requires::new(site, release)?;
        let lock = match &site.install.requirements {
            Some(lock) => {
                let found = release.requirements(lock, &site.root, &requires.extras)?;
                Some(found.ok_or_else(|| no_such_lock(release, lock))?)
            }
            None => None,
        };
        Ok(Installation { site, release, requires, lock, constraints: constraints(site)? })
    }

    /// What the release needs; keyed without the release itself, where that can be.
    pub(in crate::replica) fn dependencies(
        &self,
        parent: ImageIndex,
        templates: &Templates,
    ) -> Result<ImageSpec, Failure> {
        let Installation { site, release, lock, .. } = self;
        let system_packages = site.wsgi.from == ServerOrigin::Distribution
            && matches!(site.wsgi.server, WsgiServer::Gunicorn | WsgiServer::Waitress);
        // With a lock, the lock is all there is; without one, what the release says it requires.
        let none = Vec::new();
        let (requires, extra) = if self.is_at_once() {
            (&none, &none)
        } else {
            (if lock.is_some() { &none } else { &self.requires.own }, &self.requires.extra)
        };
        let excludes = self.excludes();
        let mut options = self.options();
        options.extend(excludes.as_ref().map(|_| format!("--excludes {EXCLUDES}")));
        let script = templates.render(
            "image/dependencies.sh.j2",
            context! {
                requires, extra, system_packages,
                lock => lock.as_ref().map(|lock| format!("{}/{}", REQUIREMENTS, lock.main)),
                lock_options => lock.as_ref().map(|lock| self.lock_options(lock)),
                build_packages => site.install.build_packages,
                pins => pins(&site.install.build_packages, Lasting::WhileBuilding, templates)?,
                build_pins => BUILD_PINS,
                keep_build_packages => false,
                venv => self.folder().join("venv"),
                releases => self.releases(),
                owner => environment_owner(site),
                installer => site.install.with,
                options => options.join(" "),
            },
        )?;
        let title = format!("dependencies of {} for {}", release.name, site.name);
        let (mut files, identity) = install_files(site, self.constraints.as_ref())?;
        files.extend(excludes);
        if let Some(lock) = lock {
            let own = is_distribution(release).then_some(release.name.as_str());
            files.extend(carried(REQUIREMENTS, lock, own));
        }
        Ok(ImageSpec::built(ImageKind::Dependencies, title, parent, script)
            .with_files(files, &[&identity]))
    }

    /// The release itself, on top of what it needs.
    pub(in crate::replica) fn release(
        &self,
        parent: ImageIndex,
        templates: &Templates,
    ) -> Result<ImageSpec, Failure> {
        let Installation { site, release, .. } = self;
        let file = release
            .path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let form = match release.form {
            Form::Wheel => "wheel",
            Form::Source(_) => "source",
            Form::Tree(_) => "tree",
        };
        // Metadata that only a build can tell: then the release brings what it needs by itself.
        let with_dependencies =
            self.lock.is_none() && (self.is_at_once() || release.requires_dist.is_none());
        let extra = if self.is_at_once() { &self.requires.extra[..] } else { &[] };
        let offline = form != "source" && !with_dependencies && extra.is_empty();
        let build_packages =
            if form == "source" { site.install.build_packages.clone() } else { Vec::new() };
        let left_out = release.history.as_ref().map(|_| left_out_of_git(release));
        // Its own file needs no index, no constraints, and has no hash in them.
        let own_options = match site.install.with {
            Installer::Uv => "--offline",
            Installer::Pip => "--no-index",
        };
        let extras: Vec<&str> = self.requires.extras.iter().map(String::as_str).collect();
        let script = templates.render(
            "image/release.sh.j2",
            context! {
                form, file, with_dependencies, extra, own_options, left_out,
                options => self.options().join(" "),
                extras => if with_dependencies && !extras.is_empty() {
                    format!("[{}]", extras.join(","))
                } else {
                    String::new()
                },
                pins => pins(&build_packages, Lasting::WhileBuilding, templates)?,
                build_pins => BUILD_PINS,
                build_packages,
                venv => self.folder().join("venv"),
                app => self.folder().join("app"),
                owner => environment_owner(site),
                home => site.home(),
                user => site.user,
                python => site.python.to_string(),
                installer => site.install.with,
                build_options => index_options(site, site.install.with),
            },
        )?;
        let title = format!("{} for {}", release.name, site.name);
        let spec = ImageSpec::built(ImageKind::Release, title, parent, script);
        let (mut files, identity) = if offline {
            (Vec::new(), String::new())
        } else {
            install_files(site, self.constraints.as_ref())?
        };
        let spec = if form == "wheel" {
            files.push(FileEntry {
                content: Content::HostFile(release.path.clone()),
                ..FileEntry::new(format!("{BUILD_FOLDER}/{file}"), 0o644, Vec::new())
            });
            spec.with_files(files, &[&identity, &release.digest])
        } else {
            spec.with_files(files, &[&identity]).with_source(release)
        };
        Ok(if offline { spec.offline() } else { spec })
    }

    /// The folder that the release is installed or unpacked below.
    fn folder(&self) -> PathBuf {
        self.site.folder_of(&self.release.folder_name())
    }

    /// What is made where each release has a folder of its own.
    fn releases(&self) -> Option<serde_json::Value> {
        let Site { releases: Some(_), user, .. } = self.site else { return None };
        Some(context! {
            user,
            all => self.site.releases_folder(),
            own => self.folder(),
            current => self.site.link(),
            name => format!("releases/{}", self.release.folder_name()),
        })
    }

    /// Whether release, requirements and additions are one installation. pip has no way to keep
    /// something that depends on the release from fetching another version of it before.
    fn is_at_once(&self) -> bool {
        self.site.install.with == Installer::Pip && !matches!(self.release.form, Form::Tree(_))
    }

    /// What uv must not take from the index: the release.
    fn excludes(&self) -> Option<FileEntry> {
        let needed = self.site.install.with == Installer::Uv && is_distribution(self.release);
        let name = normalised(&self.release.name) + "\n";
        needed.then(|| FileEntry::new(EXCLUDES.to_owned(), 0o644, name.into_bytes()))
    }

    /// Options of every installation from an index.
    fn options(&self) -> Vec<String> {
        let installer = self.site.install.with;
        let mut options = options(self.site, installer, self.constraints.as_ref());
        if installer == Installer::Uv && self.constraints_have_hashes() {
            options.push("--require-hashes".to_owned());
        }
        options
    }

    /// Those that uv needs to treat this file as pip does.
    fn lock_options(&self, lock: &RequirementFiles) -> String {
        let mut options = Vec::new();
        if self.site.install.with == Installer::Uv {
            if lock.require_hashes() && !self.constraints_have_hashes() {
                options.push("--require-hashes");
            }
            if lock.allow_pre() {
                options.push("--prerelease allow");
            }
        }
        options.join(" ")
    }

    fn constraints_have_hashes(&self) -> bool {
        self.constraints.as_ref().is_some_and(RequirementFiles::require_hashes)
    }

    /// Which versions the description and the release's metadata say.
    pub(in crate::replica) fn pinned(&self) -> Pinned {
        if self.site.install.as_of.is_some() {
            return Pinned::ByDay;
        }
        let files = self.lock.iter().chain(&self.constraints);
        let mut names: BTreeSet<String> = files.flat_map(RequirementFiles::pinned).collect();
        let said = self.requires.extra.iter().chain(&self.requires.own);
        names.extend(said.filter_map(|it| named(it)).filter(|(_, one)| *one).map(|(name, _)| name));
        names.insert(normalised(&self.release.name));
        Pinned::Names(names)
    }
}

/// Which versions of a site's distributions something says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pinned {
    /// All, by the day of the index.
    ByDay,
    /// Those of these names, normalised; the release is one of them.
    Names(BTreeSet<String>),
}

impl Pinned {
    /// The names of those of `installed` whose version nothing says: today's index decided it.
    /// What the virtual environment was made with is its Debian's, and not told.
    #[must_use]
    pub fn floating(&self, installed: &[String], brought: &[String]) -> Vec<String> {
        let Pinned::Names(names) = self else { return Vec::new() };
        let of_index = installed.iter().filter(|package| !brought.contains(package));
        let name = |package: &String| named(package).map(|(name, _)| name);
        of_index.filter_map(name).filter(|name| !names.contains(name)).collect()
    }
}

/// The suite's tools beside the site's Python.
pub(in crate::replica) fn suite(
    site: &Site,
    parent: ImageIndex,
    templates: &Templates,
) -> Result<ImageSpec, Failure> {
    let key = KeyPath::from(["critical", "requirements"]);
    let requirements = match &site.critical.requirements {
        Some(path) => Some(RequirementFiles::of_project(&site.root, path, &key, &BTreeSet::new())?),
        None => None,
    };
    let constraints = constraints(site)?;
    let options = options(site, Installer::Uv, constraints.as_ref()).join(" ");
    let script = templates.render(
        "image/suite.sh.j2",
        context! {
            requirements => requirements.as_ref().map(|it| format!("{}/{}", REQUIREMENTS, it.main)),
            require_hashes => requirements.as_ref().is_some_and(RequirementFiles::require_hashes),
            allow_pre => requirements.as_ref().is_some_and(RequirementFiles::allow_pre),
            pytest => matches!(site.critical.suite, SuiteSource::Pytest { .. }),
            options,
        },
    )?;
    let (mut files, identity) = install_files(site, constraints.as_ref())?;
    if let Some(requirements) = requirements {
        files.extend(carried(REQUIREMENTS, &requirements, None));
    }
    let title = format!("test tools of {}", site.name);
    Ok(ImageSpec::built(ImageKind::Suite, title, parent, script).with_files(files, &[&identity]))
}

/// What may be in a repository and was not sent, as patterns for git: to it, that would be a change.
fn left_out_of_git(release: &Release) -> Vec<String> {
    let always = ["environments", "dist", "build", "*.pyc", "*.egg-info"].map(str::to_owned);
    let own = release.left_out.iter().map(|path| path.display().to_string());
    always.into_iter().chain(own).collect()
}

/// The user that the finished environment is given to.
fn environment_owner(site: &Site) -> &str {
    match site.install.owner {
        EnvironmentOwner::Root => "root",
        EnvironmentOwner::App => site.user.as_str(),
    }
}

fn no_such_lock(release: &Release, lock: &Lock) -> Failure {
    let (Lock::Project(path) | Lock::Release(path)) = lock;
    Failure::new(Kind::Deploy, format!("{release} does not contain {}", path.display()))
        .hint("check `install.requirements`: a file of the project, or one inside the release")
}

fn constraints(site: &Site) -> Result<Option<RequirementFiles>, Failure> {
    let key = KeyPath::from(["install", "constraints"]);
    let read = |path| RequirementFiles::of_project(&site.root, path, &key, &BTreeSet::new());
    Ok(site.install.constraints.as_deref().map(read).transpose()?)
}

/// Requirements files as they lie beside each other, without what names the release.
fn carried(folder: &str, files: &RequirementFiles, release: Option<&str>) -> Vec<FileEntry> {
    let entry = |(name, content)| FileEntry::new(format!("{folder}/{name}"), 0o644, content);
    files.without(release).into_iter().map(entry).collect()
}

/// The wheel house and the constraints, with a digest of the wheel house's content.
fn install_files(
    site: &Site,
    constraints: Option<&RequirementFiles>,
) -> Result<(Vec<FileEntry>, String), Failure> {
    let mut files = constraints.map_or_else(Vec::new, |it| carried(CONSTRAINTS, it, None));
    let mut digest = Digest::of("install");
    if let Some(wheels) = &site.install.wheels {
        let content = of_folder(wheels, &[]);
        digest.add(content.map_err(|error| unreadable(wheels, &error))?);
        files.push(FileEntry {
            content: Content::HostFolder(wheels.clone()),
            ..FileEntry::new(format!("{BUILD_FOLDER}/wheels"), 0o755, Vec::new())
        });
    }
    Ok((files, digest.key()))
}

/// Whether something is said of the versions that are installed.
#[must_use]
pub fn is_frozen(site: &Site) -> bool {
    let install = &site.install;
    install.requirements.is_some() || install.constraints.is_some() || install.as_of.is_some()
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("could not read {}", path.display())).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_pins_floats_and_what_the_environment_began_with_does_not() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let installed =
            list(&["flask==3.1.3", "pip==23.0.1", "setuptools==80.9.0", "Shop_Notes==1"]);
        let brought = list(&["pip==23.0.1", "setuptools==66.1.1"]);
        let pinned = Pinned::Names(["flask", "shop-notes"].map(str::to_owned).into());
        assert_eq!(pinned.floating(&installed, &brought), ["setuptools"]);
        assert_eq!(Pinned::ByDay.floating(&installed, &[]), [""; 0]);
    }
}
