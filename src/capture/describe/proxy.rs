//! `proxy` and `names`: what stands in front of the server.

use serde_json::{Map, Value};

use super::apart::{app_host, folder_of_app, is_apart, listens_for_others, with_host};
use super::directives::{of_apache, of_nginx};
use super::front::Front;
use super::scene::Scene;
use crate::capture::app::Server;
use crate::capture::description::Description;

/// The proxy of a site, as its host says it.
pub(super) fn of(scene: &Scene<'_>) -> Front {
    let has = |start: &str| scene.proxy.files.keys().any(|path| path.starts_with(start));
    let runs = |name: &str| {
        scene.proxy.running.is_empty() || scene.proxy.running.iter().any(|one| one.name == name)
    };
    let mut front = if scene.app.server == Server::ModWsgi
        || (has("/etc/apache2/sites-enabled/") && runs("apache2") && !runs("nginx"))
    {
        super::apache::of(scene)
    } else if has("/etc/nginx/") && runs("nginx") {
        super::nginx::of(scene)
    } else if has("/etc/apache2/sites-enabled/") && runs("apache2") {
        super::apache::of(scene)
    } else {
        Front { server: "none", ..Front::default() }
    };
    for name in scene.wishes.names.iter().rev() {
        front.names.retain(|other| other != name);
        front.names.insert(0, name.clone());
    }
    front
}

pub(super) fn describe(scene: &Scene<'_>, front: &Front, into: &mut Description) {
    let from = if front.files.is_empty() { "what runs".to_owned() } else { front.files.join(", ") };
    let from =
        if is_apart(scene) { format!("{}: {from}", scene.proxy.system.hostname) } else { from };
    if front.names.is_empty() {
        into.todo("names", "the names that the world uses, the first is the site's address: names: [www.site.example]");
    } else {
        into.set("names", front.names.clone(), from.clone());
    }
    match listens_for_others(scene).filter(|_| front.server == "none") {
        // Nobody knows what is on the other host.
        Some(place) => into.todo("proxy", format!("nothing that was read leads to the app, which listens on {place} for other hosts: name that of the proxy, too: `stagectl capture SITE HOST PROXYHOST`")),
        None => into.set("proxy.server", front.server, from.clone()),
    }
    for (key, value) in &front.keys {
        into.set(&format!("proxy.{key}"), value.clone(), from.clone());
    }
    if front.config.is_none() && front.server != "none" {
        into.saw(&[
            "proxy.static",
            "proxy.media",
            "proxy.body",
            "proxy.timeout",
            "proxy.hsts",
            "proxy.headers",
            "proxy.prefix",
            "proxy.http",
        ]);
    }
    if let Some((text, why)) = &front.config {
        let text = &in_replica(scene, text, into);
        let text = &led_to_app(scene, front, text, into);
        let name = if front.server == "apache" { "apache.conf" } else { "nginx.conf" };
        into.add_file(name, text.clone());
        into.texts.insert("proxy.config".to_owned(), text.clone());
        into.set("proxy.config", scene.name_file(name), format!("as it is: {why}"));
        if text.contains("HIDDEN") {
            into.todo(
                "proxy",
                format!(
                    "{}: HIDDEN stands where the live file has something that was kept back",
                    scene.name_file(name)
                ),
            );
        }
    }
    if let Some((text, _)) = &front.config {
        let words: Vec<&str> = text.split_whitespace().collect();
        for pair in words.windows(2) {
            if matches!(pair[0], "auth_basic_user_file" | "AuthUserFile") {
                let path = pair[1].trim_end_matches(';').trim_matches('"');
                into.todo("files", format!("{path}: passwords of visitors, which do not leave the host: one of your own, {{path: {path}, source: ..., owner: root}}"));
            }
        }
    }
    if !front.modules.is_empty() && front.config.is_some() {
        into.set("proxy.modules", front.modules.clone(), "mods-enabled");
    }
    let mut files = Vec::new();
    for path in &front.includes {
        let Some(lines) = scene.proxy.file(path) else {
            into.todo("files", format!("{path} is included, and was not readable: bring it along, {{path: {path}, source: ..., owner: root}}"));
            continue;
        };
        let name = path.rsplit('/').next().unwrap_or("include.conf");
        let name = format!(
            "include-{}",
            name.replace(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c), "-")
        );
        into.add_file(&name, lines.join("\n") + "\n");
        into.texts.insert(format!("files.{path}"), lines.join("\n"));
        files.push(
            serde_json::json!({"path": path, "source": scene.name_file(&name), "owner": "root"}),
        );
    }
    if !files.is_empty() {
        into.set("files", files, "what the proxy's configuration includes");
    }
    if is_apart(scene) {
        into.set("proxy.host", "own", scene.proxy.system.hostname.clone());
        folders(scene, front, into);
    }
}

