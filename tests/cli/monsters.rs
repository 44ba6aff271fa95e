//! Input that was made to hurt, through the real program: an error that names the file and the reason,
//! with a gigabyte of memory to have and an end before long. The end is only there for what hangs.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};

use crate::program::{Answer, SHOP, Stagectl};

/// Makes `link`s and pipes, which a release or a checkout may hold.
const MADE: &str = "mkfifo pipe.tar; ln -s /dev/zero endless.tar; ln -s /etc/passwd outside.tar; ";

/// Runs `stagectl` with little memory; `prepare` is shell.
fn bounded(project: Stagectl, prepare: &str, args: &str) -> Answer {
    project.shell(&format!("{prepare} ulimit -v 1048576; exec timeout 120 stagectl {args}"))
}

/// The description of a shop, with more keys.
fn shop(more: &str) -> String {
    format!("{SHOP}{more}\n")
}

#[test]
fn a_description_is_refused_with_file_and_reason() {
    let long = "x".repeat(100 << 20);
    let mut laughs = String::from("l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..40 {
        let list = vec![format!("*l{}", level - 1); 10].join(", ");
        laughs.push_str(&format!("l{level}: &l{level} [{list}]\n"));
    }
    let repeated =
        format!("a: &a {}\nb: [{}]\n", "x".repeat(400_000), vec!["*a"; 20_000].join(","));
    let blocks: String = (0..700).map(|depth| " ".repeat(depth) + "a:\n").collect();
    let many: Vec<String> = (0..40_000).map(|number| format!("a{number}: 1\n")).collect();
    let table: [(Vec<u8>, &str); 12] = [
        (
            format!("summary: {long}").into(),
            "environments/shop.yaml: the file is larger than 512 KiB",
        ),
        (b"summary: a\0b".to_vec(), "environments/shop.yaml:1:1: the file contains a NUL byte"),
        (
            b"names: [a]\nsummary: \xff".to_vec(),
            "environments/shop.yaml:2:1: the file is not UTF-8 text",
        ),
        ("a: {".repeat(10_000).into(), "more than 32 maps and lists inside each other"),
        ("[".repeat(10_000).into(), "not readable as YAML: recursion limit exceeded"),
        (blocks.into(), "more than 32 maps and lists inside each other"),
        (laughs.into(), ": l3.7: more than 10000 values, aliases followed"),
        (
            repeated.into(),
            "environments/shop.yaml:2:8: b.1: more than 1024 KiB of text, aliases followed",
        ),
        (many.concat().into(), "more than 10000 values, aliases followed"),
        (
            b"summary: a\nsummary: b".to_vec(),
            "environments/shop.yaml:2:1: summary: the key is there twice",
        ),
        (format!("? {}\n: 1", "k".repeat(200_000)).into(), "a key is longer than 1024 bytes"),
        (b"a: &a {b: *a}".to_vec(), "a.b: the alias stands inside what it repeats"),
    ];
    for (text, expected) in table {
        for file in ["shop", "defaults"] {
            let project = Stagectl::new()
                .site("shop", SHOP)
                .file(&format!("environments/{file}.yaml"), &text);
            let answer = bounded(project, "", "check").exit_code(2).made_nothing();
            let expected = expected.replace("/shop.yaml", &format!("/{file}.yaml"));
            assert!(answer.error().contains(&expected), "{expected}: {}", head(&answer.error()));
            assert!(answer.error().contains(&format!("environments/{file}.yaml")));
        }
    }
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(2000)]
}

#[test]
fn a_value_that_is_as_long_as_its_file_makes_no_endless_answer() {
    let long = "x".repeat(400_000);
    let zone = SHOP.replace("debian: bookworm", &format!("debian: bookworm, timezone: {long}"));
    let project = Stagectl::new().site("shop", &zone);
    let answer = bounded(project, "", "check").exit_code(2);
    assert!(answer.error().contains("is not a time zone") || answer.error().contains("more bytes"));
    assert!(answer.error().len() < 10_000, "{} bytes", answer.error().len());
}

#[test]
fn a_description_is_a_regular_file_of_the_project() {
    for (file, expected) in [
        ("pipe.tar", "the file cannot be read: it is not a regular file"),
        ("endless.tar", "the file is a link that leads out of the project"),
        ("outside.tar", "the file is a link that leads out of the project"),
        ("nowhere.tar", "the file cannot be read: No such file or directory (os error 2)"),
    ] {
        let make = format!("{MADE} ln -s none nowhere.tar; mv {file} environments/other.yaml;");
        let answer = bounded(Stagectl::new().site("shop", SHOP), &make, "check").exit_code(2);
        let expected = format!("error: environments/other.yaml: {expected}\n1 error in 1 file\n");
        assert_eq!(answer.error(), expected);
    }
}

