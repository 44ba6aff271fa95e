//! What is wrong in the descriptions: where, what, and the way out; all of it at once.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::failure::Failure;

/// A spot in a file; line and column count from one, and zero means the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Relative to the project's root.
    pub file: Arc<Path>,
    pub line: usize,
    pub column: usize,
}

impl Place {
    pub(super) fn file(path: impl AsRef<Path>) -> Self {
        Place { file: Arc::from(path.as_ref()), line: 0, column: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file.display())?;
        if self.line > 0 {
            write!(formatter, ":{}:{}", self.line, self.column)?;
        }
        Ok(())
    }
}

/// The keys that lead to a value, from the top of the file: `services.db.postgres`, `names.0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct KeyPath(Vec<String>);

impl KeyPath {
    /// The value below, by its key or its place in a list.
    #[must_use]
    pub fn key(&self, key: impl fmt::Display) -> Self {
        let mut keys = self.0.clone();
        keys.push(key.to_string());
        KeyPath(keys)
    }

    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.0
    }

    /// True where each key is the pattern's, or the pattern says `*`.
    pub(super) fn is(&self, pattern: &[&str]) -> bool {
        self.0.len() == pattern.len()
            && self.0.iter().zip(pattern).all(|(key, wanted)| *wanted == "*" || key == wanted)
    }
}

impl<T: fmt::Display, const N: usize> From<[T; N]> for KeyPath {
    fn from(keys: [T; N]) -> Self {
        KeyPath(keys.iter().map(ToString::to_string).collect())
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, key) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            if key.is_empty() || key.contains(['.', ':', '\n', ' ']) {
                write!(formatter, "{dot}{key:?}")?;
            } else {
                write!(formatter, "{dot}{key}")?;
            }
        }
        Ok(())
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub place: Place,
    pub path: KeyPath,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    pub(super) fn new(place: Place, path: KeyPath, message: impl Into<String>) -> Self {
        Problem { place, path, message: message.into(), hint: None }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With the hint, if there is one to give.
    #[must_use]
    pub(super) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }
}

/// One line, without the hint: `environments/shop.yaml:3:5: services.db: unknown key ...`.
impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.place)?;
        if !self.path.keys().is_empty() {
            write!(formatter, "{}: ", self.path)?;
        }
        formatter.write_str(&self.message)
    }
}

/// All that is wrong: each once, by file and line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn push(&mut self, problem: Problem) {
        if let Err(index) = self.0.binary_search(&problem) {
            self.0.insert(index, problem);
        }
    }

    pub(super) fn extend(&mut self, others: Problems) {
        others.0.into_iter().for_each(|problem| self.push(problem));
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// What a terminal shows: an `error:` line for each, its `hint:` line below it.
    #[must_use]
    pub fn render(&self) -> String {
        let blocks = self.0.iter().map(|problem| match &problem.hint {
            Some(hint) => format!("error: {problem}\nhint: {hint}\n"),
            None => format!("error: {problem}\n"),
        });
        blocks.collect::<Vec<_>>().concat()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render())
    }
}

impl std::error::Error for Problems {}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Printed as `error: {message}` and `hint: {hint}`, it reads as [`Problems::render`].
impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let last_hint = problems.0.last().and_then(|problem| problem.hint.clone());
        let rendered = problems.render();
        let shown = match &last_hint {
            Some(hint) => rendered.strip_suffix(&format!("\nhint: {hint}\n")),
            None => rendered.strip_suffix('\n'),
        };
        let message = shown.and_then(|text| text.strip_prefix("error: ")).unwrap_or(&rendered);
        let failure = Failure::usage(message);
        match last_hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// The known name that is nearest to a wrong one, if any is near.
pub(super) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 1.max(name.chars().count().min(wrong.len()) / 3))
        .min()
        .map(|(_, name)| name)
}

/// "did you mean `x`?", or else all the names there are.
pub(super) fn suggestion<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    what: &str,
) -> Option<String> {
    if let Some(name) = nearest(wrong, known.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let names: Vec<_> = known.into_iter().map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: usize, message: &str) -> Problem {
        let place = Place { file: Arc::from(Path::new("environments/a.yaml")), line, column: 2 };
        Problem::new(place, KeyPath::from(["services", "my db"]), message)
    }

    #[test]
    fn problems_come_once_and_in_order_and_print_the_same_as_a_failure() {
        let mut problems = Problems::default();
        problems.push(problem(9, "late").hint("sooner"));
        problems.push(problem(2, "early"));
        problems.push(problem(2, "early"));
        let text = "error: environments/a.yaml:2:2: services.\"my db\": early\n\
                    error: environments/a.yaml:9:2: services.\"my db\": late\nhint: sooner\n";
        assert_eq!(problems.render(), text);
        let failure = Failure::from(problems);
        assert_eq!(format!("error: {}\nhint: {}\n", failure.message, failure.hints[0]), text);
    }

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["postgres", "redis", "memcached"];
        assert_eq!(nearest("postgress", known), Some("postgres"));
        assert_eq!(nearest("Redis", known), Some("redis"));
        assert_eq!(nearest("mysql", known), None);
    }
}
