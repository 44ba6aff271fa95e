//! `base` and `python`: the system that a replica starts from.

use serde_json::{Value, json};

use super::scene::Scene;
use crate::capture::app::Server;
use crate::capture::description::Description;
use crate::capture::host::PythonEnvironment;
use crate::site::{DebianSuite, python_suite, suite_python};

/// Packages that a replica has by what its description says, or that only a machine of its own needs.
const NOT_DESCRIBED: [&str; 46] = [
    "python3",
    "python3-venv",
    "python3-minimal",
    "python3-distutils",
    "python-is-python3",
    "nginx",
    "nginx-core",
    "nginx-light",
    "nginx-full",
    "nginx-common",
    "apache2",
    "libapache2-mod-wsgi-py3",
    "uwsgi",
    "uwsgi-core",
    "uwsgi-emperor",
    "uwsgi-plugin-python3",
    "gunicorn",
    "supervisor",
    "redis",
    "redis-server",
    "redis-tools",
    "memcached",
    "rabbitmq-server",
    "mariadb-server",
    "mariadb-client",
    "postgresql",
    "postgresql-contrib",
    "openssh-server",
    "openssh-client",
    "sudo",
    "locales",
    "locales-all",
    "dbus",
    "systemd",
    "systemd-sysv",
    "libpam-systemd",
    "libnss-systemd",
    "cron",
    "iproute2",
    "init",
    "ca-certificates",
    "usrmerge",
    "apt",
    "apt-utils",
    "debian-archive-keyring",
    "python3-waitress",
];
/// Beginnings of such packages' names.
const NOT_DESCRIBED_EITHER: [&str; 14] = [
    "linux-image-",
    "linux-headers-",
    "grub",
    "firmware-",
    "initramfs-tools",
    "cloud-",
    "ifupdown",
    "isc-dhcp-",
    "shim-",
    "os-prober",
    "task-",
    "postgresql-",
    "mariadb-server-",
    "libnginx-mod-",
];

pub(super) fn describe(scene: &Scene<'_>, into: &mut Description) {
    let system = &scene.host.system;
    let suite = system.suite.clone().filter(|suite| suite.parse::<DebianSuite>().is_ok());
    let own = suite
        .as_deref()
        .and_then(|suite| suite.parse().ok())
        .and_then(|suite: DebianSuite| suite_python(&suite));
    if system.is_debian() && own.is_some() {
        into.set_some("base.debian", suite.clone(), format!("os-release: {}", system.name));
    } else if system.is_debian_like() {
        into.todo(
            "base",
            format!(
                "{} is no Debian that can be bootstrapped: take its root file system along,",
                system.name
            ),
        );
        into.todo("base", "   tar --one-file-system --exclude ./srv --exclude ./home --exclude ./root --exclude ./var/lib/postgresql -C / -cf base.tar .");
        into.todo("base", "   and write here:  base: {rootfs: base.tar}");
        if let Some(python) = python_of(scene) {
            into.set("python", python, "the app's environment");
        }
    } else {
        into.notes.push(format!("{} is not Debian-like: no replica of it can be made; what was read is written all the same", system.name));
        into.todo(
            "base",
            format!(
                "{}: a base image of yours that has the same, `base: {{image: ...}}`",
                system.name
            ),
        );
    }
    into.installed = scene
        .host
        .packages
        .installed
        .iter()
        .map(|(name, one)| (name.clone(), one.version.clone()))
        .collect();
    packages(scene, into);
    sources(scene, into);
    into.saw(&["base.locale", "base.timezone", "base.sources"]);
    let locale = system.locale.get("LC_ALL").or(system.locale.get("LANG"));
    into.set_some(
        "base.locale",
        locale.cloned().filter(|locale| !locale.is_empty()),
        "/etc/default/locale",
    );
    let zone = system.timezone.clone().or_else(|| system.localtime.clone());
    let from = if system.timezone.is_some() { "/etc/timezone" } else { "/etc/localtime" };
    into.set_some("base.timezone", zone.map(|zone| plain_zone(&zone)), from);
    let python = python_of(scene);
    if let Some(python) = python {
        let of_suite = own.map(|own| own.to_string());
        if of_suite.as_deref().is_some_and(|own| own != python) && system.is_debian() {
            let elsewhere = python
                .parse()
                .ok()
                .and_then(python_suite)
                .map(|suite| format!("; {suite} has it"))
                .unwrap_or_default();
            into.todo("python", format!("the app runs on Python {python}, which {} does not have{elsewhere}: a base with it, `base: {{image: ...}}`", system.name));
        }
        into.set("python", python, "the app's environment");
    }
}

/// `Etc/UTC` is what Debian calls `UTC`.
fn plain_zone(zone: &str) -> String {
    if zone == "Etc/UTC" { "UTC".to_owned() } else { zone.to_owned() }
}

