//! Seeds: what they are is seen in their first bytes.

use std::path::Path;

use super::super::value::{Complaint, Judged};
use super::super::{Resolver, Wanted};
use crate::bounded;
use crate::site::model::{Seed, SeedForm};
use crate::site::problem::KeyPath;

/// Enough to see a tar archive.
const LOOKED_AT: u64 = 512;
/// Where `ustar` stands in one.
const TAR_MAGIC: std::ops::Range<usize> = 257..262;

impl Resolver<'_> {
    #[expect(
        clippy::option_option,
        reason = "the outer one is the judgement, the inner one the key"
    )]
    pub(super) fn seed(
        &mut self,
        path: &KeyPath,
        written: Option<&str>,
        kind: &str,
    ) -> Option<Option<Seed>> {
        let folders = self.folders;
        self.take_some(&path.key("seed"), written, |text| {
            let path = folders.find(text, Wanted::File)?;
            let form = form_of(&path, text)?;
            if form == SeedForm::Dump && kind != "postgres" {
                return Err(Complaint::new(format!(
                    "`{text}` is a dump of PostgreSQL, not of {kind}"
                ))
                .hint("write the data as SQL"));
            }
            Ok(Seed { path, form })
        })
    }
}

fn form_of(path: &Path, written: &str) -> Judged<SeedForm> {
    let head = bounded::start(path, LOOKED_AT)
        .map_err(|error| Complaint::new(format!("`{written}` cannot be read: {error}")))?;
    let is_archive = || {
        let name = written.to_lowercase();
        [".tar.gz", ".tgz", ".tar.xz", ".tar.bz2"].iter().any(|ending| name.ends_with(ending))
    };
    if head.is_empty() {
        return Err(Complaint::new(format!("`{written}` is empty")).hint("take `seed` out"));
    }
    if head.starts_with(b"PGDMP") {
        Ok(SeedForm::Dump)
    } else if head.get(TAR_MAGIC) == Some(b"ustar") || is_archive() {
        Ok(SeedForm::Archive)
    } else if head.starts_with(&[0x1f, 0x8b]) {
        Ok(SeedForm::SqlGz)
    } else if head.starts_with(b"#!") {
        Ok(SeedForm::Command)
    } else if head.contains(&0) {
        Err(Complaint::new(format!("`{written}` is nothing that can be loaded")).hint(
            "write SQL, plain or .gz, a dump of pg_dump, a tar archive of these, or a script",
        ))
    } else {
        Ok(SeedForm::Sql)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_seed_is_is_seen_in_its_first_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let mut tar = vec![b'a'; 512];
        tar[TAR_MAGIC].copy_from_slice(b"ustar");
        let table: [(&str, &[u8], Option<SeedForm>); 8] = [
            ("a.sql", b"CREATE TABLE a ();\n", Some(SeedForm::Sql)),
            ("a.sql.gz", b"\x1f\x8b\x08\0", Some(SeedForm::SqlGz)),
            ("a.backup", b"PGDMP\x01\x0e\0", Some(SeedForm::Dump)),
            ("a.tar", &tar, Some(SeedForm::Archive)),
            ("a.tgz", b"\x1f\x8b\x08\0", Some(SeedForm::Archive)),
            ("load", b"#!/bin/sh\n", Some(SeedForm::Command)),
            ("a.zip", b"PK\x03\x04\0", None),
            ("empty.sql", b"", None),
        ];
        for (name, bytes, expected) in table {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(form_of(&path, name).ok(), expected, "{name}");
        }
    }
}
