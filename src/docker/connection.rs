//! The connection to Docker. Where that is, is in `place`; what is asked over the connection is in the
//! files beside this one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bollard::models::{SystemInfo, SystemInfoCgroupDriverEnum, SystemVersion};
use bollard::{API_DEFAULT_VERSION, ClientVersion};

use super::engine::{EngineInfo, REQUEST_TIMEOUT, Result};
use super::error::{DockerError, Unreachable};
use super::forkserver::Forkservers;
use super::place::{Client, Place};
use super::ssh::Tunnel;
use super::traced::{ENGINE, traced};

/// The oldest API that has all we ask for; Docker 20.10 speaks it.
const OLDEST_API: ClientVersion = ClientVersion { major_version: 1, minor_version: 41 };

/// How long the first answer may take; an ssh connection has to log in first.
const FIRST_ANSWER: Duration = Duration::from_secs(20);

const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// A connection to a real Docker Engine.
#[derive(Debug, Clone)]
pub struct Docker {
    pub(super) client: Client,
    /// As messages name it.
    pub(super) address: String,
    pub(super) api: (usize, usize),
    pub(super) can: Abilities,
    pub(super) info: EngineInfo,
    pub(super) forkservers: Forkservers,
    /// The way there, if it is not a socket of this machine or a port; it ends with its last user.
    _tunnel: Option<Arc<Tunnel>>,
}

/// What the engine's kernel can enforce; what it cannot is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags of the engine's answer")]
pub(super) struct Abilities {
    pub(super) memory: bool,
    pub(super) swap: bool,
    pub(super) cpus: bool,
    pub(super) pids: bool,
    /// Its root is root of a user namespace alone.
    pub(super) rootless: bool,
}

impl Docker {
    /// Connects to the engine that the `docker` command would talk to: `DOCKER_HOST`, else the
    /// current Docker context, else the socket of this machine.
    pub async fn connect() -> Result<Docker> {
        let place = Place::find(&|name| std::env::var(name).ok(), Path::new(DEFAULT_SOCKET))?;
        Docker::connect_to(&place).await
    }

    async fn connect_to(place: &Place) -> Result<Docker> {
        let address = place.to_string();
        let failed = |error| DockerError::of("ask Docker for its version", &address, error);
        let (client, tunnel) = match place.through_ssh() {
            None => (place.client().map_err(failed)?, None),
            Some(destination) => {
                let tunnel = Tunnel::open(destination?, &address, FIRST_ANSWER).await?;
                let there = Place { url: tunnel.url(), certificates: None, context: None };
                (there.client().map_err(failed)?, Some(Arc::new(tunnel)))
            }
        };
        let greeting = greet(client.with_timeout(FIRST_ANSWER), &address).await;
        let (client, info) = match (greeting, &tunnel) {
            (Err(error), Some(tunnel)) => return Err(tunnel.explain(error).await),
            (greeting, _) => greeting?,
        };
        let version = client.client_version();
        let client = client.with_timeout(REQUEST_TIMEOUT);
        // A rootless engine with control groups of version 1 says that it can, and does not.
        let controls = info.cgroup_driver != Some(SystemInfoCgroupDriverEnum::NONE);
        let can = Abilities {
            memory: controls && info.memory_limit.unwrap_or(false),
            swap: controls && info.swap_limit.unwrap_or(false),
            cpus: controls
                && info.cpu_cfs_quota.unwrap_or(false)
                && info.cpu_cfs_period.unwrap_or(false),
            pids: controls && info.pids_limit.unwrap_or(false),
            rootless: info.security_options.iter().flatten().any(|text| text == "name=rootless"),
        };
        let info = EngineInfo {
            version: info.server_version.unwrap_or_default(),
            api: version.to_string(),
            storage: info.driver.unwrap_or_default(),
            memory: u64::try_from(info.mem_total.unwrap_or(0)).unwrap_or(0),
            cpus: u32::try_from(info.ncpu.unwrap_or(1)).unwrap_or(1).max(1),
            limits: can.memory && can.pids,
            id: info.id.filter(|id| !id.is_empty()).unwrap_or_else(|| address.clone()),
            host: info.name.unwrap_or_default(),
            elsewhere: place.elsewhere(),
        };
        let api = (version.major_version, version.minor_version);
        let forkservers = Forkservers::default();
        Ok(Docker { client, address, api, can, info, forkservers, _tunnel: tunnel })
    }

    /// Turns an error of bollard's into ours; `action` continues "could not".
    pub(super) fn failed(
        &self,
        action: impl Into<String>,
    ) -> impl FnOnce(bollard::errors::Error) -> DockerError {
        let action = action.into();
        move |error| DockerError::of(action, &self.address, error)
    }

    /// The same connection for requests that answer only when long work is done.
    pub(super) fn patient(&self, patience: Duration) -> Client {
        self.client.clone().with_timeout(patience)
    }
}

