//! A base out of an archive of a live host's root file system, streamed into an image.

use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use futures_util::stream;
use ruzstd::decoding::StreamingDecoder;
use tokio::sync::mpsc;

use super::stream::doing;
use crate::bounded;
use crate::digest::Tee;
use crate::docker::{Engine, TarStream};
use crate::failure::Failure;
use crate::packing::Packing;
use crate::provision::execution::Execution;
use crate::provision::image::record::image_labels;
use crate::replica::ImageSpec;

/// Bytes that are read at once; a few such pieces are under way.
const PIECE: usize = 1 << 20;
const PIECES: usize = 4;
/// Bytes of a root file system: Docker's disk is everybody's.
const MOST: u64 = 64 << 30;

pub(super) async fn import<E: Engine>(
    work: &Execution<'_, '_, E>,
    spec: &ImageSpec,
    path: &Path,
    tag: &str,
) -> Result<String, Failure> {
    let failed = || Failure::infrastructure(format!("could not import {}", spec.title));
    doing(work, format!("importing {} (once)", spec.title));
    let packing = Packing::of(path).map_err(|error| failed().because(&error))?;
    let Some(packing) = packing else {
        return Err(Failure::usage(format!("{} is no archive of files", spec.title)).hint(
            "make it on the live host: `tar --one-file-system --numeric-owner -C / -c . | zstd > base.tar.zst`",
        ));
    };
    let (stream, trouble) = read(path.to_owned(), packing, spec.clone());
    let labels = image_labels(&work.run.spec.ownership, spec.kind, &spec.recipe);
    let imported = tokio::select! {
        imported = work.run.engine.import(stream, tag, &labels) => imported,
        () = work.halt.cancelled() => return Err(work.replica.stop.failure()),
    };
    imported.map_err(|error| {
        let failure = match trouble.borrow().as_deref() {
            // Why the stream broke off says more than that it did.
            Some(trouble) => failed().cause(trouble),
            None => failed().because(&error),
        };
        match packing {
            Packing::Xz => {
                failure.hint("the engine's host needs `xz` to unpack it; zstd needs nothing")
            }
            _ => failure.hint("see whether the archive is whole: `tar -tf`"),
        }
    })
}

type Trouble = tokio::sync::watch::Receiver<Option<String>>;

/// The archive as the engine takes it, read by a thread of its own, and what broke it off. The
/// stream ends in an error unless the file is what the spec's key was made of.
fn read(path: PathBuf, packing: Packing, spec: ImageSpec) -> (TarStream, Trouble) {
    let (pieces, mut taken) = mpsc::channel(PIECES);
    let (told, trouble) = tokio::sync::watch::channel(None);
    tokio::task::spawn_blocking(move || {
        let mut send = |piece: Vec<u8>| {
            pieces.blocking_send(Ok(piece)).map_err(|_| io::Error::other("nobody reads it"))
        };
        if let Err(error) = send_all(&path, packing, &spec, &mut send) {
            told.send_replace(Some(error.to_string()));
            // The engine may have gone first.
            drop(pieces.blocking_send(Err(error)));
        }
    });
    (Box::pin(stream::poll_fn(move |context| taken.poll_recv(context))), trouble)
}

fn send_all(
    path: &Path,
    packing: Packing,
    spec: &ImageSpec,
    send: &mut impl FnMut(Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = Tee::new(BufReader::with_capacity(PIECE, bounded::open(path)?));
    match packing {
        // Engines before 23 cannot unpack it: it is unpacked here.
        Packing::Zstd => {
            let decoder = StreamingDecoder::new(&mut file).map_err(io::Error::other)?;
            send_pieces(decoder, MOST, send)?;
        }
        // The engine unpacks it.
        _ => send_pieces(&mut file, MOST, send)?,
    }
    if spec.is_made_of(&file.finish()?) {
        return Ok(());
    }
    Err(io::Error::other("the archive was changed while it was read"))
}

fn send_pieces(
    reader: impl Read,
    most: u64,
    send: &mut impl FnMut(Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let mut sent = 0;
    let mut reader = reader.take(most.saturating_add(1));
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        sent += reader.by_ref().take(PIECE as u64).read_to_end(&mut piece)? as u64;
        if sent > most {
            let message = format!("it unpacks to more than {}", ByteSize(most));
            return Err(io::Error::other(message));
        }
        if piece.is_empty() {
            return Ok(());
        }
        send(piece)?;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::*;
    use crate::digest::sha256;

    async fn sent(bytes: &[u8], content: &str) -> (Vec<u8>, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("base.tar");
        std::fs::write(&path, bytes).unwrap();
        let spec = ImageSpec::rootfs(&path, content);
        let packing = Packing::of(&path).unwrap().unwrap_or(Packing::Plain);
        let (mut stream, trouble) = read(path, packing, spec);
        let mut all = Vec::new();
        while let Some(piece) = stream.next().await {
            all.extend(piece.unwrap_or_default());
        }
        (all, trouble.borrow().clone())
    }

    #[tokio::test]
    async fn an_archive_is_streamed_as_it_is_and_zstd_is_unpacked() {
        let plain: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
        let content = sha256(plain.as_slice()).unwrap();
        assert!(sent(&plain, &content).await == (plain.clone(), None));
        let packed = ruzstd::encoding::compress_to_vec(
            plain.as_slice(),
            ruzstd::encoding::CompressionLevel::Fastest,
        );
        let content = sha256(packed.as_slice()).unwrap();
        assert!(sent(&packed, &content).await == (plain, None));
    }

    #[tokio::test]
    async fn an_archive_that_is_not_the_one_that_was_planned_makes_no_image() {
        let (_, trouble) = sent(b"other bytes", &sha256(&b"bytes"[..]).unwrap()).await;
        assert_eq!(trouble.as_deref(), Some("the archive was changed while it was read"));
    }

    #[test]
    fn a_bomb_ends_before_it_bursts() {
        let mut sent = 0;
        let mut send = |piece: Vec<u8>| {
            sent += piece.len();
            Ok(())
        };
        let error = send_pieces(io::repeat(0), 3 << 20, &mut send).unwrap_err();
        assert_eq!(error.to_string(), "it unpacks to more than 3.0 MiB");
        assert_eq!(sent, 3 << 20);
    }
}
