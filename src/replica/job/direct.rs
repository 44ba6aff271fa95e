//! For `direct.py`, which asks a WSGI server for a page at its own place.

use serde::Serialize;

use crate::replica::host::bind::Bind;
use crate::site::{ProxyServer, Site, WsgiServer};

/// How a server is asked that the proxy does not lead to yet.
#[derive(Serialize)]
pub(in crate::replica) struct Direct {
    #[serde(flatten)]
    place: Place,
    /// What the server speaks with the proxy: `http` or `uwsgi`.
    protocol: &'static str,
    /// The site's first name.
    host: String,
    /// The health page, from the root of the server.
    page: String,
    /// Whether the world comes by TLS.
    secure: bool,
}

/// Where the server listens.
#[derive(Serialize)]
#[serde(untagged)]
enum Place {
    Socket { path: String },
    Port { address: String, port: u16 },
}

impl Direct {
    #[must_use]
    pub(super) fn of(site: &Site) -> Direct {
        let is_uwsgi =
            site.wsgi.server == WsgiServer::Uwsgi && site.proxy.server != ProxyServer::Apache;
        let place = match Bind::of(site) {
            Bind::Unix(path) => Place::Socket { path },
            Bind::Tcp { address, port } => {
                let address = if address == "0.0.0.0" { "127.0.0.1".to_owned() } else { address };
                Place::Port { address, port }
            }
        };
        let host = site.names[0].to_string();
        let url = site.health_url();
        let page = url.split_once(&host).map_or("/", |(_, page)| page);
        Direct {
            place,
            protocol: if is_uwsgi { "uwsgi" } else { "http" },
            page: page.to_owned(),
            host,
            secure: site.tls.is_some(),
        }
    }
}
