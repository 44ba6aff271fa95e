//! Where a service takes connections: its plain port, and one that speaks TLS from the first byte.

use super::{Redis, Service, ServiceKind, ServiceTls};
use crate::site::kind::{KindOfService, TlsPort};

/// The ports of a service; none where nothing is known of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ports {
    /// TLS begins there on request, if it is spoken there at all.
    pub plain: Option<u16>,
    /// TLS from the first byte.
    pub secured: Option<u16>,
    /// The usual one, where nobody is taken without TLS.
    pub closed: Option<u16>,
}

impl Ports {
    /// Those that take connections.
    pub fn open(self) -> impl Iterator<Item = u16> {
        self.plain.into_iter().chain(self.secured)
    }
}

impl Service {
    #[must_use]
    pub fn ports(&self) -> Ports {
        self.kind.ports(self.tls)
    }
}

impl ServiceKind {
    #[must_use]
    pub fn ports(&self, tls: ServiceTls) -> Ports {
        match self {
            ServiceKind::Other(other) => Ports { plain: other.port, ..Ports::default() },
            _ => self.as_redis().map_or_else(|| self.row().ports(tls), |redis| redis.ports(tls)),
        }
    }
}

impl KindOfService {
    /// Those of the table.
    fn ports(&self, tls: ServiceTls) -> Ports {
        let Some((port, with_tls)) = self.port else { return Ports::default() };
        let plain = Ports { plain: Some(port), ..Ports::default() };
        match (tls, with_tls) {
            (ServiceTls::None, _) | (_, TlsPort::OnRequest) => plain,
            (_, TlsPort::Instead) => Ports { secured: Some(port), ..Ports::default() },
            (ServiceTls::Offered, TlsPort::Beside(secured)) => {
                Ports { secured: Some(secured), ..plain }
            }
            (ServiceTls::Required, TlsPort::Beside(secured)) => {
                Ports { secured: Some(secured), closed: Some(port), plain: None }
            }
        }
    }
}

impl Redis {
    /// Redis's own, which its configuration has for TLS, too, where there is no other.
    pub const PORT: u16 = 6379;
    /// Where it speaks TLS beside the plain port.
    pub const BESIDE: u16 = 6380;

    #[must_use]
    pub fn ports(&self, tls: ServiceTls) -> Ports {
        let set = |key: &str, otherwise: u16| {
            let port = match self.settings.get(key) {
                Some(text) => text.parse().ok(),
                None => Some(otherwise),
            };
            // 0 is Redis's word for none.
            port.filter(|port| *port != 0)
        };
        match tls {
            ServiceTls::None => Ports { plain: set("port", Self::PORT), ..Ports::default() },
            ServiceTls::Offered => Ports {
                plain: set("port", Self::PORT),
                secured: set("tls-port", Self::BESIDE),
                closed: None,
            },
            ServiceTls::Required => {
                let secured = set("tls-port", Self::PORT);
                let closed = Some(Self::PORT).filter(|port| secured != Some(*port));
                Ports { plain: None, secured, closed }
            }
        }
    }
}
