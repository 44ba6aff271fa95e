//! What an examination finds: checks of the diagnosis, tests of the suite.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One named check of the diagnosis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Such as `certificate of www.site-b.example, seen by OpenSSL`.
    pub name: String,
    pub passed: bool,
    /// What was seen; for a failed check also what was expected.
    pub detail: String,
    /// Seconds.
    #[serde(default)]
    pub took: f64,
}

/// One test of the critical suite, from its JUnit XML.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Test {
    /// The file or class, such as `test_own_api`.
    pub group: String,
    pub name: String,
    /// The file as pytest would be given it, `test_own_api.py`, where that is known.
    pub file: Option<String>,
    pub status: TestStatus,
    /// Seconds.
    pub took: f64,
    /// The failure's message, one line, and its details.
    pub message: Option<String>,
    pub details: Option<String>,
    /// What a test that is not green printed and logged, where its runner tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TestStatus {
    Passed,
    Failed,
    Error,
    Skipped,
}

impl Test {
    /// Its name for a person, such as `test_own_api.py::test_board`: pytest takes it as it stands
    /// where the file is known.
    #[must_use]
    pub fn label(&self) -> String {
        let Some(file) = &self.file else {
            let group = &self.group;
            return if group.is_empty() {
                self.name.clone()
            } else {
                format!("{group}::{}", self.name)
            };
        };
        let module = file.strip_suffix(".py").unwrap_or(file).replace('/', ".");
        let class = self.group.strip_prefix(&module).and_then(|rest| rest.strip_prefix('.'));
        let class = class.map(|class| format!("::{}", class.replace('.', "::")));
        format!("{file}{}::{}", class.unwrap_or_default(), self.name)
    }

    /// True for a failed test and for one that could not run.
    #[must_use]
    pub fn is_red(&self) -> bool {
        matches!(self.status, TestStatus::Failed | TestStatus::Error)
    }
}
