//! nginx's configuration of the site: keys where it is plain, else the live text.

mod plain;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::plain::plain;
use super::directives::{Directive, nginx_text, of_nginx};
use super::front::{Front, as_names};
use super::places::Places;
use super::scene::Scene;

/// Files of Debian's nginx that a configuration may include.
const OF_THE_PACKAGE: [&str; 9] = [
    "proxy_params",
    "uwsgi_params",
    "fastcgi_params",
    "scgi_params",
    "fastcgi.conf",
    "mime.types",
    "snippets/fastcgi-php.conf",
    "snippets/snakeoil.conf",
    "koi-utf",
];
/// Directives of Debian's `nginx.conf` below `http`.
const USUAL_HTTP: [&str; 15] = [
    "sendfile",
    "tcp_nopush",
    "tcp_nodelay",
    "types_hash_max_size",
    "include",
    "default_type",
    "ssl_protocols",
    "ssl_prefer_server_ciphers",
    "access_log",
    "error_log",
    "gzip",
    "keepalive_timeout",
    "server_names_hash_bucket_size",
    "server_tokens",
    "server",
];

/// The servers of nginx that lead to the app, or have the names that were asked for.
pub(super) fn of(scene: &Scene<'_>) -> Front {
    let mut front = Front { server: "nginx", ..Front::default() };
    let (mut servers, mut around): (Vec<(String, Directive)>, Vec<Directive>) =
        (Vec::new(), Vec::new());
    let mut upstreams: BTreeMap<String, Directive> = BTreeMap::new();
    for (path, lines) in scene.proxy.files.iter().filter(|(path, _)| is_read(path)) {
        let mut all = of_nginx(lines);
        let http: Vec<Directive> = all
            .iter()
            .filter(|one| one.name == "http")
            .flat_map(|one| one.block.clone().unwrap_or_default())
            .collect();
        if path == "/etc/nginx/nginx.conf" {
            around.extend(
                http.iter().filter(|one| !USUAL_HTTP.contains(&one.name.as_str())).cloned(),
            );
            all = http;
        }
        for one in all {
            match one.name.as_str() {
                "server" => servers.push((path.clone(), one)),
                "upstream" => {
                    upstreams.insert(one.first().to_owned(), one);
                }
                _ => {}
            }
        }
    }
    let chosen = choose(scene, &servers, &upstreams);
    if chosen.is_empty() {
        return Front { server: "none", ..front };
    }
    for (path, _) in &chosen {
        if !front.files.contains(path) {
            front.files.push(path.clone());
        }
    }
    let is_secure = |server: &Directive| {
        server.all("listen").any(|one| one.words.iter().any(|word| word == "ssl"))
    };
    front.is_secure = chosen.iter().any(|(_, server)| is_secure(server));
    let main = chosen
        .iter()
        .find(|(_, server)| is_secure(server) == front.is_secure && leads(server).is_some())
        .or(chosen.first());
    for server in main.into_iter().chain(chosen.iter()).map(|(_, server)| server) {
        let names = server.all("server_name").flat_map(|one| one.words.iter());
        front.names.extend(names.flat_map(|name| as_names(name)));
        front.certificates.extend(server.all("ssl_certificate").map(|one| one.first().to_owned()));
    }
    dedup(&mut front.names);
    dedup(&mut front.certificates);
    front.names.sort_by_key(|name| name.starts_with('*'));
    let Some((_, main)) = main else { return front };
    front.versions =
        main.all("ssl_protocols").last().map(|one| one.words.clone()).unwrap_or_default();
    front.upstream = leads(main).map(|place| {
        let server = upstreams.get(&place).and_then(|upstream| upstream.value("server"));
        server.unwrap_or(&place).to_owned()
    });
    let own = Places::of(scene);
    let led = chosen.iter().flat_map(|(_, server)| all_leads(server));
    let places = led.flat_map(|place| places_of(&place, &upstreams));
    front.places = places.filter(|place| own.has(place)).collect();
    dedup(&mut front.places);
    let odd = if around.is_empty() {
        plain(scene, &chosen, main, &upstreams, &mut front).err()
    } else {
        Some(format!("nginx.conf has {} for all sites", around[0].name))
    };
    if let Some(odd) = odd {
        front.keys.clear();
        live(scene, &chosen, &around, odd, &mut front);
    }
    front
}

fn is_read(path: &str) -> bool {
    path == "/etc/nginx/nginx.conf"
        || path.starts_with("/etc/nginx/sites-enabled/")
        || path.starts_with("/etc/nginx/conf.d/")
}

fn dedup(list: &mut Vec<String>) {
    let mut seen: Vec<String> = Vec::new();
    list.retain(|one| {
        let is_new = !seen.contains(one);
        seen.push(one.clone());
        is_new
    });
}

