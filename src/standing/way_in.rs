//! How a person gets at a replica: the address to click, the live name, the certificate, the log-in.

use std::collections::BTreeMap;

use crate::docker::Engine;
use crate::event::Hint;
use crate::failure::Failure;
use crate::replica::{CLICK_PORT, Ways};

/// Where the doors of a replica are: the site's own ports, and the engine's that they are published on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayIn {
    pub ports: BTreeMap<u16, u16>,
    /// The engine's machine as an argument of `ssh`, where it is not this one.
    pub elsewhere: Option<String>,
}

/// Asks the door where it is.
///
/// # Errors
/// Infrastructure: there is none, or it does not run.
pub async fn way_in<E: Engine>(engine: &E, door: &str, site: &str) -> Result<WayIn, Failure> {
    let ports = engine.inspect(door).await?.ports;
    if !ports.contains_key(&CLICK_PORT) {
        return Err(Failure::infrastructure(format!("{door} published no port of {site}")).hint(
            format!("start it anew: `stagectl down {site}`, then `stagectl up {site} ...`"),
        ));
    }
    let elsewhere = engine.info().await?.elsewhere;
    Ok(WayIn { ports, elsewhere })
}

impl WayIn {
    /// The address for a browser. Each site has a name of its own, which every browser takes for this
    /// machine: cookies of two replicas do not meet.
    #[must_use]
    pub fn click(&self, site: &str, prefix: &str) -> String {
        format!("http://{site}.localhost:{}{prefix}", self.port(CLICK_PORT))
    }

    /// The same for programs that know no `*.localhost`.
    #[must_use]
    pub fn by_number(&self, prefix: &str) -> String {
        format!("http://127.0.0.1:{}{prefix}", self.port(CLICK_PORT))
    }

    fn port(&self, own: u16) -> u16 {
        self.ports.get(&own).copied().unwrap_or_default()
    }

    /// The site's address under its live name, by the published port.
    #[must_use]
    pub fn live(&self, ways: &Ways) -> String {
        let scheme = if ways.has_tls { "https" } else { "http" };
        let name = ways.names.first().map_or("", String::as_str);
        format!("{scheme}://{name}:{}{}", self.port(ways.port), ways.prefix)
    }

    /// The command that shows the site under its live name and port; `root` is the file of what is trusted.
    #[must_use]
    pub fn curl(&self, ways: &Ways, root: Option<&str>) -> String {
        let trust = root.map(|root| format!("--cacert {root} ")).unwrap_or_default();
        let name = ways.names.first().map_or("", String::as_str);
        let (port, to) = (ways.port, self.port(ways.port));
        format!("curl {trust}--connect-to {name}:{port}:127.0.0.1:{to} {}", ways.url)
    }

    /// What a person may want beside that, in the order of wanting it; `root` is the file of what is trusted.
    #[must_use]
    pub fn hints(&self, ways: &Ways, root: Option<&str>) -> Vec<Hint> {
        let mut hints = Vec::new();
        let mut hint = |topic: &str, text: String| {
            hints.push(Hint { topic: topic.to_owned(), text });
        };
        if let Some(machine) = &self.elsewhere {
            let ports = self.ports.values().map(|port| format!("-L {port}:127.0.0.1:{port} "));
            hint("tunnel", format!("ssh -N {}{machine}", ports.collect::<String>()));
        }
        hint("programs", self.by_number(&ways.prefix));
        hint("/etc/hosts", format!("127.0.0.1 {}", ways.names.join(" ")));
        hint("live name", format!("{}  (with that line)", self.live(ways)));
        if let Some(root) = root {
            hint(
                "trust",
                format!(
                    "sudo cp {root} /usr/local/share/ca-certificates/stagectl.crt && sudo \
                     update-ca-certificates"
                ),
            );
            hint(
                "Firefox",
                format!("Settings, Certificates, View Certificates, Authorities, Import: {root}"),
            );
        }
        for text in &ways.login {
            hint("log in", text.clone());
        }
        hints
    }
}

/// Programs that open an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    pub program: String,
    pub arguments: Vec<String>,
}

/// The programs that may open an address, the wished one first; `variable` is `BROWSER`.
#[must_use]
pub fn browser_commands(url: &str, variable: Option<&str>) -> Vec<Browser> {
    let chosen = variable.unwrap_or_default().split(':').filter(|entry| !entry.trim().is_empty());
    let mut commands: Vec<Browser> = chosen
        .filter_map(|entry| {
            let mut words = entry.split_whitespace().map(str::to_owned);
            let program = words.next()?;
            let mut arguments: Vec<String> = words.map(|word| word.replace("%s", url)).collect();
            if !entry.contains("%s") {
                arguments.push(url.to_owned());
            }
            Some(Browser { program, arguments })
        })
        .collect();
    commands.extend(
        ["xdg-open", "open"].map(|program| Browser {
            program: program.to_owned(),
            arguments: vec![url.to_owned()],
        }),
    );
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_of_the_variable_comes_first() {
        let list_commands = |variable| -> Vec<String> {
            let commands = browser_commands("http://x/", variable).into_iter();
            let line =
                |command: Browser| format!("{} {}", command.program, command.arguments.join(" "));
            commands.map(line).collect()
        };
        let usual = ["xdg-open http://x/", "open http://x/"];
        assert_eq!(list_commands(None), usual);
        let first = list_commands(Some("firefox --new-tab %s:lynx"));
        assert_eq!(first[..2], ["firefox --new-tab http://x/", "lynx http://x/"]);
    }
}
