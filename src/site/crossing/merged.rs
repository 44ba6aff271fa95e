//! A site as it is written: its own description over the defaults, with what the command line sets.

use crate::failure::Failure;
use crate::site::check::check;
use crate::site::folder::{self, Instead};
use crate::site::merge::merge;
use crate::site::model::Site;
use crate::site::problem::{KeyPath, Problems};
use crate::site::project::Project;
use crate::site::schema::of_whole_sites;
use crate::site::setting::Setting;
use crate::site::tree::Node;

/// A site's own description over the defaults.
pub(super) fn merged(project: &Project, site: &Site) -> Result<Node, Failure> {
    merged_with(project, site, None)
}

/// The same, where a file may have another text than is on the disk.
pub(super) fn merged_with(
    project: &Project,
    site: &Site,
    instead: Option<Instead<'_>>,
) -> Result<Node, Failure> {
    let (defaults, mut own) = as_written_with(project, site, instead)?;
    check(&mut own, of_whole_sites());
    Ok(merge(&defaults, &own))
}

/// The defaults, and a site's own description with what the command line sets of it.
pub(super) fn as_written(project: &Project, site: &Site) -> Result<(Node, Node), Failure> {
    as_written_with(project, site, None)
}

fn as_written_with(
    project: &Project,
    site: &Site,
    instead: Option<Instead<'_>>,
) -> Result<(Node, Node), Failure> {
    let mut problems = Problems::default();
    let descriptions = folder::read_with(&project.root, instead, &mut problems);
    let mut defaults = descriptions.defaults.and_then(|file| file.tree);
    if let Some(tree) = &mut defaults {
        check(tree, of_whole_sites());
    }
    let own = descriptions.sites.into_iter().find(|(other, _)| *other == site.name);
    let Some(mut own) = own.and_then(|(_, file)| file.tree) else {
        return Err(Failure::usage(format!("could not read the description of {}", site.name)));
    };
    for setting in site.settings.iter().filter_map(|written| written.parse::<Setting>().ok()) {
        // It was put there before.
        let _is_there = setting.put_into(&mut own).is_ok();
    }
    let defaults = defaults.unwrap_or_else(|| Node::empty_map(own.place.clone()));
    Ok((defaults, own))
}

/// Adds the secrets that another description has alone.
pub(super) fn add_secrets(tree: &mut Node, other: &Node) {
    let path = KeyPath::from(["secrets"]);
    for entry in other.find(&path).and_then(Node::as_map).map_or(&[][..], |map| &map.entries) {
        let secret = path.key(&entry.key);
        if tree.find(&secret).is_none() {
            tree.put(&secret, Some(entry.value.clone()));
        }
    }
}
