//! How an archive is packed, as its first bytes say, and what it is when it is unpacked.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

use crate::bounded;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// How an archive is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// A tar as it is.
    Plain,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

impl Packing {
    /// How a file is packed; `None` for what is no archive of files.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(path: &Path) -> io::Result<Option<Packing>> {
        let begin = bounded::start(path, 512)?;
        let is_tar = begin.get(257..262) == Some(b"ustar");
        Ok(match &begin[..] {
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', ..] => Some(Packing::Xz),
            [0x1f, 0x8b, ..] => Some(Packing::Gzip),
            [b'B', b'Z', b'h', ..] => Some(Packing::Bzip2),
            _ if is_tar => Some(Packing::Plain),
            _ => None,
        })
    }

    /// The plain tar of a file. `xz` and `bzip2` are programs of this machine.
    ///
    /// # Errors
    /// The file cannot be read, or the program that unpacks it is not there.
    pub fn open(self, path: &Path) -> io::Result<Box<dyn Read>> {
        let file = bounded::open(path)?;
        let buffered = |file| BufReader::with_capacity(PIECE, file);
        Ok(match self {
            Packing::Plain => Box::new(buffered(file)),
            Packing::Gzip => Box::new(MultiGzDecoder::new(buffered(file))),
            Packing::Zstd => {
                Box::new(StreamingDecoder::new(buffered(file)).map_err(io::Error::other)?)
            }
            Packing::Xz => Box::new(Unpacker::start("xz", "xz-utils", file)?),
            Packing::Bzip2 => Box::new(Unpacker::start("bzip2", "bzip2", file)?),
        })
    }
}

/// A program that unpacks, ended with who reads it.
struct Unpacker {
    child: Child,
    output: ChildStdout,
}

impl Unpacker {
    fn start(program: &str, package: &str, file: File) -> io::Result<Unpacker> {
        let mut child = Command::new(program)
            .arg("-dc")
            .stdin(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => io::Error::other(format!(
                    "`{program}` unpacks it, and is not there: apt-get install {package}"
                )),
                _ => error,
            })?;
        let output = child.stdout.take().ok_or_else(|| io::Error::other("it has no output"))?;
        Ok(Unpacker { child, output })
    }
}

impl Read for Unpacker {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.output.read(buffer)?;
        if count == 0 && !buffer.is_empty() && !self.child.wait()?.success() {
            return Err(io::Error::other("it is damaged, or not whole"));
        }
        Ok(count)
    }
}

impl Drop for Unpacker {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn an_archive_is_known_by_its_first_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let of = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            Packing::of(&path).unwrap()
        };
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(of(&tar), Some(Packing::Plain));
        assert_eq!(of(b"\x1f\x8b\x08"), Some(Packing::Gzip));
        assert_eq!(of(b"\xfd7zXZ\0"), Some(Packing::Xz));
        assert_eq!(of(b"<html>"), None);
        assert_eq!(of(b""), None);
    }

    #[test]
    fn each_packing_is_unpacked_and_a_damaged_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let text = b"a root file system".repeat(1000);
        // Without the program there, nothing can be packed, and the beginning of a packed file will do.
        let by_program = |program: &str, begin: &[u8]| {
            std::fs::write(&path, &text).unwrap();
            let packed = Command::new(program).arg("-c").arg(&path).output();
            packed.map_or_else(|_| (begin.to_vec(), false), |packed| (packed.stdout, true))
        };
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).unwrap();
        let fastest = ruzstd::encoding::CompressionLevel::Fastest;
        for (packing, (bytes, has_program)) in [
            (Packing::Plain, (text.clone(), true)),
            (Packing::Gzip, (gzip.finish().unwrap(), true)),
            (Packing::Zstd, (ruzstd::encoding::compress_to_vec(text.as_slice(), fastest), true)),
            (Packing::Xz, by_program("xz", b"\xfd7zXZ\0")),
            (Packing::Bzip2, by_program("bzip2", b"BZh9")),
        ] {
            std::fs::write(&path, &bytes).unwrap();
            if !has_program {
                let error = packing.open(&path).err().unwrap().to_string();
                assert!(error.contains("apt-get install"), "{packing:?}: {error}");
                continue;
            }
            let mut all = Vec::new();
            packing.open(&path).unwrap().read_to_end(&mut all).unwrap();
            assert!(all == text, "{packing:?}");
            if packing != Packing::Plain {
                std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
                let cut = packing.open(&path).and_then(|mut tar| tar.read_to_end(&mut Vec::new()));
                assert!(cut.is_err(), "{packing:?}");
            }
        }
    }
}
