//! The members of a release, however it is packed: safe names, bounded numbers, links that stay.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use super::problem::{Problem, escape_name};
use crate::bounded;

/// Bytes of a name: the longest that Linux opens (<https://man7.org/linux/man-pages/man7/path_resolution.7.html>)
/// is a little longer.
const LONGEST_NAME: usize = 3000;
const LONGEST_PART: usize = 255;
/// Folders inside each other.
const DEEPEST: usize = 100;
/// Bytes of what a link points to: no system follows a longer one.
pub(super) const LONGEST_TARGET: usize = 4096;
/// Bytes of all names and targets together: they are held in memory.
pub(super) const MOST_NAMES: u64 = 64 << 20;

/// What one release may hold, so that a bomb ends early.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) members: usize,
    /// Bytes of all members together.
    pub(super) unpacked: u64,
}

impl Bounds {
    /// The file of an archive, which may be no larger than what may be in it.
    pub(super) fn open(self, path: &Path) -> Result<File, Problem> {
        let file = bounded::open(path).map_err(Problem::Machine)?;
        if file.metadata().map_err(Problem::Machine)?.len() > self.unpacked {
            return Err(Problem::PackedTooLarge(self.unpacked));
        }
        Ok(file)
    }

    /// Far above any app: the largest of the public ones has some 30 000 files.
    pub(super) const USUAL: Bounds = Bounds { members: 100_000, unpacked: 2 << 30 };
}

/// One file, folder or link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Relative, with `/`, without `.` and `..`.
    pub(super) name: String,
    pub(super) kind: MemberKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MemberKind {
    Folder,
    File {
        size: u64,
        executable: bool,
    },
    /// A symbolic link, with its target as written.
    Link(String),
    /// A second name of an earlier file, by its normalised name.
    SameAs(String),
}

/// Takes one member and its content; may stop the visit.
pub(super) type Visitor<'a> =
    dyn FnMut(&Member, &mut dyn Read) -> Result<ControlFlow<()>, Problem> + 'a;

/// Normalises a name and refuses one that climbs; the archive's own root gives an empty name.
pub(super) fn safe_name(raw: &[u8]) -> Result<String, Problem> {
    let lossy = String::from_utf8_lossy(raw);
    let refuse = |what: &str| Problem::member(&lossy, what);
    let text = std::str::from_utf8(raw).map_err(|_| refuse("has a name that is not UTF-8"))?;
    if text.starts_with('/') {
        return Err(refuse("has an absolute name"));
    }
    if text.contains('\0') {
        return Err(refuse("has a name with a NUL byte"));
    }
    if text.len() > LONGEST_NAME || text.split('/').any(|part| part.len() > LONGEST_PART) {
        return Err(refuse("has a name that is too long for a file system"));
    }
    let mut parts = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(refuse("climbs out of the release")),
            part => parts.push(part),
        }
    }
    if parts.len() > DEEPEST {
        return Err(refuse(&format!("is more than {DEEPEST} folders deep")));
    }
    Ok(parts.join("/"))
}

/// Counts members and bytes against the bounds.
#[derive(Debug)]
pub(super) struct Meter {
    bounds: Bounds,
    members: usize,
    unpacked: u64,
}

impl Meter {
    pub(super) fn new(bounds: Bounds) -> Self {
        Meter { bounds, members: 0, unpacked: 0 }
    }

    /// Counts one more member of so many bytes.
    pub(super) fn add(&mut self, size: u64) -> Result<(), Problem> {
        self.members += 1;
        self.unpacked = self.unpacked.saturating_add(size);
        if self.members > self.bounds.members {
            Err(Problem::TooMany(self.bounds.members))
        } else if self.unpacked > self.bounds.unpacked {
            Err(Problem::TooLarge(self.bounds.unpacked))
        } else {
            Ok(())
        }
    }
}

/// All names of a release.
#[derive(Debug, Default)]
pub(super) struct Listing {
    members: BTreeMap<String, MemberKind>,
    /// Bytes of their names, and of what links point to.
    names: u64,
}

impl Listing {
    /// Adds a member; two of one name are refused, since readers disagree on which one counts.
    pub(super) fn add(&mut self, member: &Member) -> Result<(), Problem> {
        self.names += member.name.len() as u64;
        if let MemberKind::Link(target) | MemberKind::SameAs(target) = &member.kind {
            // An empty one cannot be packed for the replica, nor made there.
            if target.is_empty() {
                return Err(Problem::member(&member.name, "is a link to nothing"));
            }
            if target.len() > LONGEST_TARGET {
                return Err(Problem::member(&member.name, "is a link to a name that is too long"));
            }
            self.names += target.len() as u64;
        }
        if self.names > MOST_NAMES {
            return Err(Problem::TooManyNames(MOST_NAMES));
        }
        let before = self.members.insert(member.name.clone(), member.kind.clone());
        match before {
            None => Ok(()),
            Some(MemberKind::Folder) if member.kind == MemberKind::Folder => Ok(()),
            Some(_) => Err(Problem::member(&member.name, "is there twice")),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        matches!(
            self.members.get(name),
            Some(MemberKind::File { .. } | MemberKind::SameAs(_) | MemberKind::Link(_))
        )
    }

    /// The names of everything that is no folder.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        let files = self.members.iter().filter(|(_, kind)| **kind != MemberKind::Folder);
        files.map(|(name, _)| name.as_str())
    }

    /// The names of the outermost folders and files.
    pub(super) fn roots(&self) -> Vec<&str> {
        let mut roots: Vec<&str> = self.members.keys().map(|name| first_part(name)).collect();
        roots.dedup();
        roots
    }

