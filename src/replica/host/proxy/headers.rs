//! The request headers that the proxy sends to the app, in its own words.

use crate::replica::added;
use crate::replica::added::Addition;
use crate::replica::host::layout::script_name;
use crate::site::{Header, ProxyServer, Site, WsgiServer};

/// What nginx sends over HTTP unless the description says otherwise. Over uWSGI's own protocol it has
/// Debian's `uwsgi_params` alone.
const OF_NGINX: [Addition; 4] =
    [added::HOST, added::REAL_IP, added::FORWARDED_FOR, added::FORWARDED_PROTO];
/// What Apache sends beside those that it adds by itself.
const OF_APACHE: [Addition; 1] = [added::APACHE_FORWARDED_PROTO];
/// What Apache adds by itself, all or none.
const ADDED_BY_APACHE: [(&str, &str); 3] = [
    ("X-Forwarded-For", "expr=%{REMOTE_ADDR}"),
    ("X-Forwarded-Host", "expr=%{HTTP_HOST}"),
    ("X-Forwarded-Server", "expr=%{SERVER_NAME}"),
];

/// What a made proxy speaks with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http,
    /// uWSGI's own.
    Uwsgi,
}

/// A header and its value as it stands in the configuration; `None` takes away the browser's.
pub(super) type Line = (String, Option<String>);

/// Every header that the configuration says something of.
#[must_use]
pub(super) fn lines(site: &Site, protocol: Protocol) -> Vec<Line> {
    let described = &site.proxy.headers;
    let is_apache = site.proxy.server == ProxyServer::Apache;
    let own: Vec<(&str, &str)> = match (site.proxy.server, site.wsgi.server) {
        (ProxyServer::None, _) | (ProxyServer::Apache, WsgiServer::ModWsgi) => Vec::new(),
        (ProxyServer::Nginx, _) if protocol == Protocol::Uwsgi => Vec::new(),
        (ProxyServer::Nginx, _) => OF_NGINX.iter().map(added::pair).collect(),
        (ProxyServer::Apache, _) if apache_adds_its_own(site) => {
            OF_APACHE.iter().map(added::pair).collect()
        }
        (ProxyServer::Apache, _) => {
            OF_APACHE.iter().map(added::pair).chain(ADDED_BY_APACHE).collect()
        }
    };
    // Over HTTP the prefix is a header of its own; mod_wsgi and uWSGI's protocol have it otherwise.
    let prefix = script_name(site).filter(|_| {
        protocol == Protocol::Http
            && site.wsgi.server != WsgiServer::ModWsgi
            && site.proxy.server != ProxyServer::None
    });
    let own: Vec<(&str, &str)> =
        own.into_iter().chain(prefix.map(|prefix| (added::SCRIPT_NAME.text, prefix))).collect();
    let is_own = |name: &str| own.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let mut lines: Vec<Line> = own
        .iter()
        .filter_map(|(name, value)| match described_as(site, name) {
            None => Some(((*name).to_owned(), Some((*value).to_owned()))),
            Some(Header::Sent(value)) => Some(((*name).to_owned(), Some(word(is_apache, value)))),
            Some(Header::NotSent) => None,
        })
        .collect();
    for (name, header) in described.iter().filter(|(name, _)| !is_own(name)) {
        match header {
            Header::Sent(value) => lines.push((name.clone(), Some(word(is_apache, value)))),
            Header::NotSent if is_apache && name.eq_ignore_ascii_case("Host") => {}
            Header::NotSent => lines.push((name.clone(), None)),
        }
    }
    lines
}

/// Whether the app sees the name that the browser asked for; else that of the proxy's target.
#[must_use]
pub(super) fn passes_host(site: &Site) -> bool {
    described_as(site, "Host") != Some(&Header::NotSent)
}

/// Whether Apache adds its `X-Forwarded-*` headers: all, or none where one is described.
#[must_use]
pub(super) fn apache_adds_its_own(site: &Site) -> bool {
    ADDED_BY_APACHE.iter().all(|(name, _)| described_as(site, name).is_none())
}

fn described_as<'a>(site: &'a Site, name: &str) -> Option<&'a Header> {
    let mut headers = site.proxy.headers.iter();
    headers.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, header)| header)
}

/// A described value as one word of the configuration; `expr=` is Apache's own.
fn word(is_apache: bool, value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "$_-./:=,@%+".contains(c);
    if is_apache && value.starts_with("expr=") && !value.contains([' ', '"'])
        || !is_apache && value.chars().all(is_plain)
    {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
