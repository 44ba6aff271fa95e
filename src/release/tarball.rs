//! Reading a `.tar.gz`, member by member, without unpacking it.
//!
//! Long names and extended headers are read here rather than by the `tar` crate, which would take
//! them into memory whatever their size.

use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType, PaxExtensions};

use super::member::{Bounds, Member, MemberKind, Meter, Visitor, safe_name};
use super::problem::{Problem, escape_name};

/// The most that a long name or an extended header may take.
const LONGEST_HEADER: u64 = 64 * 1024;

/// Visits the members in the order of the archive, and reads it to its very end.
pub(super) fn visit(path: &Path, bounds: Bounds, visitor: &mut Visitor) -> Result<(), Problem> {
    let file = bounds.open(path)?;
    let mut archive = Archive::new(MultiGzDecoder::new(BufReader::new(file)));
    let mut meter = Meter::new(bounds);
    let mut ahead = Ahead::default();
    for entry in archive.entries().map_err(Problem::reading)?.raw(true) {
        let mut entry = entry.map_err(Problem::reading)?;
        meter.add(entry.size())?;
        if ahead.take_in(&mut entry)? {
            continue;
        }
        let Some(member) = std::mem::take(&mut ahead).member(&entry)? else { continue };
        if visitor(&member, &mut entry)?.is_break() {
            return Ok(());
        }
    }
    drain(archive.into_inner(), bounds)
}

/// Reads what is after the last member: the checksum comes at the end.
fn drain(rest: impl Read, bounds: Bounds) -> Result<(), Problem> {
    let most = bounds.unpacked;
    let count = io::copy(&mut rest.take(most + 1), &mut io::sink()).map_err(Problem::reading)?;
    if count > most { Err(Problem::TooLarge(most)) } else { Ok(()) }
}

/// What headers said about the member that follows them.
#[derive(Debug, Default)]
struct Ahead {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
}

