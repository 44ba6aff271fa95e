//! What is wrong in the descriptions: where, what, and the way out; all of it at once.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::failure::{Failure, SourceLine, Spot};

/// The most problems that are reported.
const MOST_PROBLEMS: usize = 1000;
/// The most bytes of a message, and of a hint.
const LONGEST_TEXT: usize = 2000;
/// The most bytes of a word for which the nearest is sought: that takes the product of the lengths.
const LONGEST_WORD: usize = 100;

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
    pub(super) fn of(keys: impl IntoIterator<Item = String>) -> Self {
        KeyPath(keys.into_iter().collect())
    }

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
    /// The line that it is about, where it was looked up and may be shown.
    pub source: Option<SourceLine>,
}

impl Problem {
    pub(super) fn new(place: Place, path: KeyPath, message: impl Into<String>) -> Self {
        Problem { place, path, message: shorten(message.into()), hint: None, source: None }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(shorten(hint.into()));
        self
    }

    /// With the hint, if there is one to give.
    #[must_use]
    pub(super) fn maybe_hint(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }
}

/// Messages repeat what the file says, and one value may be as long as the file.
fn shorten(mut text: String) -> String {
    if text.len() > LONGEST_TEXT {
        let left_out = text.split_off(text.floor_char_boundary(LONGEST_TEXT)).len();
        text.push_str(&format!("... ({left_out} more bytes)"));
    }
    text
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

/// All that is wrong: each once, by file and line; the first 1000 of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems {
    first: Vec<Problem>,
    /// How many there are beside those.
    more: usize,
}

impl Problems {
    pub(super) fn push(&mut self, problem: Problem) {
        if let Err(index) = self.first.binary_search(&problem) {
            self.first.insert(index, problem);
        }
        if self.first.len() > MOST_PROBLEMS {
            self.first.pop();
            self.more += 1;
        }
    }

    pub(super) fn extend(&mut self, others: Problems) {
        others.first.into_iter().for_each(|problem| self.push(problem));
        self.more += others.more;
    }

    /// Looks up the line of each.
    pub(super) fn look_up(&mut self, mut source_of: impl FnMut(&Place) -> Option<SourceLine>) {
        for problem in &mut self.first {
            problem.source = source_of(&problem.place);
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.first.len() + self.more
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.first.iter()
    }

    /// The files that they are in, each once.
    #[must_use]
    pub fn files(&self) -> Vec<&Path> {
        let mut files: Vec<&Path> = self.first.iter().map(|problem| &*problem.place.file).collect();
        files.dedup();
        files
    }

    /// What a terminal shows: an `error:` line for each, its `hint:` line below it.
    #[must_use]
    pub fn render(&self) -> String {
        let blocks = self.first.iter().map(|problem| match &problem.hint {
            Some(hint) => format!("error: {problem}\nhint: {hint}\n"),
            None => format!("error: {problem}\n"),
        });
        let mut text = blocks.collect::<String>();
        if self.more > 0 {
            text.push_str(&format!("error: there are {} problems more\n", self.more));
        }
        text
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
        let last = problems.first.last().filter(|_| problems.more == 0);
        let last_hint = last.and_then(|problem| problem.hint.clone());
        let rendered = problems.render();
        let shown = match &last_hint {
            Some(hint) => rendered.strip_suffix(&format!("\nhint: {hint}\n")),
            None => rendered.strip_suffix('\n'),
        };
        let message = shown.and_then(|text| text.strip_prefix("error: ")).unwrap_or(&rendered);
        let failure = Failure {
            problems: problems.iter().map(Spot::from).collect(),
            unlisted: problems.more,
            ..Failure::usage(message)
        };
        match last_hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<&Problem> for Spot {
    fn from(problem: &Problem) -> Self {
        let known = |number: usize| (number > 0).then_some(number);
        Spot {
            file: problem.place.file.display().to_string(),
            line: known(problem.place.line),
            column: known(problem.place.column),
            key: (!problem.path.keys().is_empty()).then(|| problem.path.to_string()),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            source: problem.source.clone(),
        }
    }
}

/// The known name that is nearest to a wrong one, if any is near.
#[must_use]
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wrong.len() > LONGEST_WORD {
        return None;
    }
    let wrong = wrong.to_lowercase();
    known
        .into_iter()
        .filter(|name| name.len() <= LONGEST_WORD)
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
    fn no_file_makes_an_endless_answer() {
        let mut problems = Problems::default();
        for line in (1..=MOST_PROBLEMS + 7).rev() {
            problems.push(problem(line, &"é".repeat(3000)).hint("h".repeat(3000)));
        }
        let text = problems.render();
        assert!(text.ends_with("\nerror: there are 7 problems more\n"));
        assert!(text.contains(&format!("{}... (4000 more bytes)\n", "é".repeat(1000))));
        assert!(text.contains("environments/a.yaml:1:2") && !text.contains("a.yaml:1001:2"));
        assert_eq!(problems.len(), MOST_PROBLEMS + 7);
        assert_eq!(format!("error: {}\n", Failure::from(problems).message), text);
        assert_eq!(nearest(&"x".repeat(500_000), ["x"]), None);
    }

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["postgres", "redis", "memcached"];
        assert_eq!(nearest("postgress", known), Some("postgres"));
        assert_eq!(nearest("Redis", known), Some("redis"));
        assert_eq!(nearest("mysql", known), None);
    }

    #[test]
    fn a_role_is_near_if_it_is_one_slip_away() {
        let known = ["app", "cache", "db", "nginx", "wsgi"];
        for (word, near) in [("apps", "app"), ("cahce", "cache"), ("ngnix", "nginx")] {
            assert_eq!(nearest(word, known), Some(near));
        }
        assert_eq!(nearest("postgres", known), None);
    }
}
