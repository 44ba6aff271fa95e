//! Which sites of a project are meant, and whether they have what they are started with.

use super::Project;
use crate::failure::Failure;
use crate::site::model::Site;
use crate::site::problem::{Problems, suggestion};
use crate::site::value::SiteName;

impl Project {
    /// The sites that are asked for, or all; in the project's order, each once.
    ///
    /// # Errors
    /// Names of no site, and secrets of the chosen sites that take an unset variable.
    pub fn choose(&self, names: &[SiteName]) -> Result<Vec<&Site>, Failure> {
        let sites = self.find_sites(names)?;
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
    pub fn find_sites(&self, names: &[SiteName]) -> Result<Vec<&Site>, Failure> {
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
        let known: Vec<SiteName> = self.sites.iter().map(|site| site.name.clone()).collect();
        no_such_site(names, &known)
    }
}

/// That sites are named which are not there, with the nearest name, or all that are known.
#[must_use]
pub fn no_such_site(names: &[&SiteName], known: &[SiteName]) -> Failure {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let failure = Failure::usage(format!("there is no site {}", quoted.join(", ")));
    let first = names.first().map_or("", |name| name.as_str());
    let hint = suggestion(first, known.iter().map(SiteName::as_str), "the sites are");
    hint.into_iter().fold(failure, Failure::hint)
}
