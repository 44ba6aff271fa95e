//! The way into an archive of a root file system: no process runs there, and nothing of it is run here. What a
//! description is made of is unpacked into a folder of this machine, and the script reads that, with a shell of this machine.

mod room;
mod tree;
mod unpack;

use std::path::Path;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use self::unpack::{Limit, Unpacked};
use super::local::feed;
use super::terms::Terms;
use crate::capture::script::at_rest;
use crate::failure::Failure;
use crate::packing::Packing;

/// Unpacks the archive, and runs the script on what was in it.
pub(super) async fn run(path: &Path, script: &str, terms: Terms) -> Result<Vec<u8>, Failure> {
    let shown = path.display().to_string();
    let could_not = move |error: &std::io::Error| {
        let failure = Failure::usage(format!("could not read {shown}")).because(error);
        match error.kind() {
            std::io::ErrorKind::TimedOut => failure.hint("give it longer: `--patience 10min`"),
            std::io::ErrorKind::NotFound => {
                failure.hint("the path is from the folder of the call: rootfs://live.tar.zst")
            }
            std::io::ErrorKind::StorageFull => {
                failure.hint("make room where it is unpacked, or name another place: TMPDIR")
            }
            std::io::ErrorKind::PermissionDenied => failure,
            _ => failure.hint("see whether the archive is whole: `tar -tf`"),
        }
    };
    let packing = Packing::of(path).map_err(|error| could_not(&error))?.ok_or_else(|| {
        Failure::usage(format!("{} is no archive of files", path.display())).hint(
            "make it on the live host: `tar --one-file-system --numeric-owner -C / -c . | zstd > live.tar.zst`",
        )
    })?;
    let folder = room::take().map_err(|error| {
        Failure::infrastructure("there is no folder to unpack the archive in").because(&error)
    })?;
    let (here, archive) = (folder.path().to_owned(), path.to_owned());
    let halt = CancellationToken::new();
    let limit = Limit { until: Instant::now() + terms.patience, halt: halt.clone() };
    let _waiting = halt.drop_guard();
    let unpacking = tokio::task::spawn_blocking(move || {
        let (spool, root) = (here.join("files"), here.join("root"));
        std::fs::create_dir(&spool)?;
        std::fs::create_dir(&root)?;
        let unpacked = Unpacked::of(packing.open(&archive)?, &spool, limit)?;
        unpacked.tree.write(&root)?;
        std::fs::write(here.join("owners"), unpacked.owners())
    });
    unpacking
        .await
        .map_err(|error| Failure::infrastructure("the archive could not be read").because(&error))?
        .map_err(|error| could_not(&error))?;
    let mut shell = tokio::process::Command::new("sh");
    shell.arg("-s");
    let ended = feed(shell, &at_rest(script, folder.path()), terms).await?;
    Ok(ended.out)
}
