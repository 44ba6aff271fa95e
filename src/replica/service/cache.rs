//! Redis, Valkey and Memcached.

use super::super::added;
use super::super::spec::FileEntry;
use super::super::template::shell_quote;
use super::part::{
    CERTIFICATE, KEY, Making, Program, Ready, ServicePart, as_user, port_ready, script_file,
    tls_ready, words,
};
use crate::failure::Failure;
use crate::replica::image::chain::Chain;
use crate::replica::paths;
use crate::site::{
    KindOfService, MEMCACHED, NetworkFamilies, Ports, REDIS, Redis, Service, ServiceKind, VALKEY,
};

const CONFIG: &str = paths::REDIS_CONF;

/// A program that has the protocol and the configuration of Redis.
pub(super) struct RedisProgram {
    kind: &'static KindOfService,
    /// Debian's packages of it: the server, and what asks it.
    packages: &'static [&'static str],
    server: &'static str,
    client: &'static str,
    /// Debian's login of it, and the group that may use its socket.
    login: &'static str,
}

pub(super) const REDIS_PROGRAM: RedisProgram = RedisProgram {
    kind: &REDIS,
    packages: &["redis-server"],
    server: "redis-server",
    client: "redis-cli",
    login: "redis",
};

/// The server, and the client in a package of its own.
pub(super) const VALKEY_PROGRAM: RedisProgram = RedisProgram {
    kind: &VALKEY,
    packages: &["valkey-server", "valkey-tools"],
    server: "valkey-server",
    client: "valkey-cli",
    login: "valkey",
};

/// The login of the app's host that a socket there belongs to, if its service needs one.
#[must_use]
pub(in crate::replica) fn login_at_the_socket(kind: &ServiceKind) -> Option<&'static str> {
    match kind {
        ServiceKind::Redis(redis) => redis.socket().map(|_| REDIS_PROGRAM.login),
        ServiceKind::Valkey(redis) => redis.socket().map(|_| VALKEY_PROGRAM.login),
        _ => None,
    }
}

pub(super) fn redis_part(
    chain: &mut Chain,
    program: &RedisProgram,
    redis: &Redis,
    service: &Service,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let image = Program::new(program.kind, &redis.version, service.image.as_deref());
    let image = image.image(chain, program.packages, &[], making.templates)?;
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
    let server = [program.server, CONFIG];
    let (command, capabilities) = if let Some(folder) = service.kind.socket_folder() {
        files.push(script_file("redis.sh", "service/redis.sh"));
        let begin = ["/bin/sh", paths::REDIS_SH, &folder, program.login];
        let command = [&begin[..], &server].concat();
        (words(&command), &["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID"][..])
    } else {
        files.push(script_file("as-user.sh", "service/as-user.sh"));
        (as_user(program.login, &server), &["SETUID", "SETGID"][..])
    };
    let ready = match redis.socket() {
        Some(socket) if ports.open().next().is_none() => answers_by_socket(program.client, socket),
        _ => ready(ports, "PING", "+PONG|-NOAUTH"),
    };
    Ok(ServicePart { image, command, files, capabilities: words(capabilities), ready })
}

/// Ready is: it answers there, if only that it wants a password.
fn answers_by_socket(client: &str, socket: &str) -> Ready {
    let asked = format!("{client} -s {} ping | grep -qE 'PONG|NOAUTH'", shell_quote(socket));
    Ready { argv: words(&["/bin/sh", paths::COMMAND_READY_SH, &asked]), stdin: None }
}

pub(super) fn memcached_part(
    chain: &mut Chain,
    version: &str,
    service: &Service,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let image = Program::new(&MEMCACHED, version, service.image.as_deref());
    let image = image.image(chain, &["memcached"], &[], making.templates)?;
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
    Ok(ServicePart {
        image,
        command: as_user("memcache", &command),
        files: vec![
            script_file("as-user.sh", "service/as-user.sh"),
            script_file("port-ready.sh", "service/port-ready.sh"),
            script_file("tls-ready.sh", "service/tls-ready.sh"),
        ],
        capabilities: words(&["SETUID", "SETGID"]),
        ready: ready(ports, "version", "VERSION"),
    })
}

/// The port of TLS is opened together with the plain one.
fn ready(ports: Ports, request: &str, answer: &str) -> Ready {
    match ports {
        Ports { secured: Some(port), .. } => tls_ready(port),
        Ports { plain, .. } => port_ready(plain.unwrap_or_default(), request, answer),
    }
}
