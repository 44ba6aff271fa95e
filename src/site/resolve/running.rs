//! `env`, `secrets`, `deploy`, `health`, `critical`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::value::{self, Complaint, Judged};
use super::{Resolver, Wanted, amount};
use crate::site::file::{
    BackupFile, CriticalFile, HealthFile, PickFile, RollbackFile, RollbackStepFile, SecretFile,
    StepFile,
};
use crate::site::model::{
    Backup, Critical, DeployStep, Health, Pick, Rollback, SecretSource, SuiteSource, When,
};
use crate::site::problem::{KeyPath, nearest};
use crate::site::value::{SecretName, Text};

/// More repetitions hide what they are to show.
const MOST_RETRIES: u8 = 9;

/// Where the suite's files are.
struct Tests {
    path: PathBuf,
    /// The one that is meant, if not all.
    file: Option<String>,
}

impl Tests {
    /// What a file of tests needs stands beside it: `conftest.py`, modules, settings.
    fn at(path: PathBuf, root: &Path) -> Judged<Tests> {
        if path.is_dir() {
            return Ok(Tests { path, file: None });
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        match path.parent() {
            Some(folder) if folder != root => {
                Ok(Tests { path: folder.to_owned(), file: Some(name) })
            }
            _ => Err(Complaint::new(format!("`{name}` is in the project's own folder"))
                .hint("what is beside a file of tests is brought along: put it into a folder such as `tests/critical`")),
        }
    }
}

impl Resolver<'_> {
    /// Variables with their secrets in place.
    pub(super) fn env(
        &mut self,
        path: &KeyPath,
        file: &BTreeMap<String, String>,
        judge: fn(&str) -> Judged<String>,
    ) -> Option<BTreeMap<String, Text>> {
        let judged: Vec<_> = file
            .keys()
            .map(|name| {
                let at = path.key(name);
                match judge(name) {
                    Ok(name) => Some((name, self.text(&at)?)),
                    Err(complaint) => {
                        self.complain_of_key(&at, complaint);
                        None
                    }
                }
            })
            .collect();
        judged.into_iter().collect()
    }

    pub(super) fn secret_sources(
        &mut self,
        files: &BTreeMap<String, SecretFile>,
    ) -> Option<BTreeMap<SecretName, SecretSource>> {
        let path = KeyPath::from(["secrets"]);
        let judged: Vec<_> = files
            .iter()
            .map(|(name, file)| {
                let at = path.key(name);
                let name = match name.parse::<SecretName>() {
                    Ok(name) => Some(name),
                    Err(error) => {
                        self.complain_of_key(&at, error.into());
                        None
                    }
                };
                let source = self.secret_source(&at, file);
                Some((name?, source?))
            })
            .collect();
        judged.into_iter().collect()
    }

    fn secret_source(&mut self, path: &KeyPath, file: &SecretFile) -> Option<SecretSource> {
        match (file.generate, &file.from_env, &file.from_file) {
            (Some(length), None, None) => Some(SecretSource::Generate(length.into())),
            (None, Some(variable), None) => {
                let is_name = !variable.is_empty()
                    && variable.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                let judged = if is_name {
                    Ok(SecretSource::FromEnv(variable.clone()))
                } else {
                    Err(Complaint::new(format!("`{variable}` is not the name of a variable")))
                };
                self.take(&path.key("from_env"), judged)
            }
            (None, None, Some(text)) => {
                let folders = self.folders;
                let judged =
                    folders.find_later(text, Wanted::File).map(|path| SecretSource::FromFile {
                        file: path.strip_prefix(&folders.root).unwrap_or(&path).to_owned(),
                        path,
                    });
                self.take(&path.key("from_file"), judged)
            }
            (None, None, None) => {
                if !self.had(path) {
                    let complaint = Complaint::new("it is not said where the secret comes from");
                    let hint = "such as `generate: 24`, `from_env: STAGE_SESSION_KEY` or `from_file: session.key`";
                    self.complain(path, complaint.hint(hint));
                }
                None
            }
            _ => {
                let all = [
                    ("generate", file.generate.is_some()),
                    ("from_env", file.from_env.is_some()),
                    ("from_file", file.from_file.is_some()),
                ];
                let there = all.iter().filter(|(_, is_there)| *is_there);
                let there: Vec<String> = there.map(|(key, _)| format!("`{key}`")).collect();
                let complaint = Complaint::new(format!("{} are there", there.join(" and ")));
                self.complain(path, complaint.hint("a secret comes from one place"));
                None
            }
        }
    }

