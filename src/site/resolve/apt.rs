//! `base.packages`, `base.sources`, `install.build_packages`: where Debian packages come from.

use std::path::Path;

use super::value::{Complaint, Judged};
use super::{Resolver, Wanted, value};
use crate::bounded;
use crate::site::file::SourceFile;
use crate::site::model::AptSource;
use crate::site::problem::KeyPath;

impl Resolver<'_> {
    /// Debian packages; none of two versions.
    pub(super) fn packages(&mut self, path: &KeyPath, written: &[String]) -> Option<Vec<String>> {
        let pin = |text: &str| -> Option<(String, String)> {
            text.split_once('=').map(|(name, version)| (name.to_owned(), version.to_owned()))
        };
        let pins: Vec<_> = written.iter().map(|text| pin(text)).collect();
        for (index, own) in pins.iter().enumerate() {
            let Some((name, version)) = own else { continue };
            let mut before = pins[..index].iter().flatten();
            if let Some((_, other)) =
                before.find(|(known, other)| known == name && other != version)
            {
                let complaint =
                    Complaint::new(format!("`{name}` is wanted as {version} and as {other}"));
                self.complain(&path.key(index), complaint.hint("leave one of them out"));
            }
        }
        self.take_all(path, written, value::package)
    }

    pub(super) fn sources(
        &mut self,
        path: &KeyPath,
        written: &[SourceFile],
    ) -> Option<Vec<AptSource>> {
        let judged: Vec<_> = written
            .iter()
            .enumerate()
            .map(|(index, source)| self.source(&path.key(index), source))
            .collect();
        judged.into_iter().collect()
    }

    fn source(&mut self, path: &KeyPath, written: &SourceFile) -> Option<AptSource> {
        let uris = self.take_all(&path.key("uris"), &written.uris, uri);
        let suites = self.take_all(&path.key("suites"), &written.suites, suite);
        let components = self.take_all(&path.key("components"), &written.components, component);
        let key = self.take_path(&path.key("key"), written.key.as_deref(), Wanted::File);
        let folder = self.take_path(&path.key("folder"), written.folder.as_deref(), Wanted::Folder);
        let (uris, suites, components, key, folder) = (uris?, suites?, components?, key?, folder?);
        let judged = one_place(&uris, folder.as_deref())
            .and_then(|()| matching(&uris, &suites, &components))
            .and_then(|()| folder.as_deref().map_or(Ok(()), has_packages));
        self.take(path, judged)?;
        let is_public = key.as_deref().map_or(Ok(()), is_public_key);
        self.take(&path.key("key"), is_public)?;
        let is_flat = suites.iter().all(|suite| suite.ends_with('/'));
        let components =
            if components.is_empty() && !is_flat { vec!["main".to_owned()] } else { components };
        Some(match folder {
            Some(folder) => AptSource::Folder { folder, suites, components, key },
            None => AptSource::Repository { uris, suites, components, key },
        })
    }
}

fn one_place(uris: &[String], folder: Option<&Path>) -> Judged<()> {
    match (uris, folder) {
        ([], None) => Err(Complaint::new("neither `uris` nor `folder` is there")
            .hint("such as `{uris: [https://apt.example/debian], suites: [bookworm]}`")),
        ([_, ..], Some(_)) => {
            Err(Complaint::new("`uris` and `folder` are both there").hint("make two sources of it"))
        }
        _ => Ok(()),
    }
}

fn matching(uris: &[String], suites: &[String], components: &[String]) -> Judged<()> {
    let flat = suites.iter().filter(|suite| suite.ends_with('/')).count();
    if suites.is_empty() && !uris.is_empty() {
        return Err(Complaint::new("`suites` is not there")
            .hint("name the suite, such as `suites: [bookworm]`, or the folder of a flat repository: `suites: [./]`"));
    }
    if flat > 0 && flat < suites.len() {
        return Err(Complaint::new("some suites are folders, and others are not")
            .hint("make two sources of it"));
    }
    if flat == suites.len() && !components.is_empty() {
        return Err(Complaint::new("a folder has no components")
            .hint("leave `components` out, or name a suite that does not end with a slash"));
    }
    Ok(())
}

/// A folder that apt can use: packages, or the lists of a repository.
fn has_packages(folder: &Path) -> Judged<()> {
    let is_useful = |path: &Path| {
        path.extension().is_some_and(|extension| extension == "deb")
            || path.file_name().is_some_and(|name| {
                ["Packages", "Packages.gz", "Packages.xz"].iter().any(|list| name == *list)
            })
    };
    let mut entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    if entries.any(|entry| is_useful(entry.path())) {
        return Ok(());
    }
    Err(Complaint::new("there is no package in the folder").hint("put `.deb` files there"))
}

fn is_public_key(path: &Path) -> Judged<()> {
    let begin = bounded::start(path, 4096)
        .map_err(|error| Complaint::new(format!("the key cannot be read: {error}")))?;
    let text = String::from_utf8_lossy(&begin);
    if text.contains("PRIVATE KEY BLOCK") {
        return Err(Complaint::new("this is a private key")
            .hint("take it out of the project, and write the public one: `gpg --armor --export`"));
    }
    // Tag 6, a public key packet, in the old and in the new format (RFC 9580, 4.2).
    let is_binary = begin.first().is_some_and(|byte| matches!(byte, 0x98..=0x9b | 0xc6));
    if text.contains("BEGIN PGP PUBLIC KEY BLOCK") || is_binary {
        return Ok(());
    }
    Err(Complaint::new("this is not an OpenPGP public key")
        .hint("export it: `gpg --armor --export`"))
}

fn uri(text: &str) -> Judged<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest.filter(|rest| !rest.is_empty() && rest.bytes().all(is_plain)) else {
        return Err(Complaint::new(format!("`{text}` is not the address of a package source"))
            .hint("such as https://apt.example/debian"));
    };
    if rest.split('/').next().is_some_and(|host| host.contains('@')) {
        return Err(Complaint::new("the address has a login in it")
            .hint("a description has no secrets; use a mirror that needs none, or a `folder`"));
    }
    Ok(text.to_owned())
}

fn suite(text: &str) -> Judged<String> {
    let is_suite = !text.is_empty()
        && text.bytes().all(|byte| is_plain(byte) && byte != b'@')
        && !text.starts_with('-');
    if is_suite {
        return Ok(text.to_owned());
    }
    Err(Complaint::new(format!("`{text}` is not a suite")).hint("such as bookworm, or ./"))
}

fn component(text: &str) -> Judged<String> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b)) {
        return Ok(text.to_owned());
    }
    Err(Complaint::new(format!("`{text}` is not a component")).hint("such as main"))
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/@%+=,".contains(&byte)
}
