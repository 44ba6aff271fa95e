//! Sending a release on: one plain tar, as Docker's archive API takes it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use tar::{Builder, EntryType, Header};

use super::member::{Member, MemberKind};
use super::problem::Problem;
use super::{Form, History, Release};
use crate::failure::Failure;

impl Release {
    /// Streams the release as a tar, below `prefix` (`srv/app`; may be empty), and gives the writer
    /// back.
    ///
    /// A wheel goes as one file under its own name, everything else as its tree without an archive's
    /// one top folder. All belongs to uid 0, with the mode 0755 or 0644; the folders of the prefix
    /// itself are not in it, so that those that exist keep their owner.
    ///
    /// # Errors
    /// A release that cannot be read or that has changed since it was opened, a writer that refuses.
    pub fn pack_tar<W: Write>(&self, prefix: &str, writer: W) -> Result<W, Failure> {
        self.pack(prefix.trim_matches('/'), writer).map_err(|problem| problem.of(&self.path))
    }

    fn pack<W: Write>(&self, prefix: &str, writer: W) -> Result<W, Problem> {
        let mut packer = Packer { builder: Builder::new(writer), prefix, time: self.time() };
        if self.form == Form::Wheel {
            packer.add_wheel(self)?;
        } else {
            let top = self.top()?.map(|top| top + "/");
            self.contents().visit(&mut |member, content| {
                match &top {
                    None => packer.add(member, content)?,
                    Some(top) => {
                        if let Some(member) = below(member, top) {
                            packer.add(&member, content)?;
                        }
                    }
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        if let Some(history) = &self.history {
            for (member, path) in history.members()? {
                match member.kind {
                    MemberKind::File { .. } => {
                        packer.add(&member, &mut File::open(path).map_err(Problem::Machine)?)?;
                    }
                    _ => packer.add(&member, &mut io::empty())?,
                }
            }
        }
        let mut writer = packer.builder.into_inner().map_err(Problem::Receiver)?;
        writer.flush().map_err(Problem::Receiver)?;
        // Images are kept by this digest: another content under it would be believed for ever.
        if self.digest_now()? == self.digest { Ok(writer) } else { Err(Problem::Changed) }
    }

    fn digest_now(&self) -> Result<String, Problem> {
        let files = self.contents().digest()?;
        let history = match &self.history {
            Some(_) => History::of(&self.path)?,
            None => None,
        };
        Ok(history.map_or(files.clone(), |history| history.add_to(&files)))
    }

    /// The time of every file: the same for the same content, another for another content, because
    /// Python takes a source file of equal size and time for the one it has compiled. Never before
    /// 1980, where zip archives, and so wheels built from it, begin.
    fn time(&self) -> u64 {
        const SECOND_DAY_OF_1980: u64 = 315_619_200;
        let number = self.digest.get(..7).and_then(|digits| u64::from_str_radix(digits, 16).ok());
        SECOND_DAY_OF_1980 + number.unwrap_or_default()
    }
}

/// The member as it is named without the top folder; none for that folder itself.
fn below(member: &Member, top: &str) -> Option<Member> {
    let name = member.name.strip_prefix(top)?.to_owned();
    let kind = match &member.kind {
        MemberKind::SameAs(target) => MemberKind::SameAs(target.strip_prefix(top)?.to_owned()),
        kind => kind.clone(),
    };
    Some(Member { name, kind })
}

struct Packer<'a, W: Write> {
    builder: Builder<W>,
    prefix: &'a str,
    time: u64,
}

impl<W: Write> Packer<'_, W> {
    fn add_wheel(&mut self, release: &Release) -> Result<(), Problem> {
        let mut file = File::open(&release.path).map_err(Problem::Machine)?;
        let size = file.metadata().map_err(Problem::Machine)?.len();
        let name = release.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = MemberKind::File { size, executable: false };
        self.add(&Member { name, kind }, &mut file)
    }

    fn add(&mut self, member: &Member, content: &mut dyn Read) -> Result<(), Problem> {
        let name = self.full(&member.name);
        match &member.kind {
            MemberKind::Folder => {
                let mut header = self.header(EntryType::Directory, 0o755);
                let name = format!("{name}/");
                self.builder.append_data(&mut header, name, io::empty()).map_err(Problem::Receiver)
            }
            MemberKind::Link(target) => {
                let mut header = self.header(EntryType::Symlink, 0o777);
                self.builder.append_link(&mut header, name, target).map_err(Problem::Receiver)
            }
            MemberKind::SameAs(target) => {
                let mut header = self.header(EntryType::Link, 0o644);
                let target = self.full(target);
                self.builder.append_link(&mut header, name, target).map_err(Problem::Receiver)
            }
            MemberKind::File { size, executable } => {
                let mut header =
                    self.header(EntryType::Regular, if *executable { 0o755 } else { 0o644 });
                header.set_size(*size);
                let mut exact = Exact { content, left: *size, refused: None };
                let sent = self.builder.append_data(&mut header, name, &mut exact);
                match exact.refused {
                    Some(problem) => Err(problem),
                    None => sent.map_err(Problem::Receiver),
                }
            }
        }
    }

    fn full(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }

    fn header(&self, kind: EntryType, mode: u32) -> Header {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.time);
        header.set_size(0);
        header
    }
}

/// A content of exactly the announced length, that distinguishes its own errors from those of the writer.
struct Exact<'a> {
    content: &'a mut dyn Read,
    left: u64,
    refused: Option<Problem>,
}