    pub(super) fn steps(&mut self, files: &[StepFile]) -> Option<Vec<DeployStep>> {
        let path = KeyPath::from(["deploy", "steps"]);
        for (index, file) in files.iter().enumerate() {
            if let Some(name) = &file.name
                && files[..index].iter().any(|other| other.name.as_ref() == Some(name))
            {
                let message = format!("another step is called `{name}` already");
                self.complain(&path.key(index).key("name"), Complaint::new(message));
            }
        }
        let judged: Vec<_> = files
            .iter()
            .enumerate()
            .map(|(index, file)| self.step(&path.key(index), file))
            .collect();
        judged.into_iter().collect()
    }

    /// `None` without one, and where its problem is reported.
    pub(super) fn backup(&mut self, file: Option<&BackupFile>) -> Option<Backup> {
        let file = file?;
        let path = KeyPath::from(["deploy", "backup"]);
        let timeout = self.take(&path.key("timeout"), amount::duration(&file.timeout));
        let mut step = |key: &str, name: &str, written: Option<&str>| {
            if written.is_some_and(|run| run.trim().is_empty()) {
                self.complain(&path.key(key), Complaint::new("the command is empty"));
            }
            let run = self.text(&path.key(key))?;
            let (name, timeout) = (name.to_owned(), timeout?);
            Some(DeployStep { name, run, when: When::Upgrade, timeout, lock_timeout: None })
        };
        let run = step("run", "backup", file.run.as_deref());
        let restore = step("restore", "restore the backup", file.restore.as_deref());
        Some(Backup { run: run?, restore })
    }

    pub(super) fn rollback(&mut self, file: &RollbackFile) -> Option<Rollback> {
        let path = KeyPath::from(["deploy", "rollback", "steps"]);
        let steps = file.steps.iter().enumerate().map(|(index, step)| {
            let RollbackStepFile { name, run, timeout } = step;
            let (name, run, timeout) = (name.clone(), run.clone(), timeout.clone());
            let step = StepFile { name, run, when: When::Every, timeout, lock_timeout: None };
            self.step(&path.key(index), &step)
        });
        let steps: Vec<_> = steps.collect();
        let steps = steps.into_iter().collect::<Option<_>>()?;
        Some(Rollback { rehearse: file.rehearse, steps })
    }

    fn step(&mut self, path: &KeyPath, file: &StepFile) -> Option<DeployStep> {
        let name = self.take_some(&path.key("name"), file.name.as_deref(), value::line);
        let timeout = self.take(&path.key("timeout"), amount::duration(&file.timeout));
        if file.run.as_deref().is_some_and(|run| run.trim().is_empty()) {
            self.complain(&path.key("run"), Complaint::new("the command is empty"));
        }
        let run = self.text(&path.key("run"));
        let lock_timeout = file.lock_timeout.as_deref();
        let lock_timeout =
            self.take_some(&path.key("lock_timeout"), lock_timeout, amount::duration);
        Some(DeployStep {
            name: name??,
            run: run?,
            when: file.when,
            timeout: timeout?,
            lock_timeout: lock_timeout?,
        })
    }

    pub(super) fn health(&mut self, file: &HealthFile) -> Option<Health> {
        let path = KeyPath::from(["health"]);
        let is_path = file.path.starts_with('/')
            && !file.path.contains(|c: char| c.is_whitespace() || c.is_control());
        if !is_path {
            let complaint = Complaint::new(format!("`{}` is not a path of the site", file.path));
            self.complain(&path.key("path"), complaint.hint("such as /healthz"));
        }
        let within = self.take(&path.key("within"), amount::duration(&file.within));
        is_path.then_some(Health {
            path: file.path.clone(),
            status: file.status,
            json: file.json.clone().map(Into::into),
            within: within?,
        })
    }

