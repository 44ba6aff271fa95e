//! `host`: facts of the machine, as the app meets them.

use serde_json::{Map, Value, json};

use super::scene::Scene;
use crate::capture::description::Description;

pub(super) fn describe(scene: &Scene<'_>, into: &mut Description) {
    let system = &scene.host.system;
    into.saw(&["host.localtime", "host.read_only_root", "host.writable", "host.locales"]);
    if scene.host.is_running {
        into.saw(&["host.tmp"]);
    }
    if scene.host.is_running || scene.app.unit.is_some() {
        into.saw(&["host.open_files"]);
    }
    if !system.resolver.is_empty()
        && !system.resolver.iter().any(|line| line.contains("127.0.0.11"))
    {
        into.saw(&[
            "host.resolver.search",
            "host.resolver.ndots",
            "host.resolver.timeout",
            "host.resolver.attempts",
            "host.resolver.families",
        ]);
    }
    if !system.hostname.is_empty() && system.hostname != scene.wishes.site {
        into.set("host.hostname", system.hostname.clone(), "hostname");
    }
    let zone = |zone: &str| if zone == "Etc/UTC" { "UTC".to_owned() } else { zone.to_owned() };
    if let (Some(one), Some(two)) = (&system.timezone, &system.localtime)
        && zone(one) != zone(two)
    {
        into.set(
            "host.localtime",
            two.clone(),
            "/etc/localtime leads there, and not where /etc/timezone says",
        );
    }
    limits(scene, into);
    mounts(scene, into);
    resolver(scene, into);
    locales(scene, into);
    hosts(scene, into);
    confinement(scene, into);
}

/// Limits that are not those of the machine's first process, which in a container are the engine's.
fn limits(scene: &Scene<'_>, into: &mut Description) {
    let Some(process) = &scene.app.process else {
        let own = scene.app.unit.as_ref().and_then(|unit| unit.last("LimitNOFILE"));
        let own = own.filter(|own| own.split(':').all(|part| part.parse::<u64>().is_ok()));
        into.set_some("host.open_files", own.map(number_or_text), "LimitNOFILE of the unit");
        return;
    };
    let is_first =
        |name: &str, own: &(String, String)| scene.host.first_limits.get(name) == Some(own);
    if let Some(own) = process.limits.get("open files").filter(|own| !is_first("open files", own)) {
        let both = if own.0 == own.1 { own.0.clone() } else { format!("{}:{}", own.0, own.1) };
        if own.1 != "unlimited" {
            into.set("host.open_files", number_or_text(&both), "limits of the process");
        }
    }
    for (name, key, usual) in [
        ("file size", "file_size", "unlimited"),
        ("core file size", "core", "0"),
        ("data size", "data", "unlimited"),
    ] {
        let Some(own) = process.limits.get(name) else { continue };
        if own.0 != usual && own.0 != "unlimited" && !is_first(name, own) {
            let value = own.0.parse::<u64>().ok().map(bytes);
            into.set_some(&format!("host.limits.{key}"), value, "limits of the process");
        }
    }
}

fn number_or_text(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| text.into(), Value::from)
}

fn bytes(number: u64) -> Value {
    match number {
        0 => 0.into(),
        number if number.is_multiple_of(1 << 20) => format!("{}MiB", number >> 20).into(),
        number if number.is_multiple_of(1 << 10) => format!("{}KiB", number >> 10).into(),
        number => format!("{number}B").into(),
    }
}

/// `/tmp` in memory, and small `/dev/shm`.
fn mounts(scene: &Scene<'_>, into: &mut Description) {
    let system = &scene.host.system;
    let Some((_, _, options)) =
        system.mounts.iter().rev().find(|(place, kind, _)| place == "/tmp" && kind == "tmpfs")
    else {
        if let Some((_, kind, options)) =
            system.mounts.iter().rev().find(|(place, _, _)| place == "/tmp")
            && options.split(',').any(|option| option == "noexec")
        {
            into.set("host.tmp", json!({"exec": false}), format!("/tmp is {kind} and noexec"));
        }
        return;
    };
    let mut map = Map::new();
    // Half of the machine's memory is what systemd gives it by itself, and more than a replica may use.
    if let Some(size) = system.rooms.get("/tmp").filter(|size| **size < 256 * 1024) {
        map.insert("size".to_owned(), bytes(size * 1024));
    }
    if options.split(',').any(|option| option == "noexec") {
        map.insert("exec".to_owned(), false.into());
    }
    into.set("host.tmp", Value::Object(map), "/tmp is in memory");
}

