//! Apache's configuration of the site, and the daemons of `mod_wsgi` in it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Scene;
use super::directives::{Directive, of_apache};
use super::proxy::{Front, is_name, served, size};
use crate::capture::app::Server;
use crate::capture::description::Description;

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
/// Modules that a replica's Apache has by itself, or that Debian enables.
const USUAL_MODULES: [&str; 38] = [
    "ssl",
    "headers",
    "rewrite",
    "proxy",
    "proxy_http",
    "alias",
    "access_compat",
    "auth_basic",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_host",
    "authz_user",
    "autoindex",
    "deflate",
    "dir",
    "env",
    "filter",
    "mime",
    "mpm_event",
    "mpm_prefork",
    "mpm_worker",
    "negotiation",
    "reqtimeout",
    "setenvif",
    "status",
    "socache_shmcb",
    "wsgi",
    "userdir",
    "cgi",
    "cgid",
    "slotmem_shm",
    "proxy_balancer",
    "lbmethod_byrequests",
    "unixd",
    "log_config",
    "logio",
    "version",
];

/// The virtual hosts that have the site's names, or lead to the app.
fn chosen(scene: &Scene<'_>) -> Vec<(String, Directive)> {
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
        .filter(|(_, host)| names_of(host).iter().any(|name| scene.wishes.names.contains(name)))
        .collect();
    let group = (scene.app.server == Server::ModWsgi).then_some(scene.app.name.as_str());
    let leads_here = |host: &Directive| {
        let mut all = Vec::new();
        host.walk(&mut all);
        all.iter().any(|one| match (one.name.as_str(), group) {
            ("wsgiprocessgroup", Some(group)) => one.first() == group,
            ("wsgiscriptalias", Some(group)) => {
                one.words.iter().any(|word| word.strip_prefix("process-group=") == Some(group))
            }
            ("wsgidaemonprocess", Some(group)) => one.first() == group,
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

fn names_of(host: &Directive) -> Vec<String> {
    let named = host.all("servername").chain(host.all("serveralias"));
    named
        .flat_map(|one| one.words.iter())
        .map(|name| name.split(':').next().unwrap_or(name).to_owned())
        .collect()
}

fn is_secure(host: &Directive) -> bool {
    host.value("sslengine").is_some_and(|value| value.eq_ignore_ascii_case("on"))
}

pub(super) fn of(scene: &Scene<'_>) -> Front {
    let mut front = Front { server: "apache", ..Front::default() };
    let hosts = chosen(scene);
    if hosts.is_empty() {
        return front;
    }
    for (path, _) in &hosts {
        if !front.files.contains(path) {
            front.files.push(path.clone());
        }
    }
    front.is_secure = hosts.iter().any(|(_, host)| is_secure(host));
    let main = hosts.iter().map(|(_, host)| host).find(|host| is_secure(host) == front.is_secure);
    for host in main.into_iter().chain(hosts.iter().map(|(_, host)| host)) {
        for name in names_of(host) {
            if is_name(&name) && !front.names.contains(&name) {
                front.names.push(name);
            }
        }
        for file in host.all("sslcertificatefile").map(Directive::first) {
            if !front.certificates.iter().any(|one| one == file) {
                front.certificates.push(file.to_owned());
            }
        }
    }
    front.names.sort_by_key(|name| name.starts_with('*'));
    let Some(main) = main else { return front };
    front.versions = versions(main);
    front.modules = modules(scene);
    let around = around(scene, &front.files);
    if let Err(odd) = plain(scene, &hosts, main, &around, &mut front) {
        front.keys.clear();
        live(scene, odd, &mut front);
    }
    front
}

/// `all -SSLv3 -TLSv1 -TLSv1.1`, as the versions that are left.
fn versions(host: &Directive) -> Vec<String> {
    let Some(line) = host.all("sslprotocol").last() else { return Vec::new() };
    let known = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
    let mut on: Vec<&str> = Vec::new();
    for word in &line.words {
        let name = word.trim_start_matches(['+', '-']);
        let named: Vec<&str> = if name.eq_ignore_ascii_case("all") {
            known.to_vec()
        } else {
            known.iter().filter(|one| one.eq_ignore_ascii_case(name)).copied().collect()
        };
        if word.starts_with('-') {
            on.retain(|one| !named.contains(one));
        } else {
            on.extend(named);
        }
    }
    let on: Vec<String> =
        known.iter().filter(|one| on.contains(one)).map(|one| (*one).to_owned()).collect();
    on
}

fn modules(scene: &Scene<'_>) -> Vec<String> {
    let names = scene.proxy.apache.iter().filter_map(|line| line.strip_suffix(".load"));
    names.filter(|name| !USUAL_MODULES.contains(name)).map(str::to_owned).collect()
}

/// What stands around the virtual hosts in their files, of `mod_wsgi` and others.
fn around(scene: &Scene<'_>, files: &[String]) -> Vec<Directive> {
    let lines = files.iter().filter_map(|path| scene.proxy.file(path));
    lines
        .flat_map(of_apache)
        .filter(|one| !matches!(one.name.as_str(), "virtualhost" | "ifmodule"))
        .collect()
}

/// The daemon process of the app, wherever it is said.
fn daemon_of(scene: &Scene<'_>) -> Option<Directive> {
    let files = scene.proxy.files.iter().filter(|(path, _)| path.starts_with("/etc/apache2/"));
    let mut all = Vec::new();
    for (_, lines) in files {
        for one in of_apache(lines) {
            let mut found = Vec::new();
            one.walk(&mut found);
            all.extend(found.into_iter().filter(|one| one.name == "wsgidaemonprocess").cloned());
        }
    }
    all.into_iter().find(|one| one.first() == scene.app.name)
}

/// The script of the app, as `WSGIScriptAlias` names it.
pub(super) fn script_of(scene: &Scene<'_>) -> Option<String> {
    let (_, alias) = alias_of(scene)?;
    alias.words.get(1).cloned()
}

fn alias_of(scene: &Scene<'_>) -> Option<(Directive, Directive)> {
    chosen(scene).into_iter().find_map(|(_, host)| {
        let mut all = Vec::new();
        host.walk(&mut all);
        let alias =
            all.iter().find(|one| one.name == "wsgiscriptalias").map(|one| (*one).clone())?;
        Some((host.clone(), alias))
    })
}

/// Says the site in keys.
///
/// # Errors
/// The first thing that no key says.
fn plain(
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
            | "sslprotocol" => {}
            "wsgidaemonprocess"
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
                sends |= one.words.get(1).is_some_and(|to| to.starts_with("https://%{"))
            }
            "redirect" | "redirectpermanent" => {
                sends |= one.words.iter().any(|word| word.starts_with("https://"))
            }
            _ => return false,
        }
    }
    sends
}

/// The live text: the virtual hosts of the site in their files, without those of others.
fn live(scene: &Scene<'_>, why: String, front: &mut Front) {
    let names = front.names.clone();
    let mut text = String::new();
    for path in &front.files {
        let Some(lines) = scene.proxy.file(path) else { continue };
        text.push_str(&format!("# Of {path} on the live host.\n"));
        let mut section: Vec<String> = Vec::new();
        let mut is_in = false;
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            let start = line.trim().to_lowercase();
            if start.starts_with("<virtualhost") {
                is_in = true;
            }
            if is_in {
                section.push(line.clone())
            } else {
                text.push_str(&format!("{line}\n"))
            }
            if start.starts_with("</virtualhost") {
                is_in = false;
                let read = of_apache(&section);
                if read.iter().any(|host| names_of(host).iter().any(|name| names.contains(name))) {
                    text.push_str(&(section.join("\n") + "\n"));
                }
                section.clear();
            }
        }
    }
    front.config = Some((text, why));
}

