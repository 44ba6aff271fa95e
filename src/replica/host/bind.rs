//! Where the WSGI server listens.

use super::layout::socket_folder;
use crate::site::{Listen, NetworkFamilies, ProxyServer, Site, Socket};

/// The port between proxy and WSGI server.
const INNER_PORT: u16 = 8000;

/// waitress's own word for the permission bits of its unix socket.
pub(in crate::replica::host) const SOCKET_MODE: &str = "unix-socket-perms";

/// Where the WSGI server listens for the proxy (or for the world).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::replica) enum Bind {
    Unix(String),
    Tcp { address: String, port: u16 },
}

impl Bind {
    #[must_use]
    pub(in crate::replica) fn of(site: &Site) -> Self {
        let tcp = |address: &str, port| Bind::Tcp { address: address.to_owned(), port };
        match (site.proxy.server, site.wsgi.socket) {
            (ProxyServer::None, _) => {
                let all = match site.host.resolver.network() {
                    NetworkFamilies::Ipv4 => "0.0.0.0",
                    // Linux takes connections of both there.
                    NetworkFamilies::Both => "[::]",
                };
                tcp(all, if site.tls.is_some() { 443 } else { 80 })
            }
            _ if let Some(listen) = &site.wsgi.listen => match listen {
                Listen::Unix(path) => Bind::Unix(path.display().to_string()),
                Listen::Tcp { address, port } => tcp(address, *port),
            },
            (_, Socket::Unix) => Bind::Unix(format!("{}/wsgi.sock", socket_folder(site))),
            (_, Socket::Tcp) if site.has_proxy_host() => tcp("0.0.0.0", INNER_PORT),
            (_, Socket::Tcp) => tcp("127.0.0.1", INNER_PORT),
        }
    }

    /// The path of a unix socket that the app's user cannot make where it is: root does, and hands it on.
    #[must_use]
    pub(in crate::replica) fn is_root_s(&self) -> Option<&str> {
        match self {
            Bind::Unix(path) if path.rsplit_once('/')?.0 == "/run" => Some(path),
            _ => None,
        }
    }

    /// The same place as the proxy reaches it.
    #[must_use]
    pub(in crate::replica) fn for_the_proxy(site: &Site) -> Self {
        match Bind::of(site) {
            Bind::Tcp { port, .. } if site.has_proxy_host() => {
                Bind::Tcp { address: site.app_host_name().to_string(), port }
            }
            bind => bind,
        }
    }
}
