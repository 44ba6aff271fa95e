//! The files of `environments/`: which there are, and what they hold.

use std::fs;
use std::path::{Path, PathBuf};

use super::problem::{KeyPath, Place, Problem, Problems};
use super::resolve::Folders;
use super::tree::Node;
use super::value::{ProjectName, SiteName};
use super::yaml;
use crate::bounded;

/// The most descriptions of a project.
const MOST_FILES: usize = 500;

/// The stem of the file of what all sites share.
pub(super) const DEFAULTS: &str = "defaults";

/// What was read of a file: nothing where it could not be.
pub(super) struct FileRead {
    /// From the project's root.
    pub(super) path: PathBuf,
    pub(super) tree: Option<Node>,
}

/// A text in place of what a description's file has.
#[derive(Debug, Clone, Copy)]
pub struct Instead<'a> {
    /// From the project's root.
    pub file: &'a Path,
    pub text: &'a str,
}

/// Every description of a project.
#[derive(Default)]
pub(super) struct Descriptions {
    pub(super) defaults: Option<FileRead>,
    pub(super) sites: Vec<(SiteName, FileRead)>,
}

/// Reads all of them; hidden files, copies that editors keep, and other kinds are passed over.
pub(super) fn read(root: &Path, problems: &mut Problems) -> Descriptions {
    read_with(root, None, problems)
}

/// The same, where a file may have another text than is on the disk.
pub(super) fn read_with(
    root: &Path,
    instead: Option<Instead<'_>>,
    problems: &mut Problems,
) -> Descriptions {
    let read_file = |path: &Path, problems: &mut Problems| match instead {
        Some(instead) if instead.file == path => read_text(path, instead.text.as_bytes(), problems),
        _ => read_file(root, path, problems),
    };
    let mut descriptions = Descriptions::default();
    let mut seen: Vec<(String, PathBuf)> = Vec::new();
    for path in yaml_files(root, problems) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let report = |problems: &mut Problems, message: String, hint: &str| {
            let place = Place::file(&path);
            problems.push(Problem::new(place, KeyPath::default(), message).hint(hint));
        };
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == stem) {
            let message = format!("`{stem}` is described by {} too", first.display());
            report(problems, message, "keep one of the two files");
            continue;
        }
        seen.push((stem.clone(), path.clone()));
        if stem == DEFAULTS {
            let tree = read_file(&path, problems);
            descriptions.defaults = Some(FileRead { path, tree });
            continue;
        }
        match stem.parse::<SiteName>() {
            Ok(name) => {
                let tree = read_file(&path, problems);
                descriptions.sites.push((name, FileRead { path, tree }));
            }
            Err(error) => report(problems, error.to_string(), "give the file another name"),
        }
    }
    descriptions
}

/// The names of a project's sites as their files are called, whatever is in them.
#[must_use]
pub fn site_names(root: &Path) -> Vec<SiteName> {
    let files = yaml_files(root, &mut Problems::default());
    let stems = files.iter().filter_map(|path| path.file_stem()?.to_str());
    let mut names: Vec<SiteName> =
        stems.filter(|stem| *stem != DEFAULTS).filter_map(|stem| stem.parse().ok()).collect();
    names.dedup();
    names
}

/// The project's name by its line in the defaults, whatever else is in them.
pub(super) fn project_line(root: &Path) -> Option<ProjectName> {
    let defaults = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == DEFAULTS);
    let path = yaml_files(root, &mut Problems::default()).into_iter().find(defaults)?;
    let bytes = bounded::start(&root.join(path), yaml::MAX_BYTES as u64).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("project:"))?;
    let value = line.split(" #").next().unwrap_or_default();
    value.trim().trim_matches(['"', '\'']).parse().ok()
}

/// The YAML files of the folder, by name.
fn yaml_files(root: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    let folder = Path::new(Folders::ENVIRONMENTS);
    let entries = match fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) => {
            let message = format!("the folder cannot be read: {error}");
            problems.push(Problem::new(Place::file(folder), KeyPath::default(), message));
            return Vec::new();
        }
    };
    let mut files: Vec<_> = entries
        .flatten()
        .map(|entry| folder.join(entry.file_name()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_yaml = path.extension().is_some_and(|kind| kind == "yaml" || kind == "yml");
            // A link that leads nowhere is not passed over: it was meant to be a site.
            is_yaml && !name.starts_with(['.', '#']) && !root.join(path).is_dir()
        })
        .collect();
    files.sort();
    if files.len() > MOST_FILES {
        let message = format!("{} descriptions, more than {MOST_FILES}", files.len());
        problems.push(Problem::new(Place::file(folder), KeyPath::default(), message));
        files.clear();
    }
    files
}

fn read_file(root: &Path, path: &Path, problems: &mut Problems) -> Option<Node> {
    let report = |problems: &mut Problems, message: String| {
        problems.push(Problem::new(Place::file(path), KeyPath::default(), message));
        None
    };
    let full = root.join(path);
    // What it says would stand in messages, of a file that is none of the project's.
    if full.canonicalize().is_ok_and(|real| !real.starts_with(root)) {
        return report(problems, "the file is a link that leads out of the project".to_owned());
    }
    let bytes = match bounded::start(&full, yaml::MAX_BYTES as u64 + 1) {
        Ok(bytes) => bytes,
        Err(error) => return report(problems, format!("the file cannot be read: {error}")),
    };
    read_text(path, &bytes, problems)
}

fn read_text(path: &Path, bytes: &[u8], problems: &mut Problems) -> Option<Node> {
    match yaml::read(path, bytes) {
        Ok(tree) => Some(tree),
        Err(found) => {
            problems.extend(found);
            None
        }
    }
}