/// Where a server leads first.
fn leads(server: &Directive) -> Option<String> {
    all_leads(server).into_iter().next()
}

/// Where a server leads: what is behind each `proxy_pass http://` or `uwsgi_pass`.
fn all_leads(server: &Directive) -> Vec<String> {
    let mut all = Vec::new();
    server.walk(&mut all);
    let places = all.iter().filter_map(|one| match one.name.as_str() {
        "proxy_pass" => {
            let place = one.first().strip_prefix("http://")?;
            let place = place.strip_prefix("unix:").map_or(place, |rest| rest);
            let is_socket = one.first().starts_with("http://unix:");
            let end = place.find(if is_socket { ':' } else { '/' }).unwrap_or(place.len());
            Some(if is_socket {
                format!("unix:{}", &place[..end])
            } else {
                place[..end].to_owned()
            })
        }
        "uwsgi_pass" => Some(one.first().to_owned()),
        _ => None,
    });
    places.collect()
}

/// The servers of the site: by the names that were asked for, else those that lead to the app, and what has their names.
fn choose(
    scene: &Scene<'_>,
    servers: &[(String, Directive)],
    upstreams: &BTreeMap<String, Directive>,
) -> Vec<(String, Directive)> {
    let names_of = |server: &Directive| {
        server.all("server_name").flat_map(|one| one.words.clone()).collect::<Vec<_>>()
    };
    let places = Places::of(scene);
    let leads_here = |server: &Directive, is_own: &dyn Fn(&str) -> bool| {
        let first = leads(server).map(|place| places_of(&place, upstreams)).unwrap_or_default();
        first.iter().any(|place| is_own(place))
    };
    let has_wished = |server: &Directive| names_of(server).iter().any(|name| scene.is_wished(name));
    let those = |is_meant: &dyn Fn(&Directive) -> bool| -> Vec<&(String, Directive)> {
        servers.iter().filter(|(_, server)| is_meant(server)).collect()
    };
    let mut found = those(&has_wished);
    // On another host a port alone says little.
    if found.is_empty() {
        found = those(&|server| leads_here(server, &|place| places.has_surely(place)));
    }
    if found.is_empty() {
        found = those(&|server| leads_here(server, &|place| places.has(place)));
    }
    // A socket that systemd opens is named by no command: the only server that leads anywhere.
    if found.is_empty() && !places.are_said() {
        let leading = those(&|server| leads(server).is_some());
        let all: std::collections::BTreeSet<Option<String>> =
            leading.iter().map(|(_, server)| leads(server)).collect();
        if all.len() == 1 {
            found = leading;
        }
    }
    let names: Vec<String> = found.iter().flat_map(|(_, server)| names_of(server)).collect();
    let shares = |server: &Directive| {
        names_of(server).iter().any(|name| names.contains(name) && name != "_")
    };
    servers.iter().filter(|one| found.contains(one) || shares(&one.1)).cloned().collect()
}

/// What is behind a place: the servers of an upstream, or itself.
fn places_of(place: &str, upstreams: &BTreeMap<String, Directive>) -> Vec<String> {
    match upstreams.get(place) {
        Some(upstream) => upstream.all("server").map(|one| one.first().to_owned()).collect(),
        None => vec![place.to_owned()],
    }
}

/// The live text: the servers of the site, and what is around them in their files.
fn live(
    scene: &Scene<'_>,
    chosen: &[(String, Directive)],
    around: &[Directive],
    why: String,
    front: &mut Front,
) {
    let mut text = format!("# Of {} on the live host.\n", front.files.join(", "));
    for one in around {
        nginx_text(one, 0, &mut text);
    }
    for path in &front.files {
        let Some(lines) = scene.proxy.file(path) else { continue };
        for one in of_nginx(lines).iter().filter(|one| {
            one.name != "server" && one.name != "http" && one.block.is_some()
                || one.words.len() == 1 && one.name == "include"
        }) {
            nginx_text(one, 0, &mut text);
        }
    }
    for (_, server) in chosen {
        nginx_text(server, 0, &mut text);
        let mut all = Vec::new();
        server.walk(&mut all);
        for one in all.iter().filter(|one| one.name == "include") {
            let path = one.first();
            let path =
                if path.starts_with('/') { path.to_owned() } else { format!("/etc/nginx/{path}") };
            let is_of_package =
                OF_THE_PACKAGE.iter().any(|own| path == format!("/etc/nginx/{own}"));
            if !is_of_package && !path.contains('*') && !front.includes.contains(&path) {
                front.includes.push(path);
            }
        }
    }
    front.config = Some((text, why));
}
