//! From a path to a [`Release`]: what it is, whether it is whole, what it says of itself.

use std::fs;
use std::path::{Path, PathBuf};

use super::contents::{Contents, packing_of};
use super::folder::Purpose;
use super::member::Bounds;
use super::metadata::{self, Build, Metadata, Origin};
use super::problem::Problem;
use super::{Form, History, Packing, Release, wheel};
use crate::failure::Failure;

impl Release {
    /// Opens a wheel, an sdist, a `.tar.gz` or `.zip` of a tree, or a source folder.
    ///
    /// An archive is read once to its end, so that damage shows now and not in the middle of a
    /// deploy. Nothing is unpacked.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::failure::Kind::Usage) for a path that cannot be a release,
    /// [`Kind::Deploy`](crate::failure::Kind::Deploy) for a release that no site could install.
    pub fn open(path: &Path) -> Result<Release, Failure> {
        Release::open_without(path, &[])
    }

    /// As [`Release::open`]; of a folder, these paths are no part: an edit of the critical suite makes no other
    /// release.
    ///
    /// # Errors
    /// As [`Release::open`].
    pub fn open_without(path: &Path, others: &[&Path]) -> Result<Release, Failure> {
        open_within(path, others, Bounds::USUAL)
    }
}

fn open_within(path: &Path, others: &[&Path], bounds: Bounds) -> Result<Release, Failure> {
    let about = fs::metadata(path).map_err(|error| {
        let message = format!("could not find release `{}`", path.display());
        let hint = match path.extension() {
            Some(extension) if extension == "whl" => "build it, or mend the path: `ls dist/`",
            _ => {
                "mend the path that `--release`, or `release:` of environments/defaults.yaml, gives"
            }
        };
        Failure::usage(message).because(&error).hint(hint)
    })?;
    let packing = packing_of(path).filter(|_| about.is_file() || about.is_dir());
    let Some(packing) = packing else {
        let message = format!("`{}` is not a kind of release that stagectl knows", path.display());
        return Err(Failure::usage(message).hint(
            "give a wheel (.whl), an sdist (.tar.gz), a .tar.gz or .zip of a tree, or a folder",
        ));
    };
    let left_out = below(path, others);
    let contents = Contents { bounds, left_out: &left_out, ..Contents::new(path, packing) };
    read(contents).map_err(|problem| problem.of(path))
}

/// Those of the paths that are below the folder, as seen from there.
fn below(folder: &Path, paths: &[&Path]) -> Vec<PathBuf> {
    let Ok(folder) = folder.canonicalize() else { return Vec::new() };
    let real = paths.iter().filter_map(|path| path.canonicalize().ok());
    let below = real.filter_map(|path| Some(path.strip_prefix(&folder).ok()?.to_path_buf()));
    // What lies in a package of Python may well be a part of the app.
    let is_apart = |path: &PathBuf| {
        path.parent().is_some_and(|parent| !folder.join(parent).join("__init__.py").is_file())
    };
    let mut below: Vec<PathBuf> = below.filter(is_apart).collect();
    below.sort();
    below.dedup();
    below
}

fn read(contents: Contents<'_>) -> Result<Release, Problem> {
    let path = contents.path;
    let is_wheel = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("whl"))
        && contents.packing != Packing::Folder;
    let (form, metadata) = if is_wheel {
        wheel::FileName::parse(path)?;
        (Form::Wheel, Some(wheel::inspect(contents, &contents.list()?)?))
    } else {
        understand(contents)?
    };
    let contents = Contents { purpose: purpose_of(form), ..contents };
    let metadata = metadata.unwrap_or_else(|| Metadata { name: stem(path), ..Metadata::default() });
    let history = match form {
        Form::Source(Packing::Folder) => History::of(path)?,
        _ => None,
    };
    let digest = contents.digest()?;
    Ok(Release {
        path: path.to_owned(),
        form,
        digest: history.as_ref().map_or(digest.clone(), |history| history.add_to(&digest)),
        history,
        left_out: contents.left_out.to_vec(),
        name: metadata.name,
        version: metadata.version,
        requires_python: metadata.requires_python,
        requires_dist: metadata.requires_dist,
        extras: metadata.extras,
    })
}

