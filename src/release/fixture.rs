//! Small archives for the tests of this layer.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::EntryType;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

pub(super) struct Entry {
    name: String,
    content: Vec<u8>,
    kind: EntryType,
    mode: u32,
    target: Option<String>,
    method: CompressionMethod,
}

impl Entry {
    pub(super) fn raw(name: &str, kind: EntryType) -> Self {
        Entry {
            name: name.to_owned(),
            content: Vec::new(),
            kind,
            mode: 0o644,
            target: None,
            method: CompressionMethod::Deflated,
        }
    }

    pub(super) fn file(name: &str, content: &[u8]) -> Self {
        Entry::raw(name, EntryType::Regular).containing(content)
    }

    pub(super) fn containing(self, content: &[u8]) -> Self {
        Entry { content: content.to_vec(), ..self }
    }

    pub(super) fn stored(name: &str, content: &[u8]) -> Self {
        Entry { method: CompressionMethod::Stored, ..Entry::file(name, content) }
    }

    pub(super) fn executable(name: &str, content: &[u8]) -> Self {
        Entry { mode: 0o755, ..Entry::file(name, content) }
    }

    pub(super) fn link(name: &str, target: &str) -> Self {
        Entry { target: Some(target.to_owned()), ..Entry::raw(name, EntryType::Symlink) }
    }

    pub(super) fn hard_link(name: &str, target: &str) -> Self {
        Entry { target: Some(target.to_owned()), ..Entry::raw(name, EntryType::Link) }
    }
}

pub(super) fn tar_gz(path: &Path, entries: &[Entry]) -> PathBuf {
    let encoder = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
    let mut builder = tar::Builder::new(encoder);
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(entry.kind);
        header.set_mode(entry.mode);
        header.set_size(entry.content.len() as u64);
        if let Some(target) = &entry.target {
            builder.append_link(&mut header, &entry.name, target).unwrap();
        } else if entry.name.len() > 99 {
            builder.append_data(&mut header, &entry.name, &entry.content[..]).unwrap();
        } else {
            // Written as it is: `append_data` would refuse a name that climbs.
            header.as_mut_bytes()[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
            header.set_cksum();
            builder.append(&header, &entry.content[..]).unwrap();
        }
    }
    builder.into_inner().unwrap().finish().unwrap();
    path.to_owned()
}

pub(super) fn zip(path: &Path, entries: &[Entry]) -> PathBuf {
    let mut writer = zip::ZipWriter::new(File::create(path).unwrap());
    for entry in entries {
        let options = SimpleFileOptions::default()
            .unix_permissions(entry.mode)
            .compression_method(entry.method);
        if let Some(target) = &entry.target {
            writer.add_symlink(&entry.name, target, options).unwrap();
        } else {
            writer.start_file(&entry.name, options).unwrap();
            writer.write_all(&entry.content).unwrap();
        }
    }
    writer.finish().unwrap();
    path.to_owned()
}

/// A wheel as `python -m build` writes it, with these `METADATA` lines after the version of the format.
pub(super) fn wheel(folder: &Path, file_name: &str, metadata: &str) -> PathBuf {
    let mut parts = file_name.split('-');
    let info = format!("{}-{}.dist-info", parts.next().unwrap(), parts.next().unwrap_or("0"));
    let metadata = format!("Metadata-Version: 2.1\n{metadata}\n\nThe text.\nName: not-this-one\n");
    zip(
        &folder.join(file_name),
        &[
            Entry::file("app/__init__.py", b""),
            Entry::file("app/requirements.lock", b"flask==3.1.3\n"),
            Entry::file(&format!("{info}/METADATA"), metadata.as_bytes()),
            Entry::file(&format!("{info}/WHEEL"), b"Wheel-Version: 1.0\nTag: py3-none-any\n"),
            Entry::file(&format!("{info}/RECORD"), b""),
        ],
    )
}

pub(super) fn tree(root: &Path, files: &[(&str, &str)]) -> PathBuf {
    for (name, content) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    root.to_owned()
}
