//! Files of a replica on which a verdict hangs.

use crate::docker::{DockerError, Download, Engine};

/// The archive of a path inside a container, of no more than so many bytes. "Not there" decides something,
/// so it is asked twice: once it may be the answer of a proxy on the way.
///
/// # Errors
/// Docker's; `NotFound` when it is really not there.
pub async fn fetch<E: Engine>(
    engine: &E,
    container: &str,
    path: &str,
    most: usize,
) -> Result<Download, DockerError> {
    match engine.download_within(container, path, most).await {
        Err(DockerError::NotFound { .. }) => engine.download_within(container, path, most).await,
        found => found,
    }
}
