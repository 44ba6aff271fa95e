//! nginx's configuration of the site: keys where it is plain, else the live text.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Scene;
use super::directives::{Directive, nginx_text, of_nginx};
use super::proxy::{Front, is_name, served, size, span};

/// What `proxy_params` of Debian sends.
const USUAL_HEADERS: [(&str, &str); 4] = [
    ("Host", "$http_host"),
    ("X-Real-IP", "$remote_addr"),
    ("X-Forwarded-For", "$proxy_add_x_forwarded_for"),
    ("X-Forwarded-Proto", "$scheme"),
];
/// Lines of a server that say nothing to an app or a browser.
const SILENT: [&str; 4] = ["access_log", "error_log", "ssl_session_cache", "ssl_session_timeout"];
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
    if found.is_empty() {
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

/// Says the site in keys.
///
/// # Errors
/// The first thing that no key says.
fn plain(
    scene: &Scene<'_>,
    chosen: &[(String, Directive)],
    main: &Directive,
    upstreams: &BTreeMap<String, Directive>,
    front: &mut Front,
) -> Result<(), String> {
    let mut redirects = false;
    for (_, server) in chosen.iter().filter(|(_, server)| server != main) {
        let answer = server.all("return").next();
        let mut rest = server.block.iter().flatten().filter(|one| {
            !matches!(one.name.as_str(), "listen" | "server_name" | "return")
                && !SILENT.contains(&one.name.as_str())
        });
        let is_redirect = answer.is_some_and(|one| {
            one.first() == "301"
                && one.words.get(1).is_some_and(|to| {
                    to == "https://$host$request_uri" || to == "https://$server_name$request_uri"
                })
        });
        if !is_redirect || rest.next().is_some() {
            return Err("it has another server beside the site's".to_owned());
        }
        redirects = true;
    }
    let serves_plain =
        main.all("listen").any(|one| one.first() == "80" || one.first().ends_with(":80"));
    let http = match (front.is_secure, serves_plain, redirects) {
        (true, true, _) => Some("serve"),
        (true, false, false) => Some("closed"),
        _ => None,
    };
    front.keys.extend(http.map(|http| ("http", json!(http))));
    let (mut folders, mut media) = (Map::new(), Map::new());
    let user = scene.app.user(scene.host);
    for one in main.block.iter().flatten() {
        match one.name.as_str() {
            "server_name" | "ssl_certificate" | "ssl_certificate_key" | "ssl_protocols" => {}
            name if SILENT.contains(&name) => {}
            "listen"
                if one
                    .words
                    .iter()
                    .skip(1)
                    .all(|word| word == "ssl" || word == "default_server") => {}
            "client_max_body_size" => {
                let body = size(one.first())
                    .ok_or_else(|| format!("it says {} {}", one.name, one.first()))?;
                front.keys.push(("body", json!(body)));
            }
            "add_header"
                if one.first().eq_ignore_ascii_case("Strict-Transport-Security")
                    && one.words.len() == 3 =>
            {
                front.keys.push(("hsts", json!(one.words[1])));
            }
            "location" => {
                location(one, user.as_deref(), (&mut folders, &mut media), upstreams, front)?
            }
            other => return Err(format!("it has {other}")),
        }
    }
    let prefix = front
        .keys
        .iter()
        .find(|(key, _)| *key == "prefix")
        .and_then(|(_, prefix)| prefix.as_str())
        .map(|prefix| prefix.trim_end_matches('/').to_owned());
    let below = |map: Map<String, Value>| -> Map<String, Value> {
        let strip = |url: String| {
            prefix
                .as_deref()
                .and_then(|prefix| url.strip_prefix(prefix))
                .map_or(url.clone(), str::to_owned)
        };
        map.into_iter().map(|(url, folder)| (strip(url), folder)).collect()
    };
    let (folders, media) = (below(folders), below(media));
    if !folders.is_empty() {
        front.keys.push(("static", Value::Object(folders)));
    }
    if !media.is_empty() {
        front.keys.push(("media", Value::Object(media)));
    }
    Ok(())
}

fn location(
    one: &Directive,
    user: Option<&str>,
    (folders, media): (&mut Map<String, Value>, &mut Map<String, Value>),
    upstreams: &BTreeMap<String, Directive>,
    front: &mut Front,
) -> Result<(), String> {
    let [path] = &one.words[..] else {
        return Err(format!("it has a location {}", one.words.join(" ")));
    };
    let inner: Vec<&Directive> = one.block.iter().flatten().collect();
    if let [alias] = &inner[..]
        && alias.name == "alias"
        && path.ends_with('/')
    {
        let (is_of_app, folder) = served(alias.first(), user);
        front.folders.insert(path.clone(), alias.first().to_owned());
        if is_of_app {
            folders.insert(path.clone(), folder.into())
        } else {
            media.insert(path.clone(), folder.into())
        };
        return Ok(());
    }
    let speaks_uwsgi = inner.iter().any(|one| one.name == "uwsgi_pass");
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    let mut timeouts = Vec::new();
    for one in inner {
        match one.name.as_str() {
            "include"
                if !speaks_uwsgi && one.first().rsplit('/').next() == Some("proxy_params") =>
            {
                headers.extend(
                    USUAL_HEADERS
                        .iter()
                        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
                );
            }
            "include" if speaks_uwsgi && one.first().rsplit('/').next() == Some("uwsgi_params") => {
            }
            "proxy_set_header" if one.words.len() == 2 => {
                headers.insert(one.words[0].clone(), one.words[1].clone());
            }
            "uwsgi_pass" if !upstreams.contains_key(one.first()) => {}
            "proxy_pass" => {
                let place = one.first().trim_start_matches("http://");
                let has_path = !place.starts_with("unix:") && place.contains('/');
                if has_path || place.ends_with(":/") || upstreams.contains_key(place) {
                    return Err(format!("it passes on to {}", one.first()));
                }
            }
            "proxy_read_timeout" | "proxy_send_timeout" | "uwsgi_read_timeout"
            | "uwsgi_send_timeout" => timeouts.push(one.first().to_owned()),
            other => return Err(format!("location {path} has {other}")),
        }
    }
    match &timeouts[..] {
        [] => {}
        [one, two] if one == two => {
            let span =
                span(one).ok_or_else(|| format!("location {path} has a timeout of {one}"))?;
            front.keys.push(("timeout", json!(span)));
        }
        _ => return Err(format!("location {path} has one timeout and not the other")),
    }
    if path != "/" {
        front.keys.push(("prefix", json!(path)));
    }
    if !speaks_uwsgi {
        let mut other: Map<String, Value> = Map::new();
        for (name, usual) in USUAL_HEADERS {
            match headers.remove(name) {
                Some(value) if value == usual => {}
                Some(value) => {
                    other.insert(name.to_owned(), value.into());
                }
                None => {
                    other.insert(name.to_owned(), false.into());
                }
            }
        }
        other.extend(headers.into_iter().map(|(name, value)| (name, value.into())));
        if !other.is_empty() {
            front.keys.push(("headers", Value::Object(other)));
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::super::Wishes;
    use super::*;
    use crate::capture::app::{App, Server};
    use crate::capture::host::{Host, Unit};

    fn front(config: &str, names: &[&str]) -> Front {
        let mut host = Host::default();
        host.files.insert(
            "/etc/nginx/sites-enabled/site".to_owned(),
            config.lines().map(str::to_owned).collect(),
        );
        let app = App {
            name: "shop".to_owned(),
            server: Server::Gunicorn,
            process: None,
            unit: Some(Unit {
                settings: vec![("User".to_owned(), "shop".to_owned())],
                ..Unit::default()
            }),
            argv: ["/venv/bin/gunicorn", "--bind", "unix:/run/shop/shop.sock", "shop:app"]
                .map(str::to_owned)
                .to_vec(),
            ini: Vec::new(),
            ini_path: None,
        };
        let wishes = Wishes {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Wishes::default()
        };
        of(&Scene { host: &host, proxy: &host, app: &app, looks: &[], wishes: &wishes })
    }

    const PLAIN: &str = "server { listen 80; server_name www.x.example x.example; return 301 https://$host$request_uri; }\n\
        server { listen 443 ssl; server_name www.x.example x.example; ssl_certificate /etc/ssl/x.pem; ssl_certificate_key /etc/ssl/x.key;\n\
        client_max_body_size 25m; location /static/ { alias /srv/shop/static/; } location /media/ { alias /var/lib/shop/media/; }\n\
        location / { include proxy_params; proxy_pass http://unix:/run/shop/shop.sock; } }\n\
        server { listen 443 ssl; server_name other.example; location / { proxy_pass http://127.0.0.1:9000; } }\n";

    #[test]
    fn a_plain_server_is_said_in_keys_and_others_are_left_out() {
        let front = front(PLAIN, &[]);
        assert_eq!(front.names, ["www.x.example", "x.example"]);
        assert_eq!(front.config, None);
        let keys: Vec<String> =
            front.keys.iter().map(|(key, value)| format!("{key} {value}")).collect();
        assert_eq!(
            keys,
            [
                "body \"25MiB\"",
                "static {\"/static/\":\"static\"}",
                "media {\"/media/\":\"/var/lib/shop/media\"}"
            ]
        );
        assert_eq!(front.upstream.as_deref(), Some("unix:/run/shop/shop.sock"));
    }

    #[test]
    fn what_no_key_says_brings_the_live_text_along_with_what_it_includes() {
        let text =
            PLAIN.replace("client_max_body_size 25m;", "include snippets/tls.conf; gzip off;");
        let front = front(&text, &["www.x.example"]);
        let (text, why) = front.config.unwrap();
        assert_eq!(why, "it has include");
        assert!(text.contains("gzip off;") && !text.contains("other.example"), "{text}");
        assert_eq!(front.includes, ["/etc/nginx/snippets/tls.conf"]);
    }

    #[test]
    fn other_headers_than_debians_are_said() {
        let text = PLAIN.replace(
            "include proxy_params;",
            "proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto $scheme;",
        );
        let front = front(&text, &[]);
        let headers = front.keys.iter().find(|(key, _)| *key == "headers").unwrap();
        assert_eq!(
            headers.1,
            json!({"Host": "$host", "X-Real-IP": false, "X-Forwarded-For": false})
        );
    }
}
