//! A base made of the packages of Debian's mirror, of its archive, or of its snapshot archive.

use std::cell::RefCell;
use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt as _, stream};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio_util::io::ReaderStream;

use super::stream::{doing, telling};
use crate::docker::Engine;
use crate::failure::Failure;
use crate::http::{Http, HttpError};
use crate::provision::execution::Execution;
use crate::provision::image::progress::of_mmdebstrap;
use crate::provision::image::record::image_labels;
use crate::replica::ImageSpec;
use crate::site::{Date, DebianSuite};

/// Where releases of Debian go that have left the mirrors (<https://www.debian.org/distrib/archive>).
const ARCHIVE: &str = "http://archive.debian.org/debian";
/// In every base, so that the environments on it differ by what the site describes.
const PACKAGES: &str = "python3,python3-venv,ca-certificates,openssl,tzdata";

/// Which packages a base is made of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Day {
    Today,
    /// Those of the snapshot archive, at the end of that day.
    Of(Date),
}

/// Streams a root file system from the package mirror into an image.
pub(super) async fn bootstrap<E: Engine>(
    work: &Execution<'_, '_, E>,
    spec: &ImageSpec,
    suite: &DebianSuite,
    day: Day,
    tag: &str,
) -> Result<String, Failure> {
    let begin = format!("bootstrapping {} (once; about a minute)", spec.title);
    doing(work, begin.clone());
    let sources = match day {
        Day::Today => sources(&work.run.workshop.mirror, suite).await?,
        Day::Of(day) => snapshot_sources(&work.run.workshop.snapshots, suite, day).await?,
    };
    let mut child = Command::new("mmdebstrap")
        .args(["--variant=minbase", &format!("--include={PACKAGES}")])
        .args([
            "--aptopt=Acquire::Check-Valid-Until \"false\"",
            "--format=tar",
            suite.as_str(),
            "-",
        ])
        .args(&sources)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            Failure::infrastructure(format!("could not bootstrap {}", spec.title))
                .cause(format!("mmdebstrap: {error}"))
                .hint("install it: `sudo apt-get install mmdebstrap`")
        })?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Failure::bug("mmdebstrap has no output"));
    };
    let mut lines = Vec::new();
    let what = RefCell::new(begin);
    let read_errors = async {
        let mut reader = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = reader.next_line().await {
            if let Some(step) = of_mmdebstrap(&line) {
                let step = format!("bootstrapping {}: {step}", spec.title);
                doing(work, step.clone());
                what.replace(step);
            }
            lines.push(line);
        }
    };
    let bytes = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&bytes);
    let parts = ReaderStream::with_capacity(stdout, 1 << 20).map(move |part| {
        let part = part.map(|bytes| bytes.to_vec());
        counted.fetch_add(part.as_ref().map_or(0, Vec::len) as u64, Ordering::Relaxed);
        part
    });
    // A stream that merely stopped would pass for a complete one: half a file system must become
    // an error within the stream, and so no image.
    let ending = stream::once(async move {
        match child.wait().await {
            Ok(status) if status.success() => Ok(Vec::new()),
            Ok(status) => Err(io::Error::other(format!("mmdebstrap ended with {status}"))),
            Err(error) => Err(error),
        }
    });
    let labels = image_labels(&work.run.spec.ownership, spec.kind, &spec.recipe);
    let import = work.run.engine.import(Box::pin(parts.chain(ending)), tag, &labels);
    let (imported, ()) = tokio::select! {
        both = telling(work, &what, &bytes, async { tokio::join!(import, read_errors) }) => both,
        () = work.halt.cancelled() => return Err(work.replica.stop.failure()),
    };
    imported.map_err(|error| {
        let shown = lines.iter().rev().take(8).rev().cloned().collect();
        Failure::infrastructure(format!("could not bootstrap {}", spec.title))
            .because(&error)
            .hint(match day {
                Day::Today => {
                    "check the network and the package mirror (STAGECTL_MIRROR), and try again"
                }
                Day::Of(_) => {
                    "check the network and the snapshot archive (STAGECTL_SNAPSHOTS), and try again"
                }
            })
            .evidence("mmdebstrap", shown)
    })
}

/// Where a mirror has the security updates: beside its folder `debian`. A host's name may have the word in it, too.
fn security_of(mirror: &str) -> String {
    let mirror = mirror.trim_end_matches('/');
    match mirror.strip_suffix("/debian") {
        Some(root) => format!("{root}/debian-security"),
        None => mirror.to_owned(),
    }
}

