//! What an examination finds: the machine, checks of the diagnosis, tests of the suite.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a site's host is made of, as it was found there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Machine {
    /// Name and point release: `Debian GNU/Linux 12 (bookworm), 12.9`.
    pub system: String,
    /// As the kernel names it: `x86_64`.
    pub architecture: String,
    /// The full version of the system's Python: `3.11.2`.
    pub python: String,
    /// The OpenSSL that this Python uses: `OpenSSL 3.0.15 3 Sep 2024`.
    pub openssl: String,
    /// Such as `glibc 2.36`.
    pub libc: String,
    /// The installed Debian packages, as `name=version`.
    pub packages: Vec<String>,
}

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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
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
    /// What it said in other runs that were red, as far as it is not said above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reruns: Vec<Rerun>,
    /// How its repetition ended, if it was repeated: `green alone and in order`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<String>,
    /// Judged and shown; it never fails its site.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advisory: bool,
    /// What its runner knows it by, where it says so: pytest's node id.
    #[serde(skip)]
    pub id: Option<String>,
}

/// Another run of a test, which was red.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rerun {
    pub status: TestStatus,
    pub message: Option<String>,
    pub details: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TestStatus {
    #[default]
    Passed,
    Failed,
    Error,
    Skipped,
    /// It failed, and passed when it was repeated.
    Flaky,
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

    /// True where it is shown with its message: red, or flaky.
    #[must_use]
    pub fn is_notable(&self) -> bool {
        self.is_red() || self.status == TestStatus::Flaky
    }

    /// True where its site is not green by it: red, and no advice alone.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.is_red() && !self.advisory
    }

    /// What a person knows of a test that is not green beside its message, such as
    /// `flaky: green alone and in order`.
    #[must_use]
    pub fn remark(&self) -> Option<String> {
        let repetition = self.repetition.clone();
        let repeated = match (self.status, repetition) {
            (TestStatus::Flaky, Some(how)) => Some(format!("flaky: {how}")),
            (TestStatus::Flaky, None) => Some("flaky".to_owned()),
            (_, how) => how,
        };
        let advisory = (self.advisory && self.is_notable()).then(|| "advisory".to_owned());
        let words: Vec<String> = advisory.into_iter().chain(repeated).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// True for a failed test and for one that could not run.
    #[must_use]
    pub fn is_red(&self) -> bool {
        matches!(self.status, TestStatus::Failed | TestStatus::Error)
    }
}
