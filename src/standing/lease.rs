//! Leases of replicas that were left up. A replica's own labels say which process made it; that it
//! stays when that process has ended, and until when, says a marker: an empty volume with the
//! replica's labels. It costs nothing, and where containers' labels can never change, a later
//! marker can take the place of an earlier one.

use super::redeploy::Redeploy;
use crate::docker::Found;
use crate::event::ResourceKind;
use crate::replica::label;

/// The owner of a replica that was left up on purpose: it lives until its lease ends.
pub const LEFT_UP: &str = "lease";

/// The role that a marker has in its labels.
pub(in crate::standing) const ROLE: &str = "lease";

/// How long a replica that was left up stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Seconds since 1970.
    pub until: i64,
    /// Seconds; each use begins them anew.
    pub length: i64,
    /// The release that runs there now.
    pub release: String,
    /// Another release that is put in its place, if one is.
    pub redeploy: Option<Redeploy>,
    /// The roles whose containers were there when it was left up.
    pub roles: Vec<String>,
}

impl Lease {
    /// What a marker says; `None` of anything else.
    pub(super) fn of(found: &Found) -> Option<Lease> {
        let label = |key: &str| found.labels.get(key);
        let is_marker = found.resource.kind == ResourceKind::Volume
            && label(label::ROLE).is_some_and(|role| role == ROLE)
            && label(label::OWNER).is_some_and(|owner| owner == LEFT_UP);
        Some(Lease {
            // Without a readable end nobody can say that it is over.
            until: label(label::LEASE)?.parse().unwrap_or(i64::MAX),
            length: label(label::LENGTH).and_then(|length| length.parse().ok()).unwrap_or(0),
            release: label(label::RELEASE).cloned().unwrap_or_default(),
            redeploy: label(label::REDEPLOY).map(|said| Redeploy::of(said)),
            roles: label(label::ROLES)
                .map(|roles| roles.split_whitespace().map(str::to_owned).collect())
                .unwrap_or_default(),
        })
        .filter(|_| is_marker)
    }
}