/// `wsgi` of a daemon of `mod_wsgi`.
pub(super) fn daemon(scene: &Scene<'_>, front: &Front, into: &mut Description) {
    let from = front.files.first().cloned().unwrap_or_else(|| "Apache".to_owned());
    let Some(line) = daemon_of(scene) else {
        into.todo("wsgi", "the app runs inside of Apache's own processes, or its WSGIDaemonProcess was not readable: a replica always has a daemon of its own");
        return;
    };
    let mut options: BTreeMap<String, String> = line
        .words
        .iter()
        .skip(1)
        .filter_map(|word| word.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    into.saw(&[
        "wsgi.workers",
        "wsgi.threads",
        "wsgi.umask",
        "wsgi.options",
        "wsgi.application_group",
        "wsgi.pass_authorization",
    ]);
    let mut number = |key: &str| options.remove(key).and_then(|value| value.parse::<i64>().ok());
    into.set_some("wsgi.workers", number("processes"), from.clone());
    into.set_some("wsgi.threads", number("threads"), from.clone());
    let umask = options
        .remove("umask")
        .map(|umask| super::wsgi::four_digits(&umask))
        .filter(|umask| umask != "0022");
    into.set_some("wsgi.umask", umask, from.clone());
    // What the process has as LANG; `locale` is what it sets by itself, which is mostly the same.
    let lang = options.remove("lang");
    if lang.is_some() && options.get("locale") == lang.as_ref() {
        options.remove("locale");
    }
    into.set_some("wsgi.locale", lang, from.clone());
    for own in ["user", "group", "python-home", "home", "display-name", "python-path"] {
        options.remove(own);
    }
    if !options.is_empty() {
        let options: Map<String, Value> = options
            .into_iter()
            .map(|(key, value)| {
                (key, value.parse::<i64>().map_or_else(|_| value.clone().into(), Value::from))
            })
            .collect();
        into.set("wsgi.options", Value::Object(options), from.clone());
    }
    let Some((host, alias)) = alias_of(scene) else { return };
    let mut all = Vec::new();
    host.walk(&mut all);
    let said = all
        .iter()
        .rev()
        .find(|one| one.name == "wsgiapplicationgroup")
        .map(|one| one.first().to_owned());
    let group = alias
        .words
        .iter()
        .find_map(|word| word.strip_prefix("application-group=").map(str::to_owned))
        .or(said);
    let group = group.map(|group| if group == "%{GLOBAL}" { "global".to_owned() } else { group });
    into.set_some(
        "wsgi.application_group",
        group.filter(|group| group != "%{RESOURCE}"),
        from.clone(),
    );
    let passes = all
        .iter()
        .rev()
        .find(|one| one.name == "wsgipassauthorization")
        .map(|one| one.first().eq_ignore_ascii_case("on"));
    into.set_some("wsgi.pass_authorization", passes, from.clone());
    if into.get("wsgi.application").is_none()
        && let Some(script) = alias.words.get(1)
    {
        into.todo("wsgi", format!("{script} computes its application: bring the script, `file: {script}` and one of `files`"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Wishes;
    use super::*;
    use crate::capture::app::App;
    use crate::capture::host::{Host, Process};

    fn front(config: &str, group: &str) -> Front {
        let mut host = Host::default();
        host.files.insert(
            "/etc/apache2/sites-enabled/all.conf".to_owned(),
            config.lines().map(str::to_owned).collect(),
        );
        let app = App {
            name: group.to_owned(),
            server: Server::ModWsgi,
            process: Some(Process::default()),
            unit: None,
            argv: Vec::new(),
            ini: Vec::new(),
            ini_path: None,
        };
        of(&Scene { host: &host, proxy: &host, app: &app, looks: &[], wishes: &Wishes::default() })
    }

    const THREE: &str = "<VirtualHost *:80>\nServerName board.example\nRedirect permanent / https://board.example/\n</VirtualHost>\n\
        <VirtualHost *:443>\nServerName board.example\nServerAlias *.board.example\nSSLEngine on\nSSLCertificateFile /etc/ssl/b.pem\n\
        SSLCertificateKeyFile /etc/ssl/b.key\nSSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\nWSGIDaemonProcess board user=board threads=5\n\
        WSGIScriptAlias / /srv/board/app.wsgi process-group=board\n<Directory /srv/board>\nRequire all granted\n</Directory>\n</VirtualHost>\n\
        <VirtualHost *:443>\nServerName other.example\nSSLEngine on\nWSGIScriptAlias / /srv/other/app.wsgi process-group=other\n</VirtualHost>\n";

    #[test]
    fn the_site_of_the_daemon_is_chosen_of_three() {
        let front = front(THREE, "board");
        assert_eq!(front.names, ["board.example", "*.board.example"]);
        assert_eq!(
            (front.versions.clone(), front.config.clone()),
            (vec!["TLSv1.2".to_owned(), "TLSv1.3".to_owned()], None)
        );
        assert!(front.keys.is_empty(), "{:?}", front.keys);
    }

    #[test]
    fn what_no_key_says_is_brought_along_without_the_others() {
        let text = THREE.replace("SSLProtocol all", "SetEnv BOARD x\nSSLProtocol all");
        let (text, why) = front(&text, "board").config.unwrap();
        assert_eq!(why, "it has setenv");
        assert!(text.contains("SetEnv BOARD x") && !text.contains("other.example"), "{text}");
    }
}
