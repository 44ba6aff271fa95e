//! What is in a release, the same way for every packing.

use std::fs::{self, File};
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::folder::{Purpose, Scope};
use super::member::{Bounds, Listing, MemberKind, Visitor};
use super::problem::Problem;
use super::{Packing, folder, tarball, zipped};
use crate::digest;

/// The most that a metadata, build or lock file may take.
pub(super) const LARGEST_TEXT: u64 = 16 << 20;

/// A release's file or folder, as a list of members.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contents<'a> {
    pub(super) path: &'a Path,
    pub(super) packing: Packing,
    pub(super) purpose: Purpose,
    pub(super) bounds: Bounds,
    /// Below a folder: what is no part of it.
    pub(super) left_out: &'a [PathBuf],
}

impl<'a> Contents<'a> {
    pub(super) fn new(path: &'a Path, packing: Packing) -> Self {
        Contents { path, packing, purpose: Purpose::Source, bounds: Bounds::USUAL, left_out: &[] }
    }

    fn scope(&self) -> Scope<'a> {
        Scope { purpose: self.purpose, left_out: self.left_out }
    }

    /// Visits every member, streamed.
    pub(super) fn visit(&self, visitor: &mut Visitor) -> Result<(), Problem> {
        match self.packing {
            Packing::Folder => folder::visit(self.path, self.scope(), self.bounds, visitor),
            Packing::Zip => zipped::visit(self.path, self.bounds, visitor),
            Packing::TarGz => tarball::visit(self.path, self.bounds, visitor),
        }
    }

    /// Reads an archive to its end once; all names, checked.
    pub(super) fn list(&self) -> Result<Listing, Problem> {
        self.expect_signature()?;
        let mut listing = Listing::default();
        self.visit(&mut |member, _| {
            listing.add(member)?;
            Ok(ControlFlow::Continue(()))
        })?;
        listing.check()?;
        Ok(listing)
    }

    /// The bytes of one text member, by its full name.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        let mut found = None;
        self.visit(&mut |member, content| {
            if member.name != name {
                return Ok(ControlFlow::Continue(()));
            }
            if !matches!(member.kind, MemberKind::File { .. }) {
                return Err(Problem::member(name, "is not a plain file"));
            }
            let mut bytes = Vec::new();
            content.take(LARGEST_TEXT + 1).read_to_end(&mut bytes).map_err(Problem::reading)?;
            if bytes.len() as u64 > LARGEST_TEXT {
                return Err(Problem::member(name, "is larger than 16 MiB"));
            }
            found = Some(bytes);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// What identifies the release: see [`super::Release::digest`].
    pub(super) fn digest(&self) -> Result<String, Problem> {
        match self.packing {
            Packing::Folder => folder::digest(self.path, self.scope(), self.bounds),
            Packing::Zip | Packing::TarGz => {
                let file = File::open(self.path).map_err(Problem::Machine)?;
                digest::sha256(file).map_err(Problem::Machine)
            }
        }
    }

    /// Says what a file is that is not what its name says.
    fn expect_signature(&self) -> Result<(), Problem> {
        let (signature, expected): (&[u8], _) = match self.packing {
            Packing::Folder => return Ok(()),
            Packing::Zip => (b"PK", "a zip archive"),
            Packing::TarGz => (b"\x1f\x8b", "a gzip archive"),
        };
        let mut start = Vec::new();
        File::open(self.path)
            .and_then(|file| file.take(512).read_to_end(&mut start))
            .map_err(Problem::Machine)?;
        if start.is_empty() {
            return Err(Problem::Empty);
        }
        if start.starts_with(signature) {
            return Ok(());
        }
        Err(Problem::OtherKind { expected, found: found(&start) })
    }
}

fn found(start: &[u8]) -> &'static str {
    let text = start.trim_ascii_start();
    match start {
        [b'P', b'K', ..] => "a zip archive",
        [0x1f, 0x8b, ..] => "a gzip archive",
        [b'B', b'Z', b'h', ..] => "a bzip2 archive",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "an xz archive",
        _ if start.get(257..262) == Some(b"ustar") => "a tar archive without compression",
        _ if text.starts_with(b"<") => "a page of HTML or XML; perhaps the download was refused",
        _ if text.starts_with(b"version https://git-lfs") => "a pointer of Git LFS",
        _ if start.iter().all(u8::is_ascii) => "text",
        _ => "something else",
    }
}

/// The packing that a path's name promises; none for a name that promises nothing.
pub(super) fn packing_of(path: &Path) -> Option<Packing> {
    if fs::metadata(path).is_ok_and(|about| about.is_dir()) {
        return Some(Packing::Folder);
    }
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let endings = [
        (".tar.gz", Packing::TarGz),
        (".tgz", Packing::TarGz),
        (".zip", Packing::Zip),
        (".whl", Packing::Zip),
    ];
    endings.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, packing)| packing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.zip");
        let table: [(&[u8], &str); 5] = [
            (b"", "the file is empty"),
            (b"\x1f\x8b\x08", "it is not a zip archive, but a gzip archive"),
            (
                b"\n<!doctype html>",
                "it is not a zip archive, but a page of HTML or XML; perhaps the download was refused",
            ),
            (b"hello", "it is not a zip archive, but text"),
            (b"\x7fELF\xff", "it is not a zip archive, but something else"),
        ];
        for (bytes, expected) in table {
            fs::write(&path, bytes).unwrap();
            let problem = Contents::new(&path, Packing::Zip).list().unwrap_err();
            assert_eq!(problem.to_string(), expected);
        }
    }
}