/// The apt sources of a suite: the mirror's with updates and security, or the archive's.
async fn sources(mirror: &str, suite: &DebianSuite) -> Result<Vec<String>, Failure> {
    let http = Http::new()?;
    let release = |root: &str, name: &str| format!("{root}/dists/{name}/Release");
    let security = security_of(mirror);
    let mut sources = Vec::new();
    if http.exists(&release(mirror, suite.as_str())).await? {
        sources.push(format!("deb {mirror} {suite} main"));
        let updates = (mirror, format!("{suite}-updates"));
        let security = (security.as_str(), format!("{suite}-security"));
        for (root, name) in [updates, security] {
            // A mirror need not carry either.
            if http.exists(&release(root, &name)).await.unwrap_or(false) {
                sources.push(format!("deb {root} {name} main"));
            }
        }
        return Ok(sources);
    }
    if http.exists(&release(ARCHIVE, suite.as_str())).await? {
        return Ok(vec![format!("deb {ARCHIVE} {suite} main")]);
    }
    Err(Failure::usage(format!("there is no Debian `{suite}` on {mirror}, nor in the archive"))
        .hint("check `base.debian`; known ones are bullseye, bookworm, trixie"))
}

/// The apt sources of a suite at the end of a day (<https://snapshot.debian.org>): an address with a
/// moment leads to the last state before it.
async fn snapshot_sources(
    archive: &str,
    suite: &DebianSuite,
    day: Date,
) -> Result<Vec<String>, Failure> {
    let http = Http::new()?;
    let unknown = |error: HttpError| {
        Failure::infrastructure(format!(
            "could not ask the snapshot archive for Debian {suite} of {day}"
        ))
        .because(&error)
        .hint("check the network, or name an archive that this machine reaches: STAGECTL_SNAPSHOTS")
    };
    let mut lines = Vec::new();
    for source in SnapshotSource::all(archive, suite, day) {
        if http.exists(&source.release()).await.map_err(unknown)? {
            lines.push(source.line());
        } else if lines.is_empty() {
            return Err(Failure::usage(format!("there was no Debian `{suite}` on {day}"))
                .cause(format!("{} is not there", source.release()))
                .hint("check `base.debian` and `base.snapshot`"));
        }
    }
    Ok(lines)
}

/// A part of a suite in the snapshot archive.
#[derive(Debug)]
struct SnapshotSource {
    root: String,
    name: String,
}

impl SnapshotSource {
    /// The suite itself, its updates, and its security updates.
    fn all(archive: &str, suite: &DebianSuite, day: Date) -> [SnapshotSource; 3] {
        let root = |part: &str| format!("{archive}/{part}/{}T235959Z", day.strftime("%Y%m%d"));
        // Until Debian 10 the security updates had a name of another kind.
        let security = match suite.as_str() {
            "buster" => format!("{suite}/updates"),
            _ => format!("{suite}-security"),
        };
        [
            SnapshotSource { root: root("debian"), name: suite.to_string() },
            SnapshotSource { root: root("debian"), name: format!("{suite}-updates") },
            SnapshotSource { root: root("debian-security"), name: security },
        ]
    }

    fn release(&self) -> String {
        format!("{}/dists/{}/Release", self.root, self.name)
    }

    fn line(&self) -> String {
        format!("deb {} {} main", self.root, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_updates_are_beside_the_mirrors_folder_whatever_its_host_is_called() {
        for (mirror, security) in [
            ("http://deb.debian.org/debian", "http://deb.debian.org/debian-security"),
            (
                "http://debian.mirror.example/debian/",
                "http://debian.mirror.example/debian-security",
            ),
            ("http://mirror.example/debian/all", "http://mirror.example/debian/all"),
        ] {
            assert_eq!(security_of(mirror), security);
        }
    }

    #[test]
    fn a_day_s_end_decides_what_a_snapshot_has() {
        let lines = |suite: &str| {
            let suite: DebianSuite = suite.parse().unwrap();
            let day: Date = "2026-02-18".parse().unwrap();
            SnapshotSource::all("http://snapshot.example/archive", &suite, day)
                .map(|source| source.line())
        };
        assert_eq!(
            lines("bookworm"),
            [
                "deb http://snapshot.example/archive/debian/20260218T235959Z bookworm main",
                "deb http://snapshot.example/archive/debian/20260218T235959Z bookworm-updates main",
                "deb http://snapshot.example/archive/debian-security/20260218T235959Z bookworm-security main",
            ]
        );
        assert!(lines("buster")[2].ends_with(" buster/updates main"));
    }
}
