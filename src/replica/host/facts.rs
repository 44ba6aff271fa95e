//! What `host` describes: what its container gets, and what its processes get.

use super::bind::Bind;
use super::clock::{clock_files, clock_variables};
use super::layout::socket_folder;
use super::process::STANDARD_VARIABLES;
use crate::replica::added;
use crate::replica::network::Addresses;
use crate::replica::spec::{ContainerSpec, FileEntry, LookupSpec, Ulimit};
use crate::site::{
    AddressFamily, Bound, HostName, LeadsTo, Limited, Site, Systemd, Temporary, WsgiServer,
};

/// The capability that mounting needs. Of a host's processes only `serve.py` ever has it.
pub const MOUNTING: &str = "SYS_ADMIN";

/// Gives the host's container what the site's host is described to have.
pub(in crate::replica) fn give_facts(site: &Site, addresses: &Addresses, spec: &mut ContainerSpec) {
    let host = &site.host;
    if let Some(hostname) = &host.hostname {
        spec.hostname = Some(hostname.to_string());
    }
    if let Some(tmp) = &host.tmp {
        spec.tmpfs.insert("/tmp".to_owned(), mount_options(tmp));
    }
    spec.limits.shm = host.shm.map(|size| size.0);
    if let Some(files) = host.open_files {
        let (soft, hard) = (files.soft.into(), files.hard.into());
        spec.ulimits.push(Ulimit { name: "nofile".to_owned(), soft, hard });
    }
    for (limited, bound) in &host.limits {
        let bytes = match bound {
            Bound::Bytes(bytes) => i64::try_from(*bytes).unwrap_or(i64::MAX),
            Bound::Unlimited => -1,
        };
        let name = match limited {
            Limited::FileSize => "fsize",
            Limited::Stack => "stack",
            Limited::Data => "data",
            Limited::LockedMemory => "memlock",
            Limited::Core => "core",
        };
        spec.ulimits.push(Ulimit { name: name.to_owned(), soft: bytes, hard: bytes });
    }
    if is_mounting(site) {
        // To mount, and to take the right to mount away from everything that is started.
        spec.capabilities.extend([MOUNTING, "SETPCAP"].map(str::to_owned));
    }
    spec.lookup = LookupSpec {
        search: host.resolver.search.iter().map(ToString::to_string).collect(),
        options: host.resolver.options(),
        hosts: own_names(site, addresses)
            .map(|(name, address)| format!("{name}:{address}"))
            .collect(),
    };
    if is_without_ipv6(site) {
        spec.sysctls.insert("net.ipv6.conf.all.disable_ipv6".to_owned(), "1".to_owned());
    }
    spec.files.extend(clock_files(site));
}

/// The names of the host's own `/etc/hosts`, and where they lead.
pub(in crate::replica) fn own_names<'a>(
    site: &'a Site,
    addresses: &'a Addresses,
) -> impl Iterator<Item = (&'a HostName, String)> {
    site.host.hosts.iter().map(|(name, target)| match target {
        LeadsTo::Own(address) => (name, address.to_string()),
        LeadsTo::Service(role) => (name, addresses.service(role)),
    })
}

/// Whether a process of the app's host sees other folders than that has.
#[must_use]
pub(in crate::replica) fn is_mounting(site: &Site) -> bool {
    let processes = site.processes.values().map(|process| &process.systemd);
    let mut units = processes.chain([&site.wsgi.systemd, &site.proxy.systemd]);
    site.host.read_only_root || units.any(Systemd::has_own_folders)
}

fn mount_options(tmp: &Temporary) -> String {
    let exec = if tmp.exec { "exec" } else { "noexec" };
    let size = tmp.size.map(|size| format!(",size={}", size.0)).unwrap_or_default();
    format!("mode=1777,nosuid,nodev,{exec}{size}")
}

#[must_use]
pub(in crate::replica) fn is_without_ipv6(site: &Site) -> bool {
    let families = site.host.resolver.families.as_ref();
    families.is_some_and(|families| !families.contains(&AddressFamily::Ipv6))
}

