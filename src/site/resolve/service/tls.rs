//! `services.NAME.tls`: which service speaks TLS, since when, and how.

use super::super::Resolver;
use super::super::value::Complaint;
use crate::site::file::ServiceFile;
use crate::site::model::{Rabbitmq, ServiceKind, ServiceTls};
use crate::site::problem::KeyPath;

/// Settings of RabbitMQ that only the files of a live host could say.
const RABBITMQ_FILES: &str = "ssl_options.";

impl Resolver<'_> {
    pub(super) fn tls_of_a_service(
        &mut self,
        path: &KeyPath,
        file: &ServiceFile,
        kind: &ServiceKind,
    ) {
        if let ServiceKind::Rabbitmq(rabbitmq) = kind {
            self.files_of_rabbitmq(path, rabbitmq);
        }
        let (complaint, hint) = match (kind, file.tls) {
            (_, ServiceTls::None) => return,
            (ServiceKind::Mariadb(db), ServiceTls::Required) if db.version.starts_with("10.3") => {
                ("MariaDB can require TLS only since version 10.5", "write `tls: offered`")
            }
            (ServiceKind::Redis(redis), _) if is_before(&redis.version, 6) => {
                ("Redis speaks TLS only since version 6", "take it out, or take a newer version")
            }
            (ServiceKind::Memcached { version }, _) if version == "1.5" && file.image.is_none() => {
                ("Debian's Memcached 1.5 speaks no TLS", "take it out, or take a newer version")
            }
            (ServiceKind::Memcached { .. }, ServiceTls::Offered) => (
                "Memcached has one port, and speaks TLS there with everybody or with nobody",
                "write `tls: required`",
            ),
            _ => return,
        };
        self.complain(&path.key("tls"), Complaint::new(complaint).hint(hint));
    }

    /// The certificate is the replica's: no file of the live host is there.
    fn files_of_rabbitmq(&mut self, path: &KeyPath, rabbitmq: &Rabbitmq) {
        let names = ["cacertfile", "certfile", "keyfile", "verify", "fail_if_no_peer_cert"];
        for name in names {
            let key = format!("{RABBITMQ_FILES}{name}");
            if rabbitmq.settings.contains_key(&key) {
                self.file_of_the_live_host(&path.key("settings").key(key));
            }
        }
    }

    /// Reports a setting that names a certificate of the live host.
    pub(super) fn file_of_the_live_host(&mut self, at: &KeyPath) {
        let complaint = Complaint::new("the certificates of the live host are not in a replica");
        self.complain_of_key(
            at,
            complaint.hint("take it out: `tls` brings a certificate for the service's names"),
        );
    }
}

fn is_before(version: &str, major: u32) -> bool {
    version.split('.').next().and_then(|part| part.parse::<u32>().ok()).is_some_and(|is| is < major)
}
