//! Containers as Docker wants them described, their creation, and the files that go in.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use bollard::models::{
    ContainerCreateBody, EndpointIpamConfig, EndpointSettings, HealthConfig, HostConfig,
    HostConfigLogConfig, NetworkingConfig,
};
use bollard::query_parameters::{CreateContainerOptionsBuilder, UploadToContainerOptionsBuilder};
use tokio_util::io::ReaderStream;

use crate::replica::{Attachment, BuildNetwork, BuildSpec, ContainerSpec, FileEntry, Limits};

use super::archive::{self, Archive};
use super::connection::{Abilities, Docker};
use super::engine::{ContainerId, Result};
use super::error::DockerError;

const UPLOAD_PATIENCE: Duration = Duration::from_mins(15);

/// A log that grows beyond this is rotated away.
const LOG_SIZE: &str = "64m";

/// Without these the first packet to a peer that is not up yet costs a second: the kernel's ARP
/// retry. (The names hold for the one interface that a container on one network has.)
const ARP: [(&str, &str); 2] =
    [("net.ipv4.neigh.eth0.retrans_time_ms", "10"), ("net.ipv4.neigh.eth0.mcast_solicit", "100")];

/// From this API on, settings of an interface go with the network and not with the container.
const ENDPOINT_SYSCTLS_SINCE: (usize, usize) = (1, 46);
const ENDPOINT_SYSCTLS: &str = "com.docker.network.endpoint.sysctls";

/// Where a builder's variables are until its first step removes them.
const LAUNCHER: &str = "/.stagectl-launcher";

impl Docker {
    pub(super) async fn new_container(&self, spec: &ContainerSpec) -> Result<ContainerId> {
        let body = container_body(spec, self.api, self.can, self.info.cpus);
        let id = self.create(&spec.name, body).await?;
        self.put_files(&id, &spec.files).await?;
        Ok(id)
    }

    pub(super) async fn new_builder(&self, spec: &BuildSpec) -> Result<ContainerId> {
        let id = self.create(&spec.name, builder_body(spec)).await?;
        let mut files = spec.files.clone();
        files.extend(launcher(&spec.env));
        self.put_files(&id, &files).await?;
        Ok(id)
    }

    async fn create(&self, name: &str, body: ContainerCreateBody) -> Result<ContainerId> {
        let options = CreateContainerOptionsBuilder::default().name(name).build();
        let answer = self.client.create_container(Some(options), body).await;
        Ok(answer.map_err(self.failed(format!("create container `{name}`")))?.id)
    }

    pub(super) async fn put_files(&self, container: &str, files: &[FileEntry]) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let files = files.to_vec();
        let packing = tokio::task::spawn_blocking(move || archive::pack(&files, SystemTime::now()));
        let archive = packing.await.map_err(|panic| DockerError::HostFile {
            path: "archive".to_owned(),
            source: panic.into(),
        })??;
        self.put_archive(container, archive).await
    }

    pub(super) async fn put_archive(&self, container: &str, archive: Archive) -> Result<()> {
        let body = match archive {
            Archive::Memory(bytes) => bollard::body_full(bytes.into()),
            Archive::File(file) => {
                bollard::body_try_stream(ReaderStream::new(tokio::fs::File::from_std(file)))
            }
        };
        let options = UploadToContainerOptionsBuilder::default().path("/").build();
        let client = self.patient(UPLOAD_PATIENCE);
        let answer = client.upload_to_container(container, Some(options), body).await;
        answer.map_err(self.failed(format!("upload files to container `{container}`")))
    }
}

fn container_body(
    spec: &ContainerSpec,
    api: (usize, usize),
    can: Abilities,
    cpus: u32,
) -> ContainerCreateBody {
    let mut host = HostConfig {
        cap_drop: Some(vec!["ALL".to_owned()]),
        cap_add: Some(spec.capabilities.clone()),
        tmpfs: Some(spec.tmpfs.clone().into_iter().collect()),
        ..common_host()
    };
    limit(&mut host, spec.limits, can, cpus);
    let mut sysctls = spec.sysctls.clone();
    let mut networks = None;
    match &spec.network {
        Attachment::Own { network, address, aliases, dns } => {
            for (key, value) in ARP {
                sysctls.entry(key.to_owned()).or_insert_with(|| value.to_owned());
            }
            let driver_opts =
                (api >= ENDPOINT_SYSCTLS_SINCE).then(|| endpoint_sysctls(&mut sysctls));
            host.network_mode = Some(network.clone());
            host.dns = Some(dns.clone());
            let endpoint = EndpointSettings {
                ipam_config: Some(EndpointIpamConfig {
                    ipv4_address: Some(address.clone()).filter(|address| !address.is_empty()),
                    ..EndpointIpamConfig::default()
                }),
                aliases: Some(aliases.clone()),
                driver_opts,
                ..EndpointSettings::default()
            };
            networks = Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(network.clone(), endpoint)])),
            });
        }
        Attachment::SharedWith(other) => host.network_mode = Some(format!("container:{other}")),
        Attachment::None => host.network_mode = Some("none".to_owned()),
    }
    host.sysctls = Some(sysctls.into_iter().collect());
    ContainerCreateBody {
        hostname: spec.hostname.clone(),
        env: Some(spec.env.iter().map(|(key, value)| format!("{key}={value}")).collect()),
        stop_signal: spec.stop_signal.clone(),
        networking_config: networks,
        ..common_body(&spec.image, &spec.command, &spec.labels, host)
    }
}

