//! Reading a release that is a folder: its members in order, and its digest.

use std::fs::{self, File};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::member::{Bounds, Member, MemberKind, Meter, Visitor, safe_name};
use super::own_output::OwnOutput;
use super::problem::Problem;
use crate::digest::{self, Digest};

/// What else a folder is besides its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Built from: the outermost `dist` and `build` are what earlier builds left.
    Source,
    /// Served as it is: `dist` and `build` may well be the front end.
    Tree,
}

/// What of a folder is the release.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) purpose: Purpose,
    /// Below the folder: what is no part of it.
    pub(super) left_out: &'a [PathBuf],
}

/// Visits the members in the order of their names, without what never belongs to a release.
/// Sockets and pipes are passed over, as `git` does.
pub(super) fn visit(
    root: &Path,
    scope: Scope<'_>,
    bounds: Bounds,
    visitor: &mut Visitor,
) -> Result<(), Problem> {
    let mut meter = Meter::new(bounds);
    let walk = WalkDir::new(root).min_depth(1).sort_by_file_name().into_iter();
    let output = OwnOutput::of_process();
    let is_output = |entry: &DirEntry| {
        entry.file_type().is_file() && entry.metadata().is_ok_and(|about| output.has(&about))
    };
    let is_left_out = |entry: &DirEntry| {
        let below = entry.path().strip_prefix(root);
        below.is_ok_and(|below| scope.left_out.iter().any(|path| path == below))
    };
    let is_wanted = |entry: &DirEntry| {
        !is_ignored(entry, scope.purpose) && !is_left_out(entry) && !is_output(entry)
    };
    for entry in walk.filter_entry(is_wanted) {
        let entry = entry.map_err(|error| Problem::Machine(error.into()))?;
        let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let name = safe_name(below.as_os_str().as_bytes())?;
        let Some(kind) = kind_of(&entry, &name)? else { continue };
        let size = if let MemberKind::File { size, .. } = kind { size } else { 0 };
        meter.add(size)?;
        let member = Member { name, kind };
        let flow = if matches!(member.kind, MemberKind::File { .. }) {
            let mut content = File::open(entry.path()).map_err(Problem::Machine)?;
            visitor(&member, &mut content)?
        } else {
            visitor(&member, &mut std::io::empty())?
        };
        if flow.is_break() {
            break;
        }
    }
    Ok(())
}

fn kind_of(entry: &DirEntry, name: &str) -> Result<Option<MemberKind>, Problem> {
    let kind = entry.file_type();
    if kind.is_dir() {
        return Ok(Some(MemberKind::Folder));
    }
    if kind.is_symlink() {
        let target = fs::read_link(entry.path()).map_err(Problem::Machine)?;
        let target = target.into_os_string().into_string();
        let target = target.map_err(|_| Problem::member(name, "links to no UTF-8 name"))?;
        return Ok(Some(MemberKind::Link(target)));
    }
    if !kind.is_file() {
        return Ok(None);
    }
    let about = entry.metadata().map_err(|error| Problem::Machine(error.into()))?;
    let executable = about.permissions().mode() & 0o100 != 0;
    Ok(Some(MemberKind::File { size: about.len(), executable }))
}

fn is_ignored(entry: &DirEntry, purpose: Purpose) -> bool {
    let name = entry.file_name().to_string_lossy();
    let leftover = purpose == Purpose::Source
        && (is_of_an_earlier_build(entry, &name)
            || (entry.depth() == 1 && matches!(&*name, "dist" | "build")));
    leftover
        || name.ends_with(".pyc")
        || matches!(&*name, ".git" | "__pycache__" | ".venv" | ".stagectl" | ".tox" | ".nox")
        || matches!(&*name, ".pytest_cache" | ".mypy_cache" | ".ruff_cache")
        || (entry.file_type().is_dir()
            && (is_a_virtual_environment(entry.path())
                || (entry.depth() == 1 && name == "environments" && describes(entry.path()))))
}

/// What setuptools left in `*.egg-info`, but for `SOURCES.txt`: it reads there which data files belong to
/// a package, where neither git nor `MANIFEST.in` says it, as in an unpacked sdist.
fn is_of_an_earlier_build(entry: &DirEntry, name: &str) -> bool {
    const LIST: &str = "SOURCES.txt";
    if name.ends_with(".egg-info") {
        return !entry.path().join(LIST).is_file();
    }
    let folder = entry.path().parent().and_then(Path::file_name).unwrap_or_default();
    entry.depth() > 1 && folder.to_string_lossy().ends_with(".egg-info") && name != LIST
}

