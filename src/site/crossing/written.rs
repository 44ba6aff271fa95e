//! Descriptions as they are written, and what is meant by them.

use std::path::Path;

use crate::failure::Failure;
use crate::site::check::{check, missing};
use crate::site::folder;
use crate::site::model::Site;
use crate::site::problem::{KeyPath, Problems};
use crate::site::project::{Project, unset};
use crate::site::reference::follow;
use crate::site::resolve::{Folders, Written, resolve};
use crate::site::schema::of_whole_sites;
use crate::site::tree::Node;
use crate::site::value::SiteName;

/// A merged description as what is meant, without the secrets that nothing refers to; and these.
pub(super) fn resolved(
    mut tree: Node,
    (name, source, root): (&SiteName, &Path, &Path),
    mut found: Problems,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(Site, Vec<KeyPath>), Problems> {
    found.extend(missing(&tree, of_whole_sites()));
    let followed = follow(&mut tree, name);
    let secrets = KeyPath::from(["secrets"]);
    let defined = tree.find(&secrets).and_then(Node::as_map);
    let defined = defined.map_or(&[][..], |map| &map.entries).iter();
    let unused: Vec<KeyPath> = defined
        .filter(|entry| !followed.secrets.contains(&entry.key))
        .map(|entry| secrets.key(&entry.key))
        .collect();
    for secret in &unused {
        tree.put(secret, None);
    }
    let folders = Folders { root: root.to_owned() };
    let (name, source) = (name.clone(), source.to_owned());
    let written = Written { tree: &tree, followed, name, source, folders: &folders };
    let resolved = resolve(written);
    found.extend(resolved.problems);
    if let Some(site) = &resolved.site {
        for (_, problem) in unset(site, &tree, &variable) {
            found.push(problem);
        }
    }
    // Where there is no problem there is a site.
    let site = resolved.site.filter(|_| found.is_empty());
    site.map(|site| (site, unused)).ok_or(found)
}

/// The defaults, and a site's own description.
pub(super) fn as_written(project: &Project, name: &SiteName) -> Result<(Node, Node), Failure> {
    let mut problems = Problems::default();
    let descriptions = folder::read(&project.root, &mut problems);
    let mut defaults = descriptions.defaults.and_then(|file| file.tree);
    if let Some(tree) = &mut defaults {
        check(tree, of_whole_sites());
    }
    let own = descriptions.sites.into_iter().find(|(other, _)| other == name);
    let Some(own) = own.and_then(|(_, file)| file.tree) else {
        return Err(Failure::usage(format!("could not read the description of {name}")));
    };
    let defaults = defaults.unwrap_or_else(|| Node::empty_map(own.place.clone()));
    Ok((defaults, own))
}
