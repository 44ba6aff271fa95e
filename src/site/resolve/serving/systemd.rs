//! `systemd` of the proxy, of the server and of `processes`.

use crate::site::file::SystemdFile;
use crate::site::model::{ProtectHome, Systemd, WsgiServer};
use crate::site::problem::KeyPath;
use crate::site::resolve::Resolver;
use crate::site::resolve::value::{self, Complaint, Judged};

/// Whose unit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Proxy,
    Server(Option<WsgiServer>),
    Process,
}

impl Resolver<'_> {
    pub(super) fn systemd(
        &mut self,
        path: &KeyPath,
        file: &SystemdFile,
        unit: Unit,
    ) -> Option<Systemd> {
        let home = file.protect_home.as_ref().map(|text| text.0.as_str());
        let home = self.take_some(&path.key("protect_home"), home, protect_home);
        let group = file.group.as_deref();
        let group = self.take_some(&path.key("group"), group, value::parsed);
        let systemd = Systemd {
            private_tmp: file.private_tmp,
            memory_deny_write_execute: file.memory_deny_write_execute,
            protect_home: home?.flatten(),
            group: group?,
            restart: file.restart,
        };
        if unit == Unit::Server(Some(WsgiServer::ModWsgi)) && !systemd.says_nothing() {
            let complaint = Complaint::new("mod_wsgi runs inside Apache, and has its unit");
            self.complain_of_key(path, complaint.hint("write it below `proxy`"));
            return None;
        }
        for (key, is_there, message, hint) in [
            (
                "group",
                systemd.group.is_some() && unit == Unit::Proxy,
                "the proxy's own configuration says whose its workers are",
                "take it out",
            ),
            (
                "restart",
                systemd.restart.is_some() && unit != Unit::Process,
                "a server that ends while it is rehearsed has failed, whoever would start it again",
                "take it out: it is for `processes`",
            ),
        ] {
            if is_there {
                self.complain_of_key(&path.key(key), Complaint::new(message).hint(hint));
            }
        }
        Some(systemd)
    }
}

fn protect_home(text: &str) -> Judged<Option<ProtectHome>> {
    match text {
        "false" => Ok(None),
        "true" => Ok(Some(ProtectHome::Inaccessible)),
        "read-only" => Ok(Some(ProtectHome::ReadOnly)),
        "tmpfs" => Ok(Some(ProtectHome::Tmpfs)),
        _ => Err(Complaint::new(format!("`{text}` is no way to protect homes"))
            .hint("write `true`, `read-only` or `tmpfs`, as the unit does")),
    }
}
