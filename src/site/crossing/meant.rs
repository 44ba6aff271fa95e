//! What is meant by a merged description.

use std::path::Path;

use crate::site::check::missing;
use crate::site::model::Site;
use crate::site::problem::{KeyPath, Problems};
use crate::site::project::unset;
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
