//! How a host looks from here, where stagectl runs: where its name leads, the certificates as it sends them, the
//! versions of TLS, what it answers.
//!
//! What is wrong with a host is a part of what is seen, and refuses nothing. Nothing here judges it.

mod answer;
mod certificate;
mod detour;
mod handshake;
mod reach;
mod roots;
#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::Path;

use crate::failure::Failure;

pub use answer::{Answer, Scheme};
pub use certificate::CertificateSeen;
pub use detour::Detour;
pub use handshake::{TlsSeen, Trust};
pub use roots::Roots;

/// The port of HTTPS, and that of HTTP.
pub const SECURE: u16 = 443;
pub const PLAIN: u16 = 80;

/// The place that hosts are looked at from.
#[derive(Debug, Clone)]
pub struct Lookout {
    roots: Roots,
    detours: Vec<Detour>,
}

/// What is seen of one name of a host. Each part has its own reason where there is nothing to see.
#[derive(Debug, Clone)]
pub struct Look {
    pub name: String,
    /// Where the name leads for HTTPS.
    pub addresses: Result<Vec<SocketAddr>, String>,
    /// Of port 443.
    pub tls: Result<TlsSeen, String>,
    /// What the page answers there, whatever the certificate is.
    pub secure: Result<Answer, String>,
    /// What it answers on port 80.
    pub plain: Result<Answer, String>,
}

impl Lookout {
    /// A place that trusts what this machine trusts, and the certificates in a PEM file beside that.
    ///
    /// # Errors
    /// Usage: the file cannot be read, or has no certificate in it.
    pub fn new(detours: Vec<Detour>, authority: Option<&Path>) -> Result<Lookout, Failure> {
        let mut roots = Roots::of_this_machine();
        if let Some(file) = authority {
            roots.add_file(file)?;
        }
        Ok(Lookout { roots, detours })
    }

    /// What is trusted here.
    #[must_use]
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// The ways that lead elsewhere than the names say.
    #[must_use]
    pub fn detours(&self) -> &[Detour] {
        &self.detours
    }

    /// Looks at a name, and asks for the page at a path, such as `/`: with TLS, and without. Takes half a minute at most.
    pub async fn look(&self, name: &str, path: &str) -> Look {
        let (addresses, tls, secure, plain) = tokio::join!(
            self.addresses(name, SECURE),
            self.look_at_tls(name, SECURE),
            self.ask(Scheme::Https, name, path),
            self.ask(Scheme::Http, name, path),
        );
        Look { name: name.to_owned(), addresses, tls, secure, plain }
    }
}
