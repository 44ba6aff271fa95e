//! Real locks of the tools (`tests/lock-files`), compared with what the tools themselves export.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use pep508_rs::{Requirement, VerbatimUrl};

use super::super::RequirementFiles;

fn folder(tool: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lock-files").join(tool)
}

fn read(tool: &str, lock: &str, extras: &[&str]) -> Result<String, String> {
    let extras: BTreeSet<String> = extras.iter().map(ToString::to_string).collect();
    let found = RequirementFiles::read(&format!("sub/{lock}"), &extras, &mut |name| {
        let name = name.strip_prefix("sub/").unwrap();
        fs::read(folder(tool).join(name)).map_err(|error| (error.to_string(), None))
    });
    let files = found.map_err(|problems| format!("{problems:?}"))?;
    assert_eq!(files.main, format!("sub/{lock}.txt"));
    Ok(String::from_utf8(files.content().to_vec()).unwrap())
}

/// Names and versions on the sites' Pythons, each with how many hashes it has.
fn pins(requirements: &str, python: &str) -> BTreeMap<String, usize> {
    let marker_environment = format!(
        "{{\"implementation_name\": \"cpython\", \"implementation_version\": \"{python}.0\", \
         \"os_name\": \"posix\", \"platform_machine\": \"x86_64\", \"platform_python_implementation\": \
         \"CPython\", \"platform_release\": \"6\", \"platform_system\": \"Linux\", \"platform_version\": \
         \"1\", \"python_full_version\": \"{python}.0\", \"python_version\": \"{python}\", \"sys_platform\": \"linux\"}}"
    );
    let environment = serde_json::from_str(&marker_environment).unwrap();
    let joined = requirements.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| !line.starts_with(['#', '-']) && !line.is_empty());
    let mut found = BTreeMap::new();
    for line in lines {
        let hashes = line.matches("--hash").count();
        let text = line.split(" --hash").next().unwrap().trim();
        let read: Requirement<VerbatimUrl> = text.parse().unwrap();
        if read.marker.evaluate(&environment, &[]) {
            let version = read.version_or_url.map(|version| match version {
                pep508_rs::VersionOrUrl::VersionSpecifier(one) => one.to_string(),
                pep508_rs::VersionOrUrl::Url(url) => url.to_string(),
            });
            found.insert(format!("{}{}", read.name, version.unwrap_or_default()), hashes);
        }
    }
    found
}

#[test]
fn a_lock_names_the_pins_that_the_tool_itself_exports() {
    let table = [
        ("uv", "uv.lock", &[][..], "exported.txt"),
        ("uv", "uv.lock", &["server"], "exported-server.txt"),
        ("poetry", "poetry.lock", &[], "exported.txt"),
        ("poetry", "poetry.lock", &["server"], "exported-server.txt"),
        ("poetry-1.8", "poetry.lock", &[], "exported.txt"),
        ("poetry-1.8", "poetry.lock", &["server"], "exported-server.txt"),
        ("pdm", "pdm.lock", &[], "exported.txt"),
        ("pdm", "pdm.lock", &["server"], "exported-server.txt"),
        ("pylock", "pylock.toml", &["server"], "exported-server.txt"),
        ("pipenv", "Pipfile.lock", &[], "exported.txt"),
    ];
    for (tool, lock, extras, exported) in table {
        let ours = read(tool, lock, extras).unwrap();
        let theirs = fs::read_to_string(folder(tool).join(exported)).unwrap();
        for python in ["3.9", "3.11", "3.13"] {
            let (ours, theirs) = (pins(&ours, python), pins(&theirs, python));
            assert!(ours.len() > 2, "{tool} {python}: {ours:?}");
            assert_eq!(ours, theirs, "{tool} {extras:?} on Python {python}");
            assert!(!ours.keys().any(|name| name.starts_with("pytest")), "{tool}: {ours:?}");
        }
    }
}

/// What is refused, and how that is said.
fn refused(lock: &str, text: &str) -> String {
    let mut read = |name: &str| match name {
        name if name == lock => Ok(text.as_bytes().to_vec()),
        "pyproject.toml" => Ok(b"[project]\ndependencies = ['a']\n".to_vec()),
        other => Err((format!("there is no file `{other}`"), None)),
    };
    let problems = RequirementFiles::read(lock, &BTreeSet::new(), &mut read).unwrap_err();
    let lines = problems.into_iter().map(|problem| {
        let hint = problem.hint.map(|hint| format!("\n  {hint}")).unwrap_or_default();
        format!("{}: {}{hint}", problem.file, problem.message)
    });
    lines.collect()
}

const UV: &str = "version = 1\n[[package]]\nname = 'shop'\nversion = '1'\nsource = { virtual = '.' }\ndependencies = [{ name = 'a' }]\n";

