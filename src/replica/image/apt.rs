//! How Debian packages come into an image: the sources beside the base's own, and the versions that
//! packages are pinned to.

use std::path::Path;

use serde::Serialize;

use super::chain::BUILD_FOLDER;
use crate::bounded;
use crate::digest::{Digest, of_folder};
use crate::failure::Failure;
use crate::replica::spec::{Content, FileEntry};
use crate::replica::template::{Templates, context};
use crate::site::AptSource;

/// A package that has to be of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Pin<'a> {
    name: &'a str,
    version: &'a str,
}

/// How long a pin lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::replica) enum Lasting {
    /// In the image and all that are made of it: nothing that comes later moves the package.
    Forever,
    /// Until the script removes [`BUILD_PINS`].
    WhileBuilding,
}

/// The preferences of packages that are only there while building.
pub(in crate::replica) const BUILD_PINS: &str = "/etc/apt/preferences.d/stagectl-build";
/// The most bytes of a key.
const LARGEST: u64 = 1 << 20;
const PINS: &str = "/etc/apt/preferences.d/stagectl";

/// The part of a script that holds packages to their versions; empty where none is pinned.
///
/// # Errors
/// Usage: a template of the project's that cannot be rendered.
pub(in crate::replica) fn pins(
    packages: &[String],
    lasting: Lasting,
    templates: &Templates,
) -> Result<String, Failure> {
    let pins: Vec<Pin<'_>> = packages
        .iter()
        .filter_map(|package| package.split_once('='))
        .map(|(name, version)| Pin { name, version })
        .collect();
    if pins.is_empty() {
        return Ok(String::new());
    }
    let file = match lasting {
        Lasting::Forever => PINS,
        Lasting::WhileBuilding => BUILD_PINS,
    };
    templates.render("image/pins.sh.j2", context! { pins, file })
}

/// The sources of a site, ready for the script that makes its environment.
#[derive(Debug, Default)]
pub(in crate::replica) struct Sources {
    /// The part of the script that adds them; empty where there is none.
    pub script: String,
    /// Those that are gone with the build: folders of the project.
    pub fleeting: Vec<String>,
    pub files: Vec<FileEntry>,
    /// The content of the files that are read later; `None` where there are none.
    pub identity: Option<String>,
}

/// A source as the script's template sees it.
#[derive(Debug, Serialize)]
struct SourceEntry {
    number: usize,
    /// Its file in `/etc/apt/sources.list.d`.
    name: String,
    /// Its file in `/etc/apt/keyrings`.
    key: Option<String>,
    /// Packages without lists of their own.
    must_be_listed: bool,
}

/// # Errors
/// Usage: a key or a package that cannot be read.
pub(in crate::replica) fn sources(
    sources: &[AptSource],
    templates: &Templates,
) -> Result<Sources, Failure> {
    let mut made = Sources::default();
    if sources.is_empty() {
        return Ok(made);
    }
    let mut digest = Digest::of("sources");
    let mut entries = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        let name = format!("stagectl-{number}.sources");
        let key = source.key().map(|path| read(path)).transpose()?;
        // apt tells an armored key from a plain one by the name of its file.
        let key = key.map(|bytes| {
            let end = if bytes.starts_with(b"-----") { "asc" } else { "gpg" };
            (format!("stagectl-{number}.{end}"), bytes)
        });
        let key_name = key.as_ref().map(|(name, _)| name.clone());
        let text = described(source, number, key_name.as_deref());
        made.files.push(FileEntry::new(place(&name), 0o644, text));
        if let Some((name, bytes)) = key {
            made.files.push(FileEntry::new(place(&name), 0o644, bytes));
        }
        let mut must_be_listed = false;
        if let AptSource::Folder { folder, suites, .. } = source {
            must_be_listed = suites.is_empty() && !has_lists(folder);
            let content = of_folder(folder, &[]).map_err(|error| unreadable(folder, &error))?;
            digest.add(content);
            made.fleeting.push(format!("/etc/apt/sources.list.d/{name}"));
            made.files.push(FileEntry {
                content: Content::HostFolder(folder.clone()),
                ..FileEntry::new(place(&number.to_string()), 0o755, Vec::new())
            });
        }
        entries.push(SourceEntry { number, name, key: key_name, must_be_listed });
    }
    let https = sources.iter().any(|source| match source {
        AptSource::Repository { uris, .. } => uris.iter().any(|uri| uri.starts_with("https:")),
        AptSource::Folder { .. } => false,
    });
    made.script =
        templates.render("image/sources.sh.j2", context! { sources => entries, https })?;
    made.identity = Some(digest.key());
    Ok(made)
}

