//! A way to a host that is another than its name says.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// Connections to a port of a name go elsewhere, as with `--connect-to` of curl: `NAME:PORT=ADDRESS[:PORT]`. What is
/// asked for stays the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detour {
    /// Lowercase.
    pub name: String,
    pub port: u16,
    /// An address, or another name.
    pub to: String,
    pub to_port: u16,
}

impl Detour {
    /// Whether it is the way to this port of a name.
    #[must_use]
    pub fn is_of(&self, name: &str, port: u16) -> bool {
        self.port == port && self.name.eq_ignore_ascii_case(name)
    }
}

impl fmt::Display for Detour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Detour { name, port, to, to_port } = self;
        let to = if to.contains(':') { format!("[{to}]") } else { to.clone() };
        write!(formatter, "{name}:{port}={to}:{to_port}")
    }
}

impl FromStr for Detour {
    type Err = String;

    fn from_str(text: &str) -> Result<Detour, String> {
        let wrong = || format!("`{text}` is not NAME:PORT=ADDRESS[:PORT]");
        let (from, to) = text.split_once('=').ok_or_else(wrong)?;
        let (name, port) = from.rsplit_once(':').ok_or_else(wrong)?;
        let port = port_in(port).ok_or_else(wrong)?;
        let (to, to_port) = split_address(to).ok_or_else(wrong)?;
        let is_word = |word: &str| !word.is_empty() && !word.contains(['/', ' ', '=', '@', '[']);
        if !is_word(name) || name.contains(':') || !is_word(to) {
            return Err(wrong());
        }
        let to_port = match to_port {
            Some(text) => port_in(text).ok_or_else(wrong)?,
            None => port,
        };
        Ok(Detour { name: name.to_ascii_lowercase(), port, to: to.to_owned(), to_port })
    }
}

/// The address, and the port where one is said. An IPv6 address with a port has brackets.
fn split_address(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        address.parse::<Ipv6Addr>().ok()?;
        return match rest {
            "" => Some((address, None)),
            rest => Some((address, Some(rest.strip_prefix(':')?))),
        };
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Some((text, None));
    }
    match text.split_once(':') {
        Some((address, port)) => Some((address, Some(port))),
        None => Some((text, None)),
    }
}

fn port_in(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detour_is_a_port_of_a_name_and_a_place() {
        for (text, expected) in [
            ("www.a.example:443=192.0.2.1", "www.a.example:443=192.0.2.1:443"),
            ("WWW.a.example:443=127.0.0.1:8443", "www.a.example:443=127.0.0.1:8443"),
            ("a.example:80=other.example:8080", "a.example:80=other.example:8080"),
            ("a.example:443=2001:db8::1", "a.example:443=[2001:db8::1]:443"),
            ("a.example:443=[2001:db8::1]:1443", "a.example:443=[2001:db8::1]:1443"),
        ] {
            assert_eq!(text.parse::<Detour>().unwrap().to_string(), expected, "{text}");
        }
        for text in [
            "a.example",
            "a.example=192.0.2.1",
            "a.example:443",
            "a.example:443=",
            "a.example:0=192.0.2.1",
            "a.example:443=192.0.2.1:none",
            "a.example:443=192.0.2.1:99999",
            ":443=192.0.2.1",
            "a.example:443=[192.0.2.1]:443",
            "https://a.example:443=192.0.2.1",
        ] {
            text.parse::<Detour>().unwrap_err();
        }
        let detour: Detour = "a.example:443=192.0.2.1".parse().unwrap();
        assert!(detour.is_of("A.example", 443));
        assert!(!detour.is_of("a.example", 80) && !detour.is_of("b.example", 443));
    }
}
