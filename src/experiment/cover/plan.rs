//! Sites as values of traits, and those of them that have all.
//!
//! What a share of pairs says: NIST IR 7878, "Combinatorial Coverage Measurement".

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::least::least;

/// What is known of a site.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    pub name: String,
    /// Its value at each key that it has.
    pub traits: BTreeMap<String, String>,
    /// How long it took when it was last rehearsed; `None` if it never was.
    pub seconds: Option<f64>,
    /// Rehearsals since its last turn; `None` if it had none.
    pub waited: Option<usize>,
}

/// A value of a trait; `None` for a site that does not have the key.
type Value<'a> = (&'a str, Option<&'a str>);

/// The cheapest sites that have every value, and the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cover {
    pub sites: Vec<Chosen>,
    pub left_out: Vec<LeftOut>,
    /// Keys in which sites differ.
    pub traits: usize,
    /// Values that these have, absence among them.
    pub values: usize,
    pub pairs: PairShare,
    /// Keys in which no two sites are alike: each of them makes every site needed.
    pub all_differ: Vec<String>,
    /// Whether no cheaper choice has every value.
    pub is_proven: bool,
}

/// A site that is needed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chosen {
    pub name: String,
    pub seconds: Option<f64>,
    /// Keys at which no other chosen site has its value.
    pub alone_in: Vec<String>,
}

/// A site all whose values others have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    pub name: String,
    pub seconds: Option<f64>,
    /// Rehearsals since its last turn; `None` if it had none.
    pub waited: Option<usize>,
}

/// Pairs of values, of two traits, that one site has together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PairShare {
    pub held: usize,
    pub of: usize,
}

impl PairShare {
    /// In percent, rounded down: only all of them are 100.
    #[must_use]
    pub fn percent(self) -> usize {
        (self.held * 100).checked_div(self.of).unwrap_or(100)
    }
}

impl Cover {
    /// Of sites in their order. Keys that `is_excepted` need not be held.
    #[must_use]
    pub fn of(sites: &[Known], is_excepted: impl Fn(&str) -> bool) -> Cover {
        let mut keys: BTreeSet<&str> =
            sites.iter().flat_map(|site| site.traits.keys().map(String::as_str)).collect();
        keys.retain(|key| !is_excepted(key));
        let value = |site: usize, key: &str| sites[site].traits.get(key).map(String::as_str);
        let mut had: BTreeMap<Value<'_>, BTreeSet<usize>> = BTreeMap::new();
        for key in &keys {
            for site in 0..sites.len() {
                had.entry((key, value(site, key))).or_default().insert(site);
            }
        }
        // What all have alike is no trait to choose by.
        had.retain(|_, by| by.len() < sites.len());
        let traits: BTreeSet<&str> = had.keys().map(|(key, _)| *key).collect();
        let found = least(had.values().cloned(), &weights(sites));
        // Where all are alike one of them is as good as another.
        let chosen = match &found.chosen[..] {
            [] => cheapest(sites).into_iter().collect(),
            chosen => chosen.to_vec(),
        };
        let alone_in = |site: usize| {
            let is_alone = |key: &&str| {
                let own = value(site, key);
                chosen.iter().all(|other| *other == site || value(*other, key) != own)
            };
            traits.iter().filter(|key| is_alone(key)).map(|key| (*key).to_owned()).collect()
        };
        let needed = |site: &usize| Chosen {
            name: sites[*site].name.clone(),
            seconds: sites[*site].seconds,
            alone_in: alone_in(*site),
        };
        let left_out = |site: usize| LeftOut {
            name: sites[site].name.clone(),
            seconds: sites[site].seconds,
            waited: sites[site].waited,
        };
        let all_differ = |key: &&str| {
            let values: BTreeSet<_> = (0..sites.len()).map(|site| value(site, key)).collect();
            values.len() == sites.len()
        };
        let everyone: Vec<usize> = (0..sites.len()).collect();
        Cover {
            sites: chosen.iter().map(needed).collect(),
            left_out: everyone
                .iter()
                .filter(|site| !chosen.contains(site))
                .map(|site| left_out(*site))
                .collect(),
            traits: traits.len(),
            values: had.len(),
            pairs: PairShare {
                held: pairs(sites, &chosen, &traits),
                of: pairs(sites, &everyone, &traits),
            },
            all_differ: traits
                .iter()
                .filter(|key| sites.len() > 1 && all_differ(key))
                .map(|key| (*key).to_owned())
                .collect(),
            is_proven: found.is_proven,
        }
    }
}

