//! Which sites share the failing one's value: a value that green sites have, too, is seldom to blame.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::{Peers, Points};
use crate::site::difference::values;
use crate::site::model::Site;

/// Of a value that all failing sites have and no green one.
const MOST: f64 = 20.0;

type Values = BTreeMap<String, Value>;

#[derive(Debug)]
pub(super) struct Spectrum {
    failing: Values,
    failed_alike: Vec<Values>,
    passed: Vec<Values>,
}

impl Spectrum {
    pub(super) fn of(peers: &Peers<'_>) -> Self {
        let all = |sites: &[&Site]| sites.iter().map(|site| values(site)).collect();
        Spectrum {
            failing: values(peers.failing),
            failed_alike: all(&peers.failed_alike),
            passed: all(&peers.passed),
        }
    }

    /// By the coefficient of Ochiai, as fault localisation has it for lines of code: `f / sqrt(F * (f + p))`, of
    /// `F` failing sites `f` with the value, and `p` that passed with it.
    pub(super) fn points(&self, key: &str) -> Points {
        let value = self.failing.get(key);
        let sharing = |sites: &[Values]| sites.iter().filter(|site| site.get(key) == value).count();
        let (failed, passed) = (sharing(&self.failed_alike) + 1, sharing(&self.passed));
        let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let all_failed = float(self.failed_alike.len() + 1);
        let ochiai = float(failed) / (all_failed * float(failed + passed)).sqrt();
        let why = match (self.passed.len(), passed, failed) {
            // Where one site alone passed, every difference is one from all.
            (0 | 1, ..) => None,
            (_, 0, 1) => Some("no site that passed has this value".to_owned()),
            (_, 0, failed) => {
                Some(format!("{failed} failing sites have this value, none that passed"))
            }
            (_, 1, _) => Some("one site passed with this value".to_owned()),
            (_, passed, _) => Some(format!("{passed} sites passed with this value")),
        };
        Points { points: MOST * ochiai, why }
    }
}
