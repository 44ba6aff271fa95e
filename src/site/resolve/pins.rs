//! What decides which versions are installed: of `install`, and of `live.install`.

use std::collections::BTreeSet;

use super::value::Complaint;
use super::{Resolver, Wanted, amount};
use crate::site::model::{Installer, Lock, Pins};
use crate::site::problem::KeyPath;
use crate::site::requirements::normalised;

/// As it stands in a description.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) requirements: Option<&'a str>,
    pub(super) constraints: Option<&'a str>,
    pub(super) as_of: Option<&'a str>,
}

impl Resolver<'_> {
    /// The extras are those of the release.
    pub(super) fn pins(
        &mut self,
        path: &KeyPath,
        written: Written<'_>,
        (with, extras): (Installer, &[String]),
    ) -> Option<Pins> {
        let requirements = self.lock(path, written.requirements);
        let constraints =
            self.take_path(&path.key("constraints"), written.constraints, Wanted::File);
        let lock = match &requirements {
            Some(Some(Lock::Project(file))) => Some(file.as_path()),
            _ => None,
        };
        let limits = constraints.as_ref().and_then(Option::as_deref);
        let own: BTreeSet<String> = extras.iter().map(|extra| normalised(extra)).collect();
        let included = [("requirements", lock, &own), ("constraints", limits, &BTreeSet::new())]
            .map(|(key, file, extras)| self.included(&path.key(key), file, extras));
        let as_of = self.take_some(&path.key("as_of"), written.as_of, amount::date);
        if with == Installer::Pip && written.as_of.is_some() {
            let complaint = Complaint::new("the site's pip cannot choose by the day");
            let hint = "leave it out and give a lock or constraints, or install `with: uv`";
            self.complain_of_key(&path.key("as_of"), complaint.hint(hint));
        }
        Some(Pins {
            requirements: requirements?,
            constraints: constraints?,
            included: included.into_iter().collect::<Option<Vec<_>>>()?.concat(),
            as_of: as_of?,
        })
    }
}
