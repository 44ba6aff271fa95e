//! Which of the images that a first run has to make is made now, and how far all of them are.

use std::time::Duration;

use super::text::took;

/// Columns of the bar.
const BAR: usize = 10;

/// What becomes of all images that are made, by the runs that are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Estimate {
    /// Since the run's start.
    pub(super) begun: Duration,
    pub(super) about: Duration,
}

impl Estimate {
    /// Columns that the bar with its words takes more than a time alone.
    pub(super) const WIDTH: usize = BAR + 1 + " of about 12m34s".len();

    /// A bar, and how long it takes in all: `███░░░░░░░ 23.4s of about 1m15s`. What takes longer fills it.
    pub(super) fn bar(self, elapsed: Duration) -> String {
        let columns = u32::try_from(BAR).unwrap_or(u32::MAX);
        let step = (self.about / columns).as_millis().max(1);
        let full = usize::try_from(elapsed.as_millis() / step).unwrap_or(BAR).min(BAR);
        let (full, empty) = ("█".repeat(full), "░".repeat(BAR - full));
        let [elapsed, about] = [elapsed, self.about].map(|time| took(time.as_secs_f64()));
        format!("{full}{empty} {elapsed} of about {about}")
    }
}

/// The images that are made, once that is known.
#[derive(Debug, Default)]
pub(super) struct Making {
    titles: Vec<String>,
    /// There if runs are recorded that made them.
    pub(super) estimate: Option<Estimate>,
}

impl Making {
    pub(super) fn new(titles: &[String], estimate: Option<Estimate>) -> Self {
        Making { titles: titles.to_vec(), estimate }
    }

    /// `2 of 5`, where the words are about one of them.
    pub(super) fn number(&self, words: &str) -> Option<String> {
        let named = self.titles.iter().enumerate().filter(|(_, title)| words.contains(*title));
        // What an image stands on may be a part of its name.
        let (index, _) = named.max_by_key(|(_, title)| title.len())?;
        Some(format!("{} of {}", index + 1, self.titles.len()))
    }

    /// The words with the number before them, where there is one.
    pub(super) fn numbered(&self, words: String) -> String {
        self.number(&words).map_or_else(|| words.clone(), |number| format!("{number}: {words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_known_by_its_name() {
        let titles =
            ["debian bookworm", "uv on debian bookworm", "packages of a"].map(str::to_owned);
        let making = Making::new(&titles, None);
        for (words, number) in [
            ("bootstrapping debian bookworm: unpacking", Some("1 of 3")),
            ("building uv on debian bookworm", Some("2 of 3")),
            ("packages of a: installing 5 packages", Some("3 of 3")),
            ("building environment of a", None),
        ] {
            assert_eq!(making.number(words).as_deref(), number, "{words}");
        }
        assert_eq!(
            making.numbered("built packages of a 2.0s".to_owned()),
            "3 of 3: built packages of a 2.0s"
        );
        assert_eq!(making.numbered("found db".to_owned()), "found db");
    }
    #[test]
    fn the_bar_grows_with_the_time_and_is_full_when_it_takes_longer() {
        let estimate = Estimate { begun: Duration::ZERO, about: Duration::from_secs(75) };
        let bar = |seconds| estimate.bar(Duration::from_secs(seconds));
        assert_eq!(bar(0), "░░░░░░░░░░ 0.0s of about 1m15s");
        assert_eq!(bar(23), "███░░░░░░░ 23.0s of about 1m15s");
        assert_eq!(bar(100), "██████████ 1m40s of about 1m15s");
        assert!(bar(754).chars().count() <= Estimate::WIDTH + "12m34s".len());
    }
}
