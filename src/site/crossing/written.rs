//! Descriptions as runs keep them, and two of them held against each other.

use super::Crossing;
use super::keys::keys_between;
use super::merged::{add_secrets, merged, merged_with};
use super::names::in_scalars;
use crate::failure::Failure;
use crate::site::check::check;
use crate::site::folder::Instead;
use crate::site::masked::masked;
use crate::site::model::Site;
use crate::site::project::Project;
use crate::site::schema::of_whole_sites;
use crate::site::tree::Node;
use crate::site::yaml;

/// The description of a site with what the command line sets of it, before references are followed: secrets are names
/// in it, and nobody logs in at an index.
///
/// # Errors
/// Usage: the description cannot be read any more.
pub fn description(project: &Project, site: &Site) -> Result<String, Failure> {
    let mut tree = merged(project, site)?;
    in_scalars(&mut tree, &mut |text| *text = without_log_in(text));
    serde_yaml::to_string(&tree.to_yaml()).map_err(|error| {
        Failure::bug(format!("could not write the description of {}", site.name)).because(&error)
    })
}

/// A site's description over the defaults, as it is written: before references are followed.
///
/// # Errors
/// Usage: the description cannot be read any more.
pub fn written(project: &Project, site: &Site) -> Result<serde_json::Value, Failure> {
    as_value(&merged(project, site)?, site)
}

/// The same, as it would be if a file had this text.
///
/// # Errors
/// Usage: there would be no such description.
pub fn written_with(
    project: &Project,
    site: &Site,
    instead: Instead<'_>,
) -> Result<serde_json::Value, Failure> {
    as_value(&merged_with(project, site, Some(instead))?, site)
}

fn as_value(tree: &Node, site: &Site) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(tree.to_yaml()).map_err(|error| {
        Failure::bug(format!("could not read the description of {}", site.name)).because(&error)
    })
}

/// A text in YAML as a value; nothing where it is none.
#[must_use]
pub fn value_of_yaml(text: &str) -> Option<serde_json::Value> {
    let tree = yaml::read(std::path::Path::new("kept.yaml"), text.as_bytes()).ok()?;
    serde_json::to_value(tree.to_yaml()).ok()
}

impl Crossing {
    /// A site as two runs kept its description, the first of which passed.
    ///
    /// # Errors
    /// Usage: one of them is none.
    pub fn of_descriptions(
        project: &Project,
        site: &Site,
        [green, red]: [&str; 2],
    ) -> Result<Crossing, Failure> {
        let now = merged(project, site)?;
        let (mut green, red) = (read(green, site, &now)?, read(red, site, &now)?);
        let keys = keys_between(&green, &red);
        add_secrets(&mut green, &red);
        let Site { name, source, .. } = site.clone();
        Ok(Crossing { name, source, root: project.root.clone(), green, keys })
    }
}

/// A description that a run kept, with the log-ins of the one of now.
fn read(text: &str, site: &Site, now: &Node) -> Result<Node, Failure> {
    let source = site.source.clone();
    let read = yaml::read(source, text.as_bytes());
    let mut tree = read.map_err(Failure::from)?;
    let mut texts = Vec::new();
    in_scalars(&mut now.clone(), &mut |text| texts.push(text.clone()));
    in_scalars(&mut tree, &mut |text| {
        if let Some(now) = texts.iter().find(|now| *now != text && without_log_in(now) == *text) {
            text.clone_from(now);
        }
    });
    check(&mut tree, of_whole_sites());
    Ok(tree)
}

/// Where a secret has a name, it is none.
fn without_log_in(text: &str) -> String {
    if text.contains("${") { text.to_owned() } else { masked(text) }
}
