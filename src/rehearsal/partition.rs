//! Which part of the sites a run is for, when several runs share them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::site::Site;

/// More parts are a mistake.
const MOST: usize = 1000;

/// The second of four parts: `2/4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From one.
    number: usize,
    of: usize,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text
            .split_once('/')
            .and_then(|(number, of)| Some((number.trim().parse().ok()?, of.trim().parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) && of <= MOST => {
                Ok(Part { number, of })
            }
            _ => Err(format!("write the part and of how many, such as 2/4; at most {MOST}")),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

impl Part {
    /// Its share of the sites, in their order. The longest site comes first, each to the part that has
    /// least to do so far; a site without a recorded time counts as much as the middle one of the
    /// others. So every part that is given the same sites and times shares them in the same way.
    #[must_use]
    pub fn share<'a>(self, sites: &[&'a Site], times: &BTreeMap<String, f64>) -> Vec<&'a Site> {
        let names: Vec<&str> = sites.iter().map(|site| site.name.as_str()).collect();
        let part_of = parts(&names, times, self.of);
        let own = sites.iter().zip(part_of).filter(|(_, part)| part + 1 == self.number);
        own.map(|(site, _)| *site).collect()
    }
}

/// The part of each site, from zero.
fn parts(names: &[&str], times: &BTreeMap<String, f64>, of: usize) -> Vec<usize> {
    let mut known: Vec<f64> = names.iter().filter_map(|name| times.get(*name).copied()).collect();
    known.sort_by(f64::total_cmp);
    let middle = known.get(known.len() / 2).copied().unwrap_or(1.0);
    let time = |name: &str| times.get(name).copied().unwrap_or(middle);
    let mut longest_first: Vec<usize> = (0..names.len()).collect();
    // Stable: equally long ones stay in their order.
    longest_first.sort_by(|one, two| time(names[*two]).total_cmp(&time(names[*one])));
    let mut load = vec![0.0; of];
    let mut part_of = vec![0; names.len()];
    for index in longest_first {
        let lightest = (0..of).min_by(|one, two| f64::total_cmp(&load[*one], &load[*two]));
        let lightest = lightest.unwrap_or_default();
        load[lightest] += time(names[index]);
        part_of[index] = lightest;
    }
    part_of
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The sites of each part, as `a c | b d`.
    fn share_out(names: &[&str], times: &[(&str, f64)], of: usize) -> String {
        let times = times.iter().map(|(name, time)| ((*name).to_owned(), *time)).collect();
        let part_of = parts(names, &times, of);
        let part = |number| {
            let own = names.iter().zip(&part_of).filter(|(_, part)| **part == number);
            own.map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
        };
        (0..of).map(part).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn sites_are_shared_by_their_times_and_else_by_their_order() {
        let five = ["a", "b", "c", "d", "e"];
        assert_eq!(share_out(&five, &[], 2), "a c e | b d");
        assert_eq!(share_out(&five, &[], 7), "a | b | c | d | e |  | ");
        let times = [("a", 10.0), ("b", 10.0), ("c", 50.0), ("d", 20.0), ("e", 10.0)];
        assert_eq!(share_out(&five, &times, 2), "c | a b d e");
        // One that is not known is as the middle one.
        assert_eq!(share_out(&five, &[("a", 60.0), ("b", 10.0), ("c", 20.0)], 2), "a b | c d e");
        assert_eq!(share_out(&[], &[], 2), " | ");
    }

    proptest! {
        #[test]
        fn every_site_has_one_part_and_no_part_is_overloaded(
            times in proptest::collection::vec(0.1_f64..100.0, 0..40), of in 1_u32..12
        ) {
            let names: Vec<String> = (0..times.len()).map(|n| format!("site-{n}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let known = names.iter().zip(&times).map(|(name, time)| ((*name).to_owned(), *time)).collect();
            let count = of as usize;
            let part_of = parts(&names, &known, count);
            prop_assert!(part_of.iter().all(|part| *part < count));
            let load = |part| -> f64 {
                times.iter().zip(&part_of).filter(|(_, of)| **of == part).map(|(time, _)| time).sum()
            };
            let longest = times.iter().copied().fold(0.0, f64::max);
            let even = times.iter().sum::<f64>() / f64::from(of);
            for part in 0..count {
                prop_assert!(load(part) <= even + longest + 1e-6);
            }
        }
    }

    #[test]
    fn a_part_is_written_as_one_of_so_many() {
        assert_eq!("2/4".parse::<Part>().unwrap().to_string(), "2/4");
        for wrong in ["", "2", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/2", "1/1001"] {
            wrong.parse::<Part>().unwrap_err();
        }
    }
}
