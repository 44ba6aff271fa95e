//! Filters over labels, as the Engine API wants them and as we mean them.

use std::collections::HashMap;

use crate::replica::Labels;

/// True where all labels of `filter` are there; an empty value in the filter asks for any value.
/// A label that is there with an empty value counts as not there: a commit cannot take labels
/// away, only empty them.
#[must_use]
pub(super) fn carries(labels: &Labels, filter: &Labels) -> bool {
    filter.iter().all(|(key, wanted)| match labels.get(key) {
        Some(value) => !value.is_empty() && (wanted.is_empty() || value == wanted),
        None => false,
    })
}

/// The filter as the Engine API wants it.
pub(super) fn to_query(filter: &Labels) -> HashMap<String, Vec<String>> {
    let wanted = filter.iter().map(|(key, value)| match value.as_str() {
        "" => key.clone(),
        value => format!("{key}={value}"),
    });
    HashMap::from([("label".to_owned(), wanted.collect())])
}

/// A resource found by its labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub resource: crate::event::Resource,
    pub id: String,
    pub labels: Labels,
    pub running: bool,
    /// Seconds since 1970; 0 where the engine does not say.
    pub created: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::label::{KEY, ROLE, RUN, SITE};

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_empty_value_asks_for_any_and_counts_as_none() {
        let there = labels(&[(RUN, "r1"), (SITE, ""), (KEY, "k")]);
        assert!(carries(&there, &labels(&[(RUN, "r1")])));
        assert!(carries(&there, &labels(&[(RUN, ""), (KEY, "k")])));
        assert!(!carries(&there, &labels(&[(RUN, "r2")])));
        assert!(!carries(&there, &labels(&[(SITE, "")])));
        assert!(!carries(&there, &labels(&[(ROLE, "")])));
    }
}
