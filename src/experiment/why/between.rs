//! What lies between two ends, a green one and a red one, as units that can be tried.

use std::collections::BTreeSet;
use std::path::Path;

use super::distributions::{Distributions, KEY};
use super::space::{Hybrid, Space, Unit};
use super::suspects::by_what_is_said;
use crate::failure::Failure;
use crate::release::Release;
use crate::site::{Crossing, Difference, Live, Peers, Signs, Site, by_suspicion};

/// The key of the release, where the two ends have different ones.
pub(super) const RELEASE: &str = "release";

/// What the two ends are to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Two sites of a project, the green one being the nearest.
    Sites,
    /// Two sites of a project, the green one being named.
    Chosen,
    /// A site, and itself with keys at their defaults.
    Plain,
    /// A site with two releases.
    Releases,
    /// Two runs of a site, of which this was green.
    Runs(String),
    /// The same hybrid with other distributions: what is below these keys.
    Below(String),
}

/// Of what the space between two ends is made.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) kind: Kind,
    /// How the green and the red end are called.
    pub(super) names: [String; 2],
    pub(super) crossing: Crossing,
    pub(super) distributions: Option<Distributions>,
    /// The green and the red one, where these are two.
    pub(super) releases: Option<[Release; 2]>,
    /// Which of the release and the distributions force which, by their places in [`Ends::built`].
    pub(super) forces: Vec<(usize, usize)>,
}

impl Ends {
    /// In what the two differ beside their descriptions: the release, and what was installed.
    pub(super) fn built(&self) -> Vec<Difference> {
        let shown = |release: &Release| format!("{release} ({})", release.short_digest());
        let release = self.releases.as_ref().map(|[green, red]| Difference {
            key: RELEASE.to_owned(),
            one: Some(shown(red)),
            two: Some(shown(green)),
        });
        let distributions = self.distributions.iter().flat_map(Distributions::differences);
        release.into_iter().chain(distributions).collect()
    }
}

/// What lies between two ends.
#[derive(Debug)]
pub struct Between {
    pub kind: Kind,
    /// How the red end is called.
    pub red: String,
    /// How the green end is called.
    pub green: String,
    pub space: Space,
    /// The description of the red end, in the names of the green one.
    pub whole: Site,
    crossing: Crossing,
    /// Of the descriptions, then of what was built.
    differences: Vec<Difference>,
    /// How many of them are of the descriptions.
    described: usize,
    distributions: Option<Distributions>,
    /// That of the green end, where it is another one.
    release: Option<Release>,
    /// The files in which the two releases differ.
    pub files: Vec<String>,
}

impl Between {
    /// The space between two ends, of which the red one failed with these signs; `passed` are sites that are green.
    ///
    /// # Errors
    /// Usage: the red end in the names of the green one is no description that holds.
    pub(super) fn new(ends: Ends, signs: &Signs<'_>, passed: &[&Site]) -> Result<Between, Failure> {
        let built = ends.built();
        let Ends { kind, names: [green, red], crossing, distributions, releases, forces } = ends;
        let mut differences = crossing.differences();
        let described = differences.len();
        let whole = crossing.site(0..described, variable).map_err(|problems| {
            let failure = Failure::from(problems);
            let message = format!(
                "{red} in the names of {green} is no description that holds: {}",
                failure.message
            );
            Failure { message, ..failure }
        })?;
        let nearest = crossing.site([], variable)?;
        let peers = Peers {
            failing: &whole,
            nearest: &nearest,
            passed: passed.to_vec(),
            failed_alike: Vec::new(),
        };
        let ranked = by_suspicion(differences.clone(), signs, &peers);
        let place = |key: &str| differences.iter().position(|other| other.key == key);
        let keys = ranked.iter().filter_map(|suspect| place(&suspect.difference.key));
        // What was built changes images, so what does not comes before it all the same.
        let order: Vec<usize> = by_what_is_said(&built, signs)
            .into_iter()
            .map(|place| place + described)
            .chain(keys)
            .collect();
        let rank = |place: usize| order.iter().position(|other| *other == place);
        let of_built = forces.iter().map(|(one, two)| (one + described, two + described));
        let forces: Vec<(usize, usize)> = crossing
            .forces(variable)
            .into_iter()
            .chain(of_built)
            .filter_map(|(one, other)| rank(one).zip(rank(other)))
            .collect();
        differences.extend(built);
        let unit = |&place: &usize| Unit {
            keys: vec![differences[place].key.clone()],
            changes_image: place >= described || crossing.changes_image(place),
        };
        let space = Space::new(order.iter().map(unit).collect(), &forces);
        let changed = |[green, red]: &[Release; 2]| red.changed_files(green);
        let files = releases.as_ref().map_or_else(Vec::new, changed);
        let release = releases.map(|[green, _]| green);
        Ok(Between {
            kind,
            red,
            green,
            space,
            whole,
            crossing,
            differences,
            described,
            distributions,
            release,
            files,
        })
    }

