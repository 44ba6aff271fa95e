//! A site's servers of nginx in keys, where keys say all of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::capture::describe::apart::{folder_of_app, is_apart};
use crate::capture::describe::directives::Directive;
use crate::capture::describe::form::{size, span};
use crate::capture::describe::front::{Front, served};
use crate::capture::describe::scene::Scene;

/// What `proxy_params` of Debian sends.
const USUAL_HEADERS: [(&str, &str); 4] = [
    ("Host", "$http_host"),
    ("X-Real-IP", "$remote_addr"),
    ("X-Forwarded-For", "$proxy_add_x_forwarded_for"),
    ("X-Forwarded-Proto", "$scheme"),
];

/// Lines of a server that say nothing to an app or a browser.
const SILENT: [&str; 4] = ["access_log", "error_log", "ssl_session_cache", "ssl_session_timeout"];

/// Says the site in keys.
///
/// # Errors
/// The first thing that no key says.
pub(super) fn plain(
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
                location(
                    (one, scene),
                    user.as_deref(),
                    (&mut folders, &mut media),
                    upstreams,
                    front,
                )?;
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
    (one, scene): (&Directive, &Scene<'_>),
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
        let (is_of_app, folder) = if is_apart(scene) {
            // Nothing but what is copied from the app is there in a replica.
            let own = folder_of_app(scene, alias.first());
            (true, own.ok_or_else(|| format!("it serves {} of its own", alias.first()))?)
        } else {
            served(alias.first(), user)
        };
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
