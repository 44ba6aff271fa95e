//! Files that others wrote, read within bounds: regular files alone, and no more of one than it may have.
//!
//! A pipe of that name would never end or never begin, a device is not what anybody described.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use bytesize::ByteSize;
use rustix::fs::OFlags;

/// Opens a regular file, or one that a link leads to.
///
/// # Errors
/// What the system says, and `InvalidInput` for everything that is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    // Without `NONBLOCK`, opening a pipe waits for somebody who writes into it.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let flags = i32::try_from(flags).map_err(io::Error::other)?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
}

/// The first so many bytes of a file, or all where it has fewer.
///
/// # Errors
/// As [`open`].
pub fn start(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// All of a file, which may have so many bytes.
///
/// # Errors
/// As [`open`], and `FileTooLarge`.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let bytes = start(path, most.saturating_add(1))?;
    if bytes.len() as u64 <= most {
        return Ok(bytes);
    }
    let message = format!("it is larger than {}", ByteSize(most));
    Err(io::Error::new(io::ErrorKind::FileTooLarge, message))
}

/// All of a text, which may have so many bytes.
///
/// # Errors
/// As [`read`], and `InvalidData` with the line for what is no text.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let wrong = |bytes: &[u8], offset: usize, what: &str| {
        let line = bytes[..offset].split(|byte| *byte == b'\n').count();
        io::Error::new(io::ErrorKind::InvalidData, format!("line {line}: {what}"))
    };
    let text = String::from_utf8(read(path, most)?).map_err(|error| {
        wrong(error.as_bytes(), error.utf8_error().valid_up_to(), "it is not UTF-8 text")
    })?;
    match text.find('\0') {
        Some(offset) => Err(wrong(text.as_bytes(), offset, "there is a NUL byte")),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_a_fair_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("text"), "one\ntwo").unwrap();
        std::os::unix::fs::symlink("text", path("link")).unwrap();
        std::fs::write(path("binary"), b"one\n\xff").unwrap();
        std::fs::write(path("nul"), b"one\n\n\0").unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(path("pipe")).status();
        assert!(pipe.unwrap().success());
        std::os::unix::fs::symlink("/dev/zero", path("endless")).unwrap();

        let read_or_error = |name: &str, most| match read_text(&path(name), most) {
            Ok(text) => text,
            Err(error) => error.to_string(),
        };
        for (name, most, expected) in [
            ("text", 7, "one\ntwo"),
            ("link", 7, "one\ntwo"),
            ("text", 6, "it is larger than 6 B"),
            ("binary", 9, "line 2: it is not UTF-8 text"),
            ("nul", 9, "line 3: there is a NUL byte"),
            ("pipe", 9, "it is not a regular file"),
            ("endless", 9, "it is not a regular file"),
            (".", 9, "it is not a regular file"),
            ("none", 9, "No such file or directory (os error 2)"),
        ] {
            assert_eq!(read_or_error(name, most), expected, "{name}");
        }
        assert_eq!(start(&path("text"), 3).unwrap(), b"one");
    }
}
