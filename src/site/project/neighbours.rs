//! What only all sites together know: a host that one of them may really reach, and that another one is.

use crate::site::model::{Outside, Site};
use crate::site::problem::{KeyPath, Problem};
use crate::site::resolve::plain;
use crate::site::tree::{Node, Value};
use crate::site::value::HostName;

/// Hosts in `outside` that are allowed although they are another live site of the project, each with the stem of the
/// file that allows it; not those that `intended` names.
pub(super) fn live_neighbours(sites: &[(Site, Node)]) -> Vec<(String, Problem)> {
    let mut found = Vec::new();
    for (site, tree) in sites {
        let allowed = site.outside.iter().filter(|(_, outside)| **outside == Outside::Allow);
        for (host, _) in allowed {
            let path = KeyPath::from(["outside", host.as_str()]);
            let owner = sites
                .iter()
                .map(|(other, _)| other)
                .find(|other| other.name != site.name && is_of(host, other));
            let Some(owner) = owner.filter(|_| !is_intended(tree, &path)) else { continue };
            let message =
                format!("`{host}` is the live {}: a rehearsal would really reach it", owner.name);
            let hint = format!(
                "describe what it answers: `{{stub: ...}}`; if it is meant, say so: `intended: [{}]`",
                plain(&path)
            );
            let problem = Problem::new(tree.key_place_of(&path).clone(), path, message).hint(hint);
            found.push((site.name.to_string(), problem));
        }
    }
    found
}

fn is_of(host: &HostName, site: &Site) -> bool {
    let is_below = |domain: &HostName| {
        host.as_str().strip_suffix(domain.as_str()).is_some_and(|front| front.ends_with('.'))
    };
    site.names.contains(host) || site.wildcards.iter().any(is_below)
}

fn is_intended(tree: &Node, path: &KeyPath) -> bool {
    let Some(Value::List(items)) = tree.child("intended").map(|node| &node.value) else {
        return false;
    };
    items.iter().any(|item| {
        matches!(&item.value, Value::Scalar(scalar) if scalar.text.replace('"', "") == plain(path))
    })
}
