//! Where an engine listens, decided as the `docker` command does.

use std::path::{Path, PathBuf};

use bollard::API_DEFAULT_VERSION;

use super::engine::{REQUEST_TIMEOUT, Result};
use super::error::{DockerError, Unreachable};
use super::ssh::Destination;

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// With its scheme: `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`.
    pub(super) url: String,
    /// The folder with `ca.pem`, `cert.pem`, `key.pem`, where the connection is TLS.
    pub(super) certificates: Option<PathBuf>,
    /// The Docker context it comes from.
    pub(super) context: Option<String>,
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
    pub(super) fn find(
        variable: &dyn Fn(&str) -> Option<String>,
        default_socket: &Path,
    ) -> Result<Place> {
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

    /// The engine's machine as an argument of `ssh`; `None` where it is this one.
    pub(super) fn elsewhere(&self) -> Option<String> {
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

    /// Where `ssh` is to lead to, if that is the way.
    pub(super) fn through_ssh(&self) -> Option<Result<Destination>> {
        let address = self.url.strip_prefix("ssh://")?;
        Some(Destination::parse(address).ok_or_else(|| DockerError::Unreachable {
            address: format!("{self}: it is not `ssh://[user@]host[:port][/socket]`"),
            reason: Unreachable::BadAddress,
            source: None,
        }))
    }

    pub(super) fn client(&self) -> std::result::Result<Client, bollard::errors::Error> {
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
            _ => Err(bollard::errors::Error::UnsupportedURISchemeError { uri: self.url.clone() }),
        }
    }
}

fn current_context(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join("config.json")).ok()?;
    let config: serde_json::Value = serde_json::from_str(&text).ok()?;
    config["currentContext"].as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

#[expect(clippy::disallowed_types, reason = "this is its one home")]
pub(super) type Client = bollard::Docker;

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
}
