//! Which passing site is nearest to a failing one, and in which keys the two differ.

use crate::site::{Site, differences};

/// The passing site with the fewest different keys, and those keys.
pub(super) fn nearest<'a>(
    failing: &Site,
    passing: impl Iterator<Item = &'a Site>,
) -> Option<(&'a Site, Vec<String>)> {
    let keys = |site| differences(failing, site).into_iter().map(|other| other.key).collect();
    passing.map(|site| (site, keys(site))).min_by_key(|(_, keys): &(_, Vec<_>)| keys.len())
}
