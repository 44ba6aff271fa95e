//! Reading a wheel or another zip, member by member, without unpacking it.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::read::Config;
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use super::member::{
    Bounds, LONGEST_TARGET, MOST_NAMES, Member, MemberKind, Meter, Visitor, safe_name,
};
use super::problem::Problem;

/// Visits the members in the order of the archive's directory; checks every checksum on the way.
pub(super) fn visit(path: &Path, bounds: Bounds, visitor: &mut Visitor) -> Result<(), Problem> {
    let mut archive = open(path, bounds)?;
    let mut meter = Meter::new(bounds);
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(as_problem)?;
        let raw_name = entry.name().map_err(as_problem)?.into_owned();
        if entry.encrypted() {
            return Err(Problem::Encrypted { member: super::problem::escape_name(&raw_name) });
        }
        let name = safe_name(raw_name.as_bytes())?;
        let (size, is_folder, is_link) = (entry.size(), entry.is_dir(), entry.is_symlink());
        meter.add(size)?;
        let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        if name.is_empty() {
            continue;
        }
        let mut content = archive.by_index(index).map_err(|error| of_member(&name, error))?;
        let kind = if is_folder {
            MemberKind::Folder
        } else if is_link {
            let mut target = String::new();
            (&mut content)
                .take(LONGEST_TARGET as u64 + 1)
                .read_to_string(&mut target)
                .map_err(Problem::reading)?;
            MemberKind::Link(target)
        } else {
            MemberKind::File { size, executable }
        };
        let member = Member { name, kind };
        // What a link points to has been read.
        let most = if is_link { 0 } else { size };
        let mut counted = (&mut content).take(most);
        let flow = visitor(&member, &mut counted)?;
        if flow.is_break() {
            return Ok(());
        }
        io::copy(&mut counted, &mut io::sink()).map_err(Problem::reading)?;
        if counted.limit() > 0 {
            return Err(Problem::member(&member.name, "is shorter than the archive says"));
        }
        finish(&member, &mut content)?;
    }
    Ok(())
}

fn open(path: &Path, bounds: Bounds) -> Result<ZipArchive<BufReader<File>>, Problem> {
    let file = BufReader::new(bounds.open(path)?);
    // The directory is counted and measured before it is loaded.
    let mut directory = ZipIterable::try_new(file, Config::default()).map_err(as_problem)?;
    if directory.len() > bounds.members {
        return Err(Problem::TooMany(bounds.members));
    }
    let mut begin = None;
    for entry in directory.files().map_err(as_problem)? {
        let at = entry.map_err(as_problem)?.central_header_start();
        if at - *begin.get_or_insert(at) > MOST_NAMES {
            return Err(Problem::TooManyNames(MOST_NAMES));
        }
    }
    let file = BufReader::new(bounds.open(path)?);
    let archive = ZipArchive::new(file).map_err(as_problem)?;
    if archive.has_duplicate_names() {
        return Err(Problem::Damaged("two of its members have the same name".into()));
    }
    Ok(archive)
}

/// Reads beyond the end, where the checksum is compared and a stream that lies about its length shows.
fn finish(member: &Member, content: &mut impl Read) -> Result<(), Problem> {
    match content.read(&mut [0; 1]).map_err(Problem::reading)? {
        0 => Ok(()),
        _ => Err(Problem::member(&member.name, "is longer than the archive says")),
    }
}

fn of_member(name: &str, error: ZipError) -> Problem {
    match error {
        ZipError::CompressionMethodNotSupported(method) => Problem::member(
            name,
            format!("is packed by method {method}; only deflate is understood"),
        ),
        error => as_problem(error),
    }
}

