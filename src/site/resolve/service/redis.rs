//! Redis: its settings say where it takes connections.

use super::super::Resolver;
use super::super::value::Complaint;
use crate::site::file::ServiceFile;
use crate::site::model::{Redis, ServiceHost, ServiceTls};
use crate::site::problem::KeyPath;

/// Settings that only the files of a live host could say.
const FILES: [&str; 6] = [
    "tls-cert-file",
    "tls-key-file",
    "tls-client-cert-file",
    "tls-client-key-file",
    "tls-ca-cert-file",
    "tls-ca-cert-dir",
];

impl Resolver<'_> {
    pub(super) fn redis(
        &mut self,
        path: &KeyPath,
        version: Option<String>,
        file: &ServiceFile,
    ) -> Option<Redis> {
        let password = match &file.password {
            Some(_) => Some(self.text(&path.key("password"))?),
            None => None,
        };
        let settings = self.settings(path, file.settings.as_ref());
        let redis = Redis { version: version?, password, settings: settings? };
        self.ports_of_redis(&path.key("settings"), &redis, file);
        self.socket_of_redis(&path.key("settings").key("unixsocket"), &redis, file.host);
        self.files_of_redis(&path.key("settings"), &redis);
        Some(redis)
    }

    fn ports_of_redis(&mut self, path: &KeyPath, redis: &Redis, file: &ServiceFile) {
        let (tls, is_beside) = (file.tls, file.host == ServiceHost::App);
        for key in ["port", "tls-port"] {
            let Some(text) = redis.settings.get(key) else { continue };
            let at = path.key(key);
            let (message, hint) = match (key, tls, text.parse::<u16>()) {
                (_, _, Err(_)) => {
                    (format!("`{text}` is not a port"), "write a number, such as 6379")
                }
                ("tls-port", ServiceTls::None, Ok(_)) => {
                    ("TLS is not described".to_owned(), "write `tls: offered`, or `required`")
                }
                ("tls-port", _, Ok(0)) => (
                    "TLS is described, and has no port".to_owned(),
                    "take it out, or take `tls` out",
                ),
                ("port", ServiceTls::Offered, Ok(0)) => {
                    ("nobody is taken without TLS".to_owned(), "write `tls: required`")
                }
                ("port", ServiceTls::Required, Ok(port)) if port != 0 => (
                    "with `tls: required` there is no plain port".to_owned(),
                    "write `tls: offered`",
                ),
                ("port", ServiceTls::None, Ok(0)) if !is_beside || redis.socket().is_none() => {
                    let hint = "take it out, or write `host: app` and its `unixsocket`";
                    ("nobody could ask it".to_owned(), hint)
                }
                _ => continue,
            };
            self.complain(&at, Complaint::new(message).hint(hint));
        }
        let ports = redis.ports(tls);
        if let (Some(port), true) = (ports.plain, ports.plain == ports.secured) {
            let key = if redis.settings.contains_key("tls-port") { "tls-port" } else { "port" };
            let complaint =
                Complaint::new(format!("{port} is both the plain port and that of TLS"));
            self.complain(&path.key(key), complaint.hint("give one of them another number"));
        }
    }

    /// A replica's hosts share the folder of a socket: one that nobody else has.
    fn socket_of_redis(&mut self, at: &KeyPath, redis: &Redis, host: ServiceHost) {
        let Some(socket) = redis.socket() else { return };
        let is_name = |name: &&str| !name.is_empty() && !name.starts_with('.');
        let parts = socket.strip_prefix("/run/").map(|rest| rest.split('/').collect::<Vec<_>>());
        let is_own = parts.is_some_and(|parts| parts.len() == 2 && parts.iter().all(is_name));
        if host == ServiceHost::App && !is_own {
            let message = format!("`{socket}` is not in a folder of its own in `/run`");
            let hint = "write it as Debian would have it: /run/redis/redis-server.sock";
            self.complain(at, Complaint::new(message).hint(hint));
        }
    }

    fn files_of_redis(&mut self, path: &KeyPath, redis: &Redis) {
        for key in FILES.into_iter().filter(|key| redis.settings.contains_key(*key)) {
            self.file_of_the_live_host(&path.key(key));
        }
        let asks = redis.settings.get("tls-auth-clients").filter(|text| *text != "no");
        if asks.is_some() {
            let complaint = Complaint::new("no client of a replica has a certificate to show");
            let hint = "take it out: `no` is what a replica has";
            self.complain(&path.key("tls-auth-clients"), complaint.hint(hint));
        }
    }
}
