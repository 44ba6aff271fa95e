//! What can be wrong with a release, and the way out of it.

use std::error::Error;
use std::io;
use std::path::Path;

use bytesize::ByteSize;

use crate::failure::{Failure, Kind};

/// Something that makes a release unfit to be deployed anywhere.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("the file is empty")]
    Empty,
    #[error("it holds no files")]
    NoFiles,
    #[error("it is not {expected}, but {found}")]
    OtherKind { expected: &'static str, found: &'static str },
    #[error("it is damaged or cut short")]
    Damaged(#[source] Box<dyn Error + Send + Sync>),
    #[error("its member `{member}` is encrypted")]
    Encrypted { member: String },
    #[error("its member `{member}` {what}")]
    Member { member: String, what: String },
    #[error("it holds more than {0} members")]
    TooMany(usize),
    #[error("it unpacks to more than {}", ByteSize(*.0))]
    TooLarge(u64),
    #[error("the file itself is larger than {}", ByteSize(*.0))]
    PackedTooLarge(u64),
    #[error("the names of its members take more than {}", ByteSize(*.0))]
    TooManyNames(u64),
    #[error("its {file} is not readable as such: {what}")]
    Metadata { file: String, what: String },
    #[error("{0}")]
    NotAWheel(String),
    #[error("it has changed since this run began")]
    Changed,
    /// The machine refused, not the release.
    #[error("the file system refused")]
    Machine(#[source] io::Error),
    /// Whoever takes the packed release stopped taking it.
    #[error("its receiver refused")]
    Receiver(#[source] io::Error),
}

impl Problem {
    pub(super) fn member(member: impl AsRef<str>, what: impl Into<String>) -> Self {
        Problem::Member { member: escape_name(member.as_ref()), what: what.into() }
    }

    /// A read error inside an archive: the disk's when the system said it, else the archive's.
    pub(super) fn reading(error: io::Error) -> Self {
        if error.raw_os_error().is_some() {
            Problem::Machine(error)
        } else {
            Problem::Damaged(Box::new(error))
        }
    }

    /// The failure that a user sees.
    pub(super) fn of(self, path: &Path) -> Failure {
        let message = match self {
            Problem::Receiver(_) => format!("could not send release `{}`", path.display()),
            _ => format!("could not read release `{}`", path.display()),
        };
        Failure::new(self.kind(), message).because(&self).hint(self.hint())
    }

    fn kind(&self) -> Kind {
        match self {
            Problem::Machine(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Kind::Usage
            }
            Problem::Machine(_) | Problem::Receiver(_) => Kind::Infrastructure,
            Problem::Changed => Kind::Usage,
            _ => Kind::Deploy,
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Problem::Empty | Problem::NoFiles | Problem::Damaged(_) => {
                "build the release again, or copy it again; the copy may have been cut short"
            }
            Problem::OtherKind { .. } => {
                "give a wheel, an sdist, a .tar.gz or .zip of a tree, or a folder"
            }
            Problem::Encrypted { .. } => "pack the release without a password",
            Problem::Member { .. } => "pack the release again without that member",
            Problem::TooMany(_)
            | Problem::TooLarge(_)
            | Problem::PackedTooLarge(_)
            | Problem::TooManyNames(_) => {
                "check that it is the release, and that nothing big was packed by mistake"
            }
            Problem::Metadata { .. } | Problem::NotAWheel(_) => {
                "build the release again with `python -m build`, and keep the file names it gives"
            }
            Problem::Changed => {
                "start again when the build is done; a log that another program writes belongs outside of the folder"
            }
            Problem::Machine(_) => "check the disk and the permissions of the file",
            Problem::Receiver(_) => "check that Docker runs and that its disk has room",
        }
    }
}

/// A name out of an archive, safe to print: no control characters, and not endless.
pub(super) fn escape_name(name: &str) -> String {
    let mut text: String = name.chars().take(120).flat_map(char::escape_debug).collect();
    if name.chars().nth(120).is_some() {
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_members_name_cannot_write_on_the_terminal() {
        assert_eq!(escape_name("a\x1b[31mb\nc"), "a\\u{1b}[31mb\\nc");
        assert_eq!(escape_name(&"x".repeat(500)).len(), 123);
    }

    #[test]
    fn a_broken_release_is_the_deploys_fault_and_a_broken_disk_is_not() {
        let path = Path::new("dist/app.zip");
        assert_eq!(Problem::Empty.of(path).kind, Kind::Deploy);
        let disk = io::Error::from_raw_os_error(5);
        assert_eq!(Problem::reading(disk).of(path).kind, Kind::Infrastructure);
        let cut = io::Error::from(io::ErrorKind::UnexpectedEof);
        let failure = Problem::reading(cut).of(path);
        assert_eq!(failure.message, "could not read release `dist/app.zip`");
        assert_eq!(failure.causes, ["it is damaged or cut short", "unexpected end of file"]);
        assert_eq!(failure.kind, Kind::Deploy);
    }
}