impl Read for Exact<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        match self.content.read(&mut buffer[..most]) {
            Ok(0) => self.refused = Some(Problem::Changed),
            Ok(count) => {
                self.left -= count as u64;
                return Ok(count);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => self.refused = Some(Problem::reading(error)),
        }
        Err(io::Error::other("the content ended early"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::fixture::{self, Entry};
    use super::*;
    use crate::failure::Kind;

    /// One line a member: mode, owner, name, target or content.
    fn packed(path: &Path, prefix: &str) -> Vec<String> {
        let tar = Release::open(path).unwrap().pack_tar(prefix, Vec::new()).unwrap();
        let mut archive = tar::Archive::new(&tar[..]);
        let lines = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let target = entry.link_name().unwrap().map(|target| target.display().to_string());
            let header = entry.header();
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
            assert!(header.mtime().unwrap() > 315_532_800);
            format!(
                "{:o} {} {}",
                header.mode().unwrap(),
                entry.path().unwrap().display(),
                target.unwrap_or(text)
            )
        });
        lines.collect()
    }

    #[test]
    fn an_archive_is_packed_without_its_top_folder() {
        let folder = tempfile::tempdir().unwrap();
        let long = format!("app-1/{}/x", "d".repeat(150));
        let path = fixture::tar_gz(
            &folder.path().join("a.tar.gz"),
            &[
                Entry::raw("app-1/", tar::EntryType::Directory),
                Entry::executable("app-1/bin/run", b"#!/bin/sh"),
                Entry::link("app-1/current", "bin/run"),
                Entry::hard_link("app-1/again", "app-1/bin/run"),
                Entry::file(&long, b"deep"),
            ],
        );
        let expected = [
            "755 srv/app/bin/run #!/bin/sh".to_owned(),
            "777 srv/app/current bin/run".to_owned(),
            "644 srv/app/again srv/app/bin/run".to_owned(),
            format!("644 srv/app/{}/x deep", "d".repeat(150)),
        ];
        assert_eq!(packed(&path, "/srv/app/"), expected);
    }

    #[test]
    fn a_folder_and_a_zip_are_packed_alike() {
        let folder = tempfile::tempdir().unwrap();
        let root = fixture::tree(
            &folder.path().join("f"),
            &[("manage.py", "m"), ("a/b.py", "b"), ("a/__pycache__/b.pyc", "x")],
        );
        assert_eq!(packed(&root, ""), ["755 a/ ", "644 a/b.py b", "644 manage.py m"]);
        let zip = fixture::zip(
            &folder.path().join("f.zip"),
            &[Entry::file("t/a/b.py", b"b"), Entry::link("t/l", "a/b.py")],
        );
        assert_eq!(packed(&zip, "x"), ["644 x/a/b.py b", "777 x/l a/b.py"]);
    }

    #[test]
    fn a_wheel_goes_whole_under_its_own_name() {
        let folder = tempfile::tempdir().unwrap();
        let name = "app-1.0-py3-none-any.whl";
        let path = fixture::wheel(folder.path(), name, "Name: app\nVersion: 1.0");
        let tar = Release::open(&path).unwrap().pack_tar("in", Vec::new()).unwrap();
        let mut archive = tar::Archive::new(&tar[..]);
        let mut entry = archive.entries().unwrap().next().unwrap().unwrap();
        assert_eq!(entry.path().unwrap(), Path::new("in").join(name));
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, fs::read(&path).unwrap());
    }

    #[test]
    fn the_same_content_gives_the_same_bytes_and_another_one_another_time() {
        let folder = tempfile::tempdir().unwrap();
        let root = fixture::tree(folder.path(), &[("a.py", "one")]);
        let pack = || Release::open(&root).unwrap().pack_tar("", Vec::new()).unwrap();
        let first = pack();
        fs::write(root.join("a.py"), "one").unwrap();
        assert_eq!(pack(), first);
        fs::write(root.join("a.py"), "two").unwrap();
        let time = |tar: &[u8]| Header::from_byte_slice(&tar[..512]).mtime().unwrap();
        assert_ne!(time(&pack()), time(&first));
    }

    #[test]
    fn a_release_that_changes_meanwhile_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let root = fixture::tree(folder.path(), &[("a.py", "one")]);
        let release = Release::open(&root).unwrap();
        fs::write(root.join("a.py"), "two").unwrap();
        let failure = release.pack_tar("", Vec::new()).unwrap_err();
        assert_eq!(failure.causes, ["it has changed since this run began"]);
    }

    #[test]
    fn a_writer_that_refuses_is_not_the_releases_fault() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let root = fixture::tree(folder.path(), &[("a.py", "one")]);
        let Err(failure) = Release::open(&root).unwrap().pack_tar("", Full) else {
            panic!("packed into a full disk")
        };
        assert_eq!(failure.kind, Kind::Infrastructure);
        assert!(failure.message.starts_with("could not send release"), "{failure}");
    }
}
