//! Redis and Memcached.

use super::super::image::ImageIndex;
use super::super::secret::Secrets;
use super::super::spec::FileEntry;
use super::{ServicePart, as_user, port_ready, script_file, words};
use crate::site::Redis;

pub(super) fn redis(image: ImageIndex, redis: &Redis, secrets: &Secrets) -> ServicePart {
    let mut config =
        "bind 0.0.0.0\nprotected-mode no\nsave \"\"\nappendonly no\ndir /tmp\n".to_owned();
    for (key, value) in &redis.settings {
        config.push_str(&format!("{key} {value}\n"));
    }
    if let Some(password) = &redis.password {
        let password = secrets.reveal(password).replace('\\', r"\\").replace('"', "\\\"");
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

pub(super) fn memcached(image: ImageIndex) -> ServicePart {
    ServicePart {
        image,
        command: as_user("memcache", &["memcached", "-l", "0.0.0.0"]),
        files: vec![
            script_file("as-user.sh", "service/as-user.sh"),
            script_file("port-ready.sh", "service/port-ready.sh"),
        ],
        capabilities: words(&["SETUID", "SETGID"]),
        ready: port_ready(11211, "version", "VERSION"),
    }
}