/// How many pairs of values these sites have.
fn pairs(sites: &[Known], chosen: &[usize], traits: &BTreeSet<&str>) -> usize {
    let traits: Vec<&str> = traits.iter().copied().collect();
    let mut count = 0;
    for (place, one) in traits.iter().enumerate() {
        for other in &traits[place + 1..] {
            let pair =
                |site: &usize| (sites[*site].traits.get(*one), sites[*site].traits.get(*other));
            count += chosen.iter().map(pair).collect::<BTreeSet<_>>().len();
        }
    }
    count
}

/// What each costs, in milliseconds. One that was never rehearsed costs as much as the middle one of the others.
fn weights(sites: &[Known]) -> Vec<u64> {
    let mut known: Vec<f64> = sites.iter().filter_map(|site| site.seconds).collect();
    known.sort_by(f64::total_cmp);
    let middle = known.get(known.len() / 2).copied().unwrap_or(1.0);
    let weight = |site: &Known| {
        let time = std::time::Duration::try_from_secs_f64(site.seconds.unwrap_or(middle));
        time.map_or(1, |time| {
            u64::try_from(time.as_millis()).unwrap_or(u64::MAX / 1_000_000).max(1)
        })
    };
    sites.iter().map(weight).collect()
}

fn cheapest(sites: &[Known]) -> Option<usize> {
    let weights = weights(sites);
    (0..sites.len()).min_by_key(|site| weights[*site])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(name: &str, seconds: f64, traits: &[(&str, &str)]) -> Known {
        let traits = traits.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Known {
            name: name.to_owned(),
            traits: traits.collect(),
            seconds: Some(seconds),
            waited: None,
        }
    }

    fn names(cover: &Cover) -> String {
        let names: Vec<&str> = cover.sites.iter().map(|site| site.name.as_str()).collect();
        names.join(" ")
    }

    #[test]
    fn the_cheapest_sites_with_every_value_are_chosen() {
        let sites = [
            site("a", 4.0, &[("debian", "12"), ("wsgi", "gunicorn"), ("app", "shop")]),
            site("b", 9.0, &[("debian", "11"), ("wsgi", "uwsgi"), ("app", "shop")]),
            site("c", 2.0, &[("debian", "12"), ("wsgi", "uwsgi"), ("app", "shop")]),
            site("d", 3.0, &[("debian", "11"), ("wsgi", "gunicorn"), ("app", "shop")]),
        ];
        let cover = Cover::of(&sites, |_| false);
        assert_eq!((names(&cover).as_str(), cover.traits, cover.values), ("c d", 2, 4));
        assert_eq!(cover.pairs, PairShare { held: 2, of: 4 });
        assert_eq!(cover.sites[0].alone_in, ["debian", "wsgi"]);
        let left_out: Vec<&str> = cover.left_out.iter().map(|site| site.name.as_str()).collect();
        assert_eq!((left_out, cover.is_proven), (vec!["a", "b"], true));
    }

    #[test]
    fn that_a_key_is_absent_is_a_value() {
        let sites = [
            site("a", 4.0, &[("env.THEME", "night")]),
            site("b", 9.0, &[]),
            site("c", 2.0, &[("env.THEME", "night")]),
        ];
        assert_eq!(names(&Cover::of(&sites, |_| false)), "b c");
    }

    #[test]
    fn a_key_in_which_all_differ_is_named_and_can_be_excepted() {
        let sites = [
            site("a", 4.0, &[("env.TITLE", "one"), ("wsgi", "uwsgi")]),
            site("b", 1.0, &[("env.TITLE", "two"), ("wsgi", "uwsgi")]),
            site("c", 2.0, &[("env.TITLE", "three"), ("wsgi", "uwsgi")]),
        ];
        let cover = Cover::of(&sites, |_| false);
        assert_eq!(
            (names(&cover).as_str(), cover.all_differ.join(" ").as_str()),
            ("a b c", "env.TITLE")
        );
        let cover = Cover::of(&sites, |key| key == "env.TITLE");
        assert_eq!((names(&cover).as_str(), cover.traits), ("b", 0));
        assert_eq!(cover.pairs.percent(), 100);
        let none = Cover::of(&[], |_| false);
        assert!(none.sites.is_empty() && none.left_out.is_empty());
    }
}
