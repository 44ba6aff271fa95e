//! Which distributions go together: what each requires, as its file at the package index says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr as _;

use pep440_rs::Version;
use pep508_rs::{ExtraName, MarkerEnvironment, Requirement, VerbatimUrl, VersionOrUrl};

use super::between::{Ends, RELEASE};
use super::distributions::KEY;
use crate::package_index::requires_of;
use crate::release::Release;
use crate::replica::marker_environment;
use crate::site::{Difference, Project, Published, Site, normalised};

/// What the red and the green version of each thing that differs require; a thing that nothing is known of has no entry.
#[derive(Debug, Clone, Default)]
struct Requires(BTreeMap<(String, Side), Vec<String>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Green,
    Red,
}

impl Requires {
    /// Asks the indexes of the site for the files of the distributions that differ. What cannot be had is not known:
    /// then the installer says whether it fits.
    async fn fetch(site: &Site, root: &Path, differences: &[Difference]) -> Requires {
        let wanted = differences.iter().flat_map(|difference| {
            let name = difference.key.strip_prefix(KEY).unwrap_or_default();
            let sides = [(Side::Red, &difference.one), (Side::Green, &difference.two)];
            sides.into_iter().filter_map(move |(side, version)| {
                let published = format!("{name}=={}", version.as_ref()?).parse().ok()?;
                Some(((name.to_owned(), side), published))
            })
        });
        let (names, published): (Vec<_>, Vec<Published>) = wanted.unzip();
        let requires = requires_of(site, root, &published).await;
        Requires(
            names.into_iter().zip(requires).filter_map(|(name, it)| Some((name, it?))).collect(),
        )
    }

    /// Adds what the two releases require.
    fn add_releases(&mut self, green: &Release, red: &Release) {
        for (side, release) in [(Side::Green, green), (Side::Red, red)] {
            if let Some(requires) = &release.requires_dist {
                self.0.insert((RELEASE.to_owned(), side), requires.clone());
            }
        }
    }

    /// Which of these force which others, by their places: without these, what the one requires is not there, or not
    /// in a version that it takes.
    fn forces(&self, site: &Site, differences: &[Difference]) -> Vec<(usize, usize)> {
        let environment = marker_environment(site);
        let extras = self.extras();
        let name = |difference: &Difference| {
            difference.key.strip_prefix(KEY).unwrap_or(&difference.key).to_owned()
        };
        let places: BTreeMap<String, usize> =
            differences.iter().enumerate().map(|(place, one)| (name(one), place)).collect();
        let mut forces = BTreeSet::new();
        for ((who, side), requires) in &self.0 {
            let Some(one) = places.get(who) else { continue };
            for (what, wanted) in applying(requires, &environment, &extras) {
                let Some(other) = places.get(&what).filter(|other| *other != one) else { continue };
                // No installer asks the release for the versions that it takes: all are pinned.
                let is_met = |version: &Option<String>| {
                    let is_met =
                        |version: &String| who == RELEASE || is_taken(wanted.as_ref(), version);
                    version.as_ref().is_some_and(is_met)
                };
                let Difference { one: red, two: green, .. } = &differences[*other];
                match side {
                    Side::Red if !is_met(green) => forces.insert((*one, *other)),
                    Side::Green if !is_met(red) => forces.insert((*other, *one)),
                    _ => false,
                };
            }
        }
        forces.into_iter().collect()
    }

    /// The extras that anything asks for.
    fn extras(&self) -> Vec<ExtraName> {
        let all = self.0.values().flatten().filter_map(|text| parsed(text));
        let extras: BTreeSet<ExtraName> = all.flat_map(|requirement| requirement.extras).collect();
        extras.into_iter().collect()
    }
}

/// Which of what was built goes with which, as far as the package index says.
pub(super) async fn forces_of(site: &Site, project: &Project, ends: &Ends) -> Vec<(usize, usize)> {
    let built = ends.built();
    let mut requires = Requires::fetch(site, &project.root, &built).await;
    if let Some([green, red]) = &ends.releases {
        requires.add_releases(green, red);
    }
    requires.forces(site, &built)
}

fn parsed(text: &str) -> Option<Requirement<VerbatimUrl>> {
    Requirement::from_str(text).ok()
}

/// The requirements that hold in an environment: names, normalised, and versions.
fn applying(
    requires: &[String],
    environment: &MarkerEnvironment,
    extras: &[ExtraName],
) -> Vec<(String, Option<VersionOrUrl<VerbatimUrl>>)> {
    let holding = requires
        .iter()
        .filter_map(|text| parsed(text))
        .filter(|requirement| requirement.marker.evaluate(environment, extras));
    holding.map(|one| (normalised(one.name.as_ref()), one.version_or_url)).collect()
}

fn is_taken(wanted: Option<&VersionOrUrl<VerbatimUrl>>, version: &str) -> bool {
    match (wanted, Version::from_str(version)) {
        (Some(VersionOrUrl::VersionSpecifier(wanted)), Ok(version)) => wanted.contains(&version),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::fixture::{SHOP, Stand};

    fn difference(key: &str, red: Option<&str>, green: Option<&str>) -> Difference {
        Difference {
            key: key.to_owned(),
            one: red.map(str::to_owned),
            two: green.map(str::to_owned),
        }
    }

    #[test]
    fn what_a_version_requires_comes_with_it_and_what_the_old_one_does_not_take_brings_the_new_one()
    {
        let differences = [
            difference("installed.requests", Some("2.27.1"), Some("2.25.1")),
            difference("installed.idna", Some("3.3"), Some("2.10")),
            difference("installed.charset-normalizer", Some("2.0.12"), None),
            difference("installed.chardet", None, Some("4.0.0")),
            difference("installed.urllib3", Some("1.26.8"), Some("1.26.5")),
        ];
        let requires = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        let red =
            ["idna<4,>=2.5 ; python_version >= '3'", "charset-normalizer~=2.0.0", "urllib3>=1.21"];
        let green = [
            "idna<3,>=2.5",
            "chardet<5,>=3.0.2",
            "urllib3>=1.21",
            "win-inet-pton; sys_platform == 'win32'",
        ];
        let requires = Requires(BTreeMap::from([
            (("requests".to_owned(), Side::Red), requires(&red)),
            (("requests".to_owned(), Side::Green), requires(&green)),
        ]));
        // requests brings charset-normalizer; idna and the loss of chardet bring requests.
        let stand = Stand::new(&[("site", SHOP)]);
        assert_eq!(requires.forces(stand.site(), &differences), [(0, 2), (1, 0), (3, 0)]);
        assert_eq!(Requires::default().forces(stand.site(), &differences), []);
    }
}
