//! The releases that the tests deploy: built once for each state of their sources, whoever asks
//! first, and kept under `target/`.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;

use crate::driver::{Project, files, repository};

/// The sample app in one form: `wheel`, `sdist`, `folder`, `tar`, `zip`.
pub(crate) fn noticeboard(version: &str, form: &str) -> PathBuf {
    let file = match form {
        "wheel" => format!("noticeboard-{version}-py3-none-any.whl"),
        "sdist" => format!("noticeboard-{version}.tar.gz"),
        "tar" => format!("noticeboard-{version}-tree.tar.gz"),
        "zip" => format!("noticeboard-{version}-tree.zip"),
        _ => format!("noticeboard-{version}"),
    };
    made_once("tests/apps/noticeboard", &file, |script, out| {
        Command::new(script.join("build.sh")).arg(version).arg(out).arg(form).status().unwrap()
    })
}

/// httpbin's own wheel, from the package index.
pub(crate) fn httpbin() -> PathBuf {
    made_once("tests/httpbin", "httpbin-0.10.2-py2.py3-none-any.whl", |script, out| {
        Command::new(script.join("fetch.sh")).arg(out).status().unwrap()
    })
}

/// A file below `target/`, made by a script unless it is there for these sources.
fn made_once(
    sources: &str,
    file: &str,
    make: impl FnOnce(&Path, &Path) -> std::process::ExitStatus,
) -> PathBuf {
    let sources = repository().join(sources);
    let mut digest = Sha256::new();
    for entry in walkdir::WalkDir::new(&sources).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            digest
                .update(entry.path().strip_prefix(&sources).unwrap().to_string_lossy().as_bytes());
            digest.update(fs::read(entry.path()).unwrap());
        }
    }
    let digest = u64::from_be_bytes(digest.finalize()[..8].try_into().unwrap());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("releases-{digest:016x}"));
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let made = folder.join(file);
    if !made.exists() {
        assert!(make(&sources, &folder).success(), "could not make {}", made.display());
    }
    made
}

/// The tiny app as a wheel.
pub(crate) fn tiny(project: &Project) -> PathBuf {
    packed(project, "tiny")
}

/// One of the small apps as a wheel.
pub(crate) fn packed(project: &Project, name: &str) -> PathBuf {
    let source = repository().join("tests/apps").join(name).join(name);
    wheel_of(project, (name, "1.0"), "", sources(&source, name))
}

/// The Python files in a folder, as members of a wheel that lie below this.
pub(crate) fn sources(folder: &Path, below: &str) -> Vec<(String, String)> {
    let files = files(folder).into_iter();
    let python = files.filter(|file| file.extension().is_some_and(|extension| extension == "py"));
    let member = |file: PathBuf| {
        let name = Path::new(below).join(file.strip_prefix(folder).unwrap());
        (name.display().to_string(), fs::read_to_string(file).unwrap())
    };
    python.map(member).collect()
}

/// A release of a small app as a wheel, the same bytes every time.
pub(crate) fn wheel_of(
    project: &Project,
    (name, version): (&str, &str),
    requires: &str,
    sources: Vec<(String, String)>,
) -> PathBuf {
    let info = format!("{name}-{version}.dist-info");
    let metadata = wheel_metadata(name, version, ">=3.9") + requires;
    let mut members = sources;
    members.push((format!("{info}/METADATA"), metadata));
    members.push((format!("{info}/WHEEL"), WHEEL.to_owned()));
    members.sort();
    let record: Vec<String> = members.iter().map(|(name, _)| format!("{name},,\n")).collect();
    members.push((format!("{info}/RECORD"), record.concat()));
    wheel(&project.path(&format!("{name}-{version}-py3-none-any.whl")), &members)
}

pub(crate) const WHEEL: &str =
    "Wheel-Version: 1.0\nGenerator: stagectl\nRoot-Is-Purelib: true\nTag: py3-none-any\n";

pub(crate) fn wheel_metadata(name: &str, version: &str, python: &str) -> String {
    format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {python}\n")
}

/// A zip file of these members.
pub(crate) fn wheel(path: &Path, members: &[(String, String)]) -> PathBuf {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, content) in members {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path.to_owned()
}

/// The sample sites of this repository, in a project of their own.
pub(crate) fn sample_sites(test: &str) -> Project {
    let project = Project::new(test)
        .folder("environments", "environments")
        .folder("tests/critical", "tests/critical");
    let lock = "tests/apps/noticeboard/source/requirements.lock";
    let locked = fs::read_to_string(repository().join(lock)).unwrap();
    let defaults = fs::read_to_string(repository().join("environments/defaults.yaml")).unwrap();
    project.file(lock, &locked).defaults(&defaults)
}

/// A project whose sites run the tiny app on Debian 12, in the cheapest way there is.
pub(crate) fn tiny_sites(test: &str) -> Project {
    Project::new(test).folder("tests/apps/tiny/critical", "critical").defaults(
        r#"
base: {debian: bookworm}
install: {extra: ["gunicorn==23.0.0", "waitress==3.0.2"]}
user: tiny
proxy: {server: none}
wsgi: {server: gunicorn, application: "tiny.wsgi:application", workers: 1}
health: {path: /healthz, within: 10s}
critical: {path: ../critical, run: python3 check.py, budget: 30s}
"#,
    )
}
