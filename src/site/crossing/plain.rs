//! The plainest replica of the same base: a site with its keys at their defaults, as far as that is a description and
//! an app of its kind can run on it.

use super::Crossing;
use super::keys::keys_between;
use super::merged::merged;
use crate::failure::Failure;
use crate::site::kind::is_kind;
use crate::site::model::Site;
use crate::site::problem::KeyPath;
use crate::site::project::Project;
use crate::site::tree::{Node, Value};

/// Which variables of the app a plain site has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variables {
    /// Those that refer to something of the site.
    Referring,
    All,
}

/// What a plain site has, too: base, release, server and user, what is deployed and tested how, and that there are these
/// services and hosts beyond.
const KEPT: [&str; 19] = [
    "summary",
    "order",
    "login",
    "advisory",
    "live",
    "python",
    "install",
    "user",
    "data",
    "names",
    "secrets",
    "files",
    "processes",
    "timers",
    "outside",
    "deploy",
    "health",
    "critical",
    "logs",
];
/// What it has of these maps.
const KEPT_WITHIN: [(&str, &[&str]); 3] = [
    ("wsgi", &["server", "application", "file", "factory", "from", "path"]),
    ("proxy", &["server", "static"]),
    ("base", &["debian", "image", "rootfs", "snapshot", "sources", "packages"]),
];
/// What it has of a service, beside what it is one of.
const OF_A_SERVICE: [&str; 12] = [
    "names",
    "database",
    "databases",
    "user",
    "users",
    "password",
    "init",
    "seed",
    "extensions",
    "port",
    "run",
    "image",
];

impl Crossing {
    /// A site, and the same with its keys at their defaults, which is the one that may pass.
    ///
    /// # Errors
    /// Usage: the description cannot be read any more.
    pub fn plain(
        project: &Project,
        red: &Site,
        variables: Variables,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Crossing, Failure> {
        let whole = merged(project, red)?;
        let Site { name, source, .. } = red.clone();
        let mut crossing = Crossing {
            name,
            source,
            root: project.root.clone(),
            green: whole.clone(),
            keys: Vec::new(),
        };
        let mut waiting = Vec::new();
        collect(&whole, &KeyPath::default(), variables, &mut waiting);
        // What another key needs can go once that one is gone.
        let mut before = usize::MAX;
        while waiting.len() < before {
            before = waiting.len();
            waiting.retain(|path| {
                let mut fewer = crossing.clone();
                fewer.green.put(path, None);
                let holds = fewer.site([], &variable).is_ok();
                if holds {
                    crossing = fewer;
                }
                !holds
            });
        }
        crossing.keys = keys_between(&crossing.green, &whole);
        Ok(crossing)
    }
}

/// The paths of values that may go.
fn collect(node: &Node, path: &KeyPath, variables: Variables, paths: &mut Vec<KeyPath>) {
    match &node.value {
        Value::Map(map) if !is_kept(path, node, variables) => {
            for entry in &map.entries {
                collect(&entry.value, &path.key(&entry.key), variables, paths);
            }
        }
        _ if is_kept(path, node, variables) => {}
        _ => paths.push(path.clone()),
    }
}

fn is_kept(path: &KeyPath, node: &Node, variables: Variables) -> bool {
    let keys: Vec<&str> = path.keys().iter().map(String::as_str).collect();
    match &keys[..] {
        [] => false,
        [only] => KEPT.contains(only),
        ["env", _] => variables == Variables::All || refers(node),
        ["services", _, key] => is_kind(key) || OF_A_SERVICE.contains(key),
        [first, second, ..] => {
            let within = KEPT_WITHIN.iter().find(|(map, _)| map == first);
            within.is_some_and(|(_, kept)| kept.contains(second))
        }
    }
}

/// Whether a value speaks of something that the site has: a secret, a service, a name.
fn refers(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.contains("${") || scalar.text.contains("://"),
        _ => true,
    }
}
