//! Containers as Docker wants them described.

use std::collections::{BTreeMap, HashMap};

use bollard::models::{
    ContainerCreateBody, EndpointIpamConfig, EndpointSettings, HealthConfig, HostConfig,
    HostConfigLogConfig, NetworkingConfig, PortBinding, ResourcesUlimits,
};

use super::mounting;
use crate::docker::connection::Abilities;
use crate::replica::{
    Attachment, BuildNetwork, BuildSpec, ContainerSpec, FileEntry, Limits, MOUNTING,
};

/// A log that grows beyond this is rotated away.
const LOG_SIZE: &str = "64m";

/// Without these the first packet to a peer that is not up yet costs a second: the kernel's ARP
/// retry. (The names hold for the one interface that a container on one network has.)
const ARP: [(&str, &str); 2] =
    [("net.ipv4.neigh.eth0.retrans_time_ms", "10"), ("net.ipv4.neigh.eth0.mcast_solicit", "100")];

/// The same for IPv6.
const NEIGHBOURS: [(&str, &str); 2] =
    [("net.ipv6.neigh.eth0.retrans_time_ms", "10"), ("net.ipv6.neigh.eth0.mcast_solicit", "100")];

/// What Docker makes read-only, but for `/proc/sys/net`. What a kernel does not have is passed over.
const READ_ONLY: [&str; 13] = [
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sysrq-trigger",
    "/proc/sys/abi",
    "/proc/sys/crypto",
    "/proc/sys/debug",
    "/proc/sys/dev",
    "/proc/sys/fs",
    "/proc/sys/kernel",
    "/proc/sys/sunrpc",
    "/proc/sys/user",
    "/proc/sys/vm",
];

/// From this API on, settings of an interface go with the network and not with the container.
const ENDPOINT_SYSCTLS_SINCE: (usize, usize) = (1, 46);
const ENDPOINT_SYSCTLS: &str = "com.docker.network.endpoint.sysctls";

/// What dpkg and the maintainers' scripts of packages need: files of others, other users, file
/// capabilities (`SETFCAP`). Of Docker's usual set, raw sockets, devices, audit records and low ports are
/// left out.
const BUILDING: [&str; 9] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETFCAP",
    "SETGID",
    "SETUID",
    "SYS_CHROOT",
];

/// Where a builder's variables are until its first step removes them.
pub(super) const LAUNCHER: &str = "/.stagectl-launcher";

