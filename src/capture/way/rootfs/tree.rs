//! The files of an archive as a tree of this machine, in which nothing leads out of it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The most links that one path may go through.
const MOST_LINKS: usize = 40;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    /// A file, whose bytes lie at a path of this machine.
    File(PathBuf),
    Link(String),
    /// Another name of a file, by its path in the archive.
    Same(String),
}

/// An entry of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) uid: u64,
    pub(super) gid: u64,
    pub(super) mode: u32,
}

/// Entries by their paths, which have no slash at either end; the root itself is the empty one.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    entries: BTreeMap<String, Entry>,
}

/// A path of an archive as a tree has it; `None` for one that leads out, or that no script can take.
pub(super) fn plain(path: &str) -> Option<String> {
    let parts: Vec<&str> =
        path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let is_odd = |part: &&str| *part == ".." || part.contains(['\n', '\r', '\\', '|', '\0']);
    (!parts.iter().any(is_odd)).then(|| parts.join("/"))
}

impl Tree {
    pub(super) fn insert(&mut self, path: String, entry: Entry) {
        self.entries.insert(path, entry);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Where a path of the archive leads, through all of its links; above the root is the root.
    fn resolve(&self, path: &str) -> Option<String> {
        let mut rest: Vec<String> = path.rsplit('/').map(str::to_owned).collect();
        let mut done: Vec<String> = Vec::new();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    done.pop();
                    continue;
                }
                _ => done.push(part),
            }
            if let Some(Entry { kind: Kind::Link(target), .. }) = self.entries.get(&done.join("/"))
            {
                links += 1;
                if links > MOST_LINKS {
                    return None;
                }
                done.pop();
                if target.starts_with('/') {
                    done.clear();
                }
                rest.extend(target.rsplit('/').map(str::to_owned));
            }
        }
        Some(done.join("/"))
    }

    /// Writes the tree below a folder that is there and empty. A link leads to where it leads inside the archive, and
    /// nowhere else; an entry below a link or below a file is left out, as no archive that `tar` makes has one.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn write(&self, root: &Path) -> io::Result<()> {
        let stands_true = |path: &str| {
            let parent = parent_of(path);
            let is_below_file = parent.match_indices('/').map(|(at, _)| &parent[..at]).chain([parent]).any(
                |above| matches!(self.entries.get(above), Some(entry) if entry.kind != Kind::Folder),
            );
            !is_below_file && self.resolve(parent).as_deref() == Some(parent)
        };
        let mut links = Vec::new();
        for (path, entry) in self.entries.iter().filter(|(path, _)| stands_true(path)) {
            let place = root.join(path);
            if let Some(above) = place.parent() {
                fs::create_dir_all(above)?;
            }
            match &entry.kind {
                Kind::Folder => fs::create_dir_all(&place)?,
                Kind::File(bytes) => fs::rename(bytes, &place)?,
                Kind::Link(_) | Kind::Same(_) => links.push((path, entry, place)),
            }
        }
        // No link is there before all that is written: nothing is written through one.
        for (path, entry, place) in &links {
            if let Kind::Same(other) = &entry.kind
                && matches!(self.entries.get(other), Some(Entry { kind: Kind::File(_), .. }))
                && stands_true(other)
            {
                fs::hard_link(root.join(other), place)?;
            } else if let Kind::Link(_) = &entry.kind
                && let Some(target) = self.resolve(path)
            {
                let up = "../"
                    .repeat(parent_of(path).split('/').filter(|part| !part.is_empty()).count());
                symlink(format!("{up}./{target}"), place)?;
            }
        }
        Ok(())
    }

    /// What `stat` would say of each entry on the host: `kind|owner|group|mode|size|path`. Names are those of the archive's own
    /// accounts.
    pub(super) fn owners(
        &self,
        users: &BTreeMap<u64, String>,
        groups: &BTreeMap<u64, String>,
    ) -> String {
        let name = |names: &BTreeMap<u64, String>, number: u64| {
            names.get(&number).cloned().unwrap_or_else(|| "UNKNOWN".to_owned())
        };
        let line = |(path, entry): (&String, &Entry)| {
            let kind = match entry.kind {
                Kind::Folder => "directory",
                Kind::Link(_) => "symbolic link",
                Kind::File(_) | Kind::Same(_) => "regular file",
            };
            let (owner, group) = (name(users, entry.uid), name(groups, entry.gid));
            format!("{kind}|{owner}|{group}|{:o}|0|/{path}\n", entry.mode & 0o7777)
        };
        self.entries.iter().map(line).collect()
    }
}