#[test]
fn what_a_description_names_is_a_regular_file_of_a_fair_size() {
    let keys = [
        "env_file: ../FILE",
        "install: {requirements: ../FILE}",
        "files: [{path: /etc/shop.ini, template: ../FILE}]",
        "outside: {api.example: {stub: ../FILE}}",
        "tls: {certificate: {like: ../FILE}}",
        "services: {db: {postgres: '15', seed: ../FILE}}",
        "services: {db: {postgres: '15', init: [../FILE]}}",
        "base: {rootfs: ../FILE}",
    ];
    for key in keys {
        for (file, expected) in [
            ("pipe.tar", "`pipe.tar` is not a regular file"),
            ("endless.tar", "`endless.tar` is a link that leads out of the project"),
            ("outside.tar", "`outside.tar` is a link that leads out of the project"),
        ] {
            let description = match key.strip_prefix("base: {") {
                Some(rest) => SHOP.replace("debian: bookworm}", &rest.replace("FILE", file)),
                None => shop(&key.replace("FILE", file)),
            };
            let project = Stagectl::new().site("shop", &description);
            let answer = bounded(project, MADE, "check").exit_code(2);
            assert!(answer.error().contains(expected), "{key}: {}", answer.error());
            assert!(
                answer.error().contains("environments/shop.yaml:"),
                "{key}: {}",
                answer.error()
            );
        }
    }
}

#[test]
fn the_files_that_a_description_names_are_refused_by_their_own_names() {
    let large = "x".repeat(20 << 20);
    let table: &[(&str, &str, &[u8], &str)] = &[
        (
            "env_file: ../it",
            "check",
            large.as_bytes(),
            "it: the file cannot be read: it is larger than 512.0 KiB",
        ),
        (
            "env_file: ../it",
            "check",
            b"A=1\nB=\0\n",
            "it: the file cannot be read: line 2: there is a NUL byte",
        ),
        (
            "env_file: ../it",
            "check",
            b"A=1\n\xff",
            "it: the file cannot be read: line 2: it is not UTF-8 text",
        ),
        (
            "outside: {api.example: {stub: ../it}}",
            "check",
            large.as_bytes(),
            "it: the file is larger than 512 KiB",
        ),
        (
            "outside: {api.example: {stub: ../it}}",
            "check",
            b"requests: &a [*a]",
            "it:1:15: requests.0: the alias stands inside what it repeats",
        ),
        (
            "tls: {certificate: {like: ../it}}",
            "check",
            large.as_bytes(),
            "`../it` could not be read: it is larger than 256.0 KiB",
        ),
        (
            "tls: {certificate: {like: ../it}}",
            "check",
            b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            "`../it`: there is no PEM certificate in the file",
        ),
        (
            "files: [{path: /etc/a.ini, template: ../it}]",
            "plan",
            large.as_bytes(),
            "it is larger than 1.0 MiB",
        ),
        (
            "files: [{path: /etc/a.ini, template: ../it}]",
            "plan",
            b"\xff",
            "line 1: it is not UTF-8 text",
        ),
        ("install: {requirements: ../it}", "plan", large.as_bytes(), "it is larger than 16.0 MiB"),
        (
            "services: {db: {postgres: '15', seed: ../it}}",
            "check",
            b"\0\0\0",
            "`../it` is nothing that can be loaded",
        ),
    ];
    for (key, command, content, expected) in table {
        let project = Stagectl::new().site("shop", &shop(key)).file("it", content).wheel(">=3.9");
        let args = if *command == "plan" {
            "plan --release dist/shop-1.0-py3-none-any.whl"
        } else {
            command
        };
        let answer = bounded(project, "", args).exit_code(2).made_nothing();
        assert!(answer.error().contains(expected), "{key}: {}", head(&answer.error()));
    }
}