/// Distinguishes a source from a tree, and reads what is known of it without a build.
fn understand(contents: Contents<'_>) -> Result<(Form, Option<Metadata>), Problem> {
    let packing = contents.packing;
    let listing = contents.list()?;
    let prefix = match packing {
        Packing::Folder => String::new(),
        _ => listing.top().map_or_else(String::new, |top| format!("{top}/")),
    };
    let part = |name: &str| -> Result<Option<Vec<u8>>, Problem> {
        let full = format!("{prefix}{name}");
        if listing.has(&full) { contents.read(&full) } else { Ok(None) }
    };
    let build = part("pyproject.toml")?.map(|bytes| metadata::pyproject(&bytes)).transpose()?;
    let has = |name: &str| listing.has(&format!("{prefix}{name}"));
    if !is_source(build.as_ref(), has) {
        return Ok((
            Form::Tree(packing),
            match build {
                Some(Build::Unbuilt(metadata)) => Some(metadata),
                _ => None,
            },
        ));
    }
    let metadata = match (part("PKG-INFO")?, build) {
        (Some(bytes), _) => Some(metadata::parse("PKG-INFO", &bytes, Origin::Sdist)?),
        (None, Some(Build::Described(metadata))) => metadata,
        (None, Some(Build::Unbuilt(metadata))) => Some(metadata),
        (None, _) => None,
    };
    Ok((Form::Source(packing), metadata))
}

/// True where something says how to build what has these files.
pub(super) fn is_source(build: Option<&Build>, has: impl Fn(&str) -> bool) -> bool {
    matches!(build, Some(Build::Described(_)))
        || has("setup.py")
        || (matches!(build, Some(Build::Unbuilt(_))) && (has("setup.cfg") || has("PKG-INFO")))
}

pub(super) fn purpose_of(form: Form) -> Purpose {
    match form {
        Form::Tree(_) => Purpose::Tree,
        Form::Source(_) | Form::Wheel => Purpose::Source,
    }
}

