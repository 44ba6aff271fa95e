//! The mutants of a site: descriptions that are its own but for one thing, and that hold.

use std::collections::BTreeSet;

use super::adversity::{Idea, adversities};
use super::answer::Origin;
use crate::experiment::why::{Hybrid, Space, Unit};
use crate::failure::Failure;
use crate::site::{
    Crossing, Leaf, Project, Setting, Site, Variation, is_of_no_environment, is_within,
};

/// Keys of how a site is deployed and judged, and under which names, beside those of no environment.
const LEFT_ALONE: [&str; 9] =
    ["critical", "deploy", "health", "live", "rollback", "releases", "backup", "names", "intended"];
/// Keys without which a site is another one, or its installation is left to chance.
const HAS_NO_DEFAULT: [&str; 3] = ["install", "user", "resources"];
/// Values of other sites that are tried for one key.
const MOST_VALUES: usize = 3;

/// A mutant that can be rehearsed.
#[derive(Debug, Clone)]
pub struct Planned {
    /// In a few words.
    pub name: String,
    pub origin: Origin,
    /// Key paths: the first is what it is about.
    pub traits: Vec<String>,
    pub settings: Vec<String>,
    pub changes_image: bool,
}

/// A site and all of its mutants.
#[derive(Debug)]
pub struct Mutants {
    variation: Variation,
    /// The names of the secrets that the site knows.
    secrets: BTreeSet<String>,
    pub planned: Vec<Planned>,
    pub declared: Declared,
}

/// What the description says of itself that a study may add to.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// The variables that it calls required.
    pub required: Vec<String>,
    /// The keys of which it says that the suite does not notice them.
    pub uncovered: Vec<String>,
}

impl Mutants {
    /// Of a site: the values of the others, what is there by default, and adversities. Those that `check` refuses are
    /// none, and neither are those that are the same environment as the site or as another mutant.
    ///
    /// # Errors
    /// Usage: a description cannot be read any more.
    pub fn of(project: &Project, site: &Site) -> Result<Mutants, Failure> {
        let variation = Variation::of(project, site)?;
        let leaves = variation.leaves();
        let secrets = leaves.iter().filter(|leaf| leaf.keys[0] == "secrets");
        let secrets = secrets.filter_map(|leaf| leaf.keys.get(1).cloned()).collect();
        let said = |key: &str| {
            let list = leaves.iter().find(|leaf| leaf.path == key);
            let list = list.map_or("", |leaf| leaf.value.trim_matches(['[', ']']));
            list.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        let declared = Declared { required: said("required"), uncovered: said("uncovered") };
        let mut mutants = Mutants { variation, secrets, planned: Vec::new(), declared };
        let mut seen: BTreeSet<String> = site.digest().into_iter().collect();
        for idea in adversities(site, &leaves) {
            mutants.add(idea, Origin::Adversity, &mut seen);
        }
        for other in project.sites.iter().filter(|other| other.name != site.name) {
            for idea in of_other(project, site, other)? {
                let is_same = |one: &&Planned| {
                    matches!(one.origin, Origin::OtherSite(_))
                        && one.traits.first() == idea.traits.first()
                };
                if mutants.planned.iter().filter(is_same).count() < MOST_VALUES {
                    mutants.add(idea, Origin::OtherSite(other.name.to_string()), &mut seen);
                }
            }
        }
        let is_tried = |leaf: &&Leaf| {
            !is_left_alone(&leaf.keys[0]) && !HAS_NO_DEFAULT.contains(&leaf.keys[0].as_str())
        };
        for leaf in leaves.iter().filter(is_tried) {
            let idea = Idea {
                name: format!("{} at its default", leaf.path),
                traits: vec![leaf.keys.join(".")],
                settings: vec![format!("{}=null", leaf.path)],
                changes_image: leaf.changes_image,
            };
            mutants.add(idea, Origin::Plain, &mut seen);
        }
        Ok(mutants)
    }

    /// Leaves those alone that are about none of these keys, or of what is below them.
    pub fn retain(&mut self, keys: &[String]) {
        let is_about = |key: &str| keys.iter().any(|wanted| is_within(key, wanted));
        self.planned.retain(|one| one.traits.first().is_some_and(|key| is_about(key)));
    }

    /// How many keys they are about.
    #[must_use]
    pub fn count_keys(&self) -> usize {
        let keys = self.planned.iter().filter_map(|one| one.traits.first());
        keys.collect::<BTreeSet<_>>().len()
    }

    fn add(&mut self, idea: Idea, origin: Origin, seen: &mut BTreeSet<String>) {
        let Idea { name, traits, settings, changes_image } = idea;
        let settings = with_secrets(settings, &self.secrets);
        let Ok(site) = self.site(&settings) else { return };
        if site.digest().is_ok_and(|digest| seen.insert(digest)) {
            let settings = site.settings;
            self.planned.push(Planned { name, origin, traits, settings, changes_image });
        }
    }

    /// The site with the settings of some of its mutants.
    ///
    /// # Errors
    /// They are no description that holds.
    pub fn site(&self, settings: &[String]) -> Result<Site, Failure> {
        let parsed = settings.iter().map(|setting| setting.parse::<Setting>());
        let parsed: Vec<Setting> = parsed.collect::<Result<_, _>>().map_err(Failure::usage)?;
        Ok(self.variation.with(&parsed, |name| std::env::var(name).ok())?)
    }
}

fn is_left_alone(key: &str) -> bool {
    is_of_no_environment(key) || LEFT_ALONE.contains(&key)
}

/// The site with each unit of another one.
fn of_other(project: &Project, site: &Site, other: &Site) -> Result<Vec<Idea>, Failure> {
    let crossing = Crossing::of(project, site, other)?;
    let differences = crossing.differences();
    let unit = |place: usize| Unit {
        keys: vec![differences[place].key.clone()],
        changes_image: crossing.changes_image(place),
    };
    let forces = crossing.forces(|name| std::env::var(name).ok());
    let space = Space::new((0..differences.len()).map(unit).collect(), &forces);
    let place = |key: &String| differences.iter().position(|one| one.key == *key);
    let ideas = space.units().iter().enumerate().map(|(number, unit)| {
        let closed = space.closed(&Hybrid::from_iter([number]));
        let others = closed.units().filter(|other| *other != number);
        let further = others.flat_map(|other| &space.units()[other].keys);
        let traits: Vec<String> = unit.keys.iter().chain(further).cloned().collect();
        let places: Vec<usize> = traits.iter().filter_map(place).collect();
        Idea {
            name: format!("{} as at {}", traits[0], other.name),
            settings: crossing.settings(&places),
            changes_image: closed.units().any(|unit| space.units()[unit].changes_image),
            traits,
        }
    });
    Ok(ideas.filter(|idea| !is_left_alone(first_key(&idea.traits[0]))).collect())
}

fn first_key(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

/// With secrets of their own for what refers to some: another site's are not this one's.
fn with_secrets(mut settings: Vec<String>, known: &BTreeSet<String>) -> Vec<String> {
    const BEGIN: &str = "${secret.";
    let mut names = BTreeSet::new();
    for setting in &settings {
        for rest in setting.split(BEGIN).skip(1) {
            names.extend(rest.split('}').next().map(str::to_owned));
        }
    }
    let names = names.into_iter().filter(|name| !known.contains(name));
    settings.extend(names.map(|name| format!("secrets.{name}={{generate: 24}}")));
    settings
}
