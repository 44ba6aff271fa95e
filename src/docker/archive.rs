//! Files on their way into a container: one tar archive, in memory while it is small.

use std::io::{self, Read as _, Seek as _, Write};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tar::{Builder, EntryType, Header};
use tempfile::{SpooledData, SpooledTempFile};

use crate::replica::{Content, FileEntry};

use super::engine::Result;
use super::error::DockerError;

/// Above this an archive is built in a temporary file.
const IN_MEMORY: usize = 4 << 20;

/// A finished archive, to be read from its start.
pub(super) enum Archive {
    Memory(Vec<u8>),
    File(std::fs::File),
}

/// Packs files in the order given. Parent folders that are not listed are made by Docker where
/// they are missing, owned by root and with mode 0755; a folder that is listed gets the mode and
/// owner listed even if it was there before. Nothing that a link points to is read: links below
/// a host folder go in as links. Content from memory gets the time `now`, files of this machine
/// keep theirs.
pub(super) fn pack(files: &[FileEntry], now: SystemTime) -> Result<Archive> {
    let mut tar = Builder::new(SpooledTempFile::new(IN_MEMORY));
    let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    for entry in files {
        append(&mut tar, entry, now).map_err(|(path, source)| DockerError::HostFile {
            path: path.display().to_string(),
            source,
        })?;
    }
    finish(tar).map_err(|source| DockerError::HostFile { path: "archive".to_owned(), source })
}

fn finish(tar: Builder<SpooledTempFile>) -> io::Result<Archive> {
    match tar.into_inner()?.into_inner() {
        SpooledData::InMemory(cursor) => Ok(Archive::Memory(cursor.into_inner())),
        SpooledData::OnDisk(mut file) => {
            file.rewind()?;
            Ok(Archive::File(file))
        }
    }
}

type Located<T> = std::result::Result<T, (PathBuf, io::Error)>;

fn append(tar: &mut Builder<impl Write>, entry: &FileEntry, now: u64) -> Located<()> {
    let here = |error| (PathBuf::from(&entry.path), error);
    let path = inside(&entry.path).map_err(here)?;
    match &entry.content {
        Content::Bytes(bytes) => {
            let mut header = header(entry, EntryType::Regular, now);
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, path, bytes.as_slice()).map_err(here)
        }
        Content::Folder => {
            let mut header = header(entry, EntryType::Directory, now);
            tar.append_data(&mut header, path, io::empty()).map_err(here)
        }
        Content::Link(target) => {
            let mut header = header(entry, EntryType::Symlink, now);
            tar.append_link(&mut header, path, target).map_err(here)
        }
        Content::HostFile(source) => append_file(tar, entry, source, path, Some(entry.mode)),
        Content::HostFolder(source) => append_folder(tar, entry, source, path),
    }
}

/// The path as an archive has it: relative to `/`, and never above it.
fn inside(path: &str) -> io::Result<&Path> {
    let wrong = |why| io::Error::new(io::ErrorKind::InvalidInput, why);
    let relative = path.strip_prefix('/').ok_or_else(|| wrong("the path is not absolute"))?;
    if relative.trim_matches('/').is_empty() {
        return Err(wrong("the path is the root folder"));
    }
    if Path::new(relative).components().any(|part| part.as_os_str() == "..") {
        return Err(wrong("the path has `..` in it"));
    }
    Ok(Path::new(relative.trim_start_matches('/')))
}

fn header(entry: &FileEntry, kind: EntryType, time: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(entry.mode);
    header.set_uid(entry.uid.into());
    header.set_gid(entry.gid.into());
    header.set_mtime(time);
    header.set_size(0);
    header
}