pub(super) fn container_body(
    spec: &ContainerSpec,
    api: (usize, usize),
    can: Abilities,
    cpus: u32,
) -> ContainerCreateBody {
    let mut host = HostConfig {
        cap_drop: Some(vec!["ALL".to_owned()]),
        cap_add: Some(spec.capabilities.clone()),
        tmpfs: Some(spec.tmpfs.clone().into_iter().collect()),
        binds: unless_empty(
            spec.volumes.iter().map(|(folder, volume)| format!("{volume}:{folder}")),
        ),
        ..common_host()
    };
    limit(&mut host, spec.limits, can, cpus);
    let mut sysctls = spec.sysctls.clone();
    let mut networks = None;
    match &spec.network {
        Attachment::Own { network, address, ipv6, aliases, dns } => {
            let both = ipv6.iter().flat_map(|_| NEIGHBOURS);
            for (key, value) in ARP.into_iter().chain(both) {
                sysctls.entry(key.to_owned()).or_insert_with(|| value.to_owned());
            }
            let driver_opts =
                (api >= ENDPOINT_SYSCTLS_SINCE).then(|| endpoint_sysctls(&mut sysctls));
            host.network_mode = Some(network.clone());
            host.dns = Some(dns.clone());
            networks = Some(on_network(
                network,
                EndpointSettings {
                    aliases: Some(aliases.clone()),
                    driver_opts,
                    ..endpoint_at(address, ipv6.as_ref())
                },
            ));
        }
        // The bridge comes later: an engine before 25 takes no two networks at once.
        Attachment::Gateway { network, address, ipv6 } => {
            host.network_mode = Some(network.clone());
            networks = Some(on_network(network, endpoint_at(address, ipv6.as_ref())));
        }
        Attachment::SharedWith(other) => host.network_mode = Some(format!("container:{other}")),
        Attachment::EngineHost => of_the_engine_s_host(&mut host, can),
        Attachment::None => host.network_mode = Some("none".to_owned()),
    }
    host.sysctls = Some(sysctls.into_iter().collect());
    host.ulimits = unless_empty(spec.ulimits.iter().map(|limit| ResourcesUlimits {
        name: Some(limit.name.clone()),
        soft: Some(limit.soft),
        hard: Some(limit.hard),
    }));
    host.dns_search = unless_empty(spec.lookup.search.iter().cloned());
    host.dns_options = unless_empty(spec.lookup.options.iter().cloned());
    host.extra_hosts = unless_empty(spec.lookup.hosts.iter().cloned());
    if spec.capabilities.iter().any(|capability| capability == MOUNTING) {
        // AppArmor's profile forbids mounting also to those who have the capability; the kernel's
        // filter then gives away too much.
        let options = ["apparmor=unconfined".to_owned(), mounting::option()];
        host.security_opt.get_or_insert_default().extend(options);
    }
    let port = |port: &u16| format!("{port}/tcp");
    // The loopback alone: a replica is nobody else's business. An empty host port is a free one.
    let free =
        || PortBinding { host_ip: Some("127.0.0.1".to_owned()), host_port: Some(String::new()) };
    host.port_bindings = (!spec.published.is_empty())
        .then(|| spec.published.iter().map(|own| (port(own), Some(vec![free()]))).collect());
    ContainerCreateBody {
        exposed_ports: unless_empty(spec.published.iter().map(port)),
        hostname: spec.hostname.clone(),
        env: Some(spec.env.iter().map(|(key, value)| format!("{key}={value}")).collect()),
        stop_signal: spec.stop_signal.clone(),
        networking_config: networks,
        ..common_body(&spec.image, &spec.command, &spec.labels, host)
    }
}

/// Of the host's `/proc/sys` the part of the network can be written, by root without any capability; the
/// rest stays as Docker has it. In a user namespace the kernel asks for the capability as well, and that
/// reaches as far as the namespace's own network.
/// <https://github.com/moby/moby/blob/v20.10.24/oci/defaults.go>
fn of_the_engine_s_host(host: &mut HostConfig, can: Abilities) {
    host.network_mode = Some("host".to_owned());
    if can.rootless {
        host.cap_add = Some(vec!["NET_ADMIN".to_owned()]);
    }
    // An engine that gives containers other users refuses its host's network to those.
    host.userns_mode = Some("host".to_owned());
    host.readonly_rootfs = Some(true);
    host.readonly_paths = Some(READ_ONLY.map(str::to_owned).into());
    // AppArmor's profile and SELinux forbid these settings to containers altogether.
    let options = ["apparmor=unconfined", "label=disable"].map(str::to_owned);
    host.security_opt.get_or_insert_default().extend(options);
}

fn on_network(network: &str, endpoint: EndpointSettings) -> NetworkingConfig {
    NetworkingConfig { endpoints_config: Some(HashMap::from([(network.to_owned(), endpoint)])) }
}

/// With addresses of its own choice, unless there are none.
fn endpoint_at(address: &str, ipv6: Option<&String>) -> EndpointSettings {
    EndpointSettings {
        ipam_config: Some(EndpointIpamConfig {
            ipv4_address: Some(address.to_owned()).filter(|address| !address.is_empty()),
            ipv6_address: ipv6.cloned(),
            ..EndpointIpamConfig::default()
        }),
        ..EndpointSettings::default()
    }
}

/// What is empty is left out, and stays as the engine has it.
fn unless_empty<T>(items: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.collect();
    (!items.is_empty()).then_some(items)
}

pub(super) fn builder_body(spec: &BuildSpec) -> ContainerCreateBody {
    let host = HostConfig {
        cap_drop: Some(vec!["ALL".to_owned()]),
        cap_add: Some(BUILDING.map(str::to_owned).into()),
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
pub(super) fn launcher(env: &BTreeMap<String, String>) -> Option<FileEntry> {
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
