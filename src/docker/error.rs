//! What goes wrong with Docker: the only place that knows status codes and Docker's phrases.

use std::error::Error as _;
use std::io;

use bollard::errors::Error;

use crate::failure::{Failure, Kind};

/// An answer of Docker's that is not the wished one, or none at all.
#[derive(Debug, thiserror::Error)]
pub enum DockerError {
    #[error("could not reach Docker at {address}")]
    Unreachable {
        address: String,
        reason: Unreachable,
        #[source]
        source: Option<Error>,
    },
    /// An engine that is none that the promises hold on.
    #[error("the engine at {address} is {engine}, which stagectl does not support")]
    Unsupported { address: String, engine: String },
    /// `ssh` does not lead to Docker; `to` is the argument that says where.
    #[error("could not reach Docker at {address} through `ssh`")]
    Ssh { address: String, to: String, said: Vec<String> },
    #[error("could not {action}: not there")]
    NotFound { action: String, message: String },
    /// The name, address or subnet is taken, or the thing is in the wrong state for it.
    #[error("could not {action}")]
    Conflict { action: String, message: String },
    /// A command was to run, or ran, in a container that does not run any more.
    #[error("could not {action}: the container has ended")]
    ContainerEnded { action: String },
    /// The engine's host has no room left.
    #[error("could not {action}: no space left on Docker's disk")]
    DiskFull { action: String, message: String },
    /// The image registry does not answer: none there, no name service, no way out.
    #[error("could not {action}: the registry is out of reach")]
    NoRegistry { action: String, message: String },
    /// Any other failure; see [`DockerError::may_have_acted`].
    #[error("could not {action}")]
    Request {
        action: String,
        #[source]
        source: Error,
    },
    /// A failure that came inside a stream that had begun well.
    #[error("could not {action}")]
    Stream { action: String, message: String },
    /// A file of this machine that was to go into a container.
    #[error("could not read `{path}`")]
    HostFile {
        path: String,
        #[source]
        source: io::Error,
    },
}

/// What was seen of Podman 4.3 and 5.4: its bridges have an address whatever is asked of them, and are made with the first
/// container only; 5 puts a resolver of its own before the site's as well.
const UNSUPPORTED: &str =
    "it gives its host an address on a site's closed network, so that no replica there is closed";

/// Why there is no talking to Docker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    NoSocket,
    NoPermission,
    NoAnswer,
    BadAddress,
    TooOld,
    TooNew,
}

impl DockerError {
    /// What became of a request: `action` continues "could not", as in "start container `db`".
    pub(super) fn of(action: impl Into<String>, address: &str, error: Error) -> Self {
        let action = action.into();
        match error {
            Error::DockerResponseServerError { status_code, message } => {
                from_answer(action, status_code, message)
            }
            Error::DockerStreamError { error } => in_stream(action, error),
            error => match unreachable_reason(&error) {
                Some(reason) => DockerError::Unreachable {
                    address: address.to_owned(),
                    reason,
                    source: Some(error),
                },
                None => DockerError::Request { action, source: error },
            },
        }
    }

