//! The files that the output of this process goes into: `stagectl rehearse > run.log` or `| tee run.log` in the folder
//! that is the release. They grow while it runs, and are no part of it.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::{stderr, stdout};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Files by device and number.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnOutput(Vec<(u64, u64)>);

impl OwnOutput {
    pub(super) fn of_process() -> Self {
        OwnOutput::of(&[stdout().as_fd(), stderr().as_fd()])
    }

    fn of(descriptors: &[BorrowedFd<'_>]) -> Self {
        let known = descriptors.iter().filter_map(|descriptor| about(*descriptor));
        let (files, pipes): (Vec<Metadata>, Vec<Metadata>) = known
            .filter(|about| about.is_file() || about.file_type().is_fifo())
            .partition(Metadata::is_file);
        let mut own: Vec<_> = files.iter().map(number).collect();
        if !pipes.is_empty() {
            own.extend(written_by_readers(pipes.iter().map(number).collect()));
        }
        OwnOutput(own)
    }

    pub(super) fn has(&self, about: &Metadata) -> bool {
        self.0.contains(&(about.dev(), about.ino()))
    }
}

/// `None` for one that is closed.
fn about(descriptor: BorrowedFd<'_>) -> Option<Metadata> {
    File::from(descriptor.try_clone_to_owned().ok()?).metadata().ok()
}

fn number(about: &Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

/// An open file of some process, as Linux shows it below `/proc`.
struct Open {
    process: PathBuf,
    about: Metadata,
    is_written: bool,
}

/// The files that those write who read these pipes, and who read what they write.
fn written_by_readers(mut pipes: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    let open = open_files();
    let (mut files, mut followed) = (Vec::new(), BTreeSet::new());
    while let Some(pipe) = pipes.pop() {
        if !followed.insert(pipe) {
            continue;
        }
        let readers = open.iter().filter(|one| !one.is_written && number(&one.about) == pipe);
        let readers: BTreeSet<&Path> = readers.map(|one| one.process.as_path()).collect();
        let written = open.iter().filter(|one| one.is_written && readers.contains(&*one.process));
        for one in written {
            let to = if one.about.is_file() { &mut files } else { &mut pipes };
            to.push(number(&one.about));
        }
    }
    files
}

/// The open files and pipes of the processes that this one may look at.
fn open_files() -> Vec<Open> {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let mut open = Vec::new();
    for process in entries(Path::new("/proc")).map(|entry| entry.path()) {
        for descriptor in entries(&process.join("fd")) {
            let Ok(about) = fs::metadata(descriptor.path()) else { continue };
            if !about.is_file() && !about.file_type().is_fifo() {
                continue;
            }
            let info = process.join("fdinfo").join(descriptor.file_name());
            let Some(is_written) = fs::read_to_string(info).ok().and_then(|info| is_written(&info))
            else {
                continue;
            };
            open.push(Open { process: process.clone(), about, is_written });
        }
    }
    open
}

/// Whether a descriptor is for writing, by its flags in octal: proc(5), open(2).
fn is_written(info: &str) -> Option<bool> {
    const ACCESS: u32 = 0o3;
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
    Some(u32::from_str_radix(flags.trim(), 8).ok()? & ACCESS != 0)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_file_is_known_behind_any_descriptor_and_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.log");
        let file = File::create(&path).unwrap();
        std::fs::write(folder.path().join("other"), "").unwrap();
        std::fs::rename(&path, folder.path().join("renamed")).unwrap();
        let own = OwnOutput::of(&[file.as_fd()]);
        let has = |name: &str| own.has(&folder.path().join(name).metadata().unwrap());
        assert!(has("renamed") && !has("other"));
    }

    #[test]
    fn a_file_is_known_at_the_end_of_pipes() {
        let folder = tempfile::tempdir().unwrap();
        let (reader, mut writer) = std::io::pipe().unwrap();
        let mut chain = Command::new("sh")
            .args(["-c", "cat | tee run.log"])
            .current_dir(folder.path())
            .stdin(reader)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // What comes back has gone through all of them.
        writer.write_all(b"x").unwrap();
        chain.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        fs::write(folder.path().join("other"), "").unwrap();
        let own = OwnOutput::of(&[writer.as_fd()]);
        let has = |name: &str| own.has(&folder.path().join(name).metadata().unwrap());
        assert!(has("run.log") && !has("other"));
        drop(writer);
        assert!(chain.wait().unwrap().success());
    }
}
