//! `env_file`, `required` and `uncovered`: what the site's process has beside what `env` says, what the app
//! cannot do without, and what its suite does not look at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::value::{self, Complaint};
use super::{Elsewhere, Resolver, Wanted};
use crate::bounded;
use crate::site::file::SiteFile;
use crate::site::model::EnvSyntax;
use crate::site::problem::{KeyPath, Place, Problem, nearest};
use crate::site::schema::first_keys;
use crate::site::value::Text;
use crate::site::{dotenv, systemd_env};

/// The most bytes of a file of variables.
const MAX_BYTES: u64 = 512 * 1024;

type Variables = (BTreeMap<String, Text>, BTreeSet<String>);

impl Resolver<'_> {
    /// All variables of the site's process: those of the file, and over them those of `env`; and the
    /// names of those that are as the file says.
    pub(super) fn variables(&mut self, file: &SiteFile) -> Option<Variables> {
        let path = KeyPath::from(["env_file"]);
        let filed = match self.take_path(&path, file.env_file.as_deref(), Wanted::File) {
            Some(Some(path)) => self.read_file(&path, file.env_syntax),
            Some(None) => Some(BTreeMap::new()),
            None => None,
        };
        let described = self.env(&KeyPath::from(["env"]), &file.env, value::variable);
        let (mut variables, described) = (filed?, described?);
        let as_filed = variables.keys().filter(|name| !described.contains_key(*name)).cloned();
        let as_filed = as_filed.collect();
        variables.extend(described);
        if file.env_syntax == EnvSyntax::Systemd && file.env_file.is_none() {
            let complaint = Complaint::new("there is no `env_file` that could be read so");
            let hint = "take it out, or name the file: `env_file: env/site.env`";
            self.complain_of_key(&KeyPath::from(["env_syntax"]), complaint.hint(hint));
        }
        self.required(&file.required, &variables);
        self.uncovered(&file.uncovered);
        Some((variables, as_filed))
    }

    fn read_file(&mut self, file: &Path, syntax: EnvSyntax) -> Option<BTreeMap<String, Text>> {
        let shown = file.strip_prefix(&self.folders.root).unwrap_or(file);
        let text = match bounded::read_text(file, MAX_BYTES) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("the file cannot be read: {error}");
                let problem = Problem::new(Place::file(shown), KeyPath::default(), message);
                self.problems.push(problem);
                return None;
            }
        };
        let read = match syntax {
            EnvSyntax::Common => dotenv::read(shown, &text),
            EnvSyntax::Systemd => Ok(systemd_env::read(shown, &text)),
        };
        let variables = match read {
            Ok(variables) => variables,
            Err(problems) => {
                self.problems.extend(problems);
                return None;
            }
        };
        let judged: Vec<_> = variables
            .into_iter()
            .map(|variable| match value::variable(&variable.name) {
                Ok(name) => {
                    let path = KeyPath::from(["env", name.as_str()]);
                    let (place, text) = (variable.place, variable.value.clone());
                    self.elsewhere.push(Elsewhere { path, place, text });
                    Some((name, Text::literal(variable.value)))
                }
                Err(Complaint { message, hint }) => {
                    let problem = Problem::new(variable.place, KeyPath::default(), message);
                    self.problems.push(problem.maybe_hint(hint));
                    None
                }
            })
            .collect();
        judged.into_iter().collect()
    }

    /// Every variable that the app requires is there.
    fn required(&mut self, names: &[String], variables: &BTreeMap<String, Text>) {
        let path = KeyPath::from(["required"]);
        self.no_twins(&path, names);
        let env = KeyPath::from(["env"]);
        for (index, name) in names.iter().enumerate() {
            if self.take(&path.key(index), value::variable(name)).is_none() {
                continue;
            }
            let value = variables.get(name);
            if value.is_some_and(Text::is_empty) {
                self.complain_of_emptiness(&env, name);
                continue;
            }
            if value.is_some() || self.has_or_had(&env, name) {
                continue;
            }
            let message =
                format!("the app requires the variable `{name}`, which this site does not have");
            let hint = match nearest(name, variables.keys().map(String::as_str)) {
                Some(near) => format!("it has `{near}`; add `{name}` to `env`"),
                None => format!("add it: `env: {{{name}: ...}}`"),
            };
            // Said of the site's own file, wherever the names are listed.
            let problem = Problem::new(self.tree.place.clone(), env.clone(), message);
            self.problems.push(problem.hint(hint));
        }
    }

    /// Every key that the suite does not notice begins with one that a description has.
    pub(super) fn uncovered(&mut self, keys: &[String]) {
        let path = KeyPath::from(["uncovered"]);
        self.no_twins(&path, keys);
        for (index, key) in keys.iter().enumerate() {
            let first = key.split('.').next().unwrap_or_default();
            let known = || first_keys().filter(|known| *known != "uncovered");
            if known().any(|known| known == first) {
                continue;
            }
            let message = format!("`{key}` is no key of a description");
            let hint = match nearest(first, known()) {
                Some(near) => format!("did you mean `{near}{}`?", &key[first.len()..]),
                None => "write it as `stagectl crucial` does, such as `env.SHOP_THEME`".to_owned(),
            };
            self.complain(&path.key(index), Complaint::new(message).hint(hint));
        }
    }

    /// Reports a required variable whose value is an empty text, the commonest form of "not set".
    fn complain_of_emptiness(&mut self, env: &KeyPath, name: &str) {
        let message = format!("the app requires the variable `{name}`, which is empty here");
        let hint = "give it a value; an app that takes an empty one does not require it";
        // One of a file of variables is said of the site.
        let own = env.key(name);
        let (place, path) = match self.tree.find(&own) {
            Some(node) => (node.place.clone(), own),
            None => (self.tree.place.clone(), env.clone()),
        };
        self.problems.push(Problem::new(place, path, message).hint(hint));
    }
}
