//! Which places that a proxy leads to are the app's.

use std::collections::BTreeSet;

use crate::capture::describe::apart::{
    host_and_port, is_apart, is_called, is_loopback, names_of_app_host,
};
use crate::capture::describe::scene::Scene;

/// Where the app listens, as far as its host says it.
pub(super) struct Places {
    /// Words of its command and its own configuration.
    own: Vec<String>,
    /// Lines of `gunicorn.conf.py`.
    config: Vec<String>,
    /// What the app's host is called, where it is not the proxy's own.
    names: Option<BTreeSet<String>>,
}

impl Places {
    pub(super) fn of(scene: &Scene<'_>) -> Places {
        let ini = scene.app.ini.iter().map(|(_, value)| value);
        let own = scene.app.argv.iter().chain(ini).map(|word| {
            word.rsplit('=')
                .next()
                .unwrap_or(word)
                .trim_start_matches("unix:")
                .trim_start_matches("//")
                .replace("%n", &scene.app.name)
        });
        let files = scene.host.files.iter().filter(|(path, _)| path.contains("gunicorn"));
        Places {
            own: own.collect(),
            config: files.flat_map(|(_, lines)| lines.clone()).collect(),
            names: is_apart(scene).then(|| names_of_app_host(scene)),
        }
    }

    /// Whether a place may be the app's: by the path of a socket, or by the port.
    pub(super) fn has(&self, place: &str) -> bool {
        if self.names.is_some() && host_and_port(place).is_none_or(|(host, _)| is_loopback(host)) {
            // Nobody but the proxy's own host is there.
            return false;
        }
        let place = place.trim_start_matches("unix:").trim_end_matches(':');
        let port = place.rsplit_once(':').map(|(_, port)| port.to_owned());
        self.own.iter().any(|word| {
            word == place || word.trim_start_matches('/') == place.trim_start_matches('/')
        }) || self.config.iter().any(|line| line.contains(place))
            || port.is_some_and(|port| {
                let is_port =
                    |word: &str| word.rsplit_once(':').is_some_and(|(_, own)| own == port);
                self.own.iter().any(|word| is_port(word))
                    || self.names.is_some() && self.config.iter().any(|line| has_port(line, &port))
            })
    }

    /// Whether a place is the app's for sure: it names the app's own host.
    pub(super) fn has_surely(&self, place: &str) -> bool {
        let is_own = |host| self.names.as_ref().is_some_and(|names| is_called(names, host));
        self.has(place) && host_and_port(place).is_some_and(|(host, _)| is_own(host))
    }

    /// Whether anything says where the app listens.
    pub(super) fn are_said(&self) -> bool {
        let is_socket = |word: &str| {
            std::path::Path::new(word)
                .extension()
                .is_some_and(|end| end == "sock" || end == "socket")
        };
        let is_place = |word: &String| {
            word.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok())
                || is_socket(word)
        };
        self.own.iter().any(is_place)
            || self.config.iter().any(|line| line.trim_start().starts_with("bind"))
    }
}

/// `bind = "0.0.0.0:8080"`
fn has_port(line: &str, port: &str) -> bool {
    let Some((_, value)) = line.split_once('=').filter(|(key, _)| key.trim() == "bind") else {
        return false;
    };
    value
        .split(['"', '\'', ',', '[', ']', ' '])
        .any(|word| word.rsplit_once(':').is_some_and(|(_, own)| own == port))
}