/// `3.11`, of the environment, else of the distribution's own.
fn python_of(scene: &Scene<'_>) -> Option<String> {
    let environment = scene.app.environment(scene.host).and_then(PythonEnvironment::minor);
    environment.or_else(|| {
        let version = scene
            .host
            .packages
            .version("python3-minimal")
            .or(scene.host.packages.version("python3"))?;
        let mut parts = version.split(['.', '-', '+']);
        Some(format!("{}.{}", parts.next()?, parts.next()?))
    })
}

fn packages(scene: &Scene<'_>, into: &mut Description) {
    let packages = &scene.host.packages;
    if !packages.knows_manual && !packages.installed.is_empty() {
        into.not_readable.push("which packages were asked for: apt-mark showmanual".to_owned());
        return;
    }
    into.saw(&["base.packages"]);
    let is_left_out = |name: &str| {
        NOT_DESCRIBED.contains(&name)
            || NOT_DESCRIBED_EITHER.iter().any(|start| name.starts_with(start))
            // Of the base's own Python, and libraries that their packages bring.
            || (name.starts_with("python3.") && name.len() < 16)
            || (name.starts_with("libpython3") && name.len() < 20)
            || scene.host.system.is_debian() && name.starts_with("gcc-") && name.ends_with("-base")
    };
    let manual = packages.installed.iter().filter(|(name, package)| {
        package.is_manual
            && !package.is_of_every_system
            && !is_left_out(name)
            && !is_base_library(name)
    });
    let written: Vec<String> =
        manual
            .map(|(name, package)| {
                if scene.wishes.pin { format!("{name}={}", package.version) } else { name.clone() }
            })
            .collect();
    if !written.is_empty() {
        into.set(
            "base.packages",
            written,
            format!("asked for by hand, of {} packages", packages.installed.len()),
        );
    }
    if scene.app.server == Server::Waitress
        && packages.version("python3-waitress").is_some()
        && scene.app.environment(scene.host).is_none()
    {
        into.set("wsgi.from", "distribution", "python3-waitress");
    }
}

/// Libraries that a bootstrap puts there by itself: they are marked as if somebody had asked for them.
fn is_base_library(name: &str) -> bool {
    let is_library = name.starts_with("lib")
        && name.chars().last().is_some_and(|c| c.is_ascii_digit() || name.ends_with("t64"));
    let others = [
        "debconf",
        "gpgv",
        "zlib1g",
        "libc-bin",
        "libpam-runtime",
        "libpam-modules",
        "libpam-modules-bin",
        "perl-base",
        "tzdata",
        "mawk",
        "openssl",
        "netbase",
        "media-types",
        "sqv",
        "libapt-pkg6.0",
        "libapt-pkg7.0",
        "libssl3t64",
        "liblz4-1",
        "login.defs",
        "readline-common",
        "openssl-provider-legacy",
    ];
    (is_library && !name.starts_with("libpq") && !name.starts_with("libmariadb"))
        || others.contains(&name)
        || (name.starts_with("lib") && (name.ends_with("-perl") || name.ends_with("-common")))
        || name.starts_with("perl")
        || name.starts_with("libpam")
}

/// Sources beside Debian's own, with their keys.
fn sources(scene: &Scene<'_>, into: &mut Description) {
    let packages = &scene.host.packages;
    let is_own = |uri: &String| {
        let place = uri.split_once("://").map_or(uri.as_str(), |(_, rest)| rest);
        let place = place.trim_end_matches('/');
        place.ends_with("/debian")
            || place.ends_with("/debian-security")
            || place.ends_with("/ubuntu")
            || uri.starts_with("cdrom:")
            || uri.starts_with("mirror+file:")
    };
    let others: Vec<&crate::capture::host::Source> =
        packages.sources.iter().filter(|source| !source.uris.iter().all(is_own)).collect();
    let mut written: Vec<Value> = Vec::new();
    for source in others {
        if source.uris.iter().any(|uri| uri.starts_with("file:") || uri.starts_with("copy:")) {
            into.todo("base", format!("packages come from {} on the host itself: copy the folder, `base: {{sources: [{{folder: debs}}]}}`", source.uris.join(", ")));
            continue;
        }
        let mut one = json!({"uris": source.uris, "suites": source.suites});
        if !source.components.is_empty() && source.components != ["main"] {
            one["components"] = json!(source.components);
        }
        let key = source.key.as_ref().and_then(|path| Some((path, packages.keys.get(path)?)));
        if let Some((path, encoded)) = key
            && let Ok(bytes) =
                base64::Engine::decode(&base64::engine::general_purpose::STANDARD, encoded)
        {
            let name: String = path
                .rsplit('/')
                .next()
                .unwrap_or("source")
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c))
                .collect();
            let name = format!("apt-{}", name.trim_start_matches('.'));
            one["key"] = scene.name_file(&name).into();
            into.add_file(&name, bytes);
        }
        written.push(one);
    }
    if !written.is_empty() {
        into.set("base.sources", written, "/etc/apt; check that it can be reached from here");
    }
}
