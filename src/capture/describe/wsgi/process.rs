//! What the process itself says: its user, umask, locale and folder.

use serde_json::{Map, Value};

use crate::capture::app::Server;
use crate::capture::describe::form::four_digits;
use crate::capture::describe::processes;
use crate::capture::describe::scene::Scene;
use crate::capture::description::Description;
use crate::capture::host::{Shown, UnitKind};

/// What the process itself says: umask, locale, folder, what its unit confines.
pub(super) fn of_process(scene: &Scene<'_>, into: &mut Description) {
    let Some(user) = scene.app.user(scene.host) else {
        into.todo("user", "the login name that the app runs as: it was not readable");
        return;
    };
    let account = scene.host.system.accounts.get(&user);
    let from = format!(
        "uid {}",
        account.map_or_else(|| "unknown".to_owned(), |account| account.uid.to_string())
    );
    if user == "root" {
        into.todo(
            "user",
            "the app runs as root, which no replica does: name the user that it should have",
        );
        return;
    }
    let mut map = Map::new();
    if let Some(account) = account {
        let groups: Vec<&String> = account.groups.iter().filter(|group| **group != user).collect();
        if !groups.is_empty() {
            map.insert("groups".to_owned(), groups.into_iter().cloned().collect());
        }
        let is_usual = account.home == format!("/srv/{user}") || account.uid < 100;
        if !is_usual {
            let home = if account.home == "/nonexistent" { "none" } else { &account.home };
            map.insert("home".to_owned(), home.into());
        }
    }
    if map.is_empty() {
        into.set("user", user.clone(), from);
    } else {
        map.insert("name".to_owned(), user.clone().into());
        into.set("user", Value::Object(map), from);
    }
    let process = scene.app.process.as_ref();
    into.saw(&["user.groups", "user.home"]);
    if process.is_some_and(|process| process.umask.is_some())
        || !scene.host.is_running && scene.app.unit.is_some()
    {
        into.saw(&["wsgi.umask"]);
    }
    if let Some(umask) =
        process.and_then(|process| process.umask.as_deref()).filter(|umask| *umask != "0022")
        && into.get("wsgi.umask").is_none()
    {
        into.set("wsgi.umask", umask, "of the process");
    }
    if process.is_none()
        && into.get("wsgi.umask").is_none()
        && let Some(umask) =
            scene.app.unit.as_ref().and_then(|unit| unit.last("UMask").or(unit.last("umask")))
        && umask != "0022"
    {
        into.set("wsgi.umask", four_digits(umask), "UMask of the unit");
    }
    locale(scene, into);
    if let Some(unit) = scene.app.unit.as_ref().filter(|unit| unit.kind == UnitKind::Systemd) {
        processes::systemd(unit, &user, "wsgi.systemd", into);
    }
    let folder = process.and_then(|process| process.folder.clone());
    let folder = folder.or_else(|| {
        scene
            .app
            .unit
            .as_ref()
            .and_then(|unit| unit.last("WorkingDirectory").or(unit.last("directory")))
            .map(str::to_owned)
    });
    let usual = [format!("/srv/{user}"), "/".to_owned(), "/var/www".to_owned()];
    if let Some(folder) =
        folder.filter(|folder| !usual.contains(folder) && folder.starts_with("/srv/"))
    {
        into.todo(
            "wsgi",
            format!("folder: {folder} is there in a replica if the release, a step or `data` brings it; take the key out where the app does not mind"),
        );
        into.set("wsgi.folder", folder, "where the process works");
    }
}

/// `LANG` of the process, where it is another one than that of the system.
fn locale(scene: &Scene<'_>, into: &mut Description) {
    if into.get("wsgi.locale").is_some() {
        return;
    }
    let Some(variables) = scene.app.variables(scene.host) else {
        into.todo("wsgi", "locale: what the server process has as LANG was not readable");
        return;
    };
    let value = |name: &str| {
        variables.get(name).and_then(|one| match &one.shown {
            Shown::Value(value) => Some(value.clone()),
            _ => None,
        })
    };
    let is_there = scene.app.process.as_ref().is_some_and(|process| process.variables.is_some());
    let own = value("LC_ALL").or_else(|| value("LANG")).filter(|locale| !locale.is_empty());
    if is_there {
        into.saw(&["wsgi.locale"]);
    }
    let own = own.or_else(|| is_there.then(|| "C".to_owned()));
    let system = into.get("base.locale").and_then(Value::as_str).unwrap_or("C.UTF-8").to_owned();
    let usual = if scene.app.server == Server::ModWsgi { "C".to_owned() } else { system };
    if let Some(own) = own.filter(|own| *own != usual) {
        into.set("wsgi.locale", own, "LANG of the process");
    }
}