/// The file's or folder's name without its ending; `.` is asked for its real name.
fn stem(path: &Path) -> String {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = real.file_name().unwrap_or_default().to_string_lossy();
    let endings = [".tar.gz", ".tgz", ".zip"];
    let stem = endings.iter().find_map(|ending| name.strip_suffix(ending));
    stem.filter(|_| real.is_file()).unwrap_or(&name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, Entry};
    use super::*;
    use crate::failure::Kind;

    const PKG_INFO: &[u8] =
        b"Metadata-Version: 2.2\nName: App\nVersion: 1.0\nRequires-Dist: flask\n";

    #[test]
    fn a_wheel_tells_its_metadata() {
        let folder = tempfile::tempdir().unwrap();
        let path = fixture::wheel(
            folder.path(),
            "my_app-1.0-py3-none-any.whl",
            "Name: My.App\nVersion: 1.0.0\nRequires-Python: >=3.9\nRequires-Dist: flask",
        );
        let release = Release::open(&path).unwrap();
        let digest = crate::digest::sha256(fs::File::open(&path).unwrap()).unwrap();
        let expected = Release {
            path,
            form: Form::Wheel,
            digest,
            history: None,
            left_out: Vec::new(),
            name: "My.App".into(),
            version: Some("1.0.0".into()),
            requires_python: Some(">=3.9".into()),
            requires_dist: Some(vec!["flask".into()]),
            extras: Vec::new(),
        };
        assert_eq!(release, expected);
    }

    #[test]
    fn a_wheel_that_is_none_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let cause = |name: &str, entries: &[Entry]| {
            let failure =
                Release::open(&fixture::zip(&folder.path().join(name), entries)).unwrap_err();
            assert_eq!(failure.kind, Kind::Deploy);
            assert!(!failure.hints.is_empty());
            failure.causes.join("; ")
        };
        let name = "app-1.0-py3-none-any.whl";
        assert_eq!(
            cause(name, &[Entry::file("app.py", b"")]),
            "it holds no `.dist-info` folder, so it is not a wheel"
        );
        assert_eq!(
            cause(name, &[Entry::file("app-1.0.dist-info/METADATA", b"")]),
            "it holds no `app-1.0.dist-info/WHEEL`, so it is not a wheel"
        );
        assert_eq!(
            cause("app.whl", &[Entry::file("app.py", b"")]),
            "its name is not that of a wheel (name-version-python-abi-platform.whl)"
        );
        let metadata = |name: &str, metadata: &str| {
            Release::open(&fixture::wheel(folder.path(), name, metadata)).unwrap_err().causes
        };
        assert_eq!(
            metadata("app-1.0-py3-none-any.whl", "Name: app\nVersion: 1.1"),
            ["its file name says app 1.0, its metadata says app 1.1"]
        );
        assert_eq!(
            metadata("app-1.0-py3-none-any.whl", "Name: other\nVersion: 1.0"),
            ["its file name says app 1.0, its metadata says other 1.0"]
        );
    }

    #[test]
    fn sdists_and_sources_are_told_from_trees() {
        let folder = tempfile::tempdir().unwrap();
        let tar = |entries: &[Entry]| {
            let path = fixture::tar_gz(&folder.path().join("app-9.tar.gz"), entries);
            let release = Release::open(&path).unwrap();
            (release.form, release.to_string())
        };
        let source = Form::Source(Packing::TarGz);
        let setup = || Entry::file("app-1.0/setup.py", b"");
        assert_eq!(
            tar(&[setup(), Entry::file("app-1.0/PKG-INFO", PKG_INFO)]),
            (source, "App 1.0".into())
        );
        assert_eq!(tar(&[setup()]), (source, "app-9".into()));
        assert_eq!(
            tar(&[Entry::file(
                "pyproject.toml",
                b"[build-system]\n[project]\nname='b'\nversion='2'\n"
            )]),
            (source, "b 2".into())
        );
        // As uv has it: what does not say how it is built is deployed as it is.
        assert_eq!(
            tar(&[Entry::file("pyproject.toml", b"[project]\nname='b'\nversion='2'\n")]),
            (Form::Tree(Packing::TarGz), "b 2".into())
        );
        let tools = Entry::file("t/pyproject.toml", b"[tool.ruff]\n");
        assert_eq!(
            tar(&[tools, Entry::file("t/manage.py", b"")]),
            (Form::Tree(Packing::TarGz), "app-9".into())
        );
    }

    #[test]
    fn a_folder_is_opened_by_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = fixture::tree(&folder.path().join("board"), &[("app/wsgi.py", "x")]);
        let tree = Release::open(&root).unwrap();
        assert_eq!((tree.form, tree.name.as_str()), (Form::Tree(Packing::Folder), "board"));
        fixture::tree(
            &root,
            &[("pyproject.toml", "[build-system]\n[project]\nname = 'a'\nversion = '1'\n")],
        );
        let source = Release::open(&root).unwrap();
        assert_eq!(
            (source.form, source.to_string()),
            (Form::Source(Packing::Folder), "a 1".into())
        );
        assert_ne!(source.digest, tree.digest);
    }

    #[test]
    fn an_edit_of_the_suite_makes_no_other_release() {
        let folder = tempfile::tempdir().unwrap();
        let root = fixture::tree(folder.path(), &[("app.py", "x"), ("tests/critical/t.py", "1")]);
        let suite = root.join("tests/critical");
        let digest = || Release::open_without(&root, &[&suite]).unwrap().digest;
        let before = digest();
        fixture::tree(&root, &[("tests/critical/t.py", "2")]);
        assert_eq!(digest(), before);
        // In a package of Python it may be a part of the app.
        fixture::tree(&root, &[("tests/__init__.py", "")]);
        let in_a_package = digest();
        fixture::tree(&root, &[("tests/critical/t.py", "3")]);
        assert_ne!(digest(), in_a_package);
    }

    #[test]
    fn what_cannot_be_a_release_is_a_usage_error() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none.whl");
        let text = folder.path().join("notes.txt");
        fs::write(&text, "x").unwrap();
        for path in [missing.as_path(), text.as_path(), Path::new("/dev/null")] {
            let failure = Release::open(path).unwrap_err();
            assert_eq!((failure.kind, failure.hints.len()), (Kind::Usage, 1), "{failure}");
        }
    }

    #[test]
    fn an_empty_folder_and_a_bomb_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let failure = Release::open(folder.path()).unwrap_err();
        assert_eq!(
            (failure.kind, failure.causes.join("")),
            (Kind::Deploy, "it holds no files".into())
        );
        let bomb = fixture::zip(&folder.path().join("a.zip"), &[Entry::file("a", &[0; 5000])]);
        let bounds = Bounds { members: 10, unpacked: 4096 };
        let failure = open_within(&bomb, &[], bounds).unwrap_err();
        assert_eq!(failure.causes, ["it unpacks to more than 4.0 KiB"]);
    }
}
