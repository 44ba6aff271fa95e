//! What builds download from: the registry, the package mirror, the package index; and whether a
//! base can be had at all.

use tokio::time::timeout;

use super::finding::{Finding, Health, PATIENCE};
use crate::docker::Docker;
use crate::failure::Failure;
use crate::http::Http;
use crate::package_index::Indexes;
use crate::run::Workshop;
use crate::site::masked;

/// What a base of the usual suite is called in the registry.
const OFFICIAL: &str = "debian:bookworm-slim";
const SUITE: &str = "bookworm";

/// Whether the engine reaches the registry: how it answered.
pub(super) async fn registry(docker: Option<&Docker>) -> Option<Result<(), String>> {
    Some(match timeout(PATIENCE, docker?.ask_registry(OFFICIAL)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            let failure = Failure::from(error);
            Err(failure.causes.into_iter().next().unwrap_or(failure.message))
        }
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    })
}

pub(super) async fn mirror(workshop: &Workshop) -> Result<(), String> {
    there(&format!("{}/dists/{SUITE}/Release", workshop.mirror)).await
}

/// Whether there is something at an address: how it was not.
async fn there(url: &str) -> Result<(), String> {
    let ask = async {
        let http = Http::new().map_err(|error| describe_cause(&Failure::from(error)))?;
        http.exists(url).await.map_err(|error| describe_cause(&Failure::from(error)))
    };
    match timeout(PATIENCE, ask).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err("it does not have what was asked for".to_owned()),
        Ok(Err(reason)) => Err(reason),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

/// The cause that says most, which is the innermost.
fn describe_cause(failure: &Failure) -> String {
    masked(failure.causes.last().unwrap_or(&failure.message))
}

/// Where the base of a site would come from: the image store, the registry, a bootstrap.
pub(super) fn bases(
    registry: Option<Result<(), String>>,
    bootstrap: Result<String, (String, String)>,
    mirror: Result<(), String>,
    cached: Option<&(usize, u64)>,
) -> Vec<Finding> {
    let is_cached = cached.is_some_and(|(images, _)| *images > 0);
    let has_registry = matches!(registry, Some(Ok(())));
    let mut findings = Vec::new();
    let is_there = if is_cached { ", some images are there" } else { "" };
    if let Some(answer) = registry {
        findings.push(match answer {
            Ok(()) => Finding::ok("registry", format!("Docker can pull {OFFICIAL}")),
            Err(reason) if bootstrap.is_ok() || is_cached => Finding::note(
                "registry",
                format!(
                    "Docker cannot pull {OFFICIAL}: {reason}; bases are bootstrapped{is_there}"
                ),
                "nothing needs to be done; else set the proxy of Docker's host up: `docker info`",
            ),
            Err(reason) => Finding::problem(
                "registry",
                format!("Docker cannot pull {OFFICIAL}: {reason}; and none can be bootstrapped"),
                "sudo apt-get install -y mmdebstrap uidmap",
            ),
        });
    }
    findings.push(match bootstrap {
        Ok(seen) => Finding::ok("mmdebstrap", seen),
        Err((seen, remedy)) if has_registry || is_cached => {
            Finding::note("mmdebstrap", format!("{seen}; bases come from the registry"), remedy)
        }
        Err((seen, remedy)) => Finding::problem("mmdebstrap", seen, remedy),
    });
    findings.push(match mirror {
        Ok(()) => Finding::ok("mirror", "Debian's package mirror answers"),
        Err(reason) => by_need(
            "mirror",
            format!("Debian's package mirror does not answer: {reason}"),
            "check the network and `http_proxy`, or name another one: `export STAGECTL_MIRROR=http://...`",
            is_cached,
        ),
    });
    findings
}

/// What is only needed to build: without it a rehearsal works as long as every image is there.
fn by_need(name: &'static str, seen: String, remedy: &str, is_cached: bool) -> Finding {
    if is_cached {
        return Finding::note(
            name,
            format!("{seen}; only images that are there can be used"),
            remedy,
        );
    }
    Finding::problem(name, seen, remedy)
}

pub(super) async fn index(workshop: &Workshop) -> Finding {
    let indexes = Indexes::new(None, &[], |name| workshop.variables.get(name).cloned());
    let index = indexes.first();
    let url = format!("{}/pip/", index.trim_end_matches('/'));
    match there(&url).await {
        Ok(()) => Finding::ok("index", format!("{index} answers")),
        Err(reason) => Finding {
            name: "index",
            health: Health::Problem,
            seen: format!("{index} does not answer: {reason}"),
            remedy: Some(
                "check the network, `https_proxy`, and the company's root in the bundle of this machine \
                 (`SSL_CERT_FILE`), or name another index: `export PIP_INDEX_URL=https://...`"
                    .to_owned(),
            ),
        },
    }
}