    /// What kind of failure it is, without a word of what was asked or answered.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            DockerError::Unreachable { .. } | DockerError::Ssh { .. } => "unreachable",
            DockerError::Unsupported { .. } => "unsupported engine",
            DockerError::NotFound { .. } => "not found",
            DockerError::Conflict { .. } => "conflict",
            DockerError::ContainerEnded { .. } => "container ended",
            DockerError::DiskFull { .. } => "disk full",
            DockerError::NoRegistry { .. } => "registry out of reach",
            DockerError::Request { source: Error::RequestTimeoutError, .. } => "timeout",
            DockerError::Request { source: Error::DockerResponseServerError { .. }, .. } => {
                "refused"
            }
            DockerError::Request { .. } => "no usable answer",
            DockerError::Stream { .. } => "failed midway",
            DockerError::HostFile { .. } => "unreadable file",
        }
    }

    /// True where the request was sent and no answer came: it may have been carried out all the
    /// same, so look (or undo) before trying again.
    #[must_use]
    pub fn may_have_acted(&self) -> bool {
        match self {
            DockerError::Request { source, .. } => {
                !matches!(source, Error::DockerResponseServerError { .. })
            }
            DockerError::Stream { .. } => true,
            _ => false,
        }
    }

    /// True where somebody does not allow it: a plugin that decides what the engine may be asked for.
    /// <https://docs.docker.com/engine/extend/plugins_authorization/>
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        let forbidden = |error: &Error| {
            matches!(error, Error::DockerResponseServerError { status_code: 403, .. })
        };
        matches!(self, DockerError::Request { source, .. } if forbidden(source))
    }

    /// Returns true where the engine does not know the thing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, DockerError::NotFound { .. })
    }

    /// Returns true where the name, address or subnet is taken, or the thing is in the wrong state.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, DockerError::Conflict { .. })
    }

    /// What to do about it, if that is known here.
    fn hint(&self) -> Option<String> {
        match self {
            DockerError::Ssh { to, .. } => {
                return Some(format!(
                    "see that `ssh {to} docker version` works without a question: host key, key or agent, \
                     and that user's right to use Docker there"
                ));
            }
            // There was a way, and it has ended.
            DockerError::Unreachable { address, .. } if address.starts_with("ssh://") => {
                return Some("see whether `ssh` still leads there, then try again".to_owned());
            }
            _ => {}
        }
        self.plain_hint().map(str::to_owned)
    }

    fn plain_hint(&self) -> Option<&'static str> {
        match self {
            DockerError::Unsupported { .. } => {
                Some("name a Docker Engine: DOCKER_HOST, or a context of `docker context ls`")
            }
            DockerError::Unreachable { reason, .. } => Some(match reason {
                Unreachable::NoSocket => {
                    "start Docker (`sudo systemctl start docker`), or correct DOCKER_HOST or the \
                     Docker context"
                }
                Unreachable::NoPermission => {
                    "join the group that may use Docker, then log in again: \
                     `sudo usermod -aG docker $USER`"
                }
                Unreachable::NoAnswer => "see whether Docker answers: `docker version`",
                Unreachable::BadAddress => {
                    "correct DOCKER_HOST or the Docker context: `docker context ls`"
                }
                Unreachable::TooOld => "update Docker to 20.10 or later",
                Unreachable::TooNew => "update stagectl: this engine is newer than it",
            }),
            DockerError::DiskFull { .. } => {
                Some("make room on Docker's disk: `stagectl gc`, then `docker system df`")
            }
            DockerError::NoRegistry { .. } => {
                Some("check the network and the proxy of Docker's host: `docker info`")
            }
            DockerError::NotFound { .. } | DockerError::ContainerEnded { .. } => {
                Some("has somebody removed or stopped it by hand? then try again")
            }
            _ if self.may_have_acted() => Some(
                "Docker gave no usable answer: see whether it is well, with `docker info`, then try again",
            ),
            _ => None,
        }
    }
}

/// "Not there" is success where something is removed.
pub(super) fn gone_is_fine(result: Result<(), DockerError>) -> Result<(), DockerError> {
    match result {
        Err(DockerError::NotFound { .. }) => Ok(()),
        other => other,
    }
}

fn from_answer(action: String, status: u16, message: String) -> DockerError {
    let lower = message.to_lowercase();
    if is_disk_full(&lower) {
        return DockerError::DiskFull { action, message };
    }
    if is_registry_silent(&lower) {
        return DockerError::NoRegistry { action, message };
    }
    match status {
        404 => DockerError::NotFound { action, message },
        409 if lower.contains("is not running") => DockerError::ContainerEnded { action },
        409 => DockerError::Conflict { action, message },
        _ if is_conflict(&lower) => DockerError::Conflict { action, message },
        _ => DockerError::Request {
            action,
            source: Error::DockerResponseServerError { status_code: status, message },
        },
    }
}

