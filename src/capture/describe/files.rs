//! `data` and `files`: folders and files of the app's own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::scene::Scene;
use super::{install, of_app};
use crate::capture::description::Description;
use crate::capture::host::{Change, Place, Shown};

pub(super) fn describe(scene: &Scene<'_>, into: &mut Description) {
    data(scene, into);
    files(scene, into);
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
            && of_app::is_of_app(&variable.name)
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
    words.extend(install::release_of(scene));
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
            ("source".to_owned(), scene.name_file(&name).into()),
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
            into.todo("files", format!("{}: HIDDEN stands where a value was kept back; make it a template, with {{{{ secret.NAME }}}}", scene.name_file(&name)));
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
