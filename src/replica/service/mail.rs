//! A mail host that delivers nothing: it keeps its mails for the suite, or does not even answer.

use std::collections::BTreeMap;

use super::super::spec::FileEntry;
use super::part::{Making, ServicePart, packages, port_ready, script_file, words};
use crate::failure::Failure;
use crate::replica::image::chain::Chain;
use crate::replica::paths;
use crate::site::{
    BaseOrigin, DebianSuite, MailBehaviour, NetworkFamilies, Service, ServiceKind, Site, Smtp,
};

/// Where the suite reads the mails.
const MAILS_PORT: u16 = 8025;

pub(super) fn mail_part(
    chain: &mut Chain,
    service: &Service,
    smtp: &Smtp,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let image = packages(chain, suite(making.site), &["python3-aiosmtpd"], &[], making.templates)?;
    let config = serde_json::json!({
        "behaviour": smtp.behaviour,
        "hostname": service.names[0],
        "login": smtp.login.as_ref().map(|login| {
            serde_json::json!({
                "user": login.user,
                "password": making.secrets.reveal(&login.password),
            })
        }),
        "hosts": match making.site.host.resolver.network() {
            NetworkFamilies::Ipv4 => vec!["0.0.0.0"],
            NetworkFamilies::Both => vec!["::", "0.0.0.0"],
        },
        "smtp": [25, 587],
        "tls": service.tls,
        "http": MAILS_PORT,
        "suite": making.addresses.of_the_suite(),
    });
    Ok(ServicePart {
        image,
        command: words(&["/usr/bin/python3", "-I", paths::MAIL_PY]),
        files: vec![
            script_file("mail.py", "service/mail.py"),
            script_file("port-ready.sh", "service/port-ready.sh"),
            FileEntry::new(paths::MAIL_JSON, 0o600, config.to_string()),
        ],
        capabilities: words(&["NET_BIND_SERVICE"]),
        // It opens this port last.
        ready: port_ready(MAILS_PORT, "GET /ready HTTP/1.0\r\n", "HTTP/1.0 200"),
    })
}

/// The site's own suite, as it is there anyway, if its aiosmtpd knows log-ins (since 1.3).
fn suite(site: &Site) -> DebianSuite {
    match &site.base.origin {
        BaseOrigin::Debian(suite) if !matches!(suite.as_str(), "buster" | "bullseye") => {
            suite.clone()
        }
        _ => "bookworm".parse().expect("a suite"),
    }
}

/// Tells the suite where the mails are: `STAGECTL_MAILS` is the first mail host's, and each has
/// one by its name, such as `STAGECTL_MAILS_NEWS` for `services.news`.
pub(in crate::replica) fn mail_variables(site: &Site) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for (role, service) in &site.services {
        if !matches!(&service.kind, ServiceKind::Smtp(smtp) if smtp.behaviour == MailBehaviour::Sink)
        {
            continue;
        }
        let address = format!("http://{}:{MAILS_PORT}/", service.names[0]);
        let name = role.as_str().to_uppercase().replace('-', "_");
        variables.entry("STAGECTL_MAILS".to_owned()).or_insert_with(|| address.clone());
        variables.insert(format!("STAGECTL_MAILS_{name}"), address);
    }
    variables
}
