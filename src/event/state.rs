//! The states of an upgrade, each judged by itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A moment of an upgrade with a verdict of its own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The live release on its own schema. Red, it says that replica or suite are not true.
    Live,
    /// The live release on the new schema: after the steps of the deploy, before the restart.
    Between,
    /// The new release, deployed over the live one, with the data of that.
    New,
    /// The live release again, by the way back, with what the new one has written.
    Back,
}

impl State {
    /// Its name in tables and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Live => "live",
            State::Between => "between",
            State::New => "new",
            State::Back => "back",
        }
    }
}