fn as_problem(error: ZipError) -> Problem {
    match error {
        ZipError::Io(error) => Problem::reading(error),
        error => Problem::Damaged(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::fixture::{self, Entry};
    use super::*;

    fn names(path: &Path, bounds: Bounds) -> Result<Vec<String>, String> {
        let mut names = Vec::new();
        visit(path, bounds, &mut |member, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes).map_err(Problem::reading)?;
            names.push(format!("{} {}", member.name, bytes.len()));
            Ok(ControlFlow::Continue(()))
        })
        .map_err(|problem| problem.to_string())?;
        Ok(names)
    }

    #[test]
    fn members_come_with_their_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = fixture::zip(
            &folder.path().join("a.zip"),
            &[Entry::file("a/b.txt", b"hello"), Entry::file("c", b"")],
        );
        assert_eq!(names(&path, Bounds::USUAL).unwrap(), ["a/b.txt 5", "c 0"]);
    }

    #[test]
    fn a_zip_is_refused_when_it_climbs_or_bursts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        fixture::zip(&path, &[Entry::file("../evil", b"x")]);
        assert_eq!(
            names(&path, Bounds::USUAL).unwrap_err(),
            "its member `../evil` climbs out of the release"
        );
        fixture::zip(&path, &[Entry::file("zeros", &vec![0; 200_000])]);
        let small = Bounds { members: 10, unpacked: 100_000 };
        assert_eq!(names(&path, small).unwrap_err(), "it unpacks to more than 97.7 KiB");
        let many: Vec<Entry> = (0..11).map(|n| Entry::file(&format!("f{n}"), b"")).collect();
        fixture::zip(&path, &many);
        assert_eq!(names(&path, small).unwrap_err(), "it holds more than 10 members");
    }

    #[test]
    fn a_flipped_bit_or_a_lost_tail_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = fixture::zip(&folder.path().join("a.zip"), &[Entry::stored("a", b"0123456789")]);
        let whole = std::fs::read(&path).unwrap();
        for cut in [whole.len() / 2, whole.len() - 1, 30] {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(names(&path, Bounds::USUAL).unwrap_err(), "it is damaged or cut short");
        }
        let at = whole.windows(10).position(|window| window == b"0123456789").unwrap();
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        std::fs::write(&path, flipped).unwrap();
        assert_eq!(names(&path, Bounds::USUAL).unwrap_err(), "it is damaged or cut short");
    }

    #[test]
    fn a_member_that_lies_about_its_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = fixture::zip(&folder.path().join("a.zip"), &[Entry::file("a", &[7; 5000])]);
        let mut bytes = std::fs::read(&path).unwrap();
        // The uncompressed size in the central directory: 24 bytes into its header.
        let header = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
        bytes[header + 24..header + 28].copy_from_slice(&10u32.to_le_bytes());
        std::fs::write(&path, bytes).unwrap();
        let problem = names(&path, Bounds::USUAL).unwrap_err();
        assert!(problem.contains("longer") || problem.contains("damaged"), "{problem}");
    }

    /// Found by fuzzing: it was accepted, and packing it for the replica broke off as "changed".
    #[test]
    fn a_member_that_is_shorter_than_it_says_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = fixture::zip(&folder.path().join("a.zip"), &[Entry::file("a", &[7; 5000])]);
        let mut bytes = std::fs::read(&path).unwrap();
        for (signature, at) in [(b"PK\x01\x02", 24), (b"PK\x03\x04", 22)] {
            let header = bytes.windows(4).rposition(|window| window == signature).unwrap();
            bytes[header + at..header + at + 4].copy_from_slice(&6000u32.to_le_bytes());
        }
        std::fs::write(&path, bytes).unwrap();
        let problem = names(&path, Bounds::USUAL).unwrap_err();
        assert_eq!(problem, "its member `a` is shorter than the archive says");
    }

    #[test]
    fn an_encrypted_member_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = fixture::zip(&folder.path().join("a.zip"), &[Entry::stored("key", b"x")]);
        let mut bytes = std::fs::read(&path).unwrap();
        for (signature, flags) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
            let header = bytes.windows(4).position(|window| window == signature).unwrap();
            bytes[header + flags] |= 1;
        }
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(names(&path, Bounds::USUAL).unwrap_err(), "its member `key` is encrypted");
    }
}