/// Its first answers: the version that both speak, and what it says of itself.
async fn greet(client: Client, address: &str) -> Result<(Client, SystemInfo)> {
    let no_answer = |error| match DockerError::of("ask Docker for its version", address, error) {
        DockerError::Request { source, .. } => DockerError::Unreachable {
            address: address.to_owned(),
            reason: Unreachable::NoAnswer,
            source: Some(source),
        },
        other => other,
    };
    let version = async { client.version().await.map_err(no_answer) };
    let said = traced("version", ENGINE, version).await?;
    is_supported(&said, address)?;
    let negotiation = async { client.negotiate_version().await.map_err(no_answer) };
    let client = traced("negotiate_version", ENGINE, negotiation).await?;
    let info = async { client.info().await.map_err(no_answer) };
    let info = traced("info", ENGINE, info).await?;
    Ok((client, info))
}

/// Refuses what is too old, too new, or no Docker Engine.
fn is_supported(said: &SystemVersion, address: &str) -> Result<()> {
    let mut components = said.components.iter().flatten();
    if let Some(podman) = components.find(|component| component.name == "Podman Engine") {
        let engine = format!("Podman {}", podman.version);
        return Err(DockerError::Unsupported { address: address.to_owned(), engine });
    }
    let unreachable = |why: String, reason| DockerError::Unreachable {
        address: format!("{address}: {why}"),
        reason,
        source: None,
    };
    let newest = said.api_version.as_deref().unwrap_or_default();
    if version(newest).is_some_and(|newest| newest < pair(OLDEST_API)) {
        let why = format!("it speaks API {newest}, {OLDEST_API} is needed");
        return Err(unreachable(why, Unreachable::TooOld));
    }
    let oldest = said.min_api_version.as_deref().unwrap_or_default();
    if version(oldest).is_some_and(|oldest| oldest > pair(*API_DEFAULT_VERSION)) {
        let why = format!("its oldest API is {oldest}, stagectl's newest is {API_DEFAULT_VERSION}");
        return Err(unreachable(why, Unreachable::TooNew));
    }
    Ok(())
}

fn version(text: &str) -> Option<(usize, usize)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn pair(version: ClientVersion) -> (usize, usize) {
    (version.major_version, version.minor_version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    async fn reason(url: &str) -> Unreachable {
        let place = Place { url: url.to_owned(), certificates: None, context: None };
        match Docker::connect_to(&place).await {
            Err(DockerError::Unreachable { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn no_socket_no_answer_and_a_bad_address_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(reason("unix:///nowhere/docker.sock").await, Unreachable::NoSocket);
        assert_eq!(reason("smoke://signals").await, Unreachable::BadAddress);
        let path = folder.path().join("silent.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert_eq!(reason(&format!("unix://{}", path.display())).await, Unreachable::NoAnswer);
    }

    /// Answers every request on a socket with `body`.
    fn serve(path: &Path, body: &'static str) {
        let listener = tokio::net::UnixListener::bind(path).unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                let mut request = [0; 4096];
                assert!(stream.read(&mut request).await.unwrap() > 0);
                let length = body.len();
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
    }

    #[tokio::test]
    async fn an_engine_that_is_too_old_is_refused_with_both_versions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.sock");
        serve(&path, r#"{"ApiVersion":"1.40","Version":"19.03.0"}"#);
        let url = format!("unix://{}", path.display());
        let place = Place { url: url.clone(), certificates: None, context: None };
        let error = Docker::connect_to(&place).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("could not reach Docker at {url}: it speaks API 1.40, 1.41 is needed")
        );
    }

    /// What connecting comes to where this is the answer to everything.
    async fn refused(body: &'static str) -> DockerError {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.sock");
        serve(&path, body);
        let url = format!("unix://{}", path.display());
        let place = Place { url, certificates: None, context: None };
        Docker::connect_to(&place).await.unwrap_err()
    }

    #[tokio::test]
    async fn an_engine_whose_oldest_api_is_younger_than_ours_is_refused() {
        let newer = refused(r#"{"ApiVersion":"9.90","MinAPIVersion":"9.80"}"#).await;
        assert!(
            newer.to_string().contains("its oldest API is 9.80, stagectl's newest is 1."),
            "{newer}"
        );
        let hints = Failure::from(newer).hints;
        assert_eq!(hints, ["update stagectl: this engine is newer than it"]);
    }

    #[tokio::test]
    async fn podman_is_refused_by_its_name_and_why() {
        let podman = r#"{"ApiVersion":"1.41","MinAPIVersion":"1.24","Version":"4.3.1",
            "Components":[{"Name":"Podman Engine","Version":"4.3.1"},{"Name":"Conmon","Version":"2.1.6"}]}"#;
        let failure = Failure::from(refused(podman).await);
        assert_eq!(failure.kind.code(), 75);
        assert!(
            failure.message.ends_with(" is Podman 4.3.1, which stagectl does not support"),
            "{failure:?}"
        );
        let cause = "it gives its host an address on a site's closed network, so that no replica there is closed";
        assert_eq!(failure.causes, [cause]);
        assert_eq!(
            failure.hints,
            ["name a Docker Engine: DOCKER_HOST, or a context of `docker context ls`"]
        );
    }
}
