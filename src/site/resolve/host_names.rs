//! What a host knows by itself: its `/etc/hosts`, its locales, its `/etc/localtime`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Resolver;
use super::value::{self, Complaint, Judged};
use crate::site::file::SiteFile;
use crate::site::model::LeadsTo;
use crate::site::problem::KeyPath;
use crate::site::value::HostName;

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
