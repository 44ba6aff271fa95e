//! A site's virtual hosts of Apache in keys, where keys say all of it.

use serde_json::{Map, Value, json};

use super::hosts::{is_secure, script_of};
use crate::capture::app::Server;
use crate::capture::describe::directives::Directive;
use crate::capture::describe::form::size;
use crate::capture::describe::front::{Front, served};
use crate::capture::describe::scene::Scene;

/// Directives that say nothing to an app or a browser.
const SILENT: [&str; 8] = [
    "errorlog",
    "customlog",
    "loglevel",
    "serveradmin",
    "serversignature",
    "documentroot",
    "usecanonicalname",
    "sslsessioncache",
];

/// Says the site in keys.
///
/// # Errors
/// The first thing that no key says.
pub(super) fn plain(
    scene: &Scene<'_>,
    hosts: &[(String, Directive)],
    main: &Directive,
    around: &[Directive],
    front: &mut Front,
) -> Result<(), String> {
    if scene.app.server != Server::ModWsgi {
        return Err("Apache passes on to a server".to_owned());
    }
    let is_known = |one: &&Directive| {
        matches!(one.name.as_str(), "wsgidaemonprocess" | "servername" | "listen")
            || SILENT.contains(&one.name.as_str())
    };
    if let Some(odd) = around.iter().find(|one| !is_known(one)) {
        return Err(format!("it has {}", odd.name));
    }
    let mut redirects = false;
    for (_, host) in hosts.iter().filter(|(_, host)| host != main) {
        if is_secure(host) {
            return Err("it has another virtual host beside the site's".to_owned());
        }
        if !is_redirect(host) {
            return Err("port 80 has something of its own".to_owned());
        }
        redirects = true;
    }
    if front.is_secure && !redirects {
        front.keys.push(("http", json!("closed")));
    }
    let (mut folders, mut media) = (Map::new(), Map::new());
    let user = scene.app.user(scene.host);
    let served_folders: Vec<&str> = main
        .all("alias")
        .filter_map(|one| one.words.get(1).map(|folder| folder.trim_end_matches('/')))
        .collect();
    for one in main.block.iter().flatten() {
        match one.name.as_str() {
            "servername"
            | "serveralias"
            | "sslengine"
            | "sslcertificatefile"
            | "sslcertificatekeyfile"
            | "sslprotocol"
            | "wsgidaemonprocess"
            | "wsgiprocessgroup"
            | "wsgiapplicationgroup"
            | "wsgipassauthorization" => {}
            name if SILENT.contains(&name) => {}
            "wsgiscriptalias" if one.first() == "/" => {}
            "wsgiscriptalias" => front
                .keys
                .push(("prefix", json!(format!("{}/", one.first().trim_end_matches('/'))))),
            "limitrequestbody" => {
                let body = size(one.first())
                    .ok_or_else(|| format!("it says {} {}", one.name, one.first()))?;
                front.keys.push(("body", json!(body)));
            }
            "header"
                if one.words.len() == 4
                    && one.words[..2] == ["always", "set"]
                    && one.words[2].eq_ignore_ascii_case("Strict-Transport-Security") =>
            {
                front.keys.push(("hsts", json!(one.words[3])));
            }
            "alias" if one.words.len() == 2 && one.first().ends_with('/') => {
                let (is_of_app, folder) = served(&one.words[1], user.as_deref());
                if is_of_app {
                    folders.insert(one.first().to_owned(), folder.into())
                } else {
                    media.insert(one.first().to_owned(), folder.into())
                };
            }
            "directory" => {
                let folder = one.first().trim_end_matches('/');
                let script = script_of(scene).unwrap_or_default();
                let is_of_script = script.starts_with(&format!("{folder}/"));
                let grants = one.block.iter().flatten().all(|inner| {
                    matches!(inner.name.as_str(), "require") && inner.words == ["all", "granted"]
                        || inner.name == "wsgiprocessgroup"
                        || inner.name == "wsgiapplicationgroup"
                });
                if !grants || !(is_of_script || served_folders.contains(&folder)) {
                    return Err(format!("it has <Directory {folder}>"));
                }
            }
            other => return Err(format!("it has {other}")),
        }
    }
    if !folders.is_empty() {
        front.keys.push(("static", Value::Object(folders)));
    }
    if !media.is_empty() {
        front.keys.push(("media", Value::Object(media)));
    }
    Ok(())
}

/// A virtual host of port 80 that does nothing but send browsers to HTTPS.
fn is_redirect(host: &Directive) -> bool {
    let mut sends = false;
    for one in host.block.iter().flatten() {
        match one.name.as_str() {
            "servername" | "serveralias" | "rewriteengine" => {}
            name if SILENT.contains(&name) => {}
            "rewriterule" => {
                sends |= one.words.get(1).is_some_and(|to| to.starts_with("https://%{"));
            }
            "redirect" | "redirectpermanent" => {
                sends |= one.words.iter().any(|word| word.starts_with("https://"));
            }
            _ => return false,
        }
    }
    sends
}
