//! What Docker is asked for each kind of container.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::body::{LAUNCHER, builder_body, container_body, launcher};
use crate::docker::connection::Abilities;
use crate::replica::{
    Attachment, BuildNetwork, BuildSpec, ContainerSpec, FileEntry, Limits, LookupSpec, Ulimit,
};

const ALL: Abilities =
    Abilities { memory: true, swap: true, cpus: true, pids: true, rootless: false };
const NONE: Abilities =
    Abilities { memory: false, swap: false, cpus: false, pids: false, rootless: false };

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
        volumes: [("/run/postgresql".to_owned(), "stagectl-r1-shop-sockets".to_owned())].into(),
        sysctls: [("net.core.somaxconn".to_owned(), "1024".to_owned())].into(),
        ulimits: vec![],
        lookup: LookupSpec::default(),
        published: Vec::new(),
        stop_signal: None,
    }
}

fn own() -> Attachment {
    Attachment::Own {
        network: "net".to_owned(),
        address: "10.9.8.7".to_owned(),
        ipv6: None,
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
                "Binds": ["stagectl-r1-shop-sockets:/run/postgresql"],
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
fn a_container_has_a_second_address_where_its_network_has_ipv6() {
    let with_ipv6 = || match own() {
        Attachment::Own { network, address, aliases, dns, .. } => {
            let ipv6 = Some("fd00:1::7".to_owned());
            Attachment::Own { network, address, ipv6, aliases, dns }
        }
        other => other,
    };
    let body = json_of(with_ipv6(), (1, 41), ALL);
    let endpoint = &body["NetworkingConfig"]["EndpointsConfig"]["net"];
    assert_eq!(
        endpoint["IPAMConfig"],
        json!({"IPv4Address": "10.9.8.7", "IPv6Address": "fd00:1::7"})
    );
    let sysctls = &body["HostConfig"]["Sysctls"];
    assert_eq!(sysctls["net.ipv6.neigh.eth0.retrans_time_ms"], "10");
    let newer = json_of(with_ipv6(), (1, 46), ALL);
    let options = &newer["NetworkingConfig"]["EndpointsConfig"]["net"]["DriverOpts"];
    assert_eq!(
        options["com.docker.network.endpoint.sysctls"],
        "net.ipv4.neigh.IFNAME.mcast_solicit=100,net.ipv4.neigh.IFNAME.retrans_time_ms=10,\
         net.ipv6.neigh.IFNAME.mcast_solicit=100,net.ipv6.neigh.IFNAME.retrans_time_ms=10"
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

/// It has no capability at all, and nothing of the host's can be written but its settings of the network.
#[test]
fn what_is_on_the_engine_s_host_has_its_network_s_settings_and_nothing_else() {
    let spec = ContainerSpec { capabilities: vec![], ..spec(Attachment::EngineHost) };
    let body = serde_json::to_value(container_body(&spec, (1, 41), ALL, 2)).unwrap();
    let host = &body["HostConfig"];
    assert_eq!((&host["NetworkMode"], &host["UsernsMode"]), (&json!("host"), &json!("host")));
    assert_eq!((&host["CapDrop"], &host["CapAdd"]), (&json!(["ALL"]), &json!([])));
    assert_eq!(host["ReadonlyRootfs"], true);
    let options = json!(["no-new-privileges", "apparmor=unconfined", "label=disable"]);
    assert_eq!(host["SecurityOpt"], options);
    let paths: Vec<&str> =
        host["ReadonlyPaths"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(!paths.iter().any(|path| "/proc/sys/net".starts_with(path)), "{paths:?}");
    assert_eq!(body["NetworkingConfig"], Value::Null);
    // The kernel asks for it in a user namespace.
    let rootless = Abilities { rootless: true, ..ALL };
    let body = serde_json::to_value(container_body(&spec, (1, 41), rootless, 2)).unwrap();
    assert_eq!(body["HostConfig"]["CapAdd"], json!(["NET_ADMIN"]));
}

/// The bridge is connected afterwards: older engines take one network at the creation.
#[test]
fn a_gateway_has_its_address_and_the_engine_s_own_names() {
    let gateway = Attachment::Gateway {
        network: "net".to_owned(),
        address: "10.9.8.29".to_owned(),
        ipv6: None,
    };
    let body = json_of(gateway, (1, 46), ALL);
    assert_eq!(body["HostConfig"]["NetworkMode"], "net");
    assert_eq!(body["HostConfig"]["Dns"], Value::Null);
    assert_eq!(
        body["NetworkingConfig"],
        json!({"EndpointsConfig": {"net": {"IPAMConfig": {"IPv4Address": "10.9.8.29"}}}})
    );
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
    assert_eq!(body["HostConfig"]["CapDrop"], json!(["ALL"]));
    assert_eq!(body["HostConfig"]["SecurityOpt"], json!(["no-new-privileges"]));
    let script = launcher(&spec.env).unwrap();
    let expected = "rm -f /.stagectl-launcher\nexport TOKEN='it'\\''s $secret'\nexec \"$@\"\n";
    assert!(script == FileEntry::new(LAUNCHER, 0o600, expected));
}

#[test]
fn limits_and_lookups_go_with_the_container() {
    let spec = ContainerSpec {
        ulimits: vec![Ulimit { name: "nofile".to_owned(), soft: 1024, hard: 4096 }],
        lookup: LookupSpec {
            search: vec!["corp.example".to_owned()],
            options: vec!["ndots:2".to_owned()],
            hosts: vec!["shop.example:127.0.0.1".to_owned()],
        },
        ..spec(own())
    };
    let host = serde_json::to_value(container_body(&spec, (1, 41), ALL, 2)).unwrap();
    let host = &host["HostConfig"];
    assert_eq!(host["Ulimits"], json!([{"Name": "nofile", "Soft": 1024, "Hard": 4096}]));
    assert_eq!(host["DnsSearch"], json!(["corp.example"]));
    assert_eq!(host["DnsOptions"], json!(["ndots:2"]));
    assert_eq!(host["ExtraHosts"], json!(["shop.example:127.0.0.1"]));
    assert_eq!(host["SecurityOpt"], json!(["no-new-privileges"]));
}

#[test]
fn only_a_container_that_mounts_is_left_alone_by_the_profile_that_forbids_it() {
    let spec = ContainerSpec { capabilities: vec!["SYS_ADMIN".to_owned()], ..spec(own()) };
    let body = serde_json::to_value(container_body(&spec, (1, 41), ALL, 2)).unwrap();
    let options = body["HostConfig"]["SecurityOpt"].as_array().unwrap();
    assert_eq!(options[..2], [json!("no-new-privileges"), json!("apparmor=unconfined")]);
    let [profile] = &options[2..] else { panic!("{options:?}") };
    assert!(
        profile.as_str().unwrap().starts_with(r#"seccomp={"defaultAction":"SCMP_ACT_ERRNO""#),
        "{profile}"
    );
    assert_eq!(body["HostConfig"]["CapDrop"], json!(["ALL"]));
}
