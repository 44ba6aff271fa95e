//! What a description is made of, taken out of an archive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Instant;

use tar::EntryType;
use tokio_util::sync::CancellationToken;

use super::tree::{Entry, Kind, Tree, plain};

/// The most entries of an archive.
const MOST_ENTRIES: usize = 4_000_000;
/// The most files that are taken out of it, and their bytes.
const MOST_FILES: usize = 200_000;
const MOST_BYTES: u64 = 1 << 30;
/// The largest file that a script reads, with room for dpkg's own lists.
const LARGEST: u64 = 256 << 10;
const LARGEST_OF_DPKG: u64 = 64 << 20;
/// Folders of which only some files say something of a site.
const OF_THE_SYSTEM: [&str; 14] = [
    "usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "boot", "proc", "sys", "dev", "run",
    "tmp", "var",
];

/// How long an archive is read.
#[derive(Debug, Clone)]
pub(super) struct Limit {
    pub(super) until: Instant,
    /// Nobody waits for it any more.
    pub(super) halt: CancellationToken,
}

/// An archive, unpacked as far as it says something of a site.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    pub(super) tree: Tree,
    users: BTreeMap<u64, String>,
    groups: BTreeMap<u64, String>,
}

impl Unpacked {
    /// Reads an archive; the bytes of its files go to a folder that is there and empty.
    ///
    /// # Errors
    /// The archive is damaged, has too much, or takes longer than it may.
    pub(super) fn of(archive: impl Read, spool: &Path, limit: Limit) -> io::Result<Unpacked> {
        let mut unpacked = Unpacked::default();
        let (mut files, mut bytes) = (0, 0);
        let mut archive = tar::Archive::new(Timed { reader: archive, limit });
        for entry in archive.entries()? {
            let mut entry = entry?;
            let Some(path) = std::str::from_utf8(&entry.path_bytes()).ok().and_then(plain) else {
                continue;
            };
            let target = entry.link_name_bytes();
            let target = target.and_then(|bytes| String::from_utf8(bytes.into_owned()).ok());
            let kind = match (entry.header().entry_type(), target) {
                (EntryType::Directory, _) if may_lead_on(&path) => Kind::Folder,
                (EntryType::Symlink, Some(target)) if may_lead_on(&path) => Kind::Link(target),
                (EntryType::Link, Some(target)) if is_wanted(&path, entry.size()) => {
                    let Some(target) = plain(&target) else { continue };
                    Kind::Same(target)
                }
                (EntryType::Regular | EntryType::Continuous, _)
                    if is_wanted(&path, entry.size()) =>
                {
                    (files, bytes) = (files + 1, bytes + entry.size());
                    if files > MOST_FILES || bytes > MOST_BYTES {
                        return Err(io::Error::other(
                            "it has too many files that may be configuration",
                        ));
                    }
                    let place = spool.join(files.to_string());
                    io::copy(&mut entry, &mut File::create(&place)?)?;
                    if has_private_key(&place)? {
                        std::fs::remove_file(&place)?;
                        continue;
                    }
                    unpacked.take_names(&path, &place)?;
                    Kind::File(place)
                }
                _ => continue,
            };
            let header = entry.header();
            let entry =
                Entry { kind, uid: header.uid()?, gid: header.gid()?, mode: header.mode()? };
            unpacked.tree.insert(path, entry);
            if unpacked.tree.len() > MOST_ENTRIES {
                return Err(io::Error::other("it has too many entries"));
            }
        }
        Ok(unpacked)
    }

    /// Names of users and groups by their numbers.
    fn take_names(&mut self, path: &str, place: &Path) -> io::Result<()> {
        let names = match path {
            "etc/passwd" => &mut self.users,
            "etc/group" => &mut self.groups,
            _ => return Ok(()),
        };
        for line in String::from_utf8_lossy(&std::fs::read(place)?).lines() {
            let mut words = line.split(':');
            if let (Some(name), Some(Ok(number))) = (words.next(), words.nth(1).map(str::parse)) {
                names.entry(number).or_insert_with(|| name.to_owned());
            }
        }
        Ok(())
    }

    /// What `stat` would say on the host.
    pub(super) fn owners(&self) -> String {
        self.tree.owners(&self.users, &self.groups)
    }
}

/// Whether a folder or a link may lead to something of a site.
fn may_lead_on(path: &str) -> bool {
    let mut parts = path.split('/');
    let (top, below) = (parts.next().unwrap_or_default(), parts.next());
    match (top, below) {
        (_, None) | ("usr", Some("local")) => true,
        ("usr", _) => parts.next().is_none() || path.starts_with("usr/lib/systemd/"),
        ("proc" | "sys" | "dev" | "run" | "boot" | "tmp", _) => false,
        ("var", Some(below)) => matches!(below, "www" | "lib" | "spool" | "opt" | "local"),
        _ => !["/.git/", "/node_modules/", "/__pycache__"].iter().any(|part| path.contains(part)),
    }
}

/// Whether it is, or holds, what nobody shows.
fn has_private_key(place: &Path) -> io::Result<bool> {
    let bytes = std::fs::read(place)?;
    Ok(bytes.windows(11).any(|part| part == b"PRIVATE KEY"))
}