    /// Whether its ends are two sites of a project.
    #[must_use]
    pub fn is_of_sites(&self) -> bool {
        matches!(self.kind, Kind::Sites | Kind::Chosen)
    }

    /// In what the two differ, in words: `3 keys, the release and 9 distributions`.
    #[must_use]
    pub fn differ_in(&self) -> String {
        let built = &self.differences[self.described..];
        let distributions = built.iter().filter(|one| one.key.starts_with(KEY)).count();
        let mut parts = Vec::new();
        if self.described > 0 || built.is_empty() {
            parts.push(count(self.described, "key"));
        }
        if self.release.is_some() {
            parts.push("the release".to_owned());
        }
        if distributions > 0 {
            parts.push(count(distributions, "distribution"));
        }
        match &parts[..] {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            parts => parts.concat(),
        }
    }

    /// In how many keys, distributions and releases the two differ.
    #[must_use]
    pub fn count(&self) -> usize {
        self.differences.len()
    }

    /// What a hybrid is: its description, and its release where that is not the red one. Requirements are written below
    /// the root of the project.
    ///
    /// # Errors
    /// What is wrong with it: it is none then. Infrastructure: the requirements cannot be written.
    pub(super) fn made(
        &self,
        hybrid: &Hybrid,
        root: &Path,
    ) -> Result<(Site, Option<&Release>), Failure> {
        let places: BTreeSet<usize> = hybrid.units().flat_map(|unit| self.places(unit)).collect();
        let keys = places.iter().copied().filter(|place| *place < self.described);
        let mut site = self.crossing.site(keys, variable)?;
        let has = |key: &str| places.iter().any(|place| self.differences[*place].key == key);
        let green = self.release.as_ref().filter(|_| !has(RELEASE));
        match &self.distributions {
            Some(all) => all.pin(&mut site, root, |name| has(&format!("{KEY}{name}")))?,
            // It is installed with what it was deployed with.
            None if green.is_some() => {
                site = Site { critical: site.critical.clone(), ..site.with_live_release() };
            }
            None => {}
        }
        if self.release.is_some() {
            site.live = Live::default();
        }
        Ok((site, green))
    }

    /// The hybrid as one end of another space: its crossing, with nothing left to be crossed.
    pub(super) fn at(&self, hybrid: &Hybrid) -> Crossing {
        let places = hybrid.units().flat_map(|unit| self.places(unit));
        self.crossing.at(places.filter(|place| *place < self.described))
    }

    /// The release of the green end, where it is another one than that of the red end.
    pub(super) fn green_release(&self) -> Option<&Release> {
        self.release.as_ref()
    }

    /// Whether what was installed is a part of it already.
    pub(super) fn has_distributions(&self) -> bool {
        self.distributions.is_some()
    }

    /// The keys of a unit, each with what the failing site has there and what the passing one has.
    pub fn keys(&self, unit: usize) -> impl Iterator<Item = &Difference> {
        self.places(unit).into_iter().map(|place| &self.differences[place])
    }

    /// What gives the passing site units of the failing one on the command line; of a site with its own defaults, or
    /// with other distributions, what takes them from it.
    #[must_use]
    pub fn settings(&self, units: impl Iterator<Item = usize>) -> Vec<String> {
        let places: Vec<usize> = units.flat_map(|unit| self.places(unit)).collect();
        let keys: Vec<usize> =
            places.iter().copied().filter(|place| *place < self.described).collect();
        let mut settings = match self.kind {
            Kind::Sites | Kind::Chosen => self.crossing.settings(&keys),
            _ => self.crossing.settings_back(&keys),
        };
        let built = places.iter().filter(|place| **place >= self.described);
        let built: Vec<&Difference> = built.map(|place| &self.differences[*place]).collect();
        settings.extend(Distributions::setting(&self.whole, &built));
        settings
    }

    fn places(&self, unit: usize) -> Vec<usize> {
        let keys = &self.space.units()[unit].keys;
        let is_of = |place: &usize| keys.contains(&self.differences[*place].key);
        (0..self.differences.len()).filter(is_of).collect()
    }
}

pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
