//! Redis and Memcached.

use super::super::added;
use super::super::spec::FileEntry;
use super::super::template::shell_quote;
use super::{
    CERTIFICATE, KEY, Making, Ready, ServicePart, as_user, port_ready, script_file, tls_ready,
    words,
};
use crate::replica::host::layout::REDIS;
use crate::replica::image::chain::ImageIndex;
use crate::site::{NetworkFamilies, Ports, Redis, Service};

const CONFIG: &str = "/opt/stagectl/redis.conf";

pub(super) fn redis(
    image: ImageIndex,
    redis: &Redis,
    service: &Service,
    making: Making<'_>,
) -> ServicePart {
    let all = match making.site.host.resolver.network() {
        NetworkFamilies::Ipv4 => "0.0.0.0",
        NetworkFamilies::Both => "0.0.0.0 ::",
    };
    let mut config = format!("bind {all}\nprotected-mode no\nsave \"\"\nappendonly no\ndir /tmp\n");
    let ports = service.ports();
    if let Some(port) = ports.secured {
        config.push_str(&format!(
            "port {}\ntls-port {port}\ntls-cert-file {CERTIFICATE}\ntls-key-file {KEY}\n{}\n",
            ports.plain.unwrap_or_default(),
            added::NO_CLIENTS.text
        ));
    }
    for (key, value) in &redis.settings {
        config.push_str(&format!("{key} {value}\n"));
    }
    if let Some(password) = &redis.password {
        let password = making.secrets.reveal(password).replace('\\', r"\\").replace('"', "\\\"");
        config.push_str(&format!("requirepass \"{password}\"\n"));
    }
    let mut files = vec![
        FileEntry::new(CONFIG, 0o644, config),
        script_file("port-ready.sh", "service/port-ready.sh"),
        script_file("tls-ready.sh", "service/tls-ready.sh"),
        script_file("command-ready.sh", "service/command-ready.sh"),
    ];
    let server = ["redis-server", CONFIG];
    let (command, capabilities) = if let Some(folder) = service.kind.socket_folder() {
        files.push(script_file("redis.sh", "service/redis.sh"));
        let command = [&["/bin/sh", "/opt/stagectl/redis.sh", &folder], &server[..]].concat();
        (words(&command), &["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID"][..])
    } else {
        files.push(script_file("as-user.sh", "service/as-user.sh"));
        (as_user(REDIS, &server), &["SETUID", "SETGID"][..])
    };
    let ready = match redis.socket() {
        Some(socket) if ports.open().next().is_none() => answers_by_socket(socket),
        _ => ready(ports, "PING", "+PONG|-NOAUTH"),
    };
    ServicePart { image, command, files, capabilities: words(capabilities), ready }
}

/// Ready is: it answers there, if only that it wants a password.
fn answers_by_socket(socket: &str) -> Ready {
    let asked = format!("redis-cli -s {} ping | grep -qE 'PONG|NOAUTH'", shell_quote(socket));
    Ready { argv: words(&["/bin/sh", "/opt/stagectl/command-ready.sh", &asked]), stdin: None }
}

pub(super) fn memcached(image: ImageIndex, service: &Service, making: Making<'_>) -> ServicePart {
    let mut command = match making.site.host.resolver.network() {
        NetworkFamilies::Ipv4 => vec!["memcached", "-l", "0.0.0.0"],
        // Every address that there is.
        NetworkFamilies::Both => vec!["memcached"],
    };
    let ports = service.ports();
    let files = format!("ssl_chain_cert={CERTIFICATE},ssl_key={KEY}");
    if ports.secured.is_some() {
        command.extend(["--enable-ssl", "-o", &files]);
    }
    ServicePart {
        image,
        command: as_user("memcache", &command),
        files: vec![
            script_file("as-user.sh", "service/as-user.sh"),
            script_file("port-ready.sh", "service/port-ready.sh"),
            script_file("tls-ready.sh", "service/tls-ready.sh"),
        ],
        capabilities: words(&["SETUID", "SETGID"]),
        ready: ready(ports, "version", "VERSION"),
    }
}

/// The port of TLS is opened together with the plain one.
fn ready(ports: Ports, request: &str, answer: &str) -> Ready {
    match ports {
        Ports { secured: Some(port), .. } => tls_ready(port),
        Ports { plain, .. } => port_ready(plain.unwrap_or_default(), request, answer),
    }
}
