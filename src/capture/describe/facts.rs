//! `host`, `data` and files of the app: facts of the machine, as the app meets them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Scene;
use crate::capture::description::Description;
use crate::capture::host::{Change, Place, Shown};

pub(super) fn describe(scene: &Scene<'_>, into: &mut Description) {
    let system = &scene.host.system;
    into.saw(&[
        "host.tmp",
        "host.open_files",
        "host.localtime",
        "host.read_only_root",
        "host.writable",
        "host.locales",
    ]);
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
    data(scene, into);
    files(scene, into);
}

/// Limits that are not those of the machine's first process, which in a container are the engine's.
fn limits(scene: &Scene<'_>, into: &mut Description) {
    let Some(process) = &scene.app.process else { return };
    let is_first =
        |name: &str, own: &(String, String)| scene.host.first_limits.get(name) == Some(own);
    if let Some(own) = process.limits.get("open files").filter(|own| !is_first("open files", own)) {
        let both = if own.0 == own.1 { own.0.clone() } else { format!("{}:{}", own.0, own.1) };
        if own.1 != "unlimited" {
            into.set(
                "host.open_files",
                both.parse::<u64>().map_or_else(|_| both.clone().into(), Value::from),
                "limits of the process",
            );
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

fn bytes(number: u64) -> Value {
    match number {
        0 => 0.into(),
        number if number % (1 << 20) == 0 => format!("{}MiB", number >> 20).into(),
        number if number % (1 << 10) == 0 => format!("{}KiB", number >> 10).into(),
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
    if let Some(size) = system.rooms.get("/tmp") {
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

/// Folders of the user's that variables and the proxy name.
fn data(scene: &Scene<'_>, into: &mut Description) {
    let Some(user) = scene.app.user(scene.host) else { return };
    if scene.app.process.as_ref().is_some_and(|process| process.variables.is_some()) {
        into.saw(&["data"]);
    }
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for variable in scene.app.variables(scene.host).unwrap_or_default().values() {
        if let Shown::Value(value) = &variable.shown
            && value.starts_with('/')
            && super::variables::is_of_app(&variable.name)
        {
            paths.insert(value.trim_end_matches('/').to_owned());
        }
    }
    if let Some(Value::Object(media)) = into.get("proxy.media") {
        paths.extend(media.values().filter_map(|folder| folder.as_str().map(str::to_owned)));
    }
    if let Some(unit) = &scene.app.unit {
        paths.extend(
            unit.all("ReadWritePaths")
                .iter()
                .flat_map(|all| all.split_whitespace())
                .map(|path| path.trim_start_matches(['-', '+']).trim_end_matches('/').to_owned()),
        );
    }
    let environment = scene.app.environment(scene.host).map(|one| one.folder.clone());
    // In the app's own folder, what is neither its code nor what is served.
    let code = scene.app.process.as_ref().and_then(|process| process.folder.clone());
    let below: Vec<String> = scene
        .host
        .places
        .keys()
        .map(|path| path.trim_end_matches('/').to_owned())
        .filter(|path| path.rsplit_once('/').is_some_and(|(above, _)| paths.contains(above)))
        .filter(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            let is_code =
                ["app", "src", "current", "releases", "static", "staticfiles", "node_modules"]
                    .contains(&name)
                    || name.starts_with(['.', '_']);
            Some(path) != code.as_ref() && !is_code
        })
        .collect();
    paths.extend(below);
    let place = |path: &str| {
        scene.host.places.get(path).or_else(|| scene.host.places.get(&format!("{path}/")))
    };
    let is_data = |path: &str, place: &Place| {
        let is_home = path == format!("/srv/{user}")
            || scene.host.system.accounts.get(&user).is_some_and(|account| account.home == path);
        let is_code = environment.as_deref().is_some_and(|folder| path.starts_with(folder));
        place.is_folder
            && place.owner == user
            && !is_home
            && !is_code
            && !path.starts_with("/tmp")
            && !path.starts_with("/run")
            && !path.starts_with("/var/run")
    };
    let served: Vec<String> = into
        .get("proxy.static")
        .and_then(Value::as_object)
        .map(|map| {
            map.values()
                .filter_map(|folder| Some(format!("/srv/{user}/{}", folder.as_str()?)))
                .collect()
        })
        .unwrap_or_default();
    let found: Vec<Value> = paths
        .iter()
        .filter(|path| !served.contains(path))
        .filter_map(|path| {
            let place = place(path).filter(|place| is_data(path, place))?;
            let mode = format!("{:0>4}", place.mode);
            if mode == "0755" && (place.group == user) {
                return Some(path.clone().into());
            }
            let mut map = BTreeMap::from([("path", Value::from(path.clone()))]);
            if mode != "0755" {
                map.insert("mode", mode.into());
            }
            if place.group != user {
                map.insert("group", place.group.clone().into());
            }
            Some(json!(map))
        })
        .collect();
    if !found.is_empty() {
        into.set("data", found, format!("folders of {user} that variables or the proxy name"));
    }
}

/// Files in `/etc` that are the app's: its variables name them, or they are called as it is.
fn files(scene: &Scene<'_>, into: &mut Description) {
    let user = scene.app.user(scene.host).unwrap_or_default();
    let mut words: BTreeSet<String> = BTreeSet::from([user.clone(), scene.app.name.clone()]);
    words.extend(super::install::release_of(scene));
    words.retain(|word| word.len() > 2 && word != "www-data" && word != "root");
    let named: BTreeSet<String> = scene
        .app
        .variables(scene.host)
        .unwrap_or_default()
        .values()
        .filter_map(|variable| match &variable.shown {
            Shown::Value(value) if value.starts_with('/') => Some(value.clone()),
            _ => None,
        })
        .collect();
    let sets_variables: Vec<&str> = scene
        .app
        .unit
        .iter()
        .flat_map(|unit| unit.all("EnvironmentFile"))
        .map(|path| path.trim_start_matches('-'))
        .collect();
    let is_of_app = |change: &&Change| {
        let parts: Vec<&str> = change.path.split(['/', '.']).collect();
        named.contains(&change.path) || words.iter().any(|word| parts.contains(&word.as_str()))
    };
    let mut written: Vec<Value> =
        into.get("files").and_then(Value::as_array).cloned().unwrap_or_default();
    let before = written.len();
    for change in scene
        .host
        .changes
        .iter()
        .filter(is_of_app)
        .filter(|change| !sets_variables.contains(&change.path.as_str()))
    {
        if change.lines.is_empty() {
            into.todo(
                "files",
                format!(
                    "{}: it is the app's, and was not readable: copy it, {{path: {}, source: ...}}",
                    change.path, change.path
                ),
            );
            continue;
        }
        let name = format!(
            "etc-{}",
            change
                .path
                .trim_start_matches("/etc/")
                .replace(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c), "-")
        );
        into.add_file(&name, change.lines.join("\n") + "\n");
        into.texts.insert(format!("files.{}", change.path), change.lines.join("\n"));
        let mut map = Map::from_iter([
            ("path".to_owned(), change.path.clone().into()),
            ("source".to_owned(), scene.beside(&name).into()),
        ]);
        if let Some(place) = scene.host.places.get(&change.path) {
            map.insert(
                "owner".to_owned(),
                if place.owner == user { "app".into() } else { place.owner.clone().into() },
            );
            if place.group != place.owner {
                map.insert("group".to_owned(), place.group.clone().into());
            }
            map.insert("mode".to_owned(), format!("{:0>4}", place.mode).into());
        }
        if change.lines.iter().any(|line| line.contains("HIDDEN")) {
            into.todo("files", format!("{}: HIDDEN stands where a value was kept back; make it a template, with {{{{ secret.NAME }}}}", scene.beside(&name)));
        }
        written.push(Value::Object(map));
    }
    if written.len() > before {
        into.set("files", written, "in /etc, of no package, and the app's");
    }
    let others: Vec<&str> = scene
        .host
        .changes
        .iter()
        .filter(|change| !is_of_app(change))
        .map(|change| change.path.as_str())
        .collect();
    if !others.is_empty() {
        let more = if others.len() > 12 {
            format!(" and {} more", others.len() - 12)
        } else {
            String::new()
        };
        into.notes.push(format!(
            "also changed in /etc, and not brought along: {}{more}",
            others.iter().take(12).copied().collect::<Vec<_>>().join(", ")
        ));
    }
}