fn in_stream(action: String, message: String) -> DockerError {
    let lower = message.to_lowercase();
    if is_disk_full(&lower) {
        DockerError::DiskFull { action, message }
    } else if is_registry_silent(&lower) {
        DockerError::NoRegistry { action, message }
    } else if lower.contains("manifest unknown") || lower.contains("not found") {
        DockerError::NotFound { action, message }
    } else {
        DockerError::Stream { action, message }
    }
}

fn is_disk_full(lower: &str) -> bool {
    lower.contains("no space left on device") || lower.contains("disk quota exceeded")
}

/// Phrases of Go's network code, as Docker passes them on from a registry's client.
fn is_registry_silent(lower: &str) -> bool {
    ["no such host", "dial tcp", "tls handshake timeout", "server misbehaving", "i/o timeout"]
        .iter()
        .any(|phrase| lower.contains(phrase))
        || (lower.contains("net/http: ") && lower.contains("timeout"))
        || lower.contains("net/http: request canceled")
}

/// What engines answer with 400, 403 or 500 although it is a conflict.
fn is_conflict(lower: &str) -> bool {
    [
        "pool overlaps",
        "overlapping ipv4",
        "overlapping ipv6",
        "invalid pool request",
        "non-overlapping ipv4 address pool",
        "has active endpoints",
        "address already in use",
        "port is already allocated",
        "already exists",
    ]
    .iter()
    .any(|phrase| lower.contains(phrase))
}

/// Why a connection could not be made; `None` when there was one.
fn unreachable_reason(error: &Error) -> Option<Unreachable> {
    match error {
        Error::SocketNotFoundError(_) => return Some(Unreachable::NoSocket),
        Error::UnsupportedURISchemeError { .. }
        | Error::URLParseError { .. }
        | Error::InvalidURIError { .. }
        | Error::InvalidURIPartsError { .. }
        | Error::CertPathError { .. }
        | Error::CertMultipleKeys { .. }
        | Error::CertParseError { .. } => return Some(Unreachable::BadAddress),
        Error::HyperLegacyError { err } if err.is_connect() => {}
        _ => return None,
    }
    let mut cause = error.source();
    if let Error::HyperLegacyError { err } = error {
        cause = err.source();
    }
    while let Some(next) = cause {
        if let Some(io) = next.downcast_ref::<io::Error>() {
            match io.kind() {
                io::ErrorKind::PermissionDenied => return Some(Unreachable::NoPermission),
                io::ErrorKind::NotFound => return Some(Unreachable::NoSocket),
                _ => {}
            }
        }
        cause = next.source();
    }
    Some(Unreachable::NoAnswer)
}

impl From<DockerError> for Failure {
    fn from(error: DockerError) -> Failure {
        let kind = match &error {
            DockerError::HostFile { .. } => Kind::Usage,
            _ => Kind::Infrastructure,
        };
        let mut failure = Failure::new(kind, error.to_string());
        match &error {
            DockerError::NotFound { message, .. }
            | DockerError::Conflict { message, .. }
            | DockerError::DiskFull { message, .. }
            | DockerError::NoRegistry { message, .. }
            | DockerError::Stream { message, .. } => {
                failure = failure.cause(format!("Docker said: {}", message.trim_end()));
            }
            DockerError::Request {
                source: Error::DockerResponseServerError { status_code, message },
                ..
            } => {
                let message = message.trim_end();
                failure = failure.cause(format!("Docker answered {status_code}: {message}"));
            }
            DockerError::Unsupported { .. } => {
                failure = failure.cause(UNSUPPORTED);
            }
            DockerError::Ssh { said, .. } => {
                failure = said.iter().cloned().fold(failure, Failure::cause);
            }
            DockerError::Unreachable { .. }
            | DockerError::ContainerEnded { .. }
            | DockerError::Request { .. }
            | DockerError::HostFile { .. } => {
                failure = failure.because(&error);
                // The HTTP client's own layers, which say nothing of the matter.
                failure.causes.retain(|cause| !cause.contains("client error ("));
            }
        }
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

#[cfg(test)]
mod tests;
