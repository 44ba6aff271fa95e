//! `env`, `secrets`, `deploy`, `health`, `critical`.

use std::collections::BTreeMap;

use super::value::{self, Complaint};
use super::{Resolver, Wanted, amount};
use crate::site::file::{CriticalFile, HealthFile, SecretFile, StepFile};
use crate::site::model::{Critical, DeployStep, Health, SecretSource, SuiteSource};
use crate::site::problem::KeyPath;
use crate::site::value::{SecretName, Text};

impl Resolver<'_> {
    pub(super) fn env(
        &mut self,
        file: &BTreeMap<String, String>,
    ) -> Option<BTreeMap<String, Text>> {
        let path = KeyPath::from(["env"]);
        let judged: Vec<_> = file
            .keys()
            .map(|name| {
                let at = path.key(name);
                match value::variable(name) {
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
                let judged = folders.find_later(text).map(|path| SecretSource::FromFile {
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

    fn step(&mut self, path: &KeyPath, file: &StepFile) -> Option<DeployStep> {
        let name = self.take_some(&path.key("name"), file.name.as_deref(), value::line);
        let timeout = self.take(&path.key("timeout"), amount::duration(&file.timeout));
        if file.run.as_deref().is_some_and(|run| run.trim().is_empty()) {
            self.complain(&path.key("run"), Complaint::new("the command is empty"));
        }
        let run = self.text(&path.key("run"));
        Some(DeployStep { name: name??, run: run?, when: file.when, timeout: timeout? })
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

    pub(super) fn critical(&mut self, file: &CriticalFile) -> Option<Critical> {
        let path = KeyPath::from(["critical"]);
        let tests = self.take_path(&path.key("path"), file.path.as_deref(), Wanted::Either);
        let requirements =
            self.take_path(&path.key("requirements"), file.requirements.as_deref(), Wanted::File);
        let tools = requirements.as_ref().and_then(Option::as_deref);
        let included = self.included(&path.key("requirements"), tools);
        let budget = self.take(&path.key("budget"), amount::duration(&file.budget));
        let select = self.take_some(&path.key("select"), file.select.as_deref(), value::line);
        if file.run.as_deref().is_some_and(|run| run.trim().is_empty()) {
            self.complain(&path.key("run"), Complaint::new("the command is empty"));
        }
        let suite = match (tests?, &file.run) {
            (Some(path), None) => SuiteSource::Pytest { path, select: select? },
            (tests, Some(run)) => {
                if file.select.is_some() {
                    let complaint = Complaint::new("`select` goes with pytest, not with `run`");
                    self.complain_of_key(&path.key("select"), complaint.hint("take it out"));
                }
                SuiteSource::Command { path: tests, run: run.clone() }
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
        Some(Critical { suite, requirements: requirements?, included: included?, budget: budget? })
    }
}
