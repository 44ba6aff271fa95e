//! The virtual hosts of a site, and the script in them.

use crate::capture::app::Server;
use crate::capture::describe::apart::is_apart;
use crate::capture::describe::directives::{Directive, of_apache};
use crate::capture::describe::places::Places;
use crate::capture::describe::scene::Scene;

/// The virtual hosts that have the site's names, or lead to the app.
pub(super) fn chosen(scene: &Scene<'_>) -> Vec<(String, Directive)> {
    let mut hosts = Vec::new();
    for (path, lines) in
        scene.proxy.files.iter().filter(|(path, _)| path.starts_with("/etc/apache2/sites-enabled/"))
    {
        hosts.extend(
            of_apache(lines)
                .into_iter()
                .filter(|one| one.name == "virtualhost")
                .map(|one| (path.clone(), one)),
        );
    }
    let wished: Vec<&(String, Directive)> = hosts
        .iter()
        .filter(|(_, host)| names_of(host).iter().any(|name| scene.is_wished(name)))
        .collect();
    let group = (scene.app.server == Server::ModWsgi).then_some(scene.app.name.as_str());
    let places = is_apart(scene).then(|| Places::of(scene));
    let is_led = |is_own: fn(&Places, &str) -> bool| {
        hosts.iter().any(|(_, host)| {
            places.as_ref().is_some_and(|own| led_to(host).iter().any(|place| is_own(own, place)))
        })
    };
    // On another host a port alone says little.
    let is_own = if is_led(Places::has_surely) { Places::has_surely } else { Places::has };
    let leads_here = |host: &Directive| {
        if let Some(places) = &places {
            return led_to(host).iter().any(|place| is_own(places, place));
        }
        let mut all = Vec::new();
        host.walk(&mut all);
        all.iter().any(|one| match (one.name.as_str(), group) {
            ("wsgiprocessgroup" | "wsgidaemonprocess", Some(group)) => one.first() == group,
            ("wsgiscriptalias", Some(group)) => {
                one.words.iter().any(|word| word.strip_prefix("process-group=") == Some(group))
            }
            ("proxypass", None) => one.words.iter().any(|word| {
                word.starts_with("http://127.")
                    || word.starts_with("http://localhost")
                    || word.starts_with("unix:")
                    || word.starts_with("uwsgi:")
            }),
            _ => false,
        })
    };
    let found = if wished.is_empty() {
        hosts.iter().filter(|(_, host)| leads_here(host)).collect()
    } else {
        wished
    };
    let names: Vec<String> = found.iter().flat_map(|(_, host)| names_of(host)).collect();
    let shares = |host: &Directive| names_of(host).iter().any(|name| names.contains(name));
    hosts.iter().filter(|one| found.contains(one) || shares(&one.1)).cloned().collect()
}

/// The places behind each `ProxyPass`: `10.0.0.3:8080`.
pub(super) fn led_to(host: &Directive) -> Vec<String> {
    let mut all = Vec::new();
    host.walk(&mut all);
    let passes = all.iter().filter(|one| one.name == "proxypass");
    let places = passes.flat_map(|one| &one.words).filter_map(|word| {
        let (scheme, rest) = word.split_once("://")?;
        let place = rest.split('/').next()?;
        ["http", "uwsgi"].contains(&scheme).then(|| place.to_owned())
    });
    places.collect()
}

pub(super) fn names_of(host: &Directive) -> Vec<String> {
    let named = host.all("servername").chain(host.all("serveralias"));
    named
        .flat_map(|one| one.words.iter())
        .map(|name| name.split(':').next().unwrap_or(name).to_owned())
        .collect()
}

pub(super) fn is_secure(host: &Directive) -> bool {
    host.value("sslengine").is_some_and(|value| value.eq_ignore_ascii_case("on"))
}

/// The script of the app, as `WSGIScriptAlias` names it.
pub(in crate::capture::describe) fn script_of(scene: &Scene<'_>) -> Option<String> {
    let (_, alias) = alias_of(scene)?;
    alias.words.get(1).cloned()
}

pub(super) fn alias_of(scene: &Scene<'_>) -> Option<(Directive, Directive)> {
    chosen(scene).into_iter().find_map(|(_, host)| {
        let mut all = Vec::new();
        host.walk(&mut all);
        let alias =
            all.iter().find(|one| one.name == "wsgiscriptalias").map(|one| (*one).clone())?;
        Some((host.clone(), alias))
    })
}