/// Appends a file of this machine; without a mode, 0755 or 0644 as it is executable or not.
fn append_file(
    tar: &mut Builder<impl Write>,
    entry: &FileEntry,
    source: &Path,
    path: &Path,
    mode: Option<u32>,
) -> Located<()> {
    let here = |error| (source.to_owned(), error);
    let file = std::fs::File::open(source).map_err(here)?;
    let meta = file.metadata().map_err(here)?;
    if !meta.is_file() {
        return Err(here(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")));
    }
    let mut header = header(entry, EntryType::Regular, time_of(&meta));
    let executable = meta.permissions().mode() & 0o100 != 0;
    header.set_mode(mode.unwrap_or(if executable { 0o755 } else { 0o644 }));
    header.set_size(meta.len());
    // A file that grows or shrinks meanwhile must not break the archive behind it.
    let exactly = file.take(meta.len()).chain(io::repeat(0)).take(meta.len());
    tar.append_data(&mut header, path, exactly).map_err(here)
}

fn append_folder(
    tar: &mut Builder<impl Write>,
    entry: &FileEntry,
    source: &Path,
    path: &Path,
) -> Located<()> {
    let here = |error| (source.to_owned(), error);
    let root = source.canonicalize().map_err(here)?;
    let meta = root.metadata().map_err(here)?;
    if !meta.is_dir() {
        return Err(here(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder")));
    }
    let mut top = header(entry, EntryType::Directory, time_of(&meta));
    tar.append_data(&mut top, path, io::empty()).map_err(here)?;
    for found in walkdir::WalkDir::new(&root).min_depth(1).follow_links(false).sort_by_file_name() {
        let found = found
            .map_err(|error| (error.path().unwrap_or(&root).to_owned(), io::Error::from(error)))?;
        let there = |error| (found.path().to_owned(), error);
        let below = found.path().strip_prefix(&root).unwrap_or(found.path());
        let path = path.join(below);
        let kind = found.file_type();
        if kind.is_file() {
            append_file(tar, entry, found.path(), &path, None)?;
            continue;
        }
        let meta = found.metadata().map_err(|error| there(error.into()))?;
        if kind.is_dir() {
            let mut header = header(entry, EntryType::Directory, time_of(&meta));
            header.set_mode(0o755);
            tar.append_data(&mut header, path, io::empty()).map_err(there)?;
        } else if kind.is_symlink() {
            let target = std::fs::read_link(found.path()).map_err(there)?;
            let mut header = header(entry, EntryType::Symlink, time_of(&meta));
            header.set_mode(0o777);
            tar.append_link(&mut header, path, target).map_err(there)?;
        }
        // Sockets, pipes and devices are of this machine alone.
    }
    Ok(())
}

fn time_of(meta: &std::fs::Metadata) -> u64 {
    u64::try_from(meta.mtime()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use super::*;

    fn bytes(files: &[FileEntry]) -> Vec<u8> {
        match pack(files, UNIX_EPOCH + Duration::from_secs(1000)).unwrap() {
            Archive::Memory(bytes) => bytes,
            Archive::File(mut file) => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).unwrap();
                bytes
            }
        }
    }

    fn entry(path: &str, mode: u32, content: Content) -> FileEntry {
        FileEntry { content, ..FileEntry::new(path, mode, Vec::new()) }.owned_by(7, 8)
    }

    fn listing(bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for file in tar::Archive::new(bytes).entries().unwrap() {
            let mut file = file.unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            let header = file.header();
            let (mode, uid) = (header.mode().unwrap(), header.uid().unwrap());
            let link = file.link_name().unwrap().map(|link| format!(" -> {}", link.display()));
            let path = file.path().unwrap().display().to_string();
            lines.push(format!("{path}{} {mode:o} {uid} {text}", link.unwrap_or_default()));
        }
        lines
    }

    #[test]
    fn files_go_in_as_listed_and_parents_stay_as_they_are() {
        let long = format!("/srv/{}/x", "a".repeat(150));
        let files = [
            FileEntry::new("/etc/app.ini", 0o640, "a=1"),
            entry("/srv/data", 0o2750, Content::Folder),
            entry("/srv/link", 0o777, Content::Link("/srv/data".to_owned())),
            entry(&long, 0o600, Content::Bytes(b"deep".to_vec())),
        ];
        assert_eq!(
            listing(&bytes(&files)),
            [
                "etc/app.ini 640 0 a=1".to_owned(),
                "srv/data 2750 7 ".to_owned(),
                "srv/link -> /srv/data 777 7 ".to_owned(),
                format!("{} 600 7 deep", &long[1..]),
            ]
        );
    }

    #[test]
    fn a_host_folder_goes_in_sorted_and_its_links_as_links() {
        let folder = tempfile::tempdir().unwrap();
        let secret = tempfile::tempdir().unwrap();
        fs::write(secret.path().join("key"), "secret").unwrap();
        let root = folder.path();
        fs::create_dir(root.join("b")).unwrap();
        fs::write(root.join("b/two"), "2").unwrap();
        fs::write(root.join("a"), "1").unwrap();
        fs::set_permissions(root.join("a"), fs::Permissions::from_mode(0o700)).unwrap();
        symlink("a", root.join("c")).unwrap();
        symlink(secret.path(), root.join("d")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(root.join("e")).unwrap();

        let files = [entry("/app", 0o750, Content::HostFolder(root.to_owned()))];
        let outside = secret.path().display();
        assert_eq!(
            listing(&bytes(&files)),
            [
                "app 750 7 ".to_owned(),
                "app/a 755 7 1".to_owned(),
                "app/b 755 7 ".to_owned(),
                "app/b/two 644 7 2".to_owned(),
                "app/c -> a 777 7 ".to_owned(),
                format!("app/d -> {outside} 777 7 "),
            ]
        );
        assert_eq!(bytes(&files), bytes(&files));
    }

    #[test]
    fn a_big_archive_is_built_on_disk() {
        let big = [FileEntry::new("/big", 0o644, vec![1; IN_MEMORY + 1])];
        assert!(matches!(pack(&big, UNIX_EPOCH), Ok(Archive::File(_))));
        assert!(bytes(&big).len() > IN_MEMORY);
    }

    #[test]
    fn a_bad_path_or_a_missing_file_is_named() {
        let refused = |entry: FileEntry| match pack(&[entry], UNIX_EPOCH) {
            Err(error) => error.to_string(),
            Ok(_) => "packed".to_owned(),
        };
        assert_eq!(refused(FileEntry::new("etc/x", 0o644, "")), "could not read `etc/x`");
        assert_eq!(refused(FileEntry::new("/a/../x", 0o644, "")), "could not read `/a/../x`");
        assert_eq!(refused(FileEntry::new("//", 0o755, "")), "could not read `//`");
        let missing = entry("/x", 0o644, Content::HostFile("/nowhere/x".into()));
        assert_eq!(refused(missing), "could not read `/nowhere/x`");
    }
}