/// A configuration of the proxy's own host with the app's host of a replica in it: the live address is nobody's there.
fn led_to_app(scene: &Scene<'_>, front: &Front, text: &str, into: &mut Description) -> String {
    if !is_apart(scene) {
        return text.to_owned();
    }
    let name = app_host(scene);
    let led = with_host(text, &front.places, &name);
    if led != text {
        let places = front.places.join(", ");
        into.notes.push(format!("{places} of the proxy's configuration is {name} in a replica"));
    }
    led
}

/// Folders that a live configuration of the proxy's own host serves: those of the app's that are copied there.
fn folders(scene: &Scene<'_>, front: &Front, into: &mut Description) {
    let Some((text, _)) = &front.config else { return };
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_apache = front.server == "apache";
    let read = if is_apache { of_apache(&lines) } else { of_nginx(&lines) };
    let mut all = Vec::new();
    for one in &read {
        one.walk(&mut all);
    }
    let mut found = Map::new();
    for one in all.iter().filter(|one| one.name == "alias" || !is_apache && one.name == "root") {
        let folder =
            if is_apache { one.words.get(1).map_or("", String::as_str) } else { one.first() };
        let folder = folder.trim_end_matches('/');
        if let Some(own) = folder_of_app(scene, folder) {
            found.insert(folder.to_owned(), own.into());
        } else if !folder.contains('$') {
            let host = &scene.proxy.system.hostname;
            into.todo("files", format!("{folder} of {host} is served by the proxy itself, and is no folder of the app: bring along what is in it, {{path: {folder}, source: ..., owner: root}}"));
        }
    }
    if !found.is_empty() {
        let from = format!(
            "served by {}; the app has a folder that is called the same",
            scene.proxy.system.hostname
        );
        into.set("proxy.folders", Value::Object(found), from);
    }
}

/// A configuration with the folders that the app has in a replica, where it lies elsewhere on the live host.
fn in_replica(scene: &Scene<'_>, text: &str, into: &mut Description) -> String {
    let Some(user) = scene.app.user(scene.host) else { return text.to_owned() };
    let environment = scene
        .app
        .environment(scene.host)
        .map(|one| (one.folder.clone(), format!("/srv/{user}/venv")));
    let folder = scene.app.process.as_ref().and_then(|process| process.folder.clone());
    let folder = folder.map(|folder| (folder, format!("/srv/{user}/app")));
    let mut text = text.to_owned();
    for (live, own) in environment.into_iter().chain(folder) {
        let is_elsewhere = live.len() > 4
            && !live.starts_with(&format!("/srv/{user}"))
            && !["/root", "/home", "/var/www"].contains(&live.as_str());
        if is_elsewhere && text.contains(&format!("{live}/")) {
            text = text.replace(&format!("{live}/"), &format!("{own}/"));
            into.notes.push(format!("what is in {live} on the live host is in {own} in a replica: the proxy's configuration says so"));
        }
    }
    text
}
