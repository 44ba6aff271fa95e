//! Apache's configuration of the site, and the daemons of `mod_wsgi` in it.

mod daemon;
mod hosts;
mod plain;
#[cfg(test)]
mod tests;

pub(super) use self::daemon::daemon;
pub(super) use self::hosts::script_of;
use self::hosts::{chosen, is_secure, led_to, names_of};
use self::plain::plain;
use super::directives::{Directive, of_apache};
use super::front::{Front, is_name};
use super::places::Places;
use super::scene::Scene;

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
    let own = Places::of(scene);
    front.places = hosts.iter().flat_map(|(_, host)| led_to(host)).collect();
    front.places.retain(|place| own.has(place));
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
