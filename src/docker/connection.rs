//! Where Docker is, and the connection to it. What is asked over the connection is in the files
//! beside this one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, ClientVersion};

use super::engine::{EngineInfo, REQUEST_TIMEOUT, Result};
use super::error::{DockerError, Unreachable};

#[expect(clippy::disallowed_types, reason = "this is its one home")]
pub(super) type Client = bollard::Docker;

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
}

/// What the engine's kernel can enforce; what it cannot is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent flags of the engine's answer")]
pub(super) struct Abilities {
    pub(super) memory: bool,
    pub(super) swap: bool,
    pub(super) cpus: bool,
    pub(super) pids: bool,
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
        let no_answer = |error| match failed(error) {
            DockerError::Request { source, .. } => DockerError::Unreachable {
                address: address.clone(),
                reason: Unreachable::NoAnswer,
                source: Some(source),
            },
            other => other,
        };
        let client = place.client().map_err(failed)?.with_timeout(FIRST_ANSWER);
        let client = client.negotiate_version().await.map_err(no_answer)?;
        let version = client.client_version();
        if version < OLDEST_API {
            return Err(DockerError::Unreachable {
                address: format!("{address}: it speaks API {version}, {OLDEST_API} is needed"),
                reason: Unreachable::TooOld,
                source: None,
            });
        }
        let client = client.with_timeout(REQUEST_TIMEOUT);
        let info = client.info().await.map_err(no_answer)?;
        let can = Abilities {
            memory: info.memory_limit.unwrap_or(false),
            swap: info.swap_limit.unwrap_or(false),
            cpus: info.cpu_cfs_quota.unwrap_or(false) && info.cpu_cfs_period.unwrap_or(false),
            pids: info.pids_limit.unwrap_or(false),
        };
        let info = EngineInfo {
            version: info.server_version.unwrap_or_default(),
            api: version.to_string(),
            memory: u64::try_from(info.mem_total.unwrap_or(0)).unwrap_or(0),
            cpus: u32::try_from(info.ncpu.unwrap_or(1)).unwrap_or(1).max(1),
            limits: can.memory && can.pids,
            host: info.name.unwrap_or_default(),
            elsewhere: place.elsewhere(),
        };
        let api = (version.major_version, version.minor_version);
        Ok(Docker { client, address, api, can, info })
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

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// With its scheme: `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`.
    url: String,
    /// The folder with `ca.pem`, `cert.pem`, `key.pem`, where the connection is TLS.
    certificates: Option<PathBuf>,
    /// The Docker context it comes from.
    context: Option<String>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.context {
            Some(context) => write!(formatter, "{} (context `{context}`)", self.url),
            None => formatter.write_str(&self.url),
        }
    }
}

impl Place {
    /// Decides as the `docker` command does.
    fn find(variable: &dyn Fn(&str) -> Option<String>, default_socket: &Path) -> Result<Place> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let folder = set("DOCKER_CONFIG")
            .map(PathBuf::from)
            .or_else(|| set("HOME").map(|home| Path::new(&home).join(".docker")));
        if let Some(url) = set("DOCKER_HOST") {
            let tls = set("DOCKER_TLS_VERIFY").is_some() && url.starts_with("tcp://");
            let certificates = set("DOCKER_CERT_PATH").map(PathBuf::from).or(folder);
            return Ok(Place { url, certificates: certificates.filter(|_| tls), context: None });
        }
        let context = set("DOCKER_CONTEXT").or_else(|| current_context(folder.as_deref()?));
        if let (Some(context), Some(folder)) = (context.filter(|name| name != "default"), folder) {
            return Place::of_context(&folder.join("contexts"), context);
        }
        let rootless = set("XDG_RUNTIME_DIR").map(|run| Path::new(&run).join("docker.sock"));
        let socket = match rootless {
            Some(rootless) if !default_socket.exists() && rootless.exists() => rootless,
            _ => default_socket.to_owned(),
        };
        Ok(Place { url: format!("unix://{}", socket.display()), certificates: None, context: None })
    }

    /// Reads a context of the `docker` command's store.
    fn of_context(contexts: &Path, name: String) -> Result<Place> {
        let bad = |what: &str| DockerError::Unreachable {
            address: format!("context `{name}`: {what}"),
            reason: Unreachable::BadAddress,
            source: None,
        };
        let id = crate::digest::sha256(name.as_bytes()).map_err(|_| bad("it has no id"))?;
        let text = std::fs::read_to_string(contexts.join("meta").join(&id).join("meta.json"))
            .map_err(|_| bad("there is no such context"))?;
        let meta: serde_json::Value =
            serde_json::from_str(&text).map_err(|_| bad("its meta.json is unreadable"))?;
        let endpoint = &meta["Endpoints"]["docker"];
        let url = endpoint["Host"].as_str().filter(|url| !url.is_empty());
        let url = url.ok_or_else(|| bad("it has no Docker address"))?.to_owned();
        if endpoint["SkipTLSVerify"].as_bool() == Some(true) {
            return Err(bad("it skips the check of the certificate, which stagectl does not"));
        }
        let tls = contexts.join("tls").join(&id).join("docker");
        Ok(Place { url, certificates: tls.is_dir().then_some(tls), context: Some(name) })
    }

    /// The engine's machine as `ssh` would be told; `None` where it is this one.
    fn elsewhere(&self) -> Option<String> {
        let (scheme, rest) = self.url.split_once("://")?;
        let address = rest.split('/').next().filter(|address| !address.is_empty())?;
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
            _ => (address, ""),
        };
        match scheme {
            "ssh" if port.is_empty() => Some(host.to_owned()),
            "ssh" => Some(format!("-p {port} {host}")),
            "tcp" | "http" | "https"
                if host == "localhost" || host == "[::1]" || host.starts_with("127.") =>
            {
                None
            }
            "tcp" | "http" | "https" => Some(host.to_owned()),
            _ => None,
        }
    }

    fn client(&self) -> std::result::Result<Client, bollard::errors::Error> {
        let seconds = REQUEST_TIMEOUT.as_secs();
        match (self.url.split_once("://"), &self.certificates) {
            (Some(("tcp" | "http" | "https", _)), Some(folder)) => Client::connect_with_ssl(
                &self.url,
                &folder.join("key.pem"),
                &folder.join("cert.pem"),
                &folder.join("ca.pem"),
                seconds,
                API_DEFAULT_VERSION,
            ),
            (Some(("unix", _)), _) => {
                Client::connect_with_unix(&self.url, seconds, API_DEFAULT_VERSION)
            }
            (Some(("tcp" | "http", _)), None) => {
                Client::connect_with_http(&self.url, seconds, API_DEFAULT_VERSION)
            }
            (Some(("ssh", _)), _) => {
                Client::connect_with_ssh(&self.url, seconds, API_DEFAULT_VERSION, None)
            }
            _ => Err(bollard::errors::Error::UnsupportedURISchemeError { uri: self.url.clone() }),
        }
    }
}