impl Ahead {
    /// True when the entry was such a header.
    fn take_in(&mut self, entry: &mut Entry<impl Read>) -> Result<bool, Problem> {
        let kind = entry.header().entry_type();
        if !matches!(
            kind,
            EntryType::GNULongName
                | EntryType::GNULongLink
                | EntryType::XHeader
                | EntryType::XGlobalHeader
        ) {
            return Ok(false);
        }
        if entry.size() > LONGEST_HEADER {
            return Err(Problem::member("extended header", "is larger than any name can be"));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(Problem::reading)?;
        match kind {
            EntryType::GNULongName => self.name = Some(until_nul(bytes)),
            EntryType::GNULongLink => self.target = Some(until_nul(bytes)),
            EntryType::XHeader => self.take_extended(&bytes)?,
            // A global header carries comments (`git archive` writes one).
            _ => {}
        }
        Ok(true)
    }

    fn take_extended(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        for record in PaxExtensions::new(bytes) {
            let record = record.map_err(Problem::reading)?;
            match record.key_bytes() {
                b"path" => self.name = Some(record.value_bytes().to_vec()),
                b"linkpath" => self.target = Some(record.value_bytes().to_vec()),
                key if key == b"size" || key.starts_with(b"GNU.sparse.") => {
                    let name = self.name.as_deref().unwrap_or(b"of unknown name");
                    let name = String::from_utf8_lossy(name);
                    return Err(Problem::member(name, "is sparse or larger than 8 GiB"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The member that the entry is; none for the archive's own root.
    fn member(self, entry: &Entry<impl Read>) -> Result<Option<Member>, Problem> {
        let raw_name = self.name.unwrap_or_else(|| entry.path_bytes().into_owned());
        let name = safe_name(&raw_name)?;
        let target = || {
            let own = || entry.header().link_name_bytes().map(std::borrow::Cow::into_owned);
            let raw = self.target.or_else(own).unwrap_or_default();
            String::from_utf8(raw).map_err(|_| Problem::member(&name, "links to no UTF-8 name"))
        };
        let kind = match entry.header().entry_type() {
            EntryType::Directory => MemberKind::Folder,
            // Before POSIX, a folder was a file whose name ends in a slash.
            EntryType::Regular if raw_name.ends_with(b"/") => MemberKind::Folder,
            EntryType::Regular | EntryType::Continuous => MemberKind::File {
                size: entry.size(),
                executable: entry.header().mode().map_err(Problem::reading)? & 0o111 != 0,
            },
            EntryType::Symlink => MemberKind::Link(target()?),
            EntryType::Link => MemberKind::SameAs(safe_name(target()?.as_bytes())?),
            EntryType::GNUSparse => return Err(Problem::member(&name, "is sparse")),
            _ => return Err(Problem::member(&name, "is a device or a pipe, not a file")),
        };
        if name.is_empty() && kind != MemberKind::Folder {
            return Err(Problem::member(escape_name("."), "is no folder"));
        }
        Ok((!name.is_empty()).then_some(Member { name, kind }))
    }
}

fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(end);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::fixture::{self, Entry};
    use super::*;

    fn members(path: &Path, bounds: Bounds) -> Result<Vec<Member>, String> {
        let mut members = Vec::new();
        visit(path, bounds, &mut |member, _| {
            members.push(member.clone());
            Ok(ControlFlow::Continue(()))
        })
        .map_err(|problem| problem.to_string())?;
        Ok(members)
    }

    #[test]
    fn every_kind_of_member_is_read_long_names_too() {
        let folder = tempfile::tempdir().unwrap();
        let long = format!("deep/{}/file", "n".repeat(200));
        let path = fixture::tar_gz(
            &folder.path().join("a.tar.gz"),
            &[
                Entry::file(&long, b"hello"),
                Entry::executable("run", b"#!"),
                Entry::link("l", "run"),
                Entry::hard_link("h", "run"),
            ],
        );
        let file = |size, executable| MemberKind::File { size, executable };
        let expected = [
            (long.as_str(), file(5, false)),
            ("run", file(2, true)),
            ("l", MemberKind::Link("run".into())),
            ("h", MemberKind::SameAs("run".into())),
        ]
        .map(|(name, kind)| Member { name: name.to_owned(), kind });
        assert_eq!(members(&path, Bounds::USUAL).unwrap(), expected);
    }

    #[test]
    fn a_cut_or_changed_archive_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let noise: Vec<u8> =
            (0..9000u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect();
        let path = fixture::tar_gz(&folder.path().join("a.tar.gz"), &[Entry::file("a", &noise)]);
        let whole = std::fs::read(&path).unwrap();
        for cut in [20, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(members(&path, Bounds::USUAL).unwrap_err(), "it is damaged or cut short");
        }
        let mut flipped = whole.clone();
        let checksum = whole.len() - 6;
        flipped[checksum] ^= 1;
        std::fs::write(&path, flipped).unwrap();
        assert_eq!(members(&path, Bounds::USUAL).unwrap_err(), "it is damaged or cut short");
    }

    #[test]
    fn bombs_devices_and_climbers_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar.gz");
        let small = Bounds { members: 10, unpacked: 100_000 };
        let table = [
            (Entry::file("zeros", &vec![0; 200_000]), "it unpacks to more than 97.7 KiB"),
            (
                Entry::raw("../up", EntryType::Regular),
                "its member `../up` climbs out of the release",
            ),
            (Entry::raw("/etc/x", EntryType::Regular), "its member `/etc/x` has an absolute name"),
            (
                Entry::raw("null", EntryType::Char),
                "its member `null` is a device or a pipe, not a file",
            ),
            (Entry::raw("s", EntryType::GNUSparse), "its member `s` is sparse"),
        ];
        for (entry, expected) in table {
            fixture::tar_gz(&path, &[entry]);
            assert_eq!(members(&path, small).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_huge_extended_header_is_not_taken_into_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar.gz");
        for kind in [EntryType::GNULongName, EntryType::XHeader, EntryType::XGlobalHeader] {
            let name = Entry::raw("x", kind).containing(&vec![b'a'; 70_000]);
            fixture::tar_gz(&path, &[name]);
            assert_eq!(
                members(&path, Bounds::USUAL).unwrap_err(),
                "its member `extended header` is larger than any name can be"
            );
        }
    }
}
