//! Redis: its settings say where it takes connections.

use super::super::Resolver;
use super::super::value::Complaint;
use crate::site::file::ServiceFile;
use crate::site::model::{Redis, ServiceTls};
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
        self.ports_of_redis(&path.key("settings"), &redis, file.tls);
        self.files_of_redis(&path.key("settings"), &redis);
        Some(redis)
    }

    fn ports_of_redis(&mut self, path: &KeyPath, redis: &Redis, tls: ServiceTls) {
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
                ("port", ServiceTls::None, Ok(0)) => {
                    ("nobody could ask it".to_owned(), "take it out, or write `tls: required`")
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
