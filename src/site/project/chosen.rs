//! Which sites of a project are meant, and whether they have what they are started with.

use super::Project;
use crate::failure::Failure;
use crate::site::model::{SecretSource, Site};
use crate::site::problem::{KeyPath, Problem, Problems, suggestion};
use crate::site::tree::Node;
use crate::site::value::SiteName;

impl Project {
    /// The sites that are asked for, or all; in the project's order, each once.
    ///
    /// # Errors
    /// Names of no site, and secrets of the chosen sites that take an unset variable.
    pub fn choose(&self, names: &[SiteName]) -> Result<Vec<&Site>, Failure> {
        let sites = self.named(names)?;
        let is_chosen = |name: &SiteName| names.is_empty() || names.contains(name);
        let mut problems = Problems::default();
        for (_, problem) in self.unset.iter().filter(|(name, _)| is_chosen(name)) {
            problems.push(problem.clone());
        }
        if !problems.is_empty() {
            return Err(problems.into());
        }
        Ok(sites)
    }

    /// The same, of whom nothing is started: what is up has its secrets already.
    ///
    /// # Errors
    /// Names of no site.
    pub fn named(&self, names: &[SiteName]) -> Result<Vec<&Site>, Failure> {
        let unknown: Vec<_> =
            names.iter().filter(|name| self.sites.iter().all(|site| site.name != **name)).collect();
        if !unknown.is_empty() {
            return Err(self.no_such(&unknown));
        }
        let is_chosen = |site: &&Site| names.is_empty() || names.contains(&site.name);
        Ok(self.sites.iter().filter(is_chosen).collect())
    }

    /// One site, to be read and not to be run.
    ///
    /// # Errors
    /// The name of no site.
    pub fn site(&self, name: &SiteName) -> Result<&Site, Failure> {
        self.sites.iter().find(|site| site.name == *name).ok_or_else(|| self.no_such(&[name]))
    }

    fn no_such(&self, names: &[&SiteName]) -> Failure {
        let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let failure = Failure::usage(format!("there is no site {}", quoted.join(", ")));
        let known = self.sites.iter().map(|site| site.name.as_str());
        let hint = suggestion(names[0].as_str(), known, "the sites are");
        hint.into_iter().fold(failure, Failure::hint)
    }
}

/// The secrets of a site whose variable is not set, or whose file is not there.
pub(super) fn unset(
    site: &Site,
    tree: &Node,
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<(SiteName, Problem)> {
    let missing = site.secrets.iter().filter_map(|(name, source)| match source {
        SecretSource::FromEnv(from) if variable(from).is_none_or(|value| value.is_empty()) => {
            let hint = format!("set it: export {from}=...");
            Some((name, "from_env", format!("the variable `{from}` is not set"), hint))
        }
        SecretSource::FromFile { file, path } if !path.exists() => {
            let hint = "put it there; version control should not see it".to_owned();
            Some((name, "from_file", format!("`{}` is not there", file.display()), hint))
        }
        _ => None,
    });
    missing
        .map(|(name, key, message, hint)| {
            let path = KeyPath::from(["secrets", name.as_str(), key]);
            let problem = Problem::new(tree.place_of(&path).clone(), path, message);
            (site.name.clone(), problem.hint(hint))
        })
        .collect()
}
