//! The picture of the code, held: which module may import which, which crate has which home, and how
//! files are named and sized.
//!
//! A new edge is a decision: change the table in the same commit, and say why.

use std::fmt;
use std::path::{Path, PathBuf};

use picture::{FENCES, PICTURE};
use source::{What, mentions, module_path};

#[path = "layers/circles.rs"]
mod circles;
#[path = "layers/commands.rs"]
mod commands;
#[path = "layers/every_rule_can_fail.rs"]
mod every_rule_can_fail;
#[path = "layers/picture.rs"]
mod picture;
#[path = "layers/pipes.rs"]
mod pipes;
#[path = "layers/source.rs"]
mod source;
#[path = "layers/tiers.rs"]
mod tiers;

const PRINTS: &[&str] = &["print", "println", "eprint", "eprintln"];
const NAMES_THAT_SAY_NOTHING: &[&str] =
    &["util", "utils", "common", "helpers", "core", "imp", "manager"];
const LONGEST_FILE: usize = 400;

#[test]
fn imports_go_downward_and_crates_stay_at_home() {
    let complaints: Vec<_> =
        sources("src").iter().flat_map(|(file, text)| check_imports(file, text)).collect();
    assert_none(&complaints);
}

#[test]
fn files_are_short_and_named_for_what_they_hold() {
    let complaints: Vec<_> = ["src", "tests"]
        .into_iter()
        .flat_map(sources)
        .flat_map(|(file, text)| check_shape(&file, &text))
        .collect();
    assert_none(&complaints);
}

#[test]
fn the_picture_has_no_circle() {
    for (row, (module, imports)) in PICTURE.iter().enumerate() {
        for import in *imports {
            let below = PICTURE[row + 1..].iter().any(|(lower, _)| lower == import);
            assert!(below, "the picture lets `{module}` import `{import}`, which is not below it");
        }
    }
}

#[test]
fn no_files_need_each_other() {
    let found = circles::circles(&sources("src"));
    let texts: Vec<String> = found.iter().map(|ties| ties.join("\n")).collect();
    assert!(texts.is_empty(), "files that need each other:\n\n{}", texts.join("\n\n"));
}

#[test]
fn every_fence_stands_around_a_crate_in_use() {
    let manifest = std::fs::read_to_string(at_home("Cargo.toml")).unwrap();
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap();
    for (name, _) in FENCES {
        let declared = |line: &str| {
            line.split([' ', '=', '.']).next().is_some_and(|key| key.replace('-', "_") == *name)
        };
        assert!(dependencies.lines().any(declared), "`{name}` has a fence, but is no dependency");
    }
}

/// A rule that a file breaks.
struct Complaint {
    file: PathBuf,
    line: usize,
    text: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file.display(), self.line, self.text)
    }
}

/// Edges, fences and prints of one file of `src`.
fn check_imports(file: &Path, text: &str) -> Vec<Complaint> {
    let path = module_path(file);
    let module = path.first().map_or("main", String::as_str);
    let complaint = |line, text| Complaint { file: file.to_owned(), line, text };
    let Some((_, allowed)) = PICTURE.iter().find(|(name, _)| *name == module) else {
        return vec![complaint(1, format!("the module `{module}` is not in the picture"))];
    };

    let modules: Vec<&str> = PICTURE.iter().map(|(name, _)| *name).collect();
    let mut complaints = Vec::new();
    for mention in mentions(file, text, &modules) {
        let text = match &mention.what {
            What::Import(to) if to != module && !is_allowed(allowed, to, &path) => {
                Some(format!("`{module}` imports `{to}`: no such edge in the picture"))
            }
            What::Root => {
                Some(format!("`{module}` imports the crate's root: no such edge in the picture"))
            }
            What::Name(name) => FENCES
                .iter()
                .find(|(fenced, home)| fenced == name && !home.contains(&module))
                .map(|(_, home)| {
                    format!(
                        "`{module}` uses the crate `{name}`, whose home is {}",
                        join_names(home)
                    )
                }),
            What::Macro(name) if PRINTS.contains(&name.as_str()) && module != "display" => {
                Some(format!("`{module}` calls `{name}!`: only `display` prints"))
            }
            What::Import(_) | What::Macro(_) => None,
        };
        complaints.extend(text.map(|text| complaint(mention.line, text)));
    }
    complaints
}

/// Whether the table has the edge; the root's own files may also name the root's items.
fn is_allowed(allowed: &[&str], to: &str, path: &[String]) -> bool {
    let is_module = PICTURE.iter().any(|(name, _)| *name == to);
    allowed.contains(&to) || (path.is_empty() && !is_module)
}

/// Name and length of one file.
fn check_shape(file: &Path, text: &str) -> Vec<Complaint> {
    let complaint = |line, text| Complaint { file: file.to_owned(), line, text };
    let stem = file.with_extension("");
    let names = stem.components().map(|part| part.as_os_str().to_string_lossy());
    let mut complaints: Vec<Complaint> = names
        .filter(|name| NAMES_THAT_SAY_NOTHING.contains(&name.as_ref()))
        .map(|name| complaint(1, format!("`{name}` says nothing: name it for what it holds")))
        .collect();
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        complaints.push(complaint(
            LONGEST_FILE + 1,
            format!("{lines} lines: a file splits at {LONGEST_FILE}"),
        ));
    }
    complaints
}

fn join_names(modules: &[&str]) -> String {
    modules.iter().map(|module| format!("`{module}`")).collect::<Vec<_>>().join(" or ")
}

fn assert_none(complaints: &[Complaint]) {
    let lines: Vec<_> = complaints.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "the picture is broken:\n{}", lines.join("\n"));
}

fn at_home(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The Rust files below a folder of the project, by their path from the project.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let found: Vec<_> = walkdir::WalkDir::new(at_home(folder))
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("a folder of the project is readable").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source is text");
            let path = path.strip_prefix(at_home("")).expect("it was found there");
            (path.to_owned(), text)
        })
        .collect();
    assert!(!found.is_empty(), "no sources below `{folder}`");
    found
}
