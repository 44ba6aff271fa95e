//! `wsgi.options`: the names that each server knows, by lists of the real ones (`options/list.py` writes
//! them).

use super::super::value::Complaint;
use crate::site::file::{SiteFile, WsgiFile};
use crate::site::model::{ServerOrigin, WsgiServer};
use crate::site::problem::{KeyPath, nearest};
use crate::site::resolve::Resolver;

const GUNICORN: &str = include_str!("options/gunicorn.txt");
const UWSGI: &str = include_str!("options/uwsgi.txt");
const MOD_WSGI: &str = include_str!("options/mod_wsgi.txt");
const WAITRESS: &str = include_str!("options/waitress.txt");

/// The version that a Debian suite has of each server.
const DISTRIBUTED: [(&str, [(WsgiServer, &str); 4]); 3] = [
    ("bullseye", of_suite("20.1.0", "2.0.19.1", "4.7.1", "1.4.4")),
    ("bookworm", of_suite("20.1.0", "2.0.21", "4.9.4", "2.1.2")),
    ("trixie", of_suite("23.0.0", "2.0.28", "5.0.2", "3.0.2")),
];

const fn of_suite(
    gunicorn: &'static str,
    uwsgi: &'static str,
    mod_wsgi: &'static str,
    waitress: &'static str,
) -> [(WsgiServer, &'static str); 4] {
    [
        (WsgiServer::Gunicorn, gunicorn),
        (WsgiServer::Uwsgi, uwsgi),
        (WsgiServer::ModWsgi, mod_wsgi),
        (WsgiServer::Waitress, waitress),
    ]
}

/// An option's name, and the versions that know it; none where all do.
type Known = (&'static str, Vec<&'static str>);

fn known(server: WsgiServer) -> Vec<Known> {
    let list = match server {
        WsgiServer::Gunicorn => GUNICORN,
        WsgiServer::Uwsgi => UWSGI,
        WsgiServer::ModWsgi => MOD_WSGI,
        WsgiServer::Waitress => WAITRESS,
    };
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut words = line.split(' ');
            words.next().map(|name| (name, words.collect()))
        })
        .collect()
}

impl Resolver<'_> {
    /// An option that the server does not know ends it at its start, or is passed over in silence.
    pub(super) fn option_rules(&mut self, file: &SiteFile, wsgi: &WsgiFile, server: WsgiServer) {
        let known = known(server);
        let path = KeyPath::from(["wsgi", "options"]);
        for name in wsgi.options.keys() {
            let complaint = match known.iter().find(|(other, _)| other == name) {
                Some((_, versions)) => not_of_the_suite(file, wsgi, server, name, versions),
                None => unknown(wsgi, server, name, &known),
            };
            if let Some(complaint) = complaint {
                self.complain_of_key(&path.key(name), complaint);
            }
        }
    }
}

/// The server is that of a Debian suite, and too old or too new for the option.
fn not_of_the_suite(
    file: &SiteFile,
    wsgi: &WsgiFile,
    server: WsgiServer,
    name: &str,
    versions: &[&str],
) -> Option<Complaint> {
    let is_python = matches!(server, WsgiServer::Gunicorn | WsgiServer::Waitress);
    let is_distributed = match wsgi.from {
        Some(from) => from == ServerOrigin::Distribution,
        None => !is_python,
    };
    let base = file.base.as_ref()?;
    // Another source, or a pin, may bring another version.
    let is_sure = is_distributed
        && base.sources.is_empty()
        && !base.packages.iter().any(|package| package.contains('='));
    let suite = base.debian.as_deref().filter(|_| is_sure && !versions.is_empty())?;
    let (_, own) = DISTRIBUTED.iter().find(|(other, _)| *other == suite)?;
    let (_, version) = own.iter().find(|(other, _)| *other == server)?;
    (!versions.contains(version)).then(|| {
        let program = if server == WsgiServer::ModWsgi { "mod_wsgi" } else { name_server(server) };
        let message = format!("{program} {version} of {suite} has no option `{name}`");
        Complaint::new(message).hint(format!("versions that have it: {}", versions.join(", ")))
    })
}

fn unknown(wsgi: &WsgiFile, server: WsgiServer, name: &str, known: &[Known]) -> Option<Complaint> {
    let names = known.iter().map(|(name, _)| *name);
    let near = nearest(name, names.clone()).map(|near| format!("did you mean `{near}`?"));
    let message = format!("{} has no option `{name}`", name_server(server));
    match server {
        // Both take the beginning of an option for it.
        WsgiServer::Gunicorn | WsgiServer::Waitress
            if names.clone().any(|other| other.starts_with(name)) =>
        {
            None
        }
        // A name of the site's own: other lines may refer to it, and the application may read it.
        WsgiServer::Uwsgi => {
            let used = format!("%({name})");
            let is_used = wsgi.options.values().any(|value| value.0.contains(&used));
            // A short one is near to many.
            near.filter(|_| !is_used && name.len() > 5)
                .map(|near| Complaint::new(format!("{message}, and passes over it")).hint(near))
        }
        WsgiServer::ModWsgi => {
            let is = |word: &str| name.eq_ignore_ascii_case(word);
            Some(Complaint::new(message).hint(if is("WSGIPassAuthorization") {
                "write `wsgi: {pass_authorization: true}`".to_owned()
            } else if is("WSGIApplicationGroup") {
                "write `wsgi: {application_group: ...}`".to_owned()
            } else if name.starts_with("WSGI") {
                "a directive of Apache belongs into a live configuration: `proxy.config`".to_owned()
            } else {
                near.unwrap_or_else(|| "write an option of the line `WSGIDaemonProcess`".to_owned())
            }))
        }
        WsgiServer::Gunicorn | WsgiServer::Waitress => {
            let hint =
                near.unwrap_or_else(|| "write it as on the command line, without `--`".to_owned());
            Some(Complaint::new(message).hint(hint))
        }
    }
}

/// As the list's owner is called.
fn name_server(server: WsgiServer) -> &'static str {
    match server {
        WsgiServer::Gunicorn => "gunicorn",
        WsgiServer::Uwsgi => "uWSGI",
        WsgiServer::ModWsgi => "WSGIDaemonProcess",
        WsgiServer::Waitress => "waitress",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_what_its_server_is_known_for_and_the_versions_of_debian() {
        for (server, names) in [
            (WsgiServer::Gunicorn, ["workers", "worker-class", "timeout", "forwarded-allow-ips"]),
            (WsgiServer::Uwsgi, ["harakiri", "die-on-term", "py-autoreload", "enable-threads"]),
            (WsgiServer::ModWsgi, ["processes", "python-path", "request-timeout", "display-name"]),
            (WsgiServer::Waitress, ["threads", "channel-timeout", "no-ipv6", "trusted-proxy"]),
        ] {
            let known = known(server);
            for name in names {
                let entry = known.iter().find(|(other, _)| *other == name);
                assert_eq!(entry.map(|(_, versions)| versions.len()), Some(0), "{name}");
            }
            for (suite, own) in &DISTRIBUTED {
                let (_, version) = own.iter().find(|(other, _)| *other == server).unwrap();
                let listed = [GUNICORN, UWSGI, MOD_WSGI, WAITRESS];
                let is_listed = |list: &&str| list.lines().next().unwrap().contains(version);
                assert!(listed.iter().any(is_listed), "{suite} {version}");
            }
        }
    }
}
