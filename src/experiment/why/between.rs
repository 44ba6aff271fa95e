//! Two sites of a project as a space of units: the failing one, and the passing one that is nearest to it.

use crate::event::Check;
use crate::failure::{Excerpt, Failure};
use crate::replica::Phase;
use crate::report::{Signature, SiteReport};
use crate::site::{Crossing, Difference, Peers, Project, Signs, Site, SiteName, by_suspicion};

use super::space::{Hybrid, Space, Unit};

/// What lies between two sites.
#[derive(Debug)]
pub struct Between {
    pub red: SiteName,
    pub green: SiteName,
    crossing: Crossing,
    differences: Vec<Difference>,
    pub space: Space,
    /// The failing site in the names of the passing one.
    pub whole: Site,
}

impl Between {
    /// The space between a site that failed as its report says and the nearest of those that passed.
    ///
    /// # Errors
    /// Usage: none passed, the two are the same, or there is no such description in the other's names.
    pub fn nearest(
        project: &Project,
        (red, seen): (&Site, (&SiteReport, &Signature)),
        passed: &[&Site],
    ) -> Result<Between, Failure> {
        let mut crossings = Vec::new();
        for &green in passed {
            crossings.push((green, Crossing::of(project, green, red)?));
        }
        let nearest =
            crossings.into_iter().min_by_key(|(_, crossing)| crossing.differences().len());
        let (green, crossing) = nearest.ok_or_else(|| {
            Failure::usage(format!(
                "there is no green site that {} could be held against",
                red.name
            ))
            .cause("no other site of this project passed with this release")
            .hint("rehearse it on another site, too: `stagectl rehearse`")
            .hint("or describe a plain one beside it, and rehearse that")
        })?;
        let differences = crossing.differences();
        if differences.is_empty() {
            return Err(Failure::usage(format!(
                "{} and {} are described alike",
                red.name, green.name
            ))
            .cause("one passed, and the other did not: the difference is in no description")
            .hint("rehearse both again: it may be the suite that varies"));
        }
        let whole = crossing.site(0..differences.len(), variable).map_err(|problems| {
            let failure = Failure::from(problems);
            let message = format!(
                "{} in the names of {} is no description that holds: {}",
                red.name, green.name, failure.message
            );
            Failure { message, ..failure }
        })?;
        let peers = Peers {
            failing: &whole,
            nearest: green,
            passed: passed.to_vec(),
            failed_alike: Vec::new(),
        };
        let ranked = by_suspicion(differences.clone(), &signs(seen.0, seen.1), &peers);
        let place = |key: &str| differences.iter().position(|other| other.key == key);
        let order: Vec<usize> =
            ranked.iter().filter_map(|suspect| place(&suspect.difference.key)).collect();
        let rank = |key: usize| order.iter().position(|other| *other == key);
        let forces: Vec<(usize, usize)> = crossing
            .forces(variable)
            .into_iter()
            .filter_map(|(key, other)| rank(key).zip(rank(other)))
            .collect();
        let unit = |&key: &usize| Unit {
            keys: vec![differences[key].key.clone()],
            changes_image: crossing.changes_image(key),
        };
        let space = Space::new(order.iter().map(unit).collect(), &forces);
        let (red, green) = (red.name.clone(), green.name.clone());
        Ok(Between { red, green, crossing, differences, space, whole })
    }

    /// In how many keys the two differ.
    #[must_use]
    pub fn count(&self) -> usize {
        self.differences.len()
    }

    /// The description of a hybrid.
    ///
    /// # Errors
    /// What is wrong with it: it is none then.
    pub fn site(&self, hybrid: &Hybrid) -> Result<Site, Failure> {
        let keys: Vec<usize> = hybrid.units().flat_map(|unit| self.places(unit)).collect();
        self.crossing.site(keys, variable).map_err(Failure::from)
    }

    /// The keys of a unit, each with what the failing site has there and what the passing one has.
    pub fn keys(&self, unit: usize) -> impl Iterator<Item = &Difference> {
        self.places(unit).into_iter().map(|place| &self.differences[place])
    }

    /// What gives the passing site units of the failing one on the command line.
    #[must_use]
    pub fn settings(&self, units: impl Iterator<Item = usize>) -> Vec<String> {
        units.flat_map(|unit| self.places(unit)).map(|key| self.crossing.setting(key)).collect()
    }

    fn places(&self, unit: usize) -> Vec<usize> {
        let keys = &self.space.units()[unit].keys;
        let is_of = |place: &usize| keys.contains(&self.differences[*place].key);
        (0..self.differences.len()).filter(is_of).collect()
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What a report says of a failure, as the order of suspicion asks for it.
fn signs<'a>(site: &'a SiteReport, signature: &Signature) -> Signs<'a> {
    let phase = match signature.phase {
        Phase::Check => "deploy",
        Phase::Images | Phase::Up | Phase::Deploy | Phase::Ready => signature.phase.name(),
        Phase::Diagnosis | Phase::Suite | Phase::Evidence | Phase::Down => "suite",
    };
    let failure = site.failure.iter();
    let mut said: Vec<&str> = failure
        .flat_map(|failure| std::iter::once(&failure.message).chain(&failure.causes))
        .map(String::as_str)
        .collect();
    let failed = |check: &&Check| !check.passed;
    said.extend(site.checks.iter().filter(failed).flat_map(|check| [&*check.name, &*check.detail]));
    let red = site.tests.iter().filter(|test| test.is_red());
    said.extend(red.filter_map(|test| test.message.as_deref()));
    let logs: Vec<&Excerpt> = site
        .app_log
        .iter()
        .chain(&site.logs)
        .chain(site.failure.iter().filter_map(|failure| failure.log.as_ref()))
        .collect();
    let logged = logs.iter().flat_map(|log| log.lines.iter().map(String::as_str)).collect();
    let sources = site.logs.iter().chain(&site.app_log).map(|log| log.source.as_str()).collect();
    Signs { phase, said, logged, sources }
}
