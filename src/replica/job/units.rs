//! What systemd does on the live host, for the diagnosis: what it shall find of the units of the site's
//! processes, and the timers that it runs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::replica::host::layout::{described_folder, log_of, proxy_role};
use crate::replica::host::process::process_variables;
use crate::replica::plan::Handles;
use crate::replica::secret::Secrets;
use crate::site::{Site, Systemd};

/// A process, and what its unit says.
#[derive(Serialize)]
pub(in crate::replica) struct UnitJob {
    role: String,
    pid: i64,
    unit: Systemd,
    log: String,
}

/// A timer, which is run once.
#[derive(Serialize)]
pub(in crate::replica) struct TimerJob {
    name: String,
    /// By the shell, as the site's user.
    command: String,
    env: BTreeMap<String, String>,
    folder: String,
    /// Seconds after which it is killed.
    timeout: f64,
    /// What it writes goes there.
    log: String,
}

/// The units of the processes that are started on the app's host, as far as they say something.
#[must_use]
pub(super) fn units(site: &Site, pids: &[(String, i64)]) -> Vec<UnitJob> {
    let said = pids.iter().filter_map(|(role, pid)| {
        let unit = unit_of(site, role).filter(|unit| !unit.says_nothing())?.clone();
        Some(UnitJob { role: role.clone(), pid: *pid, unit, log: log_of(role) })
    });
    said.collect()
}

/// The timers of the app's host.
#[must_use]
pub(super) fn timers(site: &Site, secrets: &Secrets, handles: &Handles) -> Vec<TimerJob> {
    let timers = site.timers.iter().map(|(role, timer)| TimerJob {
        name: role.to_string(),
        command: secrets.reveal(&timer.run),
        env: process_variables(site, secrets, &site.base.locale),
        folder: described_folder(site, timer.folder.as_deref(), handles.is_tree),
        timeout: timer.timeout.as_secs_f64(),
        log: log_of(role.as_str()),
    });
    timers.collect()
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
