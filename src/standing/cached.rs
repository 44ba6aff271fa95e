//! The cached images: which of them go when there are too many, and their removal.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::docker::DockerError;
use crate::docker::{Engine, ImageId, ImageSummary};
use crate::replica::{Labels, label};

/// What the cache may take before it is said that it takes much: 20 GiB.
pub const USUAL_BOUND: u64 = 20 << 30;

/// An image that stagectl has made, and how long nobody has used it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    pub id: ImageId,
    pub tags: Vec<String>,
    /// Bytes of its own; more where the engine does not say which image it stands on.
    pub bytes: u64,
    /// Seconds since 1970.
    pub last_used: i64,
    created: i64,
    parent: Option<ImageId>,
}

/// Which images go: none of these bounds is every one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Only what nobody has used for so long.
    pub older_than: Option<Duration>,
    /// No more of them as soon as the rest takes no more bytes than this.
    pub keep: Option<u64>,
}

/// All of them; `last_use` says when an image of a key was last used, where that is known: it was made at least.
///
/// # Errors
/// Docker's.
pub async fn cached<E: Engine>(
    engine: &E,
    last_use: impl Fn(&str) -> Option<i64>,
) -> Result<Vec<Cached>, DockerError> {
    let any = Labels::from([(label::KIND.to_owned(), String::new())]);
    let found = engine.images(&any).await?;
    let size_of = |id: &ImageId| found.iter().find(|image| image.id == *id).map(|image| image.size);
    let of = |image: &ImageSummary| {
        let below = image.parent.as_ref().and_then(size_of).unwrap_or(0);
        let used = image.labels.get(label::KEY).and_then(|key| last_use(key));
        Cached {
            id: image.id.clone(),
            tags: image.tags.clone(),
            bytes: image.size.saturating_sub(below),
            last_used: used.map_or(image.created, |used| used.max(image.created)),
            created: image.created,
            parent: image.parent.clone(),
        }
    };
    Ok(found.iter().map(of).collect())
}

/// The bytes that all of them take together.
#[must_use]
pub fn bytes_of(images: &[Cached]) -> u64 {
    images.iter().map(|image| image.bytes).sum()
}

/// Those that go, in the order of their removal: what nobody has used for longest first, and each after all that
/// stand on it. One that another needs stays as long as that.
#[must_use]
pub fn superfluous(mut images: Vec<Cached>, bounds: Bounds, now: i64) -> Vec<Cached> {
    images.sort_by_key(|image| (image.last_used, std::cmp::Reverse(image.created)));
    let mut rest = bytes_of(&images);
    let mut gone: BTreeSet<ImageId> = BTreeSet::new();
    let mut going = Vec::new();
    let is_old = |image: &Cached| {
        let age =
            Duration::from_secs(u64::try_from(now.saturating_sub(image.last_used)).unwrap_or(0));
        bounds.older_than.is_none_or(|least| age >= least)
    };
    loop {
        if bounds.keep.is_some_and(|keep| rest <= keep) {
            break;
        }
        let has_child = |id: &ImageId| {
            let of = |image: &&Cached| image.parent.as_ref() == Some(id);
            images.iter().filter(of).any(|child| !gone.contains(&child.id))
        };
        let next = images
            .iter()
            .find(|image| !gone.contains(&image.id) && is_old(image) && !has_child(&image.id));
        let Some(next) = next else { break };
        rest = rest.saturating_sub(next.bytes);
        gone.insert(next.id.clone());
        going.push(next.clone());
    }
    going
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    /// An image that was last used so many days ago.
    fn image(id: &str, parent: Option<&str>, gib: u64, days: i64) -> Cached {
        Cached {
            id: id.to_owned(),
            tags: vec![format!("stagectl/{id}")],
            bytes: gib << 30,
            last_used: -days * DAY,
            created: if parent.is_some() { -99 * DAY } else { -100 * DAY },
            parent: parent.map(str::to_owned),
        }
    }

    /// A base with two images on it, of which one is in use.
    fn house() -> Vec<Cached> {
        vec![
            image("base", None, 1, 1),
            image("new", Some("base"), 2, 1),
            image("old", Some("base"), 3, 40),
            image("db", None, 4, 10),
        ]
    }

    fn going(older_than: Option<i64>, keep: Option<u64>) -> Vec<String> {
        let older_than = older_than.map(|days| Duration::from_secs((days * DAY).cast_unsigned()));
        let bounds = Bounds { older_than, keep: keep.map(|gib| gib << 30) };
        superfluous(house(), bounds, 0).into_iter().map(|image| image.id).collect()
    }

    #[test]
    fn without_bounds_all_go_and_each_after_what_stands_on_it() {
        assert_eq!(going(None, None), ["old", "db", "new", "base"]);
    }

    #[test]
    fn what_was_used_stays_with_what_it_stands_on() {
        assert_eq!(going(Some(7), None), ["old", "db"]);
        assert_eq!(going(Some(41), None), [""; 0]);
        let mut house = house();
        house[0].last_used = -50 * DAY;
        let bounds = Bounds { older_than: Some(Duration::from_hours(24 * 7)), keep: None };
        let ids: Vec<_> = superfluous(house, bounds, 0).into_iter().map(|image| image.id).collect();
        assert_eq!(ids, ["old", "db"], "the base is needed by `new`");
    }

    #[test]
    fn no_more_go_than_have_to() {
        assert_eq!(going(None, Some(10)), [""; 0]);
        assert_eq!(going(None, Some(9)), ["old"]);
        assert_eq!(going(None, Some(3)), ["old", "db"]);
        assert_eq!(going(Some(7), Some(1)), ["old", "db"]);
        assert_eq!(going(Some(20), Some(1)), ["old"]);
        assert_eq!(going(None, Some(0)), ["old", "db", "new", "base"]);
    }
}
