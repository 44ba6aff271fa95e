//! `processes` and `timers`: what else of the app runs on the host, and what its unit confines.

use serde_json::{Map, Value, json};

use super::scene::Scene;
use crate::capture::description::Description;
use crate::capture::found::is_served;
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
        if is_served(unit) {
            into.notes.push(format!("{} is another app, and is not described", unit.name));
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
        let timer = started_by(unit);
        if let Some(timer) = timer {
            into.set_at(&["timers", &name], json!({"run": run}), hours_of(timer, unit));
        }
        if timer.is_some() || unit.last("Type") == Some("oneshot") {
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

/// What cron runs.
struct Job {
    user: String,
    /// When: five fields, or a word such as `@daily`.
    hours: String,
    command: String,
}

impl Job {
    /// A line of a crontab: `own` is before one of the reader's, `of USER` before one of another user's, and each of the
    /// system's names its user.
    fn of(line: &str, reader: &str) -> Option<Job> {
        let mut user = line.strip_prefix("own ").map(|_| reader);
        let mut rest = line.strip_prefix("own ").unwrap_or(line);
        if let Some((name, line)) = line.strip_prefix("of ").and_then(|line| line.split_once(' ')) {
            (user, rest) = (Some(name), line);
        }
        let mut words = rest.split_whitespace();
        let fields = if rest.trim_start().starts_with('@') { 1 } else { 5 };
        let hours: Vec<&str> = words.by_ref().take(fields).collect();
        let user = user.or_else(|| words.next())?.to_owned();
        Some(Job { user, hours: hours.join(" "), command: words.collect::<Vec<_>>().join(" ") })
    }
}

/// When a timer of systemd starts its unit, and where that is said.
fn hours_of(timer: &Unit, unit: &Unit) -> String {
    let keys = ["OnCalendar", "OnUnitActiveSec", "OnUnitInactiveSec", "OnBootSec", "OnStartupSec"];
    let hours = keys.iter().find_map(|key| Some(format!(", {key}={}", timer.last(key)?)));
    unit.file.clone() + &hours.unwrap_or_default()
}

/// Lines of cron that run as the app's user, or a program of its environment.
fn cron(scene: &Scene<'_>, user: &str, into: &mut Description) {
    let folder = scene.app.environment(scene.host).map(|environment| environment.folder.clone());
    let mut taken: Vec<String> = Vec::new();
    for job in
        scene.host.scheduled.iter().filter_map(|line| Job::of(line, &scene.host.system.reader))
    {
        if job.user != user || job.command.is_empty() || job.command.contains("HIDDEN") {
            continue;
        }
        let run = in_replica(&job.command, folder.as_deref());
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
        into.set_at(&["timers", &name], json!({"run": run}), format!("cron: {}", job.hours));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_cron_says_who_when_and_what() {
        let job = |line: &str| {
            let job = Job::of(line, "shop").unwrap();
            format!("{}|{}|{}", job.user, job.hours, job.command)
        };
        assert_eq!(job("*/5 3 * * 1  root /usr/bin/x  y"), "root|*/5 3 * * 1|/usr/bin/x y");
        assert_eq!(job("@daily board work"), "board|@daily|work");
        assert_eq!(job("own 0 3 * * * work --all"), "shop|0 3 * * *|work --all");
        assert_eq!(job("of board @reboot work"), "board|@reboot|work");
        assert!(Job::of("0 3 * * *", "shop").is_none());
    }
}
