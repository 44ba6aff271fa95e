//! A proxy on another host than the app: which places are the app's there, and what they are called in a replica.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::scene::Scene;

/// Whether the proxy has a host of its own.
pub(super) fn is_apart(scene: &Scene<'_>) -> bool {
    !std::ptr::eq(scene.proxy, scene.host)
}

/// What the app's host is called in a replica.
pub(super) fn app_host(scene: &Scene<'_>) -> String {
    let name = &scene.host.system.hostname;
    if name.is_empty() || *name == scene.wishes.site { "app".to_owned() } else { name.clone() }
}

/// Host and port of `app1:8080`.
pub(super) fn host_and_port(place: &str) -> Option<(&str, u16)> {
    let (host, port) = place.rsplit_once(':')?;
    Some((host.trim_start_matches('[').trim_end_matches(']'), port.parse().ok()?))
}

/// Whether a host is whoever names it: no other can be reached by that.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Where the server listens for others than its own host, and not for the world.
pub(super) fn listens_for_others(scene: &Scene<'_>) -> Option<String> {
    scene.app.argv.iter().find_map(|word| {
        let place = word.rsplit('=').next().unwrap_or(word);
        let (host, port) = host_and_port(place)?;
        let is_open = host.is_empty() || host.parse::<IpAddr>().is_ok_and(|own| !own.is_loopback());
        (is_open && !matches!(port, 80 | 443)).then(|| place.to_owned())
    })
}

/// The names and addresses that are known to be those of the app's host: what it calls itself, where its server listens,
/// how whoever reads it calls it, and what `/etc/hosts` of both say of these.
pub(super) fn names_of_app_host(scene: &Scene<'_>) -> BTreeSet<String> {
    let listens = scene.app.argv.iter().filter_map(|word| {
        let (host, _) = host_and_port(word.rsplit('=').next().unwrap_or(word))?;
        let address = host.parse::<IpAddr>().ok()?;
        (!address.is_loopback() && !address.is_unspecified()).then(|| host.to_owned())
    });
    let own = [scene.host.system.hostname.clone(), scene.host.called.clone().unwrap_or_default()];
    let mut known: BTreeSet<String> =
        own.into_iter().filter(|name| !name.is_empty()).chain(listens).collect();
    let lines = || scene.proxy.system.hosts.iter().chain(&scene.host.system.hosts);
    // A line may lead to the next one.
    for line in lines().chain(lines()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_own = words.first().is_some_and(|address| !is_loopback(address))
            && words.iter().any(|word| is_called(&known, word));
        if is_own {
            known.extend(words.into_iter().map(str::to_owned));
        }
    }
    known
}

/// Whether one of these names is meant: `app1.corp.example` is `app1`.
pub(super) fn is_called(known: &BTreeSet<String>, host: &str) -> bool {
    let is_address = host.parse::<IpAddr>().is_ok();
    known.contains(host)
        || !is_address && host.split('.').next().is_some_and(|label| known.contains(label))
}

/// A text with another host in these places.
pub(super) fn with_host(text: &str, places: &[String], host: &str) -> String {
    let mut text = text.to_owned();
    for place in places {
        let Some((_, port)) = host_and_port(place) else { continue };
        text = replaced(&text, place, &format!("{host}:{port}"));
    }
    text
}

/// A text with another word in the place of one that stands alone.
fn replaced(text: &str, word: &str, other: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let last = before.chars().next_back().or(out.chars().next_back());
        let is_alone = !last.is_some_and(is_part) && !after.chars().next().is_some_and(is_part);
        out.push_str(before);
        out.push_str(if is_alone { other } else { word });
        rest = after;
    }
    out + rest
}

/// The folder of the app that is copied to one of the proxy's host, from the app's home: the one that is called the same.
pub(super) fn folder_of_app(scene: &Scene<'_>, folder: &str) -> Option<String> {
    let user = scene.app.user(scene.host)?;
    let home = scene.host.system.accounts.get(&user).map(|account| account.home.clone());
    let homes = [format!("/srv/{user}"), home.unwrap_or_default()];
    let folder = folder.trim_end_matches('/');
    let own = |path: &str| {
        homes.iter().filter(|home| !home.is_empty()).find_map(|home| {
            Some(
                path.trim_end_matches('/')
                    .strip_prefix(home.as_str())?
                    .strip_prefix('/')?
                    .to_owned(),
            )
        })
    };
    let name = folder.rsplit('/').next()?;
    let mut places = scene.host.places.iter().filter(|(_, place)| place.is_folder);
    own(folder).or_else(|| {
        places
            .find_map(|(path, _)| own(path).filter(|below| below.rsplit('/').next() == Some(name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_replaced_where_it_stands_alone() {
        let text = "server 10.0.0.3:8080; # not 110.0.0.3:8080\nproxy_pass http://10.0.0.3:8080/x; server 10.0.0.3:80801;";
        assert_eq!(
            with_host(text, &["10.0.0.3:8080".to_owned()], "app1"),
            "server app1:8080; # not 110.0.0.3:8080\nproxy_pass http://app1:8080/x; server 10.0.0.3:80801;"
        );
    }
}