fn parent_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(entries: &[(&str, Kind)]) -> Tree {
        let mut tree = Tree::default();
        for (path, kind) in entries {
            let entry = Entry { kind: kind.clone(), uid: 0, gid: 1000, mode: 0o100_750 };
            tree.insert((*path).to_owned(), entry);
        }
        tree
    }

    fn link(target: &str) -> Kind {
        Kind::Link(target.to_owned())
    }

    #[test]
    fn links_lead_to_the_archives_own_files_and_never_out_of_it() {
        let here = tempfile::tempdir().unwrap();
        let bytes = here.path().join("bytes");
        fs::write(&bytes, "of the archive").unwrap();
        fs::write(here.path().join("canary"), "of this machine").unwrap();
        let root = here.path().join("root");
        fs::create_dir(&root).unwrap();
        let out = format!("{}/canary", here.path().display());
        tree(&[
            ("etc", Kind::Folder),
            ("etc/board.conf", Kind::File(bytes)),
            ("etc/enabled/absolute.conf", link("/etc/board.conf")),
            ("etc/enabled/relative.conf", link("../../../../../etc/board.conf")),
            ("etc/enabled/out.conf", link(&out)),
            ("etc/enabled/up.conf", link("../../../canary")),
            ("etc/one", link("two")),
            ("etc/two", link("one")),
            ("deep/er", link("/")),
            ("deep/er/x", link("../canary")),
            ("etc/board.conf/below", Kind::Folder),
            ("etc/same.conf", Kind::Same("etc/board.conf".to_owned())),
            ("etc/stolen", Kind::Same("../canary".to_owned())),
        ])
        .write(&root)
        .unwrap();
        for path in [
            "etc/enabled/absolute.conf",
            "etc/enabled/relative.conf",
            "etc/same.conf",
            "deep/er/etc/board.conf",
        ] {
            assert_eq!(fs::read_to_string(root.join(path)).unwrap(), "of the archive", "{path}");
        }
        for entry in walkdir::WalkDir::new(&root).follow_links(false) {
            let path = entry.unwrap().into_path();
            let text = fs::read_to_string(&path).unwrap_or_default();
            assert_ne!(text, "of this machine", "{}", path.display());
            if let Ok(real) = fs::canonicalize(&path) {
                assert!(real.starts_with(&root), "{} is {}", path.display(), real.display());
            }
        }
        assert!(!root.join("etc/one").exists() && !root.join("etc/stolen").exists());
    }

    #[test]
    fn owners_are_those_of_the_archive() {
        let users = BTreeMap::from([(0, "root".to_owned())]);
        let groups = BTreeMap::from([(1000, "board".to_owned())]);
        let said =
            tree(&[("srv/data", Kind::Folder), ("srv/x", link("data"))]).owners(&users, &groups);
        assert_eq!(
            said,
            "directory|root|board|750|0|/srv/data\nsymbolic link|root|board|750|0|/srv/x\n"
        );
    }

    #[test]
    fn a_path_of_an_archive_is_taken_from_its_root() {
        for (path, wanted) in [
            ("./etc/hosts", Some("etc/hosts")),
            ("/etc//hosts/", Some("etc/hosts")),
            ("./", Some("")),
            ("etc/../../x", None),
            ("etc/a\nb", None),
        ] {
            assert_eq!(plain(path).as_deref(), wanted, "{path}");
        }
    }
}