/// The order of families that glibc does not have by itself, for the host, the services and the suite
/// (`man 5 gai.conf`).
pub(in crate::replica) fn family_files(site: &Site) -> Option<FileEntry> {
    let families = site.host.resolver.families.as_deref()?;
    let ipv4_first = families == [AddressFamily::Ipv4, AddressFamily::Ipv6];
    ipv4_first.then(|| FileEntry::new("/etc/gai.conf", 0o644, "precedence ::ffff:0:0/96  100\n"))
}

fn families_in_words(site: &Site) -> Option<&'static str> {
    match site.host.resolver.families.as_deref()? {
        [AddressFamily::Ipv6, ..] => Some("IPv6 before IPv4"),
        [_, AddressFamily::Ipv6] => Some("IPv4 before IPv6"),
        _ => Some("no IPv6"),
    }
}

/// Variables that a live process may have beside the described ones.
pub(in crate::replica) fn standard_variables(site: &Site) -> Vec<String> {
    let standard = STANDARD_VARIABLES.into_iter().map(str::to_owned);
    let handed_on = Bind::of(site).is_root_s().map(|_| added::LISTEN_VARIABLES);
    let handed_on = handed_on.iter().flat_map(added::words).map(str::to_owned);
    standard.chain(clock_variables(site).map(|(key, _)| key)).chain(handed_on).collect()
}

/// For what starts the site's processes: soft and hard limit of open files. The engine gives both, but
/// what it starts by `exec` may find the soft one raised (<https://github.com/opencontainers/runc/issues/4195>).
pub(in crate::replica) fn open_files(site: &Site) -> Option<[u32; 2]> {
    site.host.open_files.map(|files| [files.soft, files.hard])
}

/// Where the app's processes can write under a read-only root.
#[must_use]
pub(in crate::replica) fn writable_folders(site: &Site) -> Vec<String> {
    let mut folders = vec!["/tmp".to_owned(), "/var/tmp".to_owned(), socket_folder(site)];
    if site.wsgi.server == WsgiServer::ModWsgi {
        // What Debian's Apache has to itself.
        folders.extend(["/run/apache2", "/run/lock", "/var/log/apache2"].map(str::to_owned));
    }
    let described = site.data.iter().map(|folder| &folder.path).chain(&site.host.writable);
    folders.extend(described.map(|folder| folder.display().to_string()));
    folders
}

/// The described facts for a reader of the plan, with a colon before them.
pub(in crate::replica) fn facts_in_words(site: &Site) -> String {
    let host = &site.host;
    let size = |bytes: u64| bytesize::ByteSize(bytes).display().iec().to_string();
    let mut words = Vec::new();
    words.extend(host.hostname.as_ref().map(|name| format!("called {name}")));
    words.extend(host.tmp.map(|tmp| {
        let room = tmp.size.map(|bytes| format!(" of {}", size(bytes.0))).unwrap_or_default();
        format!("/tmp{room}{}", if tmp.exec { "" } else { " noexec" })
    }));
    words.extend(host.shm.map(|bytes| format!("/dev/shm of {}", size(bytes.0))));
    words.extend(host.open_files.map(|files| format!("{files} open files")));
    words.extend((!host.limits.is_empty()).then(|| "limits".to_owned()));
    words.extend(host.read_only_root.then(|| "read-only root".to_owned()));
    words.extend(host.clock.map(|clock| format!("clock {clock}")));
    if !host.locales.is_empty() {
        words.push(format!("locales {}", host.locales.join(" ")));
    }
    words.extend(host.localtime.as_ref().map(|zone| format!("/etc/localtime {zone}")));
    let own: Vec<&str> = host.hosts.keys().map(HostName::as_str).collect();
    words.extend((!own.is_empty()).then(|| format!("knows {} itself", own.join(" "))));
    words.extend(host.way_out.as_ref().map(|role| format!("way out by {role}")));
    words.extend(families_in_words(site).map(str::to_owned));
    let search: Vec<&str> = host.resolver.search.iter().map(HostName::as_str).collect();
    words.extend((!search.is_empty()).then(|| format!("search {}", search.join(" "))));
    words.extend(host.resolver.options());
    if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) }
}
