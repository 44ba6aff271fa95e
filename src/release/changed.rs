//! In which files two releases differ.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::contents::Contents;
use super::member::MemberKind;
use super::{Form, Packing, Release};
use crate::digest;

impl Release {
    /// The files that differ between this release and another, in order; nothing where one of them cannot be read any
    /// more. What a distribution says of itself, and the folder that holds all of an archive, have the version in their
    /// names: they are left out.
    #[must_use]
    pub fn changed_files(&self, other: &Release) -> Vec<String> {
        let (Some(one), Some(two)) = (self.files(), other.files()) else { return Vec::new() };
        let names: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
        names.into_iter().filter(|name| one.get(*name) != two.get(*name)).cloned().collect()
    }

    /// The digest of each file.
    fn files(&self) -> Option<BTreeMap<String, String>> {
        let packing = match self.form {
            Form::Wheel => Packing::Zip,
            Form::Source(packing) | Form::Tree(packing) => packing,
        };
        let contents = Contents { left_out: &self.left_out, ..Contents::new(&self.path, packing) };
        let top = contents.list().ok()?.top().map(|top| format!("{top}/"));
        let mut files = BTreeMap::new();
        let visited = contents.visit(&mut |member, content| {
            if matches!(member.kind, MemberKind::File { .. }) {
                let name = member.name.as_str();
                let name = top.as_deref().and_then(|top| name.strip_prefix(top)).unwrap_or(name);
                if !name.split('/').any(|part| part.ends_with(".dist-info")) {
                    let digest = digest::sha256(content).unwrap_or_default();
                    files.insert(name.to_owned(), digest);
                }
            }
            Ok(ControlFlow::Continue(()))
        });
        visited.ok().map(|()| files)
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::release::fixture::{Entry, tar_gz};

    #[test]
    fn files_of_two_releases_are_compared_without_what_has_the_version_in_its_name() {
        let folder = TempDir::new().unwrap();
        let tarball = |version: &str, page: &[u8], more: Option<&str>| {
            let name = |name: &str| format!("tree-{version}/{name}");
            let mut entries =
                vec![Entry::file(&name("app.py"), b""), Entry::file(&name("page.html"), page)];
            entries.extend(more.map(|more| Entry::file(&name(more), b"")));
            let path = folder.path().join(format!("tree-{version}.tar.gz"));
            Release::open(&tar_gz(&path, &entries)).unwrap()
        };
        let one = tarball("1.0", b"old", None);
        let two = tarball("1.1", b"new", Some("more.py"));
        assert_eq!(two.changed_files(&one), ["more.py", "page.html"]);
        assert_eq!(two.changed_files(&two), Vec::<String>::new());
        std::fs::remove_file(&one.path).unwrap();
        assert_eq!(two.changed_files(&one), Vec::<String>::new());
    }
}
