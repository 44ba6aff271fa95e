//! What a person has to know of a site to get at its replica by other ways than a click: its names, its own
//! address, what is to be trusted, and how to log in.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::replica::edge::door::public_ports;
use crate::site::{Part, Site, Text};

/// The ways to a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// The names that the world uses, the first one first.
    pub names: Vec<String>,
    pub has_tls: bool,
    /// The site's own port that the world uses.
    pub port: u16,
    /// The site's path.
    pub prefix: String,
    /// The address that the world uses.
    pub url: String,
    /// How to log in, a line each. A secret is never in one: the command that shows it is.
    pub login: Vec<String>,
    /// The file of what is to be trusted, on the machine that has brought the replica up.
    pub trusted: Option<PathBuf>,
}

impl Ways {
    /// Those of a site whose certificates this file vouches for.
    #[must_use]
    pub fn of(site: &Site, trusted: Option<PathBuf>) -> Self {
        Ways {
            names: site.names.iter().map(ToString::to_string).collect(),
            has_tls: site.tls.is_some(),
            port: public_ports(site)[0],
            prefix: site.proxy.prefix.clone(),
            url: site.url(),
            login: site.login.iter().map(|text| login_line(site, text)).collect(),
            trusted,
        }
    }
}

fn login_line(site: &Site, text: &Text) -> String {
    let parts = text.0.iter().map(|part| match part {
        Part::Literal(text) => text.clone(),
        Part::Secret(secret) => {
            let whole = |text: &Text| text.0 == [Part::Secret(secret.clone())];
            let variable = site.env.iter().find(|(_, text)| whole(text)).map(|(key, _)| key);
            match variable {
                Some(key) => format!("`stagectl exec {} -- printenv {key}`", site.name),
                None => format!(
                    "`stagectl exec {} --root -- cat /opt/stagectl/secrets.json` ({secret})",
                    site.name
                ),
            }
        }
    });
    parts.collect()
}
