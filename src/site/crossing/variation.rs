//! A site with other values of some keys, as the command line sets them.

use std::path::PathBuf;

use super::keys::{changes_image, in_a_line};
use super::meant::resolved;
use super::merged::as_written;
use crate::failure::Failure;
use crate::site::check::check;
use crate::site::merge::merge;
use crate::site::model::Site;
use crate::site::problem::{KeyPath, Problems};
use crate::site::project::Project;
use crate::site::schema::of_whole_sites;
use crate::site::setting::Setting;
use crate::site::tree::{Node, Value};
use crate::site::value::SiteName;

/// A site as it is written, on which settings can be tried.
#[derive(Debug, Clone)]
pub struct Variation {
    name: SiteName,
    source: PathBuf,
    root: PathBuf,
    defaults: Node,
    own: Node,
}

/// A key of a description that holds no other keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its path, part by part.
    pub keys: Vec<String>,
    /// The same as `--set` and messages have it.
    pub path: String,
    /// What stands there, on one line; secrets stay references.
    pub value: String,
    /// Whether it has a part in what images are made of.
    pub changes_image: bool,
}

impl Variation {
    /// Of a site of a project.
    ///
    /// # Errors
    /// Usage: its description cannot be read any more.
    pub fn of(project: &Project, site: &Site) -> Result<Variation, Failure> {
        let (defaults, own) = as_written(project, site)?;
        let Site { name, source, .. } = site.clone();
        Ok(Variation { name, source, root: project.root.clone(), defaults, own })
    }

    /// The site with these settings. Secrets that nothing refers to any more are taken away by more settings: the
    /// site says which it has.
    ///
    /// # Errors
    /// What is wrong with it, as with any description.
    pub fn with(
        &self,
        settings: &[Setting],
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Site, Problems> {
        let mut own = self.own.clone();
        let mut found = Problems::default();
        for setting in settings {
            if let Err(problem) = setting.put_into(&mut own) {
                found.push(problem);
            }
        }
        found.extend(check(&mut own, of_whole_sites()));
        let tree = merge(&self.defaults, &own);
        let (mut site, unused) =
            resolved(tree, (&self.name, &self.source, &self.root), found, variable)?;
        let is_own = |secret: &&KeyPath| own.find(secret).is_some();
        let taken_away = unused.iter().filter(is_own).map(|secret| format!("{secret}=null"));
        site.settings = settings.iter().map(ToString::to_string).chain(taken_away).collect();
        Ok(site)
    }

    /// What is written of the site, the defaults included, in the order of paths.
    #[must_use]
    pub fn leaves(&self) -> Vec<Leaf> {
        let mut own = self.own.clone();
        check(&mut own, of_whole_sites());
        let mut leaves = Vec::new();
        collect(&KeyPath::default(), &merge(&self.defaults, &own), &mut leaves);
        leaves.sort_by(|one: &Leaf, two| one.keys.cmp(&two.keys));
        leaves
    }
}

fn collect(path: &KeyPath, node: &Node, leaves: &mut Vec<Leaf>) {
    match &node.value {
        Value::Map(map) if !map.entries.is_empty() => {
            for entry in &map.entries {
                collect(&path.key(&entry.key), &entry.value, leaves);
            }
        }
        _ => leaves.push(Leaf {
            keys: path.keys().to_vec(),
            path: path.to_string(),
            value: in_a_line(node),
            changes_image: changes_image(path),
        }),
    }
}
