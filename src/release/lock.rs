//! The lock or requirements file that a site installs by, from the project or out of the release.

use std::os::unix::ffi::OsStrExt as _;

use super::contents::{Contents, LARGEST_TEXT};
use super::member::safe_name;
use super::problem::Problem;
use super::{Form, Packing, Release};
use crate::bounded;
use crate::failure::Failure;
use crate::site::Lock;

impl Release {
    /// Reads the lock; `None` when it should be in the release and is not there.
    ///
    /// A member is named from the release's root: below an archive's one top folder, if it has one.
    ///
    /// # Errors
    /// A file of the project that cannot be read; a release that cannot.
    pub fn requirements(&self, lock: &Lock) -> Result<Option<Vec<u8>>, Failure> {
        match lock {
            Lock::Project(path) => bounded::read(path, LARGEST_TEXT).map(Some).map_err(|error| {
                Failure::usage(format!("could not read requirements `{}`", path.display()))
                    .because(&error)
                    .hint("correct `install.requirements`")
            }),
            Lock::Release(name) => safe_name(name.as_os_str().as_bytes())
                .and_then(|name| self.member(&name))
                .map_err(|problem| problem.of(&self.path)),
        }
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
    use std::path::{Path, PathBuf};

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
            let read = |name: &str| release.requirements(&Lock::Release(PathBuf::from(name)));
            assert_eq!(read("r/lock").unwrap().as_deref(), Some(&lock[..]), "{}", path.display());
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
        assert_eq!(release.requirements(&inside).unwrap().unwrap(), b"flask==3.1.3\n");

        fixture::tree(folder.path(), &[("requirements.lock", "redis==7\n")]);
        let project = |name: &str| release.requirements(&Lock::Project(folder.path().join(name)));
        assert_eq!(project("requirements.lock").unwrap().unwrap(), b"redis==7\n");
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
        let failure =
            release.requirements(&Lock::Release(Path::new("lock").to_owned())).unwrap_err();
        assert_eq!(failure.causes, ["its member `lock` is not a plain file"]);
    }
}
