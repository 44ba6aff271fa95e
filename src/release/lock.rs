//! The lock or requirements file that a site installs by, from the project or out of the release.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::contents::Contents;
use super::member::safe_name;
use super::problem::Problem;
use super::{Form, Packing, Release};
use crate::failure::{Failure, Kind};
use crate::site::{FileProblem, KeyPath, Lock, RequirementFiles};

impl Release {
    /// Reads the lock and what it includes; `None` when it should be in the release and is not
    /// there.
    ///
    /// `extras` are those of the release that are wanted, normalised: some locks hold what they need, too.
    /// A member is named from the release's root: below an archive's one top folder, if it has one.
    ///
    /// # Errors
    /// A file of the project at `root`, or of the release, that cannot be read or carried along.
    pub fn requirements(
        &self,
        lock: &Lock,
        root: &Path,
        extras: &BTreeSet<String>,
    ) -> Result<Option<RequirementFiles>, Failure> {
        match lock {
            Lock::Project(path) => {
                let key = KeyPath::from(["install", "requirements"]);
                Ok(Some(RequirementFiles::of_project(root, path, &key, extras)?))
            }
            Lock::Release(name) => {
                let read = |name: &[u8]| {
                    safe_name(name)
                        .and_then(|name| Ok((self.member(&name)?, name)))
                        .map_err(|problem| problem.of(&self.path))
                };
                let (Some(first), main) = read(name.as_os_str().as_bytes())? else {
                    return Ok(None);
                };
                let files = RequirementFiles::read(&main, extras, &mut |name| {
                    if name == main {
                        return Ok(first.clone());
                    }
                    match read(name.as_bytes()) {
                        Ok((Some(content), _)) => Ok(content),
                        Ok((None, _)) => Err((format!("the release has no `{name}`"), None)),
                        Err(failure) => Err((failure.causes.join(": "), None)),
                    }
                });
                files.map(Some).map_err(|problems| self.of_lock(problems))
            }
        }
    }

    fn of_lock(&self, problems: Vec<FileProblem>) -> Failure {
        let message = format!("the requirements inside {self} cannot be installed by");
        let failure = Failure::new(Kind::Deploy, message);
        problems.into_iter().fold(failure, |failure, problem| {
            let failure =
                failure.cause(format!("{}:{}: {}", problem.file, problem.line, problem.message));
            problem.hint.into_iter().fold(failure, Failure::hint)
        })
    }

    fn member(&self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        let contents = self.contents();
        let prefix = self.top()?.map(|top| top + "/").unwrap_or_default();
        contents.read(&format!("{prefix}{name}"))
    }

    pub(super) fn contents(&self) -> Contents<'_> {
        let packing = match self.form {
            Form::Wheel => Packing::Zip,
            Form::Source(packing) | Form::Tree(packing) => packing,
        };
        Contents {
            purpose: super::open::purpose_of(self.form),
            left_out: &self.left_out,
            ..Contents::new(&self.path, packing)
        }
    }

    /// The one folder of an archive that everything is in, and that is left out everywhere else.
    pub(super) fn top(&self) -> Result<Option<String>, Problem> {
        match self.form {
            Form::Source(Packing::TarGz | Packing::Zip)
            | Form::Tree(Packing::TarGz | Packing::Zip) => {
                Ok(self.contents().list()?.top().map(str::to_owned))
            }
            Form::Wheel | Form::Source(Packing::Folder) | Form::Tree(Packing::Folder) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::fixture::{self, Entry};
    use super::*;
    use crate::failure::Kind;

    #[test]
    fn a_lock_is_found_in_every_packing() {
        let folder = tempfile::tempdir().unwrap();
        let lock = b"flask==3.1.3 --hash=sha256:00\n";
        let entries = || [Entry::file("app-1/manage.py", b""), Entry::file("app-1/r/lock", lock)];
        let releases = [
            fixture::tar_gz(&folder.path().join("a.tar.gz"), &entries()),
            fixture::zip(&folder.path().join("a.zip"), &entries()),
            fixture::tree(
                &folder.path().join("a"),
                &[("r/lock", std::str::from_utf8(lock).unwrap())],
            ),
        ];
        for path in releases {
            let release = Release::open(&path).unwrap();
            let read = |name: &str| {
                release.requirements(
                    &Lock::Release(PathBuf::from(name)),
                    folder.path(),
                    &BTreeSet::new(),
                )
            };
            let found = read("r/lock").unwrap().unwrap();
            assert_eq!(found.content(), &lock[..], "{}", path.display());
            assert_eq!(read("r/other").unwrap(), None);
            assert_eq!(read("../lock").unwrap_err().kind, Kind::Deploy);
        }
    }

    #[test]
    fn a_wheel_may_carry_its_lock_and_a_project_too() {
        let folder = tempfile::tempdir().unwrap();
        let path =
            fixture::wheel(folder.path(), "app-1.0-py3-none-any.whl", "Name: app\nVersion: 1.0");
        let release = Release::open(&path).unwrap();
        let inside = Lock::Release(PathBuf::from("app/requirements.lock"));
        let found =
            release.requirements(&inside, folder.path(), &BTreeSet::new()).unwrap().unwrap();
        assert_eq!(found.content(), b"flask==3.1.3\n");

        fixture::tree(folder.path(), &[("requirements.lock", "redis==7\n")]);
        let project = |name: &str| {
            release.requirements(
                &Lock::Project(folder.path().join(name)),
                folder.path(),
                &BTreeSet::new(),
            )
        };
        assert_eq!(project("requirements.lock").unwrap().unwrap().content(), b"redis==7\n");
        assert_eq!(project("none.lock").unwrap_err().kind, Kind::Usage);
    }

    #[test]
    fn a_link_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = fixture::tar_gz(
            &folder.path().join("a.tar.gz"),
            &[Entry::file("app.py", b"x"), Entry::link("lock", "app.py")],
        );
        let release = Release::open(&path).unwrap();
        let lock = Lock::Release(PathBuf::from("lock"));
        let failure = release.requirements(&lock, folder.path(), &BTreeSet::new()).unwrap_err();
        assert_eq!(failure.causes, ["its member `lock` is not a plain file"]);
    }

    #[test]
    fn what_a_lock_of_the_release_includes_is_of_the_release() {
        let folder = tempfile::tempdir().unwrap();
        let entries = [
            Entry::file("app-1/manage.py", b""),
            Entry::file("app-1/r/production.txt", b"-r base.txt\n"),
            Entry::file("app-1/r/base.txt", b"-c ../limits.txt\nflask\n"),
            Entry::file("app-1/limits.txt", b"flask==3\n"),
            Entry::file("app-1/r/broken.txt", b"-r none.txt\n-e ..\n"),
        ];
        let path = fixture::tar_gz(&folder.path().join("app.tar.gz"), &entries);
        let release = Release::open(&path).unwrap();
        let read = |name: &str| {
            release.requirements(
                &Lock::Release(PathBuf::from(name)),
                folder.path(),
                &BTreeSet::new(),
            )
        };
        let found = read("r/production.txt").unwrap().unwrap();
        let names: Vec<&str> = found.names().collect();
        assert_eq!(names, ["limits.txt", "r/base.txt", "r/production.txt"]);
        let failure = read("r/broken.txt").unwrap_err();
        assert_eq!(failure.kind, Kind::Deploy);
        assert_eq!(
            failure.causes,
            [
                "r/broken.txt:1: the release has no `r/none.txt`",
                "r/broken.txt:2: `-e ..` is a path, which the site does not have"
            ]
        );
    }
}