    /// `variables` are those of the site's process, as far as they are known.
    pub(super) fn critical(
        &mut self,
        file: &CriticalFile,
        variables: Option<&BTreeMap<String, Text>>,
    ) -> Option<Critical> {
        let path = KeyPath::from(["critical"]);
        let env = self.env(&path.key("env"), &file.env, value::suite_variable);
        let site_env = self.site_env(file, variables);
        let folders = self.folders;
        let tests = self.take_some(&path.key("path"), file.path.as_deref(), |text| {
            Tests::at(folders.find(text, Wanted::Either)?, &folders.root)
        });
        let requirements =
            self.take_path(&path.key("requirements"), file.requirements.as_deref(), Wanted::File);
        let tools = requirements.as_ref().and_then(Option::as_deref);
        let included = self.included(&path.key("requirements"), tools, &BTreeSet::new());
        let retries = if file.retries > MOST_RETRIES {
            let message = format!("`{}` is more than {MOST_RETRIES}", file.retries);
            self.complain(&path.key("retries"), Complaint::new(message));
            None
        } else {
            Some(file.retries)
        };
        let budget = self.take(&path.key("budget"), amount::duration(&file.budget));
        let select = self.take_some(&path.key("select"), file.select.as_deref(), value::line);
        let pick = file.pick.as_ref().map(|pick| self.pick(file, pick));
        if file.run.as_deref().is_some_and(|run| run.trim().is_empty()) {
            self.complain(&path.key("run"), Complaint::new("the command is empty"));
        }
        self.live_part(file);
        let suite = match (tests?, &file.run) {
            (Some(Tests { path, file }), None) => {
                SuiteSource::Pytest { path, file, select: select? }
            }
            (tests, Some(run)) => {
                if file.select.is_some() {
                    let complaint = Complaint::new("`select` goes with pytest, not with `run`");
                    self.complain_of_key(&path.key("select"), complaint.hint("take it out"));
                }
                SuiteSource::Command { path: tests.map(|tests| tests.path), run: run.clone() }
            }
            (None, None) => {
                if !self.had(&path) {
                    let complaint = Complaint::new("neither `path` nor `run` is there");
                    let hint = "no tests is never green: such as `path: ../tests/critical`";
                    self.complain(&path, complaint.hint(hint));
                }
                return None;
            }
        };
        Some(Critical {
            suite,
            requirements: requirements?,
            included: included?,
            env: env?,
            site_env: site_env?,
            retries: retries?,
            flaky: file.flaky,
            budget: budget?,
            pick: match pick {
                None => None,
                Some(pick) => Some(pick?),
            },
            live: file.live.clone(),
        })
    }

    /// Says what is wrong with what is run against the live site.
    fn live_part(&mut self, file: &CriticalFile) {
        let path = KeyPath::from(["critical", "live"]);
        match (&file.live, &file.run) {
            (Some(live), Some(_)) if live.trim().is_empty() => {
                self.complain(&path, Complaint::new("the command is empty"));
            }
            (Some(live), None) if live.trim().is_empty() => {
                let complaint = Complaint::new("no test is chosen");
                let hint = "take it out, and mark the tests: `@pytest.mark.read_only`";
                self.complain(&path, complaint.hint(hint));
            }
            (Some(live), None) => drop(self.take(&path, value::line(live))),
            _ => {}
        }
    }

    fn pick(&mut self, file: &CriticalFile, pick: &PickFile) -> Option<Pick> {
        let path = KeyPath::from(["critical", "pick"]);
        if file.run.is_some() {
            let complaint = Complaint::new("`pick` goes with pytest, not with `run`");
            self.complain_of_key(&path, complaint.hint("take it out"));
            return None;
        }
        let within =
            self.take_some(&path.key("within"), pick.within.as_deref(), amount::duration)?;
        Some(Pick { within, picked: None })
    }

    /// The site's variables that the suite asks for: each is there, and said once.
    fn site_env(
        &mut self,
        file: &CriticalFile,
        variables: Option<&BTreeMap<String, Text>>,
    ) -> Option<BTreeSet<String>> {
        let path = KeyPath::from(["critical", "site_env"]);
        self.no_twins(&path, &file.site_env);
        let names = self.take_all(&path, &file.site_env, value::suite_variable);
        for (index, name) in file.site_env.iter().enumerate() {
            if file.env.contains_key(name) {
                let message = format!("`critical.env` says what `{name}` is");
                let complaint = Complaint::new(message).hint("take it out here or there");
                self.complain(&path.key(index), complaint);
            }
            let Some(variables) = variables else { continue };
            let is_name = value::suite_variable(name).is_ok();
            if !is_name
                || variables.contains_key(name)
                || self.has_or_had(&KeyPath::from(["env"]), name)
            {
                continue;
            }
            let known = variables.keys().map(String::as_str);
            let hint = nearest(name, known).map_or_else(
                || format!("add it to `env`, or say what the tests have: `critical.env: {{{name}: ...}}`"),
                |near| format!("did you mean `{near}`?"),
            );
            let complaint = Complaint::new(format!("the site has no variable `{name}`"));
            self.complain(&path.key(index), complaint.hint(hint));
        }
        names.map(|names| names.into_iter().collect())
    }
}