/// A tar archive of these members: name, kind, claimed size, target.
fn tar_gz(members: impl IntoIterator<Item = (String, EntryType, u64, &'static str)>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for (name, kind, size, target) in members {
        let mut header = Header::new_gnu();
        let bytes = header.as_mut_bytes();
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        bytes[157..157 + target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(size);
        header.set_cksum();
        encoder.write_all(header.as_bytes()).unwrap();
    }
    encoder.write_all(&[0; 1024]).unwrap();
    encoder.finish().unwrap()
}

fn refused_release(name: &str, bytes: &[u8], expected: &str) {
    let project = Stagectl::new().site("shop", SHOP).file(name, bytes);
    let args = format!("plan --release {name}");
    let answer = bounded(project, "", &args).exit_code(3).made_nothing();
    let first = format!("error: could not read release `{name}`\n  caused by: {expected}\n");
    assert!(answer.error().starts_with(&first), "{}", answer.error());
}

#[test]
fn an_archive_is_refused_with_its_member_and_the_reason() {
    let member = |name: &str, kind, target| [(name.to_owned(), kind, 0, target)];
    let file = EntryType::Regular;
    let twice = ["a/b", "a/b"].map(|name| (name.to_owned(), file, 0, ""));
    let below = [("a", EntryType::Symlink, "b"), ("a/c", file, "")]
        .map(|(name, kind, target)| (name.to_owned(), kind, 0, target));
    let table = [
        (tar_gz([("zeros".to_owned(), file, 3 << 30, "")]), "it unpacks to more than 2.0 GiB"),
        (
            tar_gz((0..100_001).map(|number| (format!("f{number}"), file, 0, ""))),
            "it holds more than 100000 members",
        ),
        (tar_gz(member("../up", file, "")), "its member `../up` climbs out of the release"),
        (
            tar_gz(member("/etc/cron.d/x", file, "")),
            "its member `/etc/cron.d/x` has an absolute name",
        ),
        (
            tar_gz(member("link", EntryType::Symlink, "../../etc/passwd")),
            "its member `link` is a link out of the release, to `../../etc/passwd`",
        ),
        (
            tar_gz(member("link", EntryType::Link, "/etc/passwd")),
            "its member `/etc/passwd` has an absolute name",
        ),
        (
            tar_gz(member("null", EntryType::Char, "")),
            "its member `null` is a device or a pipe, not a file",
        ),
        (
            tar_gz(member("pipe.tar", EntryType::Fifo, "")),
            "its member `pipe.tar` is a device or a pipe, not a file",
        ),
        (tar_gz(twice), "its member `a/b` is there twice"),
        (tar_gz(below), "its member `a/c` is below `a`, which is no folder"),
        (tar_gz(member(&"a/".repeat(50), EntryType::XHeader, "")), "it holds no files"),
        (tar_gz([]), "it holds no files"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00".to_vec(), "it is damaged or cut short"),
        (b"\0\0\0\0".to_vec(), "it is not a gzip archive, but text"),
    ];
    for (bytes, expected) in table {
        refused_release("dist/shop.tar.gz", &bytes, expected);
    }
}

#[test]
fn a_wheel_whose_metadata_bursts_is_refused() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, size) in [("shop-1.0.dist-info/WHEEL", 17 << 20), ("shop.py", 1)] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&vec![b' '; size]).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    refused_release(
        "dist/shop-1.0-py3-none-any.whl",
        &bytes,
        "its member `shop-1.0.dist-info/WHEEL` is larger than 16 MiB",
    );
}

#[test]
fn a_release_is_a_regular_file_or_a_folder() {
    for name in ["pipe.tar", "endless.tar"] {
        let make = format!("{MADE} mkdir dist; mv {name} dist/shop.tar.gz;");
        let project = Stagectl::new().site("shop", SHOP);
        let answer = bounded(project, &make, "plan --release dist/shop.tar.gz").exit_code(2);
        let expected = "error: `dist/shop.tar.gz` is not a kind of release that stagectl knows\n";
        assert!(answer.error().starts_with(expected), "{}", answer.error());
    }
    // More bytes than any archive may have, none of which takes room on the disk.
    let project = Stagectl::new().site("shop", SHOP);
    let make = "mkdir dist; printf PK > dist/shop.zip; truncate -s 3G dist/shop.zip;";
    let answer = bounded(project, make, "plan --release dist/shop.zip").exit_code(3);
    let expected = "caused by: the file itself is larger than 2.0 GiB\n";
    assert!(answer.error().contains(expected), "{}", answer.error());
}

#[test]
fn a_report_that_is_read_back_is_one() {
    let deep = "[".repeat(1_000_000);
    let table: &[(&[u8], &str)] = &[
        (deep.as_bytes(), "recursion limit exceeded at line 1 column 128"),
        (b"{\"sites\": \0}", "expected value at line 1 column 11"),
        (b"\xff", "expected value at line 1 column 1"),
    ];
    for (report, expected) in table {
        let project = Stagectl::new()
            .site("shop", SHOP)
            .site("desk", SHOP)
            .file(".stagectl/runs/20260101-1/report.json", report);
        let answer = bounded(project, "", "diff --built shop desk").exit_code(2);
        let file = "/tmp/project/board/.stagectl/runs/20260101-1";
        assert_eq!(
            answer.error(),
            format!(
                "error: could not read {file}/report.json\n  caused by: {expected}\n\
                 hint: remove that run: `rm -r {file}`\n"
            )
        );
    }
    let project = Stagectl::new().site("shop", SHOP).site("desk", SHOP);
    let make = "mkdir -p .stagectl/runs/1; mkfifo .stagectl/runs/1/report.json;";
    let answer = bounded(project, make, "diff --built shop desk").exit_code(2);
    assert!(answer.error().contains("it is not a regular file"), "{}", answer.error());
}
