//! Keys in which sites differ by nature, and values that differ in the site's own names alone.

use super::case::{Peers, Points};
use crate::site::debian::suite_python;
use crate::site::difference::Difference;
use crate::site::model::{BaseOrigin, Site};

/// Against a value that differs in the names alone, and against a key in which sites differ by nature.
const SAME_BUT_FOR_NAMES: f64 = -40.0;
const BY_NATURE: f64 = -15.0;
/// Against a Python that is that of the Debian release, which differs, too.
const FOLLOWS: f64 = -3.0;

/// Beginnings and ends of keys that differ on every site, or are there for the rehearsal alone.
const BEGINNINGS: [&str; 5] =
    ["names", "secrets.", "critical.", "install.index", "install.extra_indexes"];
const ENDS: [&str; 6] = [".password", ".startup", ".timeout", ".within", ".names", ".user"];

/// What each of the two sites is called, the longest first.
#[derive(Debug)]
pub(super) struct Nature {
    failing: Vec<String>,
    nearest: Vec<String>,
    /// Whether both have the Python of their Debian, which is not the same.
    python_follows: bool,
}

impl Nature {
    pub(super) fn of(peers: &Peers<'_>) -> Self {
        Nature {
            failing: own_names(peers.failing),
            nearest: own_names(peers.nearest),
            python_follows: has_python_of_debian(peers.failing)
                && has_python_of_debian(peers.nearest)
                && peers.failing.base.origin != peers.nearest.base.origin,
        }
    }

    pub(super) fn points(&self, difference: &Difference) -> Points {
        if let (Some(one), Some(two)) = (&difference.one, &difference.two)
            && without(one, &self.failing) == without(two, &self.nearest)
            && one != two
        {
            let why = Some("only the site's own names differ".to_owned());
            return Points { points: SAME_BUT_FOR_NAMES, why };
        }
        let key = difference.key.as_str();
        if key == "python" && self.python_follows {
            let why = Some("it is that of `base.debian`".to_owned());
            return Points { points: FOLLOWS, why };
        }
        // What a certificate is for is a question of its own.
        let is_of_nature = BEGINNINGS.iter().any(|start| key.starts_with(start))
            || (!key.starts_with("tls.") && ENDS.iter().any(|end| key.ends_with(end)));
        if is_of_nature {
            return Points {
                points: BY_NATURE,
                why: Some("sites differ in it by nature".to_owned()),
            };
        }
        Points::default()
    }
}

fn has_python_of_debian(site: &Site) -> bool {
    let suite = match &site.base.origin {
        BaseOrigin::Debian(suite) | BaseOrigin::Snapshot { debian: suite, .. } => suite,
        BaseOrigin::Image(_) | BaseOrigin::Rootfs(_) => return false,
    };
    suite_python(suite) == Some(site.python)
}

/// The domain that the public names have in common, or each of them, and the site's name.
fn own_names(site: &Site) -> Vec<String> {
    let names = || site.names.iter().chain(&site.wildcards).map(ToString::to_string);
    let mut own: Vec<String> = names()
        .map(|name| name.strip_prefix("www.").map_or(name.clone(), str::to_owned))
        .filter(|name| name.contains('.'))
        .collect();
    own.push(site.name.to_string());
    own.sort_by_key(|name| std::cmp::Reverse(name.len()));
    own.dedup();
    // A name below another of them goes with it: `board.shop.example` with `shop.example`.
    let below = |name: &String| own.iter().any(|other| name.ends_with(&format!(".{other}")));
    own.iter().filter(|name| !below(name)).cloned().collect()
}

/// The text with a mark in the place of each own name.
fn without(text: &str, own: &[String]) -> String {
    own.iter().fold(text.to_owned(), |text, name| text.replace(name.as_str(), "\u{1}"))
}
