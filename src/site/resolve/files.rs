//! `data`, `files`.

use std::path::{Path, PathBuf};

use super::value::{self, Complaint, Judged};
use super::{Elsewhere, Folders, Resolver, Wanted, amount};
use crate::bounded;
use crate::site::file::{ConfigFileFile, DataFile, DataFolderFile};
use crate::site::giveaway::credential;
use crate::site::model::{ConfigFile, DataFolder, FileContent};
use crate::site::problem::{KeyPath, Place};
use crate::site::value::OwnerName;

/// The most bytes of a template that are looked at here.
const MAX_TEMPLATE: u64 = 1 << 20;
/// What a folder of `files` may hold: it goes into the replica at every start.
const MOST_FILES: usize = 10_000;
const MOST_BYTES: u64 = 256 << 20;
/// The most bytes of a folder that are searched for credentials, by each `check`.
const MOST_LOOKED_AT: u64 = 32 << 20;
/// A file's mode if nothing else is said.
const FILE_MODE: u32 = 0o640;
/// Stands for the site's user.
const APP: &str = "app";

/// Folders that belong to the system: what is below them may be described, they may not.
const SYSTEM_FOLDERS: [&str; 18] = [
    "/bin",
    "/boot",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/opt",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/local",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/log",
];

impl Resolver<'_> {
    pub(super) fn data(&mut self, written: &[DataFile]) -> Option<Vec<DataFolder>> {
        let path = KeyPath::from(["data"]);
        let mut seen: Vec<&str> = Vec::new();
        let mut judged = Vec::new();
        for (index, folder) in written.iter().enumerate() {
            let at = path.key(index);
            if let Some(text) = folder.path() {
                if seen.contains(&text) {
                    self.complain(&at, Complaint::new(format!("`{text}` is there twice")));
                }
                seen.push(text);
            }
            judged.push(match folder {
                DataFile::Path(text) => self.take(&at, data_path(text)).map(|path| DataFolder {
                    path,
                    mode: None,
                    owner: None,
                    group: None,
                }),
                DataFile::Described(folder) => self.data_folder(&at, folder),
            });
        }
        judged.into_iter().collect()
    }

    fn data_folder(&mut self, at: &KeyPath, folder: &DataFolderFile) -> Option<DataFolder> {
        let path = self.take_some(&at.key("path"), folder.path.as_deref(), data_path);
        let mode = self.take_some(&at.key("mode"), folder.mode.as_deref(), amount::mode);
        let owner = self.owner(&at.key("owner"), folder.owner.as_deref());
        let group = self.take_some(&at.key("group"), folder.group.as_deref(), value::parsed);
        Some(DataFolder { path: path??, mode: mode?, owner: owner?, group: group? })
    }

    /// Whose it is; the site's user if that is what is written.
    #[expect(
        clippy::option_option,
        reason = "the outer one is the judgement, the inner one the key"
    )]
    fn owner(&mut self, at: &KeyPath, written: Option<&str>) -> Option<Option<OwnerName>> {
        self.take_some(at, written.filter(|name| *name != APP), value::parsed)
    }

    pub(super) fn files(&mut self, files: &[ConfigFileFile]) -> Option<Vec<ConfigFile>> {
        let path = KeyPath::from(["files"]);
        let targets: Vec<_> =
            files.iter().map(|file| file.path.clone().unwrap_or_default()).collect();
        for (index, target) in targets.iter().enumerate() {
            if !target.is_empty() && targets[..index].contains(target) {
                let message = format!("`{target}` is described twice");
                self.complain(&path.key(index).key("path"), Complaint::new(message));
            }
        }
        let judged: Vec<_> = files
            .iter()
            .enumerate()
            .map(|(index, file)| self.file(&path.key(index), file))
            .collect();
        judged.into_iter().collect()
    }

    fn file(&mut self, path: &KeyPath, file: &ConfigFileFile) -> Option<ConfigFile> {
        let target = self.take_some(&path.key("path"), file.path.as_deref(), value::site_path);
        let content = self.file_content(path, file);
        let mode = self.take_some(&path.key("mode"), file.mode.as_deref(), amount::mode);
        let owner = self.owner(&path.key("owner"), Some(&file.owner));
        let group = self.take_some(&path.key("group"), file.group.as_deref(), value::parsed);
        let content = content?;
        let mode = match (&content, mode?) {
            (FileContent::Source(source), None) if source.is_dir() => None,
            (_, mode) => Some(mode.unwrap_or(FILE_MODE)),
        };
        Some(ConfigFile { path: target??, content, owner: owner?, group: group?, mode })
    }

    fn file_content(&mut self, path: &KeyPath, file: &ConfigFileFile) -> Option<FileContent> {
        let folders = self.folders;
        match (&file.template, &file.source) {
            (Some(text), None) => {
                let both = [Folders::TEMPLATES, Folders::ENVIRONMENTS];
                let found = folders.find_in(&both, text, Wanted::File);
                let template = self.take(&path.key("template"), found)?;
                self.note_secrets_of(&template);
                self.note_credential_of(&path.key("template"), &template);
                Some(FileContent::Template(template))
            }
            (None, Some(text)) => {
                let found = folders.find(text, Wanted::Either).and_then(|source| {
                    if source.is_dir() {
                        within_bounds(text, &source)?;
                    }
                    Ok(source)
                });
                let source = self.take(&path.key("source"), found)?;
                self.note_credential_of(&path.key("source"), &source);
                Some(FileContent::Source(source))
            }
            (None, None) => {
                if !["template", "source"].iter().any(|key| self.has_or_had(path, key)) {
                    let complaint = Complaint::new("it is not said what is in the file");
                    let hint = "write `template: noticeboard.ini.j2`, or `source:` for what is copied as it is";
                    self.complain(path, complaint.hint(hint));
                }
                None
            }
            (Some(_), Some(_)) => {
                let complaint = Complaint::new("`template` and `source` are both there");
                self.complain(path, complaint.hint("a file is rendered, or copied as it is"));
                None
            }
        }
    }

    /// The first line with a live credential of a file, or of each file of a folder.
    pub(super) fn note_credential_of(&mut self, path: &KeyPath, source: &Path) {
        let mut looked_at = 0;
        for entry in walkdir::WalkDir::new(source).sort_by_file_name().into_iter().flatten() {
            let size = entry.metadata().map_or(u64::MAX, |metadata| metadata.len());
            if entry.file_type().is_file() && size <= MAX_TEMPLATE && looked_at < MOST_LOOKED_AT {
                looked_at += size;
                self.note_credential_of_file(path.clone(), entry.path());
            }
        }
    }

    fn note_credential_of_file(&mut self, path: KeyPath, file: &Path) {
        let Ok(text) = bounded::read_text(file, MAX_TEMPLATE) else { return };
        let Some((_, index)) = credential(&text) else { return };
        let shown = file.strip_prefix(&self.folders.root).unwrap_or(file);
        let place = Place { line: index + 1, column: 1, ..Place::file(shown) };
        let text = text.lines().nth(index).unwrap_or_default().to_owned();
        self.elsewhere.push(Elsewhere { path, place, text });
    }

    /// A template may use every secret; those that it names are in use.
    fn note_secrets_of(&mut self, template: &Path) {
        let Ok(text) = bounded::read_text(template, MAX_TEMPLATE) else { return };
        let secrets = self.tree.child("secrets").and_then(|node| node.as_map());
        for entry in secrets.map_or(&[][..], |map| &map.entries) {
            if text.contains(&entry.key) {
                self.secrets.insert(entry.key.clone());
            }
        }
    }
}

