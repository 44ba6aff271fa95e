//! The readers of what others wrote, as the fuzz targets and the tests here call them: bytes in, and
//! everything that must hold of the answer asserted.
//!
//! A panic is a finding. What is asked for in `fuzz/fuzz_targets/` is exactly what is tested here.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use stagectl::failure::Kind;
use stagectl::release::Release;
use stagectl::site::{Lock, Project, differences};
use tempfile::TempDir;

/// Stands between the files of an input of [`description`].
const BORDER: &[u8] = b"\n%%%\n";
/// The files of such an input, in their order.
const PARTS: [&str; 5] = [
    "environments/site.yaml",
    "environments/defaults.yaml",
    "stubs/stub.yaml",
    "environments/site.env",
    "certs/like.pem",
];
/// No answer about one project is longer.
const LONGEST_ANSWER: usize = 4 << 20;

thread_local! {
    static FOLDER: TempDir = tempfile::tempdir().expect("there is a temporary folder");
}

/// A folder of this thread's own, made by `prepare` when it is not there yet.
fn folder(name: &str, prepare: impl FnOnce(&Path)) -> PathBuf {
    FOLDER.with(|folder| {
        let folder = folder.path().join(name);
        if !folder.is_dir() {
            fs::create_dir_all(&folder).expect("a folder can be made");
            prepare(&folder);
        }
        folder
    })
}

/// A project whose site, defaults, stub, file of variables and certificate are the input, one after
/// the other: read, merged, checked, resolved, and digested where nothing is wrong.
pub(crate) fn description(input: &[u8]) {
    let root = folder("project", |root| {
        for folder in ["environments/seeds", "stubs", "certs", "templates", "tests/critical"] {
            fs::create_dir_all(root.join(folder)).expect("a folder can be made");
        }
        for (file, text) in [
            ("tests/critical/test_it.py", "def test_it(): pass\n"),
            ("templates/app.ini.j2", "[app]\nname = {{ site.name }}\n"),
            ("environments/seeds/seed.sql", "CREATE TABLE notice (text varchar);\n"),
            ("requirements.lock", "flask==3.1.3\n"),
        ] {
            fs::write(root.join(file), text).expect("a file can be written");
        }
    });
    let mut rest = Some(input);
    for name in PARTS {
        let file = root.join(name);
        let Some(bytes) = rest else {
            // Left from the input before.
            fs::remove_file(&file).ok();
            continue;
        };
        let border = bytes.windows(BORDER.len()).position(|window| window == BORDER);
        let end = border.unwrap_or(bytes.len());
        fs::write(&file, &bytes[..end]).expect("a file can be written");
        rest = border.map(|border| &bytes[border + BORDER.len()..]);
    }
    match Project::load(&root, |_| Some("value".to_owned())) {
        Ok(project) => {
            for site in &project.sites {
                assert_eq!(site.digest().expect("its files are there").len(), 64);
                assert!(differences(site, site).is_empty(), "a site differs from itself");
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "refused, and no reason given");
            for problem in &problems {
                let file = problem.place.file.to_str().expect("it is one of ours");
                assert!(PARTS.contains(&file), "a problem of {file}: {problem}");
                assert!(!problem.message.is_empty(), "{problem}");
            }
            let length = problems.render().len();
            assert!(length <= LONGEST_ANSWER, "{length} bytes of problems");
        }
    }
}

/// The result of a critical suite.
pub(crate) fn junit(input: &[u8]) {
    match stagectl::suite::read_junit(input) {
        Ok(tests) => {
            for test in tests {
                assert!(test.took.is_finite() && test.took >= 0.0, "{test:?}");
                assert!(test.label().len() <= input.len() + 16, "{test:?}");
            }
        }
        Err(failure) => {
            assert_eq!(failure.kind, Kind::NoResult, "{failure:?}");
            assert!(!failure.causes.is_empty(), "{failure:?}");
        }
    }
}

/// A release. The first byte says how the rest is taken: `W` a wheel, `Z` a zip of a tree, `G` a
/// `.tar.gz`, and anything else a tar that is packed here, so that its headers can be mutated.
pub(crate) fn archive(input: &[u8]) {
    let Some((kind, rest)) = input.split_first() else { return };
    let (name, bytes) = match kind {
        b'W' => ("app-1.0-py3-none-any.whl", rest.to_vec()),
        b'Z' => ("app.zip", rest.to_vec()),
        b'G' => ("app.tar.gz", rest.to_vec()),
        _ => ("app.tar.gz", gzipped(rest)),
    };
    let path = folder("release", |_| {}).join(name);
    fs::write(&path, bytes).expect("a file can be written");
    let release = match Release::open(&path) {
        Ok(release) => release,
        Err(failure) => {
            assert_eq!(failure.kind, Kind::Deploy, "{failure:?}");
            assert!(failure.message.contains(name), "{failure:?}");
            assert!(!failure.causes.is_empty(), "{failure:?}");
            return;
        }
    };
    release.supports(&"3.11".parse().expect("a Python")).ok();
    let lock = Lock::Release(PathBuf::from("requirements.lock"));
    if let Err(failure) =
        release.requirements(&lock, path.parent().expect("a folder"), &BTreeSet::new())
    {
        assert_eq!(failure.kind, Kind::Deploy, "{failure:?}");
    }
    match release.pack_tar("srv/app", Vec::new()) {
        Ok(tar) => assert_stays(&tar),
        Err(failure) => assert_eq!(failure.kind, Kind::Deploy, "{failure:?}"),
    }
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Nothing in what goes into a container is outside of its folder, or leads out of it.
fn assert_stays(tar: &[u8]) {
    let mut archive = tar::Archive::new(tar);
    for entry in archive.entries().expect("it was just packed") {
        let mut entry = entry.expect("it was just packed");
        let path = entry.path().expect("it was just packed").into_owned();
        let shown = path.display().to_string();
        assert!(shown.starts_with("srv/app/"), "{shown} is elsewhere");
        assert!(!shown.split('/').any(|part| part == ".."), "{shown} climbs");
        if let Some(target) = entry.link_name().expect("it was just packed") {
            let kind = entry.header().entry_type();
            let ups = target.components().filter(|part| part.as_os_str() == "..").count();
            let depth = shown.trim_start_matches("srv/app/").matches('/').count();
            let stays = if kind.is_hard_link() {
                target.starts_with("srv/app") && ups == 0
            } else {
                target.is_relative() && ups <= depth
            };
            assert!(stays, "{shown} leads to {}", target.display());
        }
        let claimed = entry.size();
        let read = std::io::copy(&mut entry.by_ref(), &mut std::io::sink());
        assert_eq!(read.expect("it was just packed"), claimed, "{shown}");
    }
}