    /// The one folder that everything is in, unless that folder is itself a Python package.
    pub(super) fn top(&self) -> Option<&str> {
        match self.roots()[..] {
            [root] if !self.has(root) && !self.has(&format!("{root}/__init__.py")) => Some(root),
            _ => None,
        }
    }

    /// Refuses an empty release, and every way out of it: a link that leads out, a member below
    /// something that is no folder.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if !self.members.values().any(|kind| *kind != MemberKind::Folder) {
            return Err(Problem::NoFiles);
        }
        let top = self.top().map_or(0, |_| 1);
        for (name, kind) in &self.members {
            for (end, _) in name.match_indices('/') {
                if self.has(&name[..end]) {
                    let what =
                        format!("is below `{}`, which is no folder", escape_name(&name[..end]));
                    return Err(Problem::member(name, what));
                }
            }
            match kind {
                MemberKind::Link(target) => {
                    let folders = name.matches('/').count();
                    if folders < top || !stays(target, folders - top) {
                        let what =
                            format!("is a link out of the release, to `{}`", escape_name(target));
                        return Err(Problem::member(name, what));
                    }
                }
                MemberKind::SameAs(target)
                    if !matches!(self.members.get(target), Some(MemberKind::File { .. })) =>
                {
                    let what =
                        format!("is a hard link to `{}`, which is no file", escape_name(target));
                    return Err(Problem::member(name, what));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn first_part(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

/// True for a target that cannot leave the tree from so many folders deep. `..` is accepted at the
/// start only: after the name of another link it would climb from wherever that one leads.
fn stays(target: &str, depth: usize) -> bool {
    let climbs = target.split('/').take_while(|part| matches!(*part, ".." | "." | "")).count();
    let ups = target.split('/').filter(|part| *part == "..").count();
    let ups_first = target.split('/').take(climbs).filter(|part| *part == "..").count();
    !target.starts_with('/') && !target.contains('\0') && ups == ups_first && ups <= depth
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(members: &[(&str, MemberKind)]) -> Listing {
        let mut listing = Listing::default();
        for (name, kind) in members {
            listing.add(&Member { name: (*name).to_owned(), kind: kind.clone() }).unwrap();
        }
        listing
    }

    fn file() -> MemberKind {
        MemberKind::File { size: 1, executable: false }
    }

    fn link(target: &str) -> MemberKind {
        MemberKind::Link(target.to_owned())
    }

    #[test]
    fn names_are_normalised_or_refused() {
        for (raw, name) in
            [("./a//b/.", "a/b"), ("a/b/", "a/b"), ("./", ""), ("a..b/..c", "a..b/..c")]
        {
            assert_eq!(safe_name(raw.as_bytes()).unwrap(), name);
        }
        for raw in [
            &b"/etc/passwd"[..],
            b"../a",
            b"a/../../b",
            b"a/..",
            b"a\0b",
            b"a\xff",
            &[b'a'; 300],
            &b"a/".repeat(101),
        ] {
            assert!(safe_name(raw).is_err(), "{}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn links_may_not_leave() {
        let table = [
            ("a/b/link", "../../x", true),
            ("a/b/link", "../../../x", false),
            ("link", "a/b", true),
            ("link", "..", false),
            ("link", "/etc/passwd", false),
            ("a/link", "../other/x", true),
            ("a/link", "x/../../..", false),
            ("link", "a/..", false),
        ];
        for (name, target, fine) in table {
            let checked = listing(&[("x", file()), (name, link(target))]).check();
            assert_eq!(checked.is_ok(), fine, "{name} -> {target}: {checked:?}");
        }
    }

    #[test]
    fn links_are_measured_from_below_the_folder_that_goes() {
        assert!(listing(&[("top/x", file()), ("top/a/l", link("../x"))]).check().is_ok());
        assert!(listing(&[("top/x", file()), ("top/l", link("../top/x"))]).check().is_err());
    }

    #[test]
    fn nothing_goes_through_a_link_or_a_file() {
        let through = listing(&[("d", link("e")), ("d/f", file()), ("e", MemberKind::Folder)]);
        assert_eq!(
            through.check().unwrap_err().to_string(),
            "its member `d/f` is below `d`, which is no folder"
        );
        assert!(listing(&[("a", file()), ("b", MemberKind::SameAs("c".into()))]).check().is_err());
        assert!(listing(&[("a", file()), ("b", MemberKind::SameAs("a".into()))]).check().is_ok());
    }

    #[test]
    fn one_top_folder_is_seen_unless_it_is_the_package() {
        assert_eq!(listing(&[("t/a", file()), ("t/b/c", file())]).top(), Some("t"));
        assert_eq!(listing(&[("t/__init__.py", file())]).top(), None);
        assert_eq!(listing(&[("t/a", file()), ("u", file())]).top(), None);
        assert_eq!(listing(&[("t", file())]).top(), None);
        assert_eq!(
            listing(&[("t", MemberKind::Folder), ("t-b/a", file()), ("t/a", file())]).top(),
            None
        );
    }

    /// The first was found by fuzzing: it was accepted, and then Docker was blamed.
    #[test]
    fn a_link_leads_to_something() {
        for (target, what) in [
            (String::new(), "is a link to nothing"),
            ("a/".repeat(2049), "is a link to a name that is too long"),
        ] {
            let member = Member { name: "l".to_owned(), kind: link(&target) };
            let problem = Listing::default().add(&member).unwrap_err();
            assert_eq!(problem.to_string(), format!("its member `l` {what}"));
        }
    }

    #[test]
    fn two_of_one_name_and_none_at_all_are_refused() {
        let mut twice = listing(&[("a", file())]);
        assert!(twice.add(&Member { name: "a".into(), kind: file() }).is_err());
        assert!(matches!(listing(&[("a", MemberKind::Folder)]).check(), Err(Problem::NoFiles)));
    }
}
