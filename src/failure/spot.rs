//! A problem at its place in a file, and the line that it is about.

use schemars::JsonSchema;
use serde::Serialize;

/// A problem at its place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Spot {
    /// From the project's root.
    pub file: String,
    /// From one; absent where the problem is the file as a whole.
    pub line: Option<usize>,
    pub column: Option<usize>,
    /// Such as `services.db.postgres`.
    pub key: Option<String>,
    pub message: String,
    pub hint: Option<String>,
    /// For people alone: whoever reads JSON has the file.
    #[serde(skip)]
    pub source: Option<SourceLine>,
}

impl Spot {
    /// What is said of it in one line, without the hint: `environments/shop.yaml:3:5: services.db: unknown key ...`.
    #[must_use]
    pub fn describe(&self) -> String {
        let number =
            |number: Option<usize>| number.map_or(String::new(), |number| format!(":{number}"));
        let key = self.key.as_ref().map_or(String::new(), |key| format!("{key}: "));
        let (line, column) = (number(self.line), number(self.column));
        format!("{}{line}{column}: {key}{}", self.file, self.message)
    }
}

/// A line of a file as it may be shown: what may be a secret is not in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceLine {
    pub text: String,
    /// How many characters come before the place.
    pub before: usize,
}
