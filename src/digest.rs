//! Content keys: the SHA-256 of everything that goes in, length-prefixed so that no two different
//! inputs read the same.

mod content;

use std::fmt::Write as _;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

pub use content::{of_file, of_folder};

/// A digest in the making.
#[derive(Debug, Clone)]
pub struct Digest(Sha256);

impl Digest {
    /// Starts with what the digest is of, so that equal contents of different kinds differ.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Digest(Sha256::new()).with(kind)
    }

    /// Adds one piece.
    #[must_use]
    pub fn with(mut self, piece: impl AsRef<[u8]>) -> Self {
        self.add(piece);
        self
    }

    /// Adds one piece.
    pub fn add(&mut self, piece: impl AsRef<[u8]>) {
        let bytes = piece.as_ref();
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    /// All of it, as 64 lowercase hex digits.
    #[must_use]
    pub fn hex(self) -> String {
        hex(&self.0.finalize())
    }

    /// The first 16 hex digits: a key for tags.
    #[must_use]
    pub fn key(self) -> String {
        let mut hex = self.hex();
        hex.truncate(16);
        hex
    }
}

/// The plain SHA-256 of a stream, as `sha256sum` prints it.
///
/// # Errors
/// What reading gives.
pub fn sha256(mut reader: impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..count]);
    }
}

/// Passes a stream on, and knows its SHA-256 at the end.
#[derive(Debug)]
pub struct Tee<R> {
    inner: R,
    hasher: Sha256,
}

impl<R: Read> Tee<R> {
    pub fn new(inner: R) -> Self {
        Tee { inner, hasher: Sha256::new() }
    }

    /// The digest of the whole stream, as [`sha256`]; what nobody has read is read now.
    ///
    /// # Errors
    /// What reading gives.
    pub fn finish(mut self) -> io::Result<String> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(hex(&self.hasher.finalize()))
    }
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_run_together() {
        assert_ne!(
            Digest::of("x").with("ab").with("c").hex(),
            Digest::of("x").with("a").with("bc").hex()
        );
    }

    #[test]
    fn a_stream_reads_as_sha256sum() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&b"abc"[..]).unwrap(), expected);
    }
}
