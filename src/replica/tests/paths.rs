//! The paths of stagectl's own things, as programs and templates have them.

use std::path::Path;

use crate::replica::{added, paths};

const BEGINNINGS: [&str; 3] = ["/opt/stagectl", "/run/stagectl", "/var/log/stagectl"];

/// What is put in when the program runs, and where that ends.
fn put_in(rest: &str) -> Option<usize> {
    let ends = |end: &str| rest.find(end).map(|at| at + end.len());
    let name = |letter: char| letter.is_alphanumeric() || letter == '_';
    match rest {
        _ if rest.starts_with("{{") => ends("}}"),
        _ if rest.starts_with('{') || rest.starts_with("${") => ends("}"),
        _ if rest.starts_with('$') => {
            Some(1 + rest[1..].find(|letter| !name(letter)).unwrap_or(rest.len() - 1))
        }
        _ if rest.starts_with('*') => Some(1),
        _ => None,
    }
}

/// The path at the beginning of a text, with `ROLE` for what is put in.
fn path_in(mut rest: &str) -> String {
    let mut path = String::new();
    while let Some(letter) = rest.chars().next() {
        if letter.is_ascii_alphanumeric() || "_./-".contains(letter) {
            path.push(letter);
            rest = &rest[1..];
        } else if let Some(end) = put_in(rest) {
            path.push_str("ROLE");
            rest = &rest[end..];
        } else {
            break;
        }
    }
    path.trim_end_matches(['.', '/', '-']).to_owned()
}

/// Those of a text that are not listed, and lead to none that is.
fn unlisted(text: &str) -> Vec<String> {
    let begins = BEGINNINGS.iter().flat_map(|begin| text.match_indices(begin));
    let mut found: Vec<String> = begins.map(|(at, _)| path_in(&text[at..])).collect();
    found.retain(|path| {
        let leads_to = |listed: &&&str| {
            let rest = listed.strip_prefix(path.as_str());
            rest.is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('/') || path == "/run/stagectl"
            })
        };
        !paths::ALL.iter().any(|listed| leads_to(&listed))
    });
    found
}

fn texts_below(folder: &Path, texts: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts_below(&path, texts);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            texts.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn every_path_of_a_program_or_template_is_listed() {
    let mut texts = Vec::new();
    texts_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut texts);
    let found: Vec<String> = texts
        .iter()
        .flat_map(|(file, text)| {
            unlisted(text).into_iter().map(move |path| format!("{file}: {path}"))
        })
        .collect();
    assert_eq!(found, Vec::<String>::new(), "add it to src/replica/paths.rs");
}

#[test]
fn a_path_that_is_not_listed_is_found() {
    assert_eq!(unlisted("cat /opt/stagectl/none.txt"), ["/opt/stagectl/none.txt"]);
    assert_eq!(unlisted("f\"/run/stagectl.{role}.note\""), ["/run/stagectl.ROLE.note"]);
    assert_eq!(unlisted("/opt/stagectl/owners"), ["/opt/stagectl/owners"]);
    let listed =
        "/run/stagectl.$role.pid ${file#/run/stagectl.} /opt/stagectl/suite/ /run/stagectl.*.pid";
    assert_eq!(unlisted(listed), [""; 0]);
}

#[test]
fn what_is_added_to_a_host_is_where_it_is_listed() {
    assert_eq!((added::OWN_FOLDER.text, added::OWN_LOGS.text), (paths::OWN, paths::LOG));
    for path in [paths::PID, paths::CODE] {
        assert!(path.starts_with(added::OWN_NOTES.text), "{path}");
    }
    for (command, script) in
        [(paths::OWNERS_COMMAND, paths::OWNERS_SH), (paths::TRUST_COMMAND, paths::TRUST_SH)]
    {
        assert_eq!(command, format!("/bin/sh {script}"));
    }
}