/// Where the build finds what belongs to a source.
fn place(name: &str) -> String {
    format!("{BUILD_FOLDER}/sources/{name}")
}

/// The source in apt's own words (deb822, see sources.list(5)).
fn described(source: &AptSource, number: usize, key: Option<&str>) -> String {
    let (uris, suites, components) = match source {
        AptSource::Repository { uris, suites, components, .. } => {
            (uris.join(" "), suites.join(" "), components)
        }
        AptSource::Folder { suites, components, .. } => {
            let suites = if suites.is_empty() { "./".to_owned() } else { suites.join(" ") };
            (format!("file:{}", place(&number.to_string())), suites, components)
        }
    };
    let mut text = format!("Types: deb\nURIs: {uris}\nSuites: {suites}\n");
    if !components.is_empty() {
        text.push_str(&format!("Components: {}\n", components.join(" ")));
    }
    match (key, source) {
        (Some(key), _) => text.push_str(&format!("Signed-By: /etc/apt/keyrings/{key}\n")),
        // The project's own file is as good as the project.
        (None, AptSource::Folder { .. }) => text.push_str("Trusted: yes\n"),
        (None, AptSource::Repository { .. }) => {}
    }
    text
}

fn has_lists(folder: &Path) -> bool {
    ["Packages", "Packages.gz", "Packages.xz"].iter().any(|name| folder.join(name).exists())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    bounded::read(path, LARGEST).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("could not read {}", path.display())).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_described_in_apt_s_words() {
        let repository = AptSource::Repository {
            uris: vec!["https://apt.example/debian".to_owned()],
            suites: vec!["bookworm".to_owned(), "bookworm-x".to_owned()],
            components: vec!["main".to_owned()],
            key: None,
        };
        let folder = AptSource::Folder {
            folder: "/project/debs".into(),
            suites: Vec::new(),
            components: Vec::new(),
            key: None,
        };
        let texts = [
            described(&repository, 0, Some("stagectl-0.asc")),
            described(&repository, 0, None),
            described(&folder, 1, None),
        ];
        insta::assert_snapshot!(texts.join("\n"), @r"
        Types: deb
        URIs: https://apt.example/debian
        Suites: bookworm bookworm-x
        Components: main
        Signed-By: /etc/apt/keyrings/stagectl-0.asc

        Types: deb
        URIs: https://apt.example/debian
        Suites: bookworm bookworm-x
        Components: main

        Types: deb
        URIs: file:/stagectl-build/sources/1
        Suites: ./
        Trusted: yes
        ");
    }

    #[test]
    fn the_content_of_a_folder_counts_and_its_place_does_not() {
        let identity = |name: &str, content: &str| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(name), content).unwrap();
            let source = AptSource::Folder {
                folder: folder.path().to_owned(),
                suites: Vec::new(),
                components: Vec::new(),
                key: None,
            };
            sources(&[source], &Templates::default()).unwrap().identity.unwrap()
        };
        assert_eq!(identity("a.deb", "1"), identity("a.deb", "1"));
        assert_ne!(identity("a.deb", "1"), identity("a.deb", "2"));
        assert_ne!(identity("a.deb", "1"), identity("b.deb", "1"));
    }
}
