//! Secrets that a site is not given.

use crate::site::model::{SecretSource, Site};
use crate::site::problem::{KeyPath, Problem};
use crate::site::tree::Node;
use crate::site::value::SiteName;

/// The secrets of a site whose variable is not set, or whose file is not there.
pub(in crate::site) fn unset(
    site: &Site,
    tree: &Node,
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<(SiteName, Problem)> {
    let missing = site.secrets.iter().filter_map(|(name, source)| match source {
        SecretSource::FromEnv(from) => {
            let what = match variable(from) {
                None => "is not set",
                Some(value) if value.is_empty() => "is empty",
                Some(_) => return None,
            };
            let hint = format!("set it: export {from}=...");
            Some((name, "from_env", format!("the variable `{from}` {what}"), hint))
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
