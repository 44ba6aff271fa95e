//! Files of the project that a description names: they exist, and they stay inside.

use std::path::{Component, Path, PathBuf};

use super::value::{Complaint, Judged};
use crate::site::problem::nearest;

/// Where the files of a project are.
#[derive(Debug, Clone)]
pub(in crate::site) struct Folders {
    /// The project's root, without links.
    pub(in crate::site) root: PathBuf,
}

/// What a description can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    File,
    Folder,
    Either,
}

impl Folders {
    /// The folder of the descriptions, from the root.
    pub(in crate::site) const ENVIRONMENTS: &'static str = "environments";
    /// The folder of the project's own templates, from the root.
    pub(in crate::site) const TEMPLATES: &'static str = "templates";

    /// A path that is written from the folder of the descriptions.
    pub(super) fn find(&self, text: &str, wanted: Wanted) -> Judged<PathBuf> {
        self.find_in(&[Self::ENVIRONMENTS], text, wanted)
    }

    /// A path that is written from the folder of the descriptions, of a file that may come later.
    pub(super) fn find_later(&self, text: &str, wanted: Wanted) -> Judged<PathBuf> {
        let path = self.root.join(inside(Self::ENVIRONMENTS, text)?);
        // A link to nothing may lead anywhere later.
        if path.symlink_metadata().is_ok() { self.find(text, wanted) } else { Ok(path) }
    }

    /// A path that is written from the first of the folders that has it.
    pub(super) fn find_in(&self, folders: &[&str], text: &str, wanted: Wanted) -> Judged<PathBuf> {
        let mut candidates = Vec::new();
        for folder in folders {
            candidates.push(inside(folder, text)?);
        }
        let there = candidates.iter().find(|path| self.root.join(path).exists());
        let Some(relative) = there else { return Err(self.not_there(&candidates, wanted)) };
        let path = self.root.join(relative);
        let shown = relative.display();
        let real = path
            .canonicalize()
            .map_err(|error| Complaint::new(format!("`{shown}` cannot be read: {error}")))?;
        if !real.starts_with(&self.root) {
            return Err(Complaint::new(format!(
                "`{shown}` is a link that leads out of the project"
            ))
            .hint("copy what is needed into the project"));
        }
        match wanted {
            Wanted::File if real.is_dir() => {
                Err(Complaint::new(format!("`{shown}` is a folder, not a file")))
            }
            Wanted::Folder if !real.is_dir() => {
                Err(Complaint::new(format!("`{shown}` is a file, not a folder")))
            }
            // Pipes, sockets, devices: reading one may never end.
            Wanted::File | Wanted::Either if !real.is_file() && !real.is_dir() => {
                Err(Complaint::new(format!("`{shown}` is not a regular file")))
            }
            _ => Ok(path),
        }
    }

    /// A path from the root that need not be there yet.
    pub(in crate::site) fn in_root(&self, text: &str) -> Result<PathBuf, String> {
        inside("", text).map(|path| self.root.join(path)).map_err(|complaint| complaint.message)
    }

    /// True where a path from the folder of the descriptions leads to something.
    pub(super) fn has(&self, text: &str) -> bool {
        inside(Self::ENVIRONMENTS, text).is_ok_and(|path| self.root.join(path).exists())
    }

    fn not_there(&self, candidates: &[PathBuf], wanted: Wanted) -> Complaint {
        let names: Vec<_> = candidates.iter().map(|path| format!("`{}`", path.display())).collect();
        let what = match wanted {
            Wanted::File => "file",
            Wanted::Folder => "folder",
            Wanted::Either => "file or folder",
        };
        let complaint = Complaint::new(format!("there is no {what} {}", names.join(" or ")));
        match candidates.iter().find_map(|path| self.neighbour(path)) {
            Some(name) => complaint.hint(format!("did you mean `{name}`?")),
            None => complaint,
        }
    }

    /// The file beside a missing one whose name is nearest.
    fn neighbour(&self, missing: &Path) -> Option<String> {
        let entries = std::fs::read_dir(self.root.join(missing).parent()?).ok()?;
        let names: Vec<_> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        let wrong = missing.file_name()?.to_str()?;
        nearest(wrong, names.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// The path from the root, its `..` followed; they may not lead above.
fn inside(folder: &str, text: &str) -> Judged<PathBuf> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Complaint::new(format!("{text:?} is not a path")));
    }
    let mut path = PathBuf::from(folder);
    for part in Path::new(text).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !path.pop() {
                    return Err(Complaint::new(format!("`{text}` leads out of the project"))
                        .hint("copy what is needed into the project"));
                }
            }
            Component::RootDir | Component::Prefix(_) => {
                let folder = if folder.is_empty() { "the project's root" } else { folder };
                return Err(Complaint::new(format!("`{text}` is an absolute path"))
                    .hint(format!("write a path from {folder}")));
            }
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_exist_and_stay_inside_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("project");
        fs::create_dir_all(root.join("environments/sql")).unwrap();
        fs::write(root.join("environments/sql/grants.sql"), "").unwrap();
        fs::write(root.join("top.txt"), "").unwrap();
        fs::write(root.join("../secret.txt"), "").unwrap();
        std::os::unix::fs::symlink("../../secret.txt", root.join("environments/link.txt")).unwrap();
        std::os::unix::fs::symlink("../top.txt", root.join("environments/good.txt")).unwrap();
        let _socket =
            std::os::unix::net::UnixListener::bind(root.join("environments/socket")).unwrap();
        let folders = Folders { root: root.clone() };
        let find = |text: &str| match folders.find(text, Wanted::File) {
            Ok(path) => path.strip_prefix(&root).unwrap().display().to_string(),
            Err(Complaint { message, hint }) => format!("{message}; {}", hint.unwrap_or_default()),
        };
        let table = [
            ("sql/grants.sql", "environments/sql/grants.sql"),
            ("../top.txt", "top.txt"),
            ("good.txt", "environments/good.txt"),
            (
                "../../secret.txt",
                "`../../secret.txt` leads out of the project; copy what is needed into the project",
            ),
            (
                "link.txt",
                "`environments/link.txt` is a link that leads out of the project; copy what is needed into the project",
            ),
            ("/etc/passwd", "`/etc/passwd` is an absolute path; write a path from environments"),
            (
                "sql/grant.sql",
                "there is no file `environments/sql/grant.sql`; did you mean `grants.sql`?",
            ),
            ("sql", "`environments/sql` is a folder, not a file; "),
            ("socket", "`environments/socket` is not a regular file; "),
            ("", "\"\" is not a path; "),
        ];
        for (text, expected) in table {
            assert_eq!(find(text), expected, "{text}");
        }
    }
}
