//! Redis and Memcached.

use super::super::image::ImageIndex;
use super::super::spec::FileEntry;
use super::{Making, ServicePart, as_user, port_ready, script_file, words};
use crate::site::{NetworkFamilies, Redis};

pub(super) fn redis(image: ImageIndex, redis: &Redis, making: Making<'_>) -> ServicePart {
    let all = match making.site.host.resolver.network() {
        NetworkFamilies::Ipv4 => "0.0.0.0",
        NetworkFamilies::Both => "0.0.0.0 ::",
    };
    let mut config = format!("bind {all}\nprotected-mode no\nsave \"\"\nappendonly no\ndir /tmp\n");
    for (key, value) in &redis.settings {
        config.push_str(&format!("{key} {value}\n"));
    }
    if let Some(password) = &redis.password {
        let password = making.secrets.reveal(password).replace('\\', r"\\").replace('"', "\\\"");
        config.push_str(&format!("requirepass \"{password}\"\n"));
    }
    ServicePart {
        image,
        command: as_user("redis", &["redis-server", "/etc/redis/stagectl.conf"]),
        files: vec![
            script_file("as-user.sh", "service/as-user.sh"),
            FileEntry::new("/etc/redis/stagectl.conf", 0o644, config),
            script_file("port-ready.sh", "service/port-ready.sh"),
        ],
        capabilities: words(&["SETUID", "SETGID"]),
        ready: port_ready(6379, "PING", "+PONG|-NOAUTH"),
    }
}

pub(super) fn memcached(image: ImageIndex, making: Making<'_>) -> ServicePart {
    let command: &[&str] = match making.site.host.resolver.network() {
        NetworkFamilies::Ipv4 => &["memcached", "-l", "0.0.0.0"],
        // Every address that there is.
        NetworkFamilies::Both => &["memcached"],
    };
    ServicePart {
        image,
        command: as_user("memcache", command),
        files: vec![
            script_file("as-user.sh", "service/as-user.sh"),
            script_file("port-ready.sh", "service/port-ready.sh"),
        ],
        capabilities: words(&["SETUID", "SETGID"]),
        ready: port_ready(11211, "version", "VERSION"),
    }
}
