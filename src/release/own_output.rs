//! The files that this process itself writes its output into: `stagectl rehearse > run.log` in the folder that is
//! the release. They grow while it runs, and are no part of it.

use std::fs::{File, Metadata};
use std::io::{stderr, stdout};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt as _;

/// Files by device and number.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnOutput(Vec<(u64, u64)>);

impl OwnOutput {
    pub(super) fn of_process() -> Self {
        OwnOutput([of(stdout().as_fd()), of(stderr().as_fd())].into_iter().flatten().collect())
    }

    pub(super) fn has(&self, about: &Metadata) -> bool {
        self.0.contains(&(about.dev(), about.ino()))
    }
}

/// The regular file behind a descriptor; `None` for a terminal, a pipe and one that is closed.
fn of(descriptor: BorrowedFd<'_>) -> Option<(u64, u64)> {
    let about = File::from(descriptor.try_clone_to_owned().ok()?).metadata().ok()?;
    about.is_file().then(|| (about.dev(), about.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_behind_any_descriptor_and_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.log");
        let file = File::create(&path).unwrap();
        std::fs::write(folder.path().join("other"), "").unwrap();
        std::fs::rename(&path, folder.path().join("renamed")).unwrap();
        let own = OwnOutput(of(file.as_fd()).into_iter().collect());
        let has = |name: &str| own.has(&folder.path().join(name).metadata().unwrap());
        assert!(has("renamed") && !has("other"));
        let (_reader, writer) = std::io::pipe().unwrap();
        assert_eq!(of(writer.as_fd()), None);
    }
}
