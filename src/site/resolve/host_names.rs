//! What a host knows by itself: its `/etc/hosts`, its locales, its `/etc/localtime`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Resolver;
use super::value::{self, Complaint, Judged};
use crate::site::file::SiteFile;
use crate::site::model::{LeadsTo, ServiceHost};
use crate::site::problem::KeyPath;
use crate::site::value::{HostName, Role};

impl Resolver<'_> {
    pub(super) fn locales(&mut self, path: &KeyPath, written: &[String]) -> Option<Vec<String>> {
        self.no_twins(path, written);
        self.take_all(path, written, value::locale)
    }

    /// The lines of `/etc/hosts`.
    pub(super) fn own_names(
        &mut self,
        path: &KeyPath,
        file: &SiteFile,
    ) -> Option<BTreeMap<HostName, LeadsTo>> {
        let mut names = Some(BTreeMap::new());
        for (name, target) in &file.host.hosts {
            let at = path.key(name);
            let name = self.take(&at, value::host(name));
            let target = self.take(&at, leads_to(target, file));
            match (name, target, &mut names) {
                (Some(name), Some(target), Some(names)) => {
                    names.insert(name, target);
                }
                (_, _, names) => *names = None,
            }
        }
        names
    }

    /// The service that leads to the hosts beyond the site.
    #[expect(
        clippy::option_option,
        reason = "the outer one is the judgement, the inner one the key"
    )]
    pub(super) fn way_out(&mut self, path: &KeyPath, file: &SiteFile) -> Option<Option<Role>> {
        let Some(written) = &file.host.way_out else { return Some(None) };
        let (message, hint) = match file.services.get(written) {
            None => (
                format!("the site has no service `{written}`"),
                "describe it in `services`: the program that passes on what the app asks for",
            ),
            Some(service) if service.host == ServiceHost::App => (
                format!("`{written}` is on the app's host, which has no way out of its own"),
                "take `host: app` out of the service",
            ),
            Some(_) if file.outside.is_empty() => (
                "there is no host beyond the site".to_owned(),
                "describe those that the app asks for in `outside`",
            ),
            Some(_) => return self.take(path, value::parsed(written)).map(Some),
        };
        self.complain(path, Complaint::new(message).hint(hint));
        None
    }
}

fn leads_to(text: &str, file: &SiteFile) -> Judged<LeadsTo> {
    if file.services.contains_key(text) {
        return value::parsed(text).map(LeadsTo::Service);
    }
    let services: Vec<&str> = file.services.keys().map(String::as_str).collect();
    let known = match services[..] {
        [] => String::new(),
        _ => format!(", or a service of the site: {}", services.join(", ")),
    };
    let hint = format!("write an address of the host itself, such as 127.0.0.1{known}");
    match text.parse::<IpAddr>() {
        Ok(address) if address.is_loopback() || address.is_unspecified() => {
            Ok(LeadsTo::Own(address))
        }
        Ok(address) => {
            Err(Complaint::new(format!("nobody in a replica has the address {address}")).hint(hint))
        }
        Err(_) => {
            Err(Complaint::new(format!("`{text}` is neither an address nor a service")).hint(hint))
        }
    }
}
