//! `processes` and `timers`.

use std::collections::BTreeMap;

use super::systemd::Unit;
use super::wsgi::working_folder;
use crate::site::file::{ProcessFile, TimerFile};
use crate::site::model::{SiteProcess, Timer};
use crate::site::problem::KeyPath;
use crate::site::resolve::value::{self, Complaint};
use crate::site::resolve::{Resolver, amount};
use crate::site::value::Role;

/// The processes that a host has anyway, by the names of their logs.
const OWN_ROLES: [&str; 3] = ["wsgi", "nginx", "apache"];

/// The diagnosis as a whole has ten minutes.
const LONGEST_TIMER: u64 = 300;

impl Resolver<'_> {
    pub(in crate::site::resolve) fn processes(
        &mut self,
        files: &BTreeMap<String, ProcessFile>,
        base_locale: &str,
    ) -> Option<BTreeMap<Role, SiteProcess>> {
        let path = KeyPath::from(["processes"]);
        let judged: Vec<_> = files
            .iter()
            .map(|(name, file)| {
                let at = path.key(name);
                let process = self.process(&at, file, base_locale);
                if OWN_ROLES.contains(&name.as_str()) {
                    let message = format!("`{name}` is a process that the site has anyway");
                    let complaint = Complaint::new(message);
                    self.complain_of_key(
                        &at,
                        complaint.hint("name it otherwise, such as `worker`"),
                    );
                    return None;
                }
                match name.parse::<Role>() {
                    Ok(role) => Some((role, process?)),
                    Err(error) => {
                        self.complain_of_key(&at, error.into());
                        None
                    }
                }
            })
            .collect();
        judged.into_iter().collect()
    }

    fn process(
        &mut self,
        path: &KeyPath,
        file: &ProcessFile,
        base_locale: &str,
    ) -> Option<SiteProcess> {
        let locale = match &file.locale {
            Some(locale) => self.take(&path.key("locale"), value::locale(locale)),
            // A wrong one is reported where it stands.
            None => value::locale(base_locale).ok(),
        };
        let folder = self.take_some(&path.key("folder"), file.folder.as_deref(), working_folder);
        let umask = self.take_some(&path.key("umask"), file.umask.as_deref(), amount::umask);
        if file.run.as_deref().is_some_and(|run| run.trim().is_empty()) {
            self.complain(&path.key("run"), Complaint::new("the command is empty"));
        }
        let systemd = self.systemd(&path.key("systemd"), &file.systemd, Unit::Process);
        let run = self.text(&path.key("run"));
        Some(SiteProcess {
            run: run?,
            locale: locale?,
            folder: folder?,
            umask: umask?,
            systemd: systemd?,
        })
    }

    pub(in crate::site::resolve) fn timers(
        &mut self,
        files: &BTreeMap<String, TimerFile>,
        processes: &BTreeMap<String, ProcessFile>,
    ) -> Option<BTreeMap<Role, Timer>> {
        let path = KeyPath::from(["timers"]);
        let judged: Vec<_> = files
            .iter()
            .map(|(name, file)| {
                let at = path.key(name);
                let timer = self.timer(&at, file);
                if OWN_ROLES.contains(&name.as_str()) || processes.contains_key(name) {
                    let complaint = Complaint::new(format!("`{name}` is a process of the site"));
                    let hint = "name it otherwise, such as `nightly`";
                    self.complain_of_key(&at, complaint.hint(hint));
                    return None;
                }
                match name.parse::<Role>() {
                    Ok(role) => Some((role, timer?)),
                    Err(error) => {
                        self.complain_of_key(&at, error.into());
                        None
                    }
                }
            })
            .collect();
        judged.into_iter().collect()
    }

    fn timer(&mut self, path: &KeyPath, file: &TimerFile) -> Option<Timer> {
        let folder = self.take_some(&path.key("folder"), file.folder.as_deref(), working_folder);
        let timeout = self.take(&path.key("timeout"), amount::duration(&file.timeout));
        let timeout = timeout.filter(|timeout| {
            let is_short = timeout.as_secs() <= LONGEST_TIMER;
            if !is_short {
                let complaint = Complaint::new("a timer of a rehearsal may take 5 minutes");
                let hint = "let it do less here, by an option or a variable of its own";
                self.complain(&path.key("timeout"), complaint.hint(hint));
            }
            is_short
        });
        if file.run.as_deref().is_some_and(|run| run.trim().is_empty()) {
            self.complain(&path.key("run"), Complaint::new("the command is empty"));
        }
        let run = self.text(&path.key("run"));
        Some(Timer { run: run?, folder: folder?, timeout: timeout? })
    }
}
