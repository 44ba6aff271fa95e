//! The folders that a proxy on a host of its own has from the app's: static files and others, as the
//! deploy steps leave them there.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::execution::Execution;
use crate::docker::{DockerError, Engine};
use crate::failure::Failure;
use crate::replica::{Content, FileEntry};

/// Copies the folders that the proxy serves from the app's host to the proxy's. One that is not
/// there is not there on the proxy's either.
pub(super) async fn bring_static_files<E: Engine>(
    work: &Execution<'_, '_, E>,
    proxy: &str,
) -> Result<(), Failure> {
    let (home, described) = (work.replica.site.home(), &work.replica.site.proxy);
    let same = described.static_files.values().map(|folder| (home.join(folder), home.join(folder)));
    let other = described.folders.iter().map(|(place, folder)| (place.clone(), home.join(folder)));
    for (place, folder) in same.chain(other) {
        let (place, folder) = (place.display().to_string(), folder.display().to_string());
        let tar = match work.run.engine.download(&work.replica.handles.host, &folder).await {
            Ok(tar) => tar,
            Err(DockerError::NotFound { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let files = unpack(&tar, &place).map_err(|error| {
            Failure::infrastructure(format!("could not copy {folder} to the proxy's host"))
                .because(&error)
        })?;
        work.run.engine.upload_files(proxy, &files).await?;
    }
    Ok(())
}

/// What is in a tar archive of one folder, as files below another one.
fn unpack(tar: &[u8], folder: &str) -> std::io::Result<Vec<FileEntry>> {
    let mut files = Vec::new();
    for entry in tar::Archive::new(tar).entries()? {
        let mut entry = entry?;
        let header = entry.header();
        let (mode, uid, gid) = (header.mode()?, header.uid()?, header.gid()?);
        let kind = header.entry_type();
        let placed = |name: &Path| {
            let below: PathBuf = name.components().skip(1).collect();
            Path::new(folder).join(below).display().to_string()
        };
        let path = placed(&entry.path()?);
        let content = if kind.is_dir() {
            Content::Folder
        } else if let (true, Some(target)) = (kind.is_symlink(), entry.link_name()?) {
            Content::Link(target.display().to_string())
        } else if let (true, Some(target)) = (kind.is_hard_link(), entry.link_name()?) {
            // Another name of a file that came before.
            let target = placed(&target);
            let same = files.iter().find(|file: &&FileEntry| file.path == target);
            let Some(FileEntry { content, .. }) = same else { continue };
            content.clone()
        } else if kind.is_file() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            Content::Bytes(bytes)
        } else {
            continue;
        };
        let path = path.trim_end_matches('/').to_owned();
        let id = |id: u64| u32::try_from(id).unwrap_or_default();
        let entry = FileEntry::new(path, mode & 0o7777, Vec::new()).owned_by(id(uid), id(gid));
        files.push(FileEntry { content, ..entry });
    }
    Ok(files)
}
