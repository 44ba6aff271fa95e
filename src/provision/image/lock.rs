//! Two runs that need the same image at once make it once.

use std::fs::File;

use super::record::doing;
use crate::failure::Failure;
use crate::provision::execution::Execution;
use crate::state;

/// Waits until this process is the only one on this machine that makes the image.
pub(in crate::provision) async fn lock<E>(
    work: &Execution<'_, '_, E>,
    key: &str,
    title: &str,
) -> Result<File, Failure> {
    let refused = |error: &std::io::Error| {
        Failure::infrastructure(format!("could not lock {}", work.run.workshop.locks.display()))
            .because(error)
    };
    state::private_folder(&work.run.workshop.locks)?;
    let path = work.run.workshop.locks.join(format!("{key}.lock"));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| refused(&error))?;
    if file.try_lock().is_ok() {
        return Ok(file);
    }
    doing(work, &format!("waiting for another run that builds {title}"));
    let waiting = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
    tokio::select! {
        locked = waiting => match locked {
            Ok(file) => file.map_err(|error| refused(&error)),
            Err(error) => Err(Failure::bug("the lock's thread ended").because(&error)),
        },
        () = work.halt.cancelled() => Err(work.replica.stop.failure()),
    }
}
