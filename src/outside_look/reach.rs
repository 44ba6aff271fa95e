//! How a host is reached: by its addresses, one after the other.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::Lookout;

/// How long the name servers may take, and how long one address.
const LOOKUP: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);

impl Lookout {
    /// Where a port of a name leads: to its detour, or wherever this machine's resolver says.
    ///
    /// # Errors
    /// In words: it does not resolve.
    pub async fn addresses(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
        let detour = self.detours.iter().find(|detour| detour.is_of(name, port));
        let (host, port) =
            detour.map_or((name, port), |detour| (detour.to.as_str(), detour.to_port));
        let found = timeout(LOOKUP, lookup_host((host, port))).await;
        let found = found.map_err(|_| format!("{host}: no answer within {LOOKUP:?}"))?;
        let found: Vec<SocketAddr> = found.map_err(|error| format!("{host}: {error}"))?.collect();
        if found.is_empty() { Err(format!("{host}: no address")) } else { Ok(found) }
    }

    /// A connection to a port of a name, by the first of its addresses that takes one.
    ///
    /// # Errors
    /// In words: it does not resolve, or no address takes connections; what the first of them said.
    pub async fn connect(&self, name: &str, port: u16) -> Result<TcpStream, String> {
        let mut refused = None;
        for address in self.addresses(name, port).await? {
            match timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => _ = refused.get_or_insert(in_words(address, &error)),
                Err(_) => {
                    refused.get_or_insert(format!("{address}: no answer within {CONNECT:?}"));
                }
            }
        }
        Err(refused.unwrap_or_default())
    }
}

fn in_words(address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("{address}: connection refused"),
        _ => format!("{address}: {error}"),
    }
}
