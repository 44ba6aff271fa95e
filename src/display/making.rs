//! Which of the images that a first run has to make is made now.

/// The images that are made, once that is known.
#[derive(Debug, Default)]
pub(super) struct Making {
    titles: Vec<String>,
    /// Seconds that all of them take, by the runs that are recorded.
    pub(super) about: Option<f64>,
}

impl Making {
    pub(super) fn new(titles: &[String], about: Option<f64>) -> Self {
        Making { titles: titles.to_vec(), about }
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
}
