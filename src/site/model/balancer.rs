//! The load balancer before a site, and the two sites that it makes of one: its own, and what is behind it.

use std::borrow::Cow;

use super::serving::{Listen, PlainHttp, ProxyHost, ProxyServer, Socket, WsgiServer};
use super::{Site, Systemd};
use crate::site::value::ByteSize;

impl Site {
    /// The site as its own hosts serve it: behind a load balancer that is plain HTTP.
    #[must_use]
    pub fn as_served(&self) -> Cow<'_, Site> {
        if self.proxy.behind.is_none() {
            return Cow::Borrowed(self);
        }
        let mut site = self.clone();
        site.tls = None;
        site.proxy.plain_http = Some(PlainHttp::Serve);
        Cow::Owned(site)
    }

    /// The site as its load balancer serves it: an nginx that passes all of it on to this address, and holds no
    /// limit of its own.
    #[must_use]
    pub fn as_balanced(&self, address: &str) -> Option<Site> {
        let balancer = self.proxy.behind.as_ref()?;
        let mut site = self.clone();
        let proxy = &mut site.proxy;
        proxy.server = ProxyServer::Nginx;
        proxy.host = ProxyHost::App;
        proxy.headers.clone_from(&balancer.headers);
        proxy.body = Some(ByteSize(0));
        "/".clone_into(&mut proxy.prefix);
        (proxy.timeout, proxy.hsts, proxy.config) = (None, None, None);
        proxy.systemd = Systemd::default();
        proxy.static_files.clear();
        proxy.media.clear();
        site.wsgi.server = WsgiServer::Gunicorn;
        site.wsgi.socket = Socket::Tcp;
        site.wsgi.config = None;
        site.wsgi.listen = Some(Listen::Tcp { address: address.to_owned(), port: 80 });
        Some(site)
    }
}
