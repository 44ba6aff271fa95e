//! What goes wrong with Docker: the only place that knows status codes.

use crate::failure::Failure;

/// An answer of Docker's that is not the wished one, or none at all.
#[derive(Debug, thiserror::Error)]
pub enum DockerError {
    #[error("could not reach Docker at {address}")]
    Unreachable {
        address: String,
        reason: Unreachable,
        #[source]
        source: Option<bollard::errors::Error>,
    },
    #[error("could not {action}: not there")]
    NotFound { action: String, message: String },
    #[error("could not {action}")]
    Conflict { action: String, message: String },
    /// The engine's host has no room left.
    #[error("could not {action}: no space left on Docker's disk")]
    DiskFull { action: String, message: String },
    #[error("could not {action}")]
    Request {
        action: String,
        #[source]
        source: bollard::errors::Error,
    },
    /// A failure that came inside a stream that had begun well.
    #[error("could not {action}")]
    Stream { action: String, message: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    NoSocket,
    NoPermission,
    NoAnswer,
    BadAddress,
    TooOld,
}

impl From<DockerError> for Failure {
    fn from(error: DockerError) -> Failure {
        Failure::infrastructure(error.to_string()).because(&error)
    }
}
