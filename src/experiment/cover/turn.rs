//! Whose turn it is, of the sites that a cover leaves out.

use super::plan::LeftOut;

/// Those that have waited the longest, so many that each has its turn within so many rehearsals. Who never had one
/// has waited the longest.
#[must_use]
pub fn due(left_out: &[LeftOut], within: usize) -> Vec<&str> {
    let number = left_out.len().div_ceil(within.max(1));
    let mut waiting: Vec<&LeftOut> = left_out.iter().collect();
    // Stable: of those that waited alike the first come first.
    waiting.sort_by_key(|site| std::cmp::Reverse(site.waited.unwrap_or(usize::MAX)));
    let mut turn: Vec<&LeftOut> = waiting[..number].to_vec();
    // Sites that came since, or runs of others, make nobody wait longer.
    turn.extend(
        waiting[number..]
            .iter()
            .filter(|site| site.waited.is_some_and(|waited| waited + 1 >= within)),
    );
    let is_due = |site: &&LeftOut| turn.iter().any(|other| other.name == site.name);
    left_out.iter().filter(is_due).map(|site| site.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn site(name: String, waited: Option<usize>) -> LeftOut {
        LeftOut { name, seconds: None, waited }
    }

    #[test]
    fn who_waited_longest_comes_first() {
        let sites = [("a", Some(1)), ("b", None), ("c", Some(3)), ("d", Some(0))];
        let sites = sites.map(|(name, waited)| site(name.to_owned(), waited));
        assert_eq!(due(&sites, 4), ["b", "c"]);
        assert_eq!(due(&sites, 2), ["a", "b", "c"]);
        assert_eq!(due(&sites, 1).len(), 4);
        assert!(due(&[], 5).is_empty());
    }

    proptest! {
        #[test]
        fn nobody_waits_longer_than_was_said(count in 1..30_usize, within in 1..9_usize) {
            let names: Vec<String> = (0..count).map(|number| format!("site-{number}")).collect();
            let mut waited: BTreeMap<String, usize> = BTreeMap::new();
            let mut had_none: Vec<String> = names.clone();
            for run in 0..within * 4 {
                let now: Vec<LeftOut> = names.iter().map(|name| site(name.clone(), waited.get(name).copied())).collect();
                let due: Vec<String> = due(&now, within).into_iter().map(str::to_owned).collect();
                for times in waited.values_mut() {
                    *times += 1;
                }
                for name in due {
                    had_none.retain(|other| *other != name);
                    waited.insert(name, 0);
                }
                prop_assert!(waited.values().all(|times| *times < within));
                prop_assert!(run + 1 < within || had_none.is_empty());
            }
        }
    }
}