#[test]
fn what_no_index_has_is_refused_with_the_file_and_the_package() {
    let git = format!(
        "{UV}[[package]]\nname = 'a'\nversion = '1'\nsource = {{ git = 'https://me:live@git.example/a#1' }}\n"
    );
    insta::assert_snapshot!(refused("uv.lock", &git), @r#"
    uv.lock: a is locked to git (https://***@git.example/a?***), which the site does not have
      build a wheel of a into the folder of `install.wheels`, and name that version in requirements that take the lock's place: `uv export --no-dev --no-emit-project -o requirements.lock`
    "#);
    let path = "[[package]]\nname = 'a'\nversion = '1'\ngroups = ['main']\n[package.source]\ntype = 'directory'\nurl = '../a'\n\
                [metadata]\nlock-version = '2.1'\n";
    insta::assert_snapshot!(refused("poetry.lock", path), @r#"
    poetry.lock: a is locked to a path (../a), which the site does not have
      build a wheel of a into the folder of `install.wheels`, and name that version in requirements that take the lock's place: `poetry export -o requirements.lock`
    "#);
    let pdm = "[metadata]\n[[package]]\nname = 'a'\nversion = '1'\ngroups = ['default']\nurl = 'https://x.example/a.whl'\n";
    insta::assert_snapshot!(refused("pdm.lock", pdm), @r#"
    pdm.lock: a is locked to an address (https://x.example/a.whl), which the site does not have
      build a wheel of a into the folder of `install.wheels`, and name that version in requirements that take the lock's place: `pdm export --prod -o requirements.lock`
    "#);
    let pipfile = "{\"default\": {\"a\": {\"git\": \"https://git.example/a\", \"ref\": \"1\"}}}";
    insta::assert_snapshot!(refused("Pipfile.lock", pipfile), @r#"
    Pipfile.lock: a is locked to git (https://git.example/a), which the site does not have
      build a wheel of a into the folder of `install.wheels`, and name that version in requirements that take the lock's place: `pipenv requirements --hash > requirements.lock`
    "#);
    let pylock = "lock-version = '1.0'\n[[packages]]\nname = 'a'\narchive = { url = 'https://x.example/a.zip' }\n";
    insta::assert_snapshot!(refused("pylock.prod.toml", pylock), @r#"
    pylock.prod.toml: a is locked to an address (https://x.example/a.zip), which the site does not have
      build a wheel of a into the folder of `install.wheels`, and name that version in requirements that take the lock's place: the tool that wrote it can do that
    "#);
}

#[test]
fn what_is_no_lock_is_refused() {
    let table = [
        ("uv.lock", "x = ["),
        ("uv.lock", "version = 7\n"),
        ("uv.lock", "version = 1\n[[package]]\nname = 'a'\nsource = { registry = 'x' }\n"),
        ("uv.lock", UV),
        ("poetry.lock", ""),
        (
            "poetry.lock",
            "[[package]]\nname = 'a'\nversion = '1'\n[[package]]\nname = 'a'\nversion = '2'\n[metadata]\nlock-version = '2.0'\n",
        ),
        ("pdm.lock", "[[package]]\n"),
        ("Pipfile.lock", "[]"),
        ("Pipfile.lock", "{\"default\": {\"a\": {\"version\": \"*\"}}}"),
        ("pylock.toml", "lock-version = '2.0'\n"),
    ];
    let said: String = table.iter().map(|(lock, text)| refused(lock, text) + "\n").collect();
    insta::assert_snapshot!(said, @r#"
    uv.lock: line 1: unclosed array, expected `]`
    uv.lock: it is no `uv.lock` of version 1
    uv.lock: no package of it is the project itself, as in a workspace's root
    uv.lock: a is required, and not in it
    poetry.lock: it does not say `lock-version`
    poetry.lock: a is locked to 1 and 2, and nothing says which
      lock anew, or export requirements: `poetry export -o requirements.lock`
    pdm.lock: it has no `metadata`
    Pipfile.lock: it has no `default`
    Pipfile.lock: it does not say one version of a
    pylock.toml: it is no `pylock.toml` of version 1
    "#);
}

#[test]
fn groups_and_extras_of_a_pylock_are_answered() {
    let lock = "lock-version = '1.0'\ndefault-groups = ['web']\n\
        [[packages]]\nname = 'A_b'\nversion = '1'\nmarker = \"'web' in dependency_groups\"\n\
        [[packages]]\nname = 'c'\nversion = '1'\nmarker = \"'dev' in dependency_groups or 'pdf' in extras\"\n\
        [[packages]]\nname = 'd'\nversion = '1'\nmarker = \"'pdf' not in extras and python_version >= '3.9'\"\n\
        [[packages]]\nname = 'shop'\ndirectory = { path = '.', editable = true }\n";
    let of = |extras: &[&str]| {
        let extras = extras.iter().map(ToString::to_string).collect();
        let files =
            RequirementFiles::read("pylock.toml", &extras, &mut |_| Ok(lock.as_bytes().to_vec()));
        String::from_utf8(files.unwrap().content().to_vec()).unwrap()
    };
    assert_eq!(of(&[]), "a-b==1\nd==1 ; python_full_version >= '3.9'\n");
    assert_eq!(of(&["pdf"]), "a-b==1\nc==1\n");
}
