//! Apache's configuration of the site, and the daemons of `mod_wsgi` in it.

mod daemon;
mod plain;
#[cfg(test)]
mod tests;

pub(super) use self::daemon::daemon;
use self::plain::plain;
use super::Scene;
use super::directives::{Directive, of_apache};
use super::proxy::{Front, is_name};
use crate::capture::app::Server;

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
                section.push(line.clone());
            } else {
                text.push_str(&format!("{line}\n"));
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