/// Names of files that hold log-ins, histories or data.
fn is_secret(path: &str, name: &str) -> bool {
    let ends = [
        ".key", ".p12", ".pfx", ".jks", ".keytab", ".ovpn", ".kdbx", ".gpg", ".sqlite", ".sqlite3",
        ".db", ".sql",
    ];
    let parts = [
        "passwd-",
        "shadow",
        "opasswd",
        "sudoers",
        "htpasswd",
        "-secrets",
        "ssh_host_",
        "_history",
        "pgpass",
        "netrc",
        ".my.cnf",
        "debian.cnf",
    ];
    let folders =
        ["ssl/private/", "/.ssh/", "/.gnupg/", "etc/wireguard/", "apt/auth.conf", "root/"];
    ends.iter().any(|end| name.strip_suffix(end).is_some())
        || parts.iter().any(|part| name.contains(part))
        || folders
            .iter()
            .any(|folder| path.contains(folder) && (*folder != "root/" || path.starts_with(folder)))
}

/// Whether a file may say something of a site.
fn is_wanted(path: &str, size: u64) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if path == "usr/lib/os-release" {
        return true;
    }
    let is_of_dpkg = matches!(path, "var/lib/dpkg/status" | "var/lib/apt/extended_states")
        || path.starts_with("var/lib/dpkg/info/") && name.strip_suffix(".list").is_some();
    if is_of_dpkg {
        return size <= LARGEST_OF_DPKG;
    }
    let ends = |ends: &[&str]| ends.iter().any(|end| name.strip_suffix(end).is_some());
    if is_secret(path, name) {
        return false;
    }
    if size > LARGEST {
        // What is too large is said by the script, as of a live host.
        return path.starts_with("etc/") && size <= LARGEST_OF_DPKG;
    }
    if path.contains(".dist-info/") {
        return matches!(name, "METADATA" | "RECORD" | "direct_url.json");
    }
    if path.contains(".egg-info/") {
        return matches!(name, "PKG-INFO" | "top_level.txt");
    }
    if name == "pyvenv.cfg"
        || ends(&[".egg-link"])
        || name.starts_with("__editable__") && ends(&[".pth"])
    {
        return true;
    }
    let is_code =
        ["/site-packages/", "/dist-packages/", "/node_modules/", "/.git/", "/__pycache__/"]
            .iter()
            .any(|part| path.contains(part));
    let is_unit =
        path.starts_with("lib/systemd/system/") || path.starts_with("usr/lib/systemd/system/");
    let top = path.split('/').next().unwrap_or_default();
    let is_of_site =
        ["usr/local/", "var/www/", "var/spool/cron/"].iter().any(|start| path.starts_with(start))
            || path.starts_with("var/lib/") && ends(&[".ini", ".conf", ".env", ".py", ".wsgi"]);
    !is_code && (is_unit || is_of_site || !OF_THE_SYSTEM.contains(&top))
}

/// A reader that ends in an error when its time is over.
struct Timed<R> {
    reader: R,
    limit: Limit,
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if Instant::now() > self.limit.until || self.limit.halt.is_cancelled() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it took too long"));
        }
        self.reader.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_says_something_of_a_site_is_taken_and_keys_are_not() {
        for path in [
            "etc/nginx/sites-enabled/board",
            "etc/systemd/system/board.service",
            "usr/lib/systemd/system/nginx.service",
            "usr/lib/os-release",
            "var/lib/dpkg/status",
            "var/lib/dpkg/info/nginx.list",
            "srv/board/venv/pyvenv.cfg",
            "srv/board/venv/lib/python3.11/site-packages/flask-3.1.0.dist-info/METADATA",
            "opt/board/board.env",
            "var/www/board/app.wsgi",
        ] {
            assert!(is_wanted(path, 100), "{path}");
        }
        for path in [
            "etc/shadow",
            "etc/shadow-",
            "etc/ssl/private/ssl-cert-snakeoil.key",
            "etc/nginx/ssl/site.key",
            "home/deploy/.ssh/id_ed25519",
            "srv/board/.pgpass",
            "srv/board/db.sqlite3",
            "root/.bash_history",
            "etc/mysql/debian.cnf",
            "usr/bin/python3.11",
            "srv/board/venv/lib/python3.11/site-packages/flask/app.py",
            "var/log/nginx/access.log",
            "var/lib/postgresql/15/main/base/1/1",
        ] {
            assert!(!is_wanted(path, 100), "{path}");
        }
        assert!(!is_wanted("srv/board/dump.sql", 1 << 30));
    }

    #[test]
    fn an_archive_without_end_is_left_when_its_time_is_over() {
        let spool = tempfile::tempdir().unwrap();
        let until = Instant::now() + Duration::from_millis(20);
        let limit = Limit { until, halt: CancellationToken::new() };
        let mut header = tar::Header::new_ustar();
        header.set_path("srv/endless").unwrap();
        header.set_size(1 << 33);
        header.set_cksum();
        let endless = header.as_bytes().as_slice().chain(io::repeat(7));
        let error = Unpacked::of(endless, spool.path(), limit).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
