//! What systemd does on the live host, for the diagnosis: what it shall find of the units of the site's
//! processes, and the timers that it runs.

use serde_json::{Map, Value, json};

use crate::replica::host::layout::{described_folder, log_of, proxy_role};
use crate::replica::host::process::process_variables;
use crate::replica::plan::Handles;
use crate::replica::secret::Secrets;
use crate::site::{Site, Systemd};

/// The units of the processes that are started on the app's host, and the timers.
#[must_use]
pub(in crate::replica) fn unit_members(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
    pids: &[(String, i64)],
) -> Map<String, Value> {
    let mut members = Map::new();
    let units: Vec<Value> = pids
        .iter()
        .filter_map(|(role, pid)| {
            let unit = unit_of(site, role).filter(|unit| !unit.says_nothing())?;
            Some(json!({"role": role, "pid": pid, "unit": unit, "log": log_of(role)}))
        })
        .collect();
    if !units.is_empty() {
        members.insert("units".to_owned(), units.into());
    }
    let timers: Vec<Value> = site
        .timers
        .iter()
        .map(|(role, timer)| {
            json!({
                "name": role,
                "command": secrets.reveal(&timer.run),
                "env": process_variables(site, secrets, &site.base.locale),
                "folder": described_folder(site, timer.folder.as_deref(), handles.is_tree),
                "timeout": timer.timeout.as_secs_f64(),
                "log": log_of(role.as_str()),
            })
        })
        .collect();
    if !timers.is_empty() {
        members.insert("timers".to_owned(), timers.into());
    }
    members
}

fn unit_of<'a>(site: &'a Site, role: &str) -> Option<&'a Systemd> {
    if role == "wsgi" {
        return Some(&site.wsgi.systemd);
    }
    if proxy_role(site) == Some(role) {
        return Some(&site.proxy.systemd);
    }
    let mut processes = site.processes.iter();
    processes.find(|(name, _)| name.as_str() == role).map(|(_, process)| &process.systemd)
}