fn current_context(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join("config.json")).ok()?;
    let config: serde_json::Value = serde_json::from_str(&text).ok()?;
    config["currentContext"].as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn find(variables: &[(&str, &str)]) -> Result<Place> {
        let value = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Place::find(&value, Path::new("/nowhere/docker.sock"))
    }

    fn write_context(docker: &Path, name: &str, host: &str) -> String {
        let id = crate::digest::sha256(name.as_bytes()).unwrap();
        let meta = docker.join("contexts/meta").join(&id);
        fs::create_dir_all(&meta).unwrap();
        fs::write(
            meta.join("meta.json"),
            format!(r#"{{"Name":"{name}","Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#),
        )
        .unwrap();
        id
    }

    #[test]
    fn docker_host_wins_and_tls_needs_to_be_asked_for() {
        let plain = find(&[("DOCKER_HOST", "tcp://box:2375"), ("DOCKER_CONTEXT", "other")]);
        assert_eq!(plain.unwrap().to_string(), "tcp://box:2375");
        let tls = [
            ("DOCKER_HOST", "tcp://box:2376"),
            ("DOCKER_TLS_VERIFY", "1"),
            ("DOCKER_CERT_PATH", "/certs"),
        ];
        assert_eq!(find(&tls).unwrap().certificates, Some(PathBuf::from("/certs")));
        let home = [tls[0], tls[1], ("HOME", "/home/me")];
        assert_eq!(find(&home).unwrap().certificates, Some(PathBuf::from("/home/me/.docker")));
    }

    #[test]
    fn the_current_context_is_read_from_the_store_of_the_docker_command() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().to_str().unwrap();
        let id = write_context(folder.path(), "remote", "ssh://deploy@box");
        fs::write(folder.path().join("config.json"), r#"{"currentContext":"remote"}"#).unwrap();

        let place = find(&[("DOCKER_CONFIG", config)]).unwrap();
        assert_eq!(place.to_string(), "ssh://deploy@box (context `remote`)");
        assert_eq!(place.certificates, None);

        let tls = folder.path().join("contexts/tls").join(id).join("docker");
        fs::create_dir_all(&tls).unwrap();
        assert_eq!(find(&[("DOCKER_CONFIG", config)]).unwrap().certificates, Some(tls));

        let default = find(&[("DOCKER_CONFIG", config), ("DOCKER_CONTEXT", "default")]).unwrap();
        assert_eq!(default.url, "unix:///nowhere/docker.sock");
        let missing = find(&[("DOCKER_CONFIG", config), ("DOCKER_CONTEXT", "gone")]).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "could not reach Docker at context `gone`: there is no such context"
        );
    }

    #[test]
    fn a_rootless_socket_counts_when_it_is_the_one_there() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().to_str().unwrap();
        let url = |place: Result<Place>| place.unwrap().url;
        assert_eq!(url(find(&[("XDG_RUNTIME_DIR", run)])), "unix:///nowhere/docker.sock");
        fs::write(folder.path().join("docker.sock"), "").unwrap();
        assert_eq!(url(find(&[("XDG_RUNTIME_DIR", run)])), format!("unix://{run}/docker.sock"));
    }

    #[test]
    fn an_engine_on_another_machine_is_told_as_ssh_would_be() {
        let table = [
            ("unix:///var/run/docker.sock", None),
            ("tcp://127.0.0.1:2375", None),
            ("tcp://localhost:2376", None),
            ("tcp://box:2376", Some("box")),
            ("ssh://me@box", Some("me@box")),
            ("ssh://me@box:2222", Some("-p 2222 me@box")),
        ];
        for (url, expected) in table {
            let place = Place { url: url.to_owned(), certificates: None, context: None };
            assert_eq!(place.elsewhere().as_deref(), expected, "{url}");
        }
    }

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
}
