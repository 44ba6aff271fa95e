//! Bases: from the local store, the registry, or bootstrapped from Debian's package mirror.

use std::io;
use std::process::Stdio;

use futures_util::{StreamExt as _, stream};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio_util::io::ReaderStream;
use tokio_util::sync::CancellationToken;

use super::Stage;
use super::image::{ImageRecord, image_labels, lock};
use crate::docker::Engine;
use crate::event::{ImageOrigin, What};
use crate::failure::Failure;
use crate::http::Http;
use crate::replica::ImageSpec;
use crate::replica::Phase;
use crate::site::{BaseOrigin, DebianSuite};

/// Where releases of Debian go that have left the mirrors (<https://www.debian.org/distrib/archive>).
const ARCHIVE: &str = "http://archive.debian.org/debian";
/// In every base, so that the environments on it differ by what the site describes.
const PACKAGES: &str = "python3,python3-venv,ca-certificates,openssl,tzdata";

pub(super) async fn ensure<E: Engine>(
    stage: &Stage<'_, E>,
    spec: &ImageSpec,
    origin: &BaseOrigin,
    halt: &CancellationToken,
) -> Result<ImageRecord, Failure> {
    let record = |id, origin| ImageRecord {
        kind: spec.kind,
        title: spec.title.clone(),
        key: spec.recipe.clone(),
        id,
        origin,
    };
    match origin {
        BaseOrigin::Image(reference) => {
            if let Some(id) = stage.engine.find_image(reference).await? {
                return Ok(record(id, ImageOrigin::Cached));
            }
            let id = pull(stage, reference).await.map_err(|failure| {
                failure.hint(format!("check `base.image` of {}: {reference}", stage.site.name))
            })?;
            Ok(record(id, ImageOrigin::Pulled))
        }
        BaseOrigin::Debian(suite) => {
            let own = spec.tag(&format!("{suite}-{}", spec.recipe));
            let official = format!("debian:{suite}-slim");
            for reference in [&own, &official] {
                if let Some(id) = stage.engine.find_image(reference).await? {
                    return Ok(record(id, ImageOrigin::Cached));
                }
            }
            let _lock =
                lock(stage, &format!("base-{suite}-{}", spec.recipe), &spec.title, halt).await?;
            if let Some(id) = stage.engine.find_image(&own).await? {
                return Ok(record(id, ImageOrigin::Cached));
            }
            if let Ok(id) = pull(stage, &official).await {
                return Ok(record(id, ImageOrigin::Pulled));
            }
            let id = bootstrap(stage, spec, suite, &own, halt).await?;
            Ok(record(id, ImageOrigin::Bootstrapped))
        }
    }
}

async fn pull<E: Engine>(stage: &Stage<'_, E>, reference: &str) -> Result<String, Failure> {
    doing(stage, format!("asking the registry for {reference}"));
    let mut progress = |line: String| doing(stage, format!("{reference}: {line}"));
    Ok(stage.engine.pull(reference, &mut progress).await?)
}

/// Streams a root file system from the package mirror into an image.
async fn bootstrap<E: Engine>(
    stage: &Stage<'_, E>,
    spec: &ImageSpec,
    suite: &DebianSuite,
    tag: &str,
    halt: &CancellationToken,
) -> Result<String, Failure> {
    doing(stage, format!("bootstrapping Debian {suite} (once; about a minute)"));
    let sources = sources(&stage.workshop.mirror, suite).await?;
    let mut child = Command::new("mmdebstrap")
        .args(["--variant=minbase", "--quiet", &format!("--include={PACKAGES}")])
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
            Failure::infrastructure(format!("could not bootstrap Debian {suite}"))
                .cause(format!("mmdebstrap: {error}"))
                .hint("install it: `sudo apt-get install mmdebstrap`")
        })?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Failure::bug("mmdebstrap has no output"));
    };
    let mut lines = Vec::new();
    let read_errors = async {
        let mut reader = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = reader.next_line().await {
            lines.push(line);
        }
    };
    let parts = ReaderStream::with_capacity(stdout, 1 << 20).map(|part| part.map(|b| b.to_vec()));
    // A stream that merely stopped would pass for a complete one: half a file system must become
    // an error within the stream, and so no image.
    let ending = stream::once(async move {
        match child.wait().await {
            Ok(status) if status.success() => Ok(Vec::new()),
            Ok(status) => Err(io::Error::other(format!("mmdebstrap ended with {status}"))),
            Err(error) => Err(error),
        }
    });
    let labels = image_labels(stage.ownership, spec.kind, &spec.recipe);
    let import = stage.engine.import(Box::pin(parts.chain(ending)), tag, &labels);
    let (imported, ()) = tokio::select! {
        both = async { tokio::join!(import, read_errors) } => both,
        () = halt.cancelled() => return Err(stage.stop.failure()),
    };
    imported.map_err(|error| {
        let shown = lines.iter().rev().take(8).rev().cloned().collect();
        Failure::infrastructure(format!("could not bootstrap Debian {suite}"))
            .because(&error)
            .hint("check the network and the package mirror (STAGECTL_MIRROR), and try again")
            .evidence("mmdebstrap", shown)
    })
}

/// The apt sources of a suite: the mirror's with updates and security, or the archive's.
async fn sources(mirror: &str, suite: &DebianSuite) -> Result<Vec<String>, Failure> {
    let http = Http::new()?;
    let release = |root: &str, name: &str| format!("{root}/dists/{name}/Release");
    let security = mirror.replace("/debian", "/debian-security");
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

fn doing<E>(stage: &Stage<'_, E>, what: String) {
    stage.events.emit(What::Doing { phase: Phase::Images, what });
}
