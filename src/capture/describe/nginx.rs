//! nginx's configuration of the site: keys where it is plain, else the live text.

mod plain;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::plain::plain;
use super::directives::{Directive, nginx_text, of_nginx};
use super::front::{Front, is_name};
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
        front.names.extend(names.filter(|name| is_name(name)).cloned());
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

/// Where a server leads: what is behind `proxy_pass http://` or `uwsgi_pass`.
fn leads(server: &Directive) -> Option<String> {
    let mut all = Vec::new();
    server.walk(&mut all);
    all.iter().find_map(|one| match one.name.as_str() {
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
    })
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
    let own =
        scene.app.argv.iter().chain(scene.app.ini.iter().map(|(_, value)| value)).map(|word| {
            word.rsplit('=')
                .next()
                .unwrap_or(word)
                .trim_start_matches("unix:")
                .trim_start_matches("//")
                .replace("%n", &scene.app.name)
        });
    let own: Vec<String> = own.collect();
    let config: Vec<String> = scene
        .host
        .files
        .iter()
        .filter(|(path, _)| path.contains("gunicorn"))
        .flat_map(|(_, lines)| lines.clone())
        .collect();
    let is_own = |place: &str| {
        let place = place.trim_start_matches("unix:").trim_end_matches(':');
        let port = place.rsplit_once(':').map(|(_, port)| port.to_owned());
        own.iter().any(|word| {
            word == place || word.trim_start_matches('/') == place.trim_start_matches('/')
        }) || config.iter().any(|line| line.contains(place))
            || port.is_some_and(|port| {
                own.iter().any(|word| word.rsplit_once(':').is_some_and(|(_, other)| other == port))
            })
    };
    let leads_here = |server: &Directive| {
        let Some(place) = leads(server) else { return false };
        match upstreams.get(&place) {
            Some(upstream) => upstream.all("server").any(|one| is_own(one.first())),
            None => is_own(&place),
        }
    };
    let has_wished =
        |server: &Directive| names_of(server).iter().any(|name| scene.wishes.names.contains(name));
    let mut found: Vec<&(String, Directive)> =
        servers.iter().filter(|(_, server)| has_wished(server)).collect();
    if found.is_empty() {
        found = servers.iter().filter(|(_, server)| leads_here(server)).collect();
    }
    // A socket that systemd opens is named by no command: the only server that leads anywhere.
    let is_socket = |word: &str| {
        std::path::Path::new(word).extension().is_some_and(|end| end == "sock" || end == "socket")
    };
    let is_place = |word: &String| {
        word.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok())
            || is_socket(word)
    };
    let says_place =
        own.iter().any(is_place) || config.iter().any(|line| line.trim_start().starts_with("bind"));
    if found.is_empty() && !says_place {
        let leading: Vec<&(String, Directive)> =
            servers.iter().filter(|(_, server)| leads(server).is_some()).collect();
        let places: std::collections::BTreeSet<Option<String>> =
            leading.iter().map(|(_, server)| leads(server)).collect();
        if places.len() == 1 {
            found = leading;
        }
    }
    let names: Vec<String> = found.iter().flat_map(|(_, server)| names_of(server)).collect();
    let shares = |server: &Directive| {
        names_of(server).iter().any(|name| names.contains(name) && name != "_")
    };
    servers.iter().filter(|one| found.contains(one) || shares(&one.1)).cloned().collect()
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