/// Whatever it is called: `venv`, `env`.
fn is_a_virtual_environment(folder: &Path) -> bool {
    folder.join("pyvenv.cfg").is_file()
}

/// True for the descriptions of the sites, which say nothing of the release; a package of Python of
/// that name is another thing.
fn describes(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let has = entries.fold((false, false), |(described, python), entry| {
        let name = entry.file_name();
        let kind = Path::new(&name).extension();
        let is = |wanted: &str| kind.is_some_and(|kind| kind == wanted);
        (described || is("yaml") || is("yml"), python || is("py"))
    });
    has == (true, false)
}

/// The digest of names, executable bits, links and contents: what a deploy would see of the folder.
pub(super) fn digest(root: &Path, scope: Scope<'_>, bounds: Bounds) -> Result<String, Problem> {
    let mut digest = Digest::of("release folder");
    visit(root, scope, bounds, &mut |member, content| {
        digest.add(&member.name);
        match &member.kind {
            MemberKind::Folder => digest.add("folder"),
            MemberKind::Link(target) | MemberKind::SameAs(target) => {
                digest.add("link");
                digest.add(target);
            }
            MemberKind::File { executable, .. } => {
                digest.add(if *executable { "program" } else { "file" });
                digest.add(digest::sha256(&mut *content).map_err(Problem::Machine)?);
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(digest.hex())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::fixture;
    use super::*;

    fn whole(purpose: Purpose) -> Scope<'static> {
        Scope { purpose, left_out: &[] }
    }

    fn key(root: &Path) -> String {
        digest(root, whole(Purpose::Source), Bounds::USUAL).unwrap()
    }

    #[test]
    fn what_a_deploy_would_see_changes_the_digest_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let root = fixture::tree(folder.path(), &[("setup.py", "1"), ("app/a.py", "a")]);
        let first = key(&root);
        fixture::tree(
            &root,
            &[
                (".git/HEAD", "x"),
                ("app/__pycache__/a.cpython-311.pyc", "x"),
                ("app/b.pyc", "x"),
                (".venv/bin/python", "x"),
                (".stagectl/tls/root.pem", "x"),
                (".pytest_cache/README.md", "x"),
                ("environments/site-a.yaml", "x"),
                ("venv/pyvenv.cfg", "x"),
                ("dist/app.whl", "x"),
                ("build/lib/a.py", "x"),
                ("src/app.egg-info/PKG-INFO", "x"),
            ],
        );
        fs::remove_dir_all(root.join("src")).unwrap();
        assert_eq!(key(&root), first);

        fixture::tree(&root, &[("app/static/dist/app.js", "x")]);
        let with_front_end = key(&root);
        assert_ne!(with_front_end, first);
        fs::set_permissions(root.join("app/a.py"), fs::Permissions::from_mode(0o755)).unwrap();
        let executable = key(&root);
        assert_ne!(executable, with_front_end);
        symlink("a.py", root.join("app/link.py")).unwrap();
        assert_ne!(key(&root), executable);
    }

    #[test]
    fn the_list_of_a_package_s_data_is_what_counts_of_an_earlier_build() {
        let folder = tempfile::tempdir().unwrap();
        let root =
            fixture::tree(folder.path(), &[("setup.py", "1"), ("a.egg-info/SOURCES.txt", "a")]);
        let before = key(&root);
        fixture::tree(&root, &[("a.egg-info/PKG-INFO", "x"), ("a.egg-info/requires.txt", "x")]);
        assert_eq!(key(&root), before);
        fixture::tree(&root, &[("a.egg-info/SOURCES.txt", "a\nb")]);
        assert_ne!(key(&root), before);
    }

    #[test]
    fn a_tree_keeps_its_dist() {
        let folder = tempfile::tempdir().unwrap();
        let root = fixture::tree(folder.path(), &[("manage.py", "1")]);
        let before = digest(&root, whole(Purpose::Tree), Bounds::USUAL).unwrap();
        fixture::tree(&root, &[("dist/app.js", "x")]);
        assert_ne!(digest(&root, whole(Purpose::Tree), Bounds::USUAL).unwrap(), before);
    }

    #[test]
    fn a_folder_that_is_no_release_is_bounded_too() {
        let folder = tempfile::tempdir().unwrap();
        let root = fixture::tree(folder.path(), &[("a", "1"), ("b", "2"), ("c", "3")]);
        let bounds = Bounds { members: 2, unpacked: 100 };
        assert!(matches!(digest(&root, whole(Purpose::Tree), bounds), Err(Problem::TooMany(2))));
    }
}