fn resolver(scene: &Scene<'_>, into: &mut Description) {
    let lines = &scene.host.system.resolver;
    // Docker's own says nothing of the host.
    if lines.iter().any(|line| line.contains("127.0.0.11")) {
        return;
    }
    let words = |key: &str| {
        lines
            .iter()
            .rev()
            .find_map(|line| line.trim().strip_prefix(key))
            .map(|rest| rest.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    };
    let search = words("search ").or_else(|| words("domain "));
    if let Some(search) = search.filter(|search| !search.is_empty() && search != &["."]) {
        into.set("host.resolver.search", search, "/etc/resolv.conf");
    }
    for option in words("options ").unwrap_or_default() {
        if let Some((key @ ("ndots" | "timeout" | "attempts"), value)) = option.split_once(':')
            && let Ok(value) = value.parse::<u8>()
        {
            into.set(&format!("host.resolver.{key}"), value, "/etc/resolv.conf");
        }
    }
    let prefers_old = scene.host.system.preference.iter().any(|line| {
        line.split_whitespace().collect::<Vec<_>>() == ["precedence", "::ffff:0:0/96", "100"]
    });
    if prefers_old {
        into.set("host.resolver.families", json!(["ipv4", "ipv6"]), "/etc/gai.conf");
    }
}

/// Locales beside those of the system and the server.
fn locales(scene: &Scene<'_>, into: &mut Description) {
    let known: Vec<String> = ["base.locale", "wsgi.locale"]
        .iter()
        .filter_map(|key| into.get(key)?.as_str().map(str::to_owned))
        .collect();
    let more: Vec<String> = scene
        .host
        .system
        .locales
        .iter()
        .filter_map(|line| {
            let (name, charset) = line.split_once(' ')?;
            let plain = if charset == "UTF-8" && !name.contains('.') {
                format!("{name}.UTF-8")
            } else {
                name.to_owned()
            };
            (!known.contains(&plain) && plain != "C.UTF-8").then_some(if name.contains('.') {
                plain.clone()
            } else {
                format!("{name}.{charset}")
            })
        })
        .collect();
    if !more.is_empty() {
        into.set("host.locales", more, "/etc/locale.gen");
    }
}

/// Lines of `/etc/hosts` that name something of the site.
fn hosts(scene: &Scene<'_>, into: &mut Description) {
    let names: Vec<String> = into
        .get("names")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    for line in &scene.host.system.hosts {
        let mut words = line.split_whitespace();
        let Some(address) =
            words.next().filter(|address| matches!(*address, "127.0.0.1" | "::1" | "0.0.0.0"))
        else {
            continue;
        };
        for name in words.filter(|name| names.iter().any(|own| own == name)) {
            into.set_at(&["host", "hosts", name], address, "/etc/hosts");
        }
    }
}

/// A root that cannot be written to.
fn confinement(scene: &Scene<'_>, into: &mut Description) {
    let Some(unit) =
        scene.app.unit.as_ref().filter(|unit| unit.last("ProtectSystem") == Some("strict"))
    else {
        return;
    };
    into.set("host.read_only_root", true, unit.file.clone());
    let writable: Vec<String> = unit
        .all("ReadWritePaths")
        .iter()
        .flat_map(|paths| paths.split_whitespace())
        .map(|path| path.trim_start_matches(['-', '+']).to_owned())
        .collect();
    if !writable.is_empty() {
        into.set("host.writable", writable, unit.file.clone());
    }
}
