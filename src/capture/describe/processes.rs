//! `processes` and `timers`: what else of the app runs on the host, and what its unit confines.

use serde_json::{Map, Value, json};

use super::scene::Scene;
use crate::capture::description::Description;
use crate::capture::host::{Unit, UnitKind, words};

pub(super) fn describe(scene: &Scene<'_>, into: &mut Description) {
    let Some(user) = scene.app.user(scene.host) else { return };
    into.saw(&["processes.*", "timers.*"]);
    let own = scene.app.unit.as_ref().map(|unit| unit.name.clone());
    let folder = scene.app.environment(scene.host).map(|environment| environment.folder.clone());
    let is_of_app = |unit: &Unit| {
        let runs_as = unit.last("User").or(unit.last("user"));
        let command = unit.command().unwrap_or_default();
        let is_there =
            folder.as_ref().is_some_and(|folder| command.contains(&format!("{folder}/")));
        runs_as == Some(user.as_str()) && (is_there || folder.is_none())
            || (runs_as.is_none() && is_there && unit.kind == UnitKind::Program)
    };
    let timers: Vec<&Unit> = scene.host.units.iter().filter(|unit| unit.is_timer()).collect();
    let started_by = |unit: &Unit| {
        timers.iter().find(|timer| {
            let named = timer
                .last("Unit")
                .map_or_else(|| timer.name.replace(".timer", ".service"), str::to_owned);
            named == unit.name
        })
    };
    let services =
        scene.host.units.iter().filter(|unit| unit.is_service() || unit.kind == UnitKind::Program);
    for unit in services.filter(|unit| Some(&unit.name) != own.as_ref() && is_of_app(unit)) {
        if is_of_another_instance(unit, scene.app.unit.as_ref()) {
            into.notes.push(format!("{} is of another instance, and is not described", unit.name));
            continue;
        }
        let Some(command) = unit.command().filter(|command| !command.is_empty()) else { continue };
        let name = name_of(unit);
        let run = in_replica(command, folder.as_deref());
        if run.contains("HIDDEN") {
            into.todo(
                "processes",
                format!("{}: its command has something that was kept back", unit.file),
            );
        }
        if started_by(unit).is_some() || unit.last("Type") == Some("oneshot") {
            if started_by(unit).is_some() {
                into.set_at(&["timers", &name], json!({"run": run}), unit.file.clone());
            }
            continue;
        }
        if !scene.host.active.is_empty()
            && unit.kind == UnitKind::Systemd
            && !scene.host.active.contains(&unit.name)
        {
            into.notes.push(format!("{} is there, and does not run", unit.name));
            continue;
        }
        into.set_at(&["processes", &name, "run"], run, unit.file.clone());
        if let Some(umask) = unit.last("UMask").filter(|umask| *umask != "0022") {
            into.set_at(
                &["processes", &name, "umask"],
                super::form::four_digits(umask),
                unit.file.clone(),
            );
        }
        if unit.kind == UnitKind::Systemd {
            systemd(unit, &user, &format!("processes.{name}.systemd"), into);
            if let Some(restart) =
                unit.last("Restart").filter(|restart| matches!(*restart, "always" | "on-failure"))
            {
                into.set_at(
                    &["processes", &name, "systemd", "restart"],
                    restart,
                    unit.file.clone(),
                );
            }
        }
    }
    cron(scene, &user, into);
}

/// Whether a unit is the app's own template for another site, or belongs to one.
fn is_of_another_instance(unit: &Unit, own: Option<&Unit>) -> bool {
    let own = own.and_then(Unit::instance);
    own.zip(unit.instance()).is_some_and(|((_, own), (_, other))| own != other)
}

/// A name of letters, digits and dashes.
fn name_of(unit: &Unit) -> String {
    let name: String = unit
        .stem()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' })
        .collect();
    name.trim_matches('-').to_lowercase()
}

/// A command as a replica runs it, where programs of the environment are found by their names.
fn in_replica(command: &str, folder: Option<&str>) -> String {
    match folder {
        Some(folder) => command.replace(&format!("{folder}/bin/"), ""),
        None => command.to_owned(),
    }
}

/// Lines of cron that run as the app's user, or a program of its environment.
fn cron(scene: &Scene<'_>, user: &str, into: &mut Description) {
    let folder = scene.app.environment(scene.host).map(|environment| environment.folder.clone());
    let mut taken: Vec<String> = Vec::new();
    for line in &scene.host.scheduled {
        let own = line.strip_prefix("own ");
        let fields = if line.trim_start_matches("own ").starts_with('@') { 1 } else { 5 };
        let mut rest = own.unwrap_or(line).split_whitespace().skip(fields);
        if own.is_none() && rest.next() != Some(user)
            || own.is_some() && scene.host.system.reader != user
        {
            continue;
        }
        let command = rest.collect::<Vec<_>>().join(" ");
        if command.is_empty() || command.contains("HIDDEN") {
            continue;
        }
        let run = in_replica(&command, folder.as_deref());
        let program = run.split_whitespace().find(|word| !word.contains('=')).unwrap_or("job");
        let program = program.rsplit('/').next().unwrap_or(program);
        let program: String = program
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        let mut name = format!("cron-{}", program.trim_matches('-'));
        let same = taken.iter().filter(|other| **other == name).count();
        taken.push(name.clone());
        if same > 0 {
            name = format!("{name}-{}", same + 1);
        }
        into.set_at(&["timers", &name], json!({"run": run}), "a line of cron");
    }
}

/// What a unit of systemd confines, as `KEY.private_tmp` and so on.
pub(super) fn systemd(unit: &Unit, user: &str, key: &str, into: &mut Description) {
    if key == "wsgi.systemd" {
        into.saw(&[
            "wsgi.systemd.private_tmp",
            "wsgi.systemd.memory_deny_write_execute",
            "wsgi.systemd.protect_home",
            "wsgi.systemd.group",
        ]);
    }
    let mut map = Map::new();
    if unit.is_on("PrivateTmp") {
        map.insert("private_tmp".to_owned(), true.into());
    }
    if unit.is_on("MemoryDenyWriteExecute") {
        map.insert("memory_deny_write_execute".to_owned(), true.into());
    }
    if let Some(home) = unit.last("ProtectHome") {
        let value: Option<Value> = match home {
            "yes" | "true" | "on" | "1" => Some(true.into()),
            "read-only" | "tmpfs" => Some(home.into()),
            _ => None,
        };
        map.extend(value.map(|value| ("protect_home".to_owned(), value)));
    }
    if let Some(group) = unit.last("Group").filter(|group| *group != user) {
        map.insert("group".to_owned(), group.into());
    }
    for (name, value) in map {
        into.set(&format!("{key}.{name}"), value, unit.file.clone());
    }
    if let Some(command) = unit.command()
        && words(command).iter().any(|word| word.contains('%'))
    {
        into.notes.push(format!("{}: its command has specifiers of systemd (%)", unit.file));
    }
}