fn builder_body(spec: &BuildSpec) -> ContainerCreateBody {
    let host = HostConfig {
        network_mode: Some(
            match spec.network {
                BuildNetwork::Bridge => "bridge",
                BuildNetwork::None => "none",
            }
            .to_owned(),
        ),
        ..common_host()
    };
    let mut command = spec.command.clone();
    if launcher(&spec.env).is_some() {
        command.splice(0..0, ["/bin/sh".to_owned(), LAUNCHER.to_owned()]);
    }
    common_body(&spec.image, &command, &spec.labels, host)
}

fn common_host() -> HostConfig {
    HostConfig {
        init: Some(false),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".to_owned()),
            config: Some(HashMap::from([("max-size".to_owned(), LOG_SIZE.to_owned())])),
        }),
        security_opt: Some(vec!["no-new-privileges".to_owned()]),
        ..HostConfig::default()
    }
}

/// An image's own entry point and health check are not for us: the command is the whole command,
/// and readiness is observed by other means.
fn common_body(
    image: &str,
    command: &[String],
    labels: &BTreeMap<String, String>,
    host: HostConfig,
) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(image.to_owned()),
        entrypoint: (!command.is_empty()).then(|| vec![String::new()]),
        cmd: (!command.is_empty()).then(|| command.to_vec()),
        healthcheck: Some(HealthConfig {
            test: Some(vec!["NONE".to_owned()]),
            ..HealthConfig::default()
        }),
        labels: Some(labels.clone().into_iter().collect()),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    }
}

/// Asks for the limits that the engine's kernel can enforce; more processors than the host has
/// would be an error.
fn limit(host: &mut HostConfig, limits: Limits, can: Abilities, cpus: u32) {
    let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    host.memory = limits.memory.filter(|_| can.memory).map(bytes);
    host.memory_swap = host.memory.filter(|_| can.swap);
    host.nano_cpus = limits
        .milli_cpus
        .filter(|_| can.cpus)
        .map(|milli| i64::from(milli.min(cpus.saturating_mul(1000))) * 1_000_000);
    host.pids_limit = limits.pids.filter(|_| can.pids).map(i64::from);
    host.shm_size = limits.shm.map(bytes);
}

/// Takes the settings of `eth0` out of a container's, in the form the network driver wants.
/// <https://docs.docker.com/reference/cli/docker/container/run/#sysctl>
fn endpoint_sysctls(sysctls: &mut BTreeMap<String, String>) -> HashMap<String, String> {
    let of_interface = |key: &str| key.starts_with("net.") && key.split('.').nth(3) == Some("eth0");
    let taken: Vec<String> = sysctls
        .iter()
        .filter(|(key, _)| of_interface(key))
        .map(|(key, value)| format!("{}={value}", key.replacen(".eth0.", ".IFNAME.", 1)))
        .collect();
    sysctls.retain(|key, _| !of_interface(key));
    HashMap::from([(ENDPOINT_SYSCTLS.to_owned(), taken.join(","))])
}