/// A folder of the app's own.
fn data_path(text: &str) -> Judged<PathBuf> {
    let folder = value::site_path(text)?;
    if SYSTEM_FOLDERS.iter().any(|kept| folder.as_os_str() == *kept) {
        return Err(Complaint::new(format!("`{text}` belongs to the system"))
            .hint("name a folder of the app's own below it"));
    }
    Ok(folder)
}

/// What a folder holds can be copied as it is: files, folders, and links that stay inside.
fn within_bounds(text: &str, folder: &Path) -> Judged<()> {
    let unreadable =
        |error: &dyn std::fmt::Display| Complaint::new(format!("`{text}` cannot be read: {error}"));
    let root = folder.canonicalize().map_err(|error| unreadable(&error))?;
    let (mut files, mut bytes) = (0, 0);
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.map_err(|error| unreadable(&error))?;
        let below = entry.path().strip_prefix(folder).unwrap_or(entry.path()).display();
        if entry.file_name().as_encoded_bytes().iter().any(u8::is_ascii_control) {
            return Err(Complaint::new(format!(
                "the name {:?} has control characters",
                entry.file_name().to_string_lossy()
            )));
        }
        let kind = entry.file_type();
        if kind.is_symlink() {
            let stays = entry.path().canonicalize().is_ok_and(|real| real.starts_with(&root));
            let is_relative = std::fs::read_link(entry.path()).is_ok_and(|to| to.is_relative());
            if !stays || !is_relative {
                return Err(Complaint::new(format!(
                    "`{below}` of `{text}` is a link that leads out of it"
                ))
                .hint("copy what is needed into the folder"));
            }
        } else if kind.is_file() {
            bytes += entry.metadata().map_err(|error| unreadable(&error))?.len();
        } else if !kind.is_dir() {
            return Err(Complaint::new(format!("`{below}` of `{text}` is not a regular file")));
        }
        files += 1;
        if files > MOST_FILES || bytes > MOST_BYTES {
            let most = bytesize::ByteSize(MOST_BYTES).display().iec();
            let message = format!("`{text}` has more than {MOST_FILES} files or {most}");
            return Err(Complaint::new(message)
                .hint("what is so large belongs into the base, or into a seed"));
        }
    }
    Ok(())
}
