//! Descriptions between two sites: that of a passing one, with some keys of a failing one.
//!
//! Both are taken as they are written, merged with the defaults, before references are followed. The failing one is
//! put into the names of the other first: what is left between them are differences of environments.

mod keys;
mod meant;
mod merged;
mod names;
mod plain;
mod variation;
mod written;

use std::collections::BTreeSet;
use std::path::PathBuf;

pub use self::keys::is_of_no_environment;
use self::keys::{Key, keys_between, setting};
use self::meant::resolved;
use self::merged::{add_secrets, merged};
use self::names::renamed;
pub(super) use self::names::replaced_names;
pub use self::plain::Variables;
pub use self::variation::{Leaf, Variation};
pub use self::written::{description, value_of_yaml, written, written_with};
use super::check::check;
use super::difference::Difference;
use super::model::Site;
use super::problem::{KeyPath, Problems};
use super::project::Project;
use super::schema::of_whole_sites;
use super::tree::Node;
use super::value::SiteName;
use crate::failure::Failure;

/// Two sites, and the keys in which they differ.
#[derive(Debug, Clone)]
pub struct Crossing {
    name: SiteName,
    source: PathBuf,
    root: PathBuf,
    /// The passing site, with the secrets of both.
    green: Node,
    keys: Vec<Key>,
}

impl Crossing {
    /// The two sites of a project, the first of which passes.
    ///
    /// # Errors
    /// Usage: a description cannot be read any more.
    pub fn of(project: &Project, green: &Site, red: &Site) -> Result<Crossing, Failure> {
        let mut one = merged(project, green)?;
        let mut two = merged(project, red)?;
        renamed(&mut two, red, green);
        let keys = keys_between(&one, &two);
        add_secrets(&mut one, &two);
        // What the app cannot do without is found out here, and not asked for.
        one.put(&KeyPath::from(["required"]), None);
        let Site { name, source, .. } = green.clone();
        Ok(Crossing { name, source, root: project.root.clone(), green: one, keys })
    }

    /// The keys in which the two differ, in the order of their paths: `one` is what the failing site has.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        self.keys.iter().map(Key::difference).collect()
    }

    /// Whether a key has a part in what images are made of.
    #[must_use]
    pub fn changes_image(&self, key: usize) -> bool {
        self.keys[key].changes_image()
    }

    /// What gives the passing site these keys of the failing one on the command line: `env.THEME=night`.
    #[must_use]
    pub fn settings(&self, keys: &[usize]) -> Vec<String> {
        self.set_to(&self.at(keys.iter().copied()).green, keys)
    }

    /// What gives the failing site these keys of the passing one: `env.THEME=null`.
    #[must_use]
    pub fn settings_back(&self, keys: &[usize]) -> Vec<String> {
        let others = (0..self.keys.len()).filter(|key| !keys.contains(key));
        self.set_to(&self.at(others).green, keys)
    }

    /// What a description has at the paths of these keys.
    fn set_to(&self, tree: &Node, keys: &[usize]) -> Vec<String> {
        let mut settings = Vec::new();
        for key in keys {
            let one = setting(tree, &self.keys[*key].path);
            // Members of a list share its path.
            if !settings.contains(&one) {
                settings.push(one);
            }
        }
        settings
    }

    /// The passing site with these keys of the failing one, for both ends: they differ in no key.
    #[must_use]
    pub fn at(&self, keys: impl IntoIterator<Item = usize>) -> Crossing {
        let mut crossing = self.clone();
        for key in keys {
            self.keys[key].put_into(&mut crossing.green);
        }
        crossing.keys.clear();
        crossing
    }

    /// Without the keys of these paths: the passing site's own hold.
    #[must_use]
    pub fn without(mut self, paths: &[&[&str]]) -> Crossing {
        self.keys.retain(|key| !paths.iter().any(|path| key.path.is(path)));
        self
    }

    /// The passing site with these keys of the failing one.
    ///
    /// # Errors
    /// What is wrong with it, as with any description.
    pub fn site(
        &self,
        keys: impl IntoIterator<Item = usize>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Site, Problems> {
        let mut tree = self.green.clone();
        for key in keys {
            self.keys[key].put_into(&mut tree);
        }
        let found = check(&mut tree, of_whole_sites());
        let Crossing { name, source, root, .. } = self;
        let (site, _) = resolved(tree, (name, source, root), found, variable)?;
        Ok(site)
    }

    /// Which keys force which others: without these, a description with the first alone has problems.
    #[must_use]
    pub fn forces(&self, variable: impl Fn(&str) -> Option<String>) -> Vec<(usize, usize)> {
        let holds = |keys: &BTreeSet<usize>| self.site(keys.iter().copied(), &variable).is_ok();
        let all: BTreeSet<usize> = (0..self.keys.len()).collect();
        let mut forces = Vec::new();
        for key in 0..self.keys.len() {
            if holds(&BTreeSet::from([key])) {
                continue;
            }
            let mut least = all.clone();
            // What is far away goes first: what belongs together stands side by side.
            let mut others: Vec<usize> =
                all.iter().copied().filter(|other| *other != key).collect();
            others.sort_by_key(|other| std::cmp::Reverse(other.abs_diff(key)));
            let mut before = usize::MAX;
            // What another of them needs can go once that one is gone.
            while least.len() < before {
                before = least.len();
                for other in &others {
                    let mut fewer = least.clone();
                    if fewer.remove(other) && holds(&fewer) {
                        least = fewer;
                    }
                }
            }
            forces
                .extend(least.into_iter().filter(|other| *other != key).map(|other| (key, other)));
        }
        forces
    }
}

#[cfg(test)]
mod tests;