/// A script that sets a builder's variables and goes on to its command. The variables are not
/// given to Docker, because it would write them into the image that is committed; the script
/// removes itself first, so that it is not in there either.
fn launcher(env: &BTreeMap<String, String>) -> Option<FileEntry> {
    if env.is_empty() {
        return None;
    }
    let exports = env.iter().map(|(key, value)| {
        let quoted = value.replace('\'', r"'\''");
        format!("export {key}='{quoted}'\n")
    });
    let exports: String = exports.collect();
    let script = format!("rm -f {LAUNCHER}\n{exports}exec \"$@\"\n");
    Some(FileEntry::new(LAUNCHER, 0o600, script))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ALL: Abilities = Abilities { memory: true, swap: true, cpus: true, pids: true };
    const NONE: Abilities = Abilities { memory: false, swap: false, cpus: false, pids: false };

    fn spec(network: Attachment) -> ContainerSpec {
        ContainerSpec {
            name: "db".to_owned(),
            role: "db".to_owned(),
            image: "img:1".to_owned(),
            network,
            hostname: Some("db".to_owned()),
            command: vec!["run".to_owned(), "it".to_owned()],
            env: [("LANG".to_owned(), "C".to_owned())].into(),
            labels: [("l".to_owned(), "v".to_owned())].into(),
            files: vec![],
            limits: Limits {
                memory: Some(1 << 29),
                milli_cpus: Some(64_000),
                pids: Some(256),
                shm: Some(1 << 26),
            },
            capabilities: vec!["NET_BIND_SERVICE".to_owned()],
            tmpfs: [("/tmp".to_owned(), "size=64m".to_owned())].into(),
            sysctls: [("net.core.somaxconn".to_owned(), "1024".to_owned())].into(),
            stop_signal: None,
        }
    }

    fn own() -> Attachment {
        Attachment::Own {
            network: "net".to_owned(),
            address: "10.9.8.7".to_owned(),
            aliases: vec!["db.internal".to_owned()],
            dns: vec!["10.9.8.2".to_owned()],
        }
    }

    fn json_of(network: Attachment, api: (usize, usize), can: Abilities) -> Value {
        serde_json::to_value(container_body(&spec(network), api, can, 2)).unwrap()
    }

    #[test]
    fn a_container_is_unprivileged_limited_and_has_its_address() {
        assert_eq!(
            json_of(own(), (1, 41), ALL),
            json!({
                "Image": "img:1",
                "Hostname": "db",
                "Entrypoint": [""],
                "Cmd": ["run", "it"],
                "Env": ["LANG=C"],
                "Labels": {"l": "v"},
                "Healthcheck": {"Test": ["NONE"]},
                "HostConfig": {
                    "CapDrop": ["ALL"],
                    "CapAdd": ["NET_BIND_SERVICE"],
                    "SecurityOpt": ["no-new-privileges"],
                    "Init": false,
                    "LogConfig": {"Type": "json-file", "Config": {"max-size": "64m"}},
                    "Memory": 536_870_912,
                    "MemorySwap": 536_870_912,
                    "NanoCpus": 2_000_000_000,
                    "PidsLimit": 256,
                    "ShmSize": 67_108_864,
                    "Tmpfs": {"/tmp": "size=64m"},
                    "NetworkMode": "net",
                    "Dns": ["10.9.8.2"],
                    "Sysctls": {
                        "net.core.somaxconn": "1024",
                        "net.ipv4.neigh.eth0.retrans_time_ms": "10",
                        "net.ipv4.neigh.eth0.mcast_solicit": "100",
                    },
                },
                "NetworkingConfig": {"EndpointsConfig": {"net": {
                    "IPAMConfig": {"IPv4Address": "10.9.8.7"},
                    "Aliases": ["db.internal"],
                }}},
            })
        );
    }

    #[test]
    fn newer_engines_get_the_interface_s_settings_with_the_network() {
        let body = json_of(own(), (1, 46), ALL);
        assert_eq!(body["HostConfig"]["Sysctls"], json!({"net.core.somaxconn": "1024"}));
        assert_eq!(
            body["NetworkingConfig"]["EndpointsConfig"]["net"]["DriverOpts"],
            json!({"com.docker.network.endpoint.sysctls":
                "net.ipv4.neigh.IFNAME.mcast_solicit=100,\
                 net.ipv4.neigh.IFNAME.retrans_time_ms=10"})
        );
    }

    #[test]
    fn limits_that_the_engine_cannot_enforce_are_left_out() {
        let host = json_of(Attachment::None, (1, 41), NONE)["HostConfig"].take();
        for key in ["Memory", "MemorySwap", "NanoCpus", "PidsLimit"] {
            assert_eq!(host[key], Value::Null, "{key}");
        }
    }

    #[test]
    fn only_a_namespace_of_its_own_gets_network_settings() {
        let shared = json_of(Attachment::SharedWith("pod".to_owned()), (1, 41), ALL);
        assert_eq!(shared["HostConfig"]["NetworkMode"], "container:pod");
        assert_eq!(shared["HostConfig"]["Sysctls"], json!({"net.core.somaxconn": "1024"}));
        assert_eq!(shared["NetworkingConfig"], Value::Null);
        let none = json_of(Attachment::None, (1, 41), ALL);
        assert_eq!(none["HostConfig"]["NetworkMode"], "none");
    }

    #[test]
    fn a_builder_s_variables_are_not_told_to_docker() {
        let spec = BuildSpec {
            name: "b".to_owned(),
            image: "img:1".to_owned(),
            command: vec!["make".to_owned()],
            env: [("TOKEN".to_owned(), "it's $secret".to_owned())].into(),
            labels: BTreeMap::new(),
            files: vec![],
            network: BuildNetwork::Bridge,
        };
        let body = serde_json::to_value(builder_body(&spec)).unwrap();
        assert!(!body.to_string().contains("secret"));
        assert_eq!(body["Cmd"], json!(["/bin/sh", "/.stagectl-launcher", "make"]));
        assert_eq!(body["HostConfig"]["NetworkMode"], "bridge");
        let script = launcher(&spec.env).unwrap();
        let expected = "rm -f /.stagectl-launcher\nexport TOKEN='it'\\''s $secret'\nexec \"$@\"\n";
        assert!(script == FileEntry::new(LAUNCHER, 0o600, expected));
    }
}
