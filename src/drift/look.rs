//! Looks at live hosts, as they are kept: `.stagectl/looks/SITE.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::finding::{Finding, Standing};
use crate::bounded;
use crate::failure::Failure;
use crate::state::{self, could_not, folder_below};

const FOLDER: &str = "looks";
const LARGEST: u64 = 4 << 20;

/// The last look at a site's hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Seconds since 1970.
    pub at: i64,
    /// Whether nothing had drifted.
    pub is_true: bool,
    /// What differed, by key and live value, and the day on which that was first seen.
    pub since: BTreeMap<String, String>,
    /// What the host has that the description does not say, as it was when it was first seen.
    #[serde(default)]
    pub unsaid: BTreeMap<String, String>,
    /// Fingerprints of values that were kept back, by key.
    pub marks: BTreeMap<String, String>,
}

/// The last look at a site; nothing where there was none, or where it cannot be read.
#[must_use]
pub fn last_look(root: &Path, site: &str) -> Option<Look> {
    let path = root.join(".stagectl").join(FOLDER).join(format!("{site}.json"));
    serde_json::from_slice(&bounded::read(&path, LARGEST).ok()?).ok()
}

impl Look {
    /// Gives each finding the day on which it was first seen: this one, if it is new.
    pub fn date(&self, findings: &mut [Finding], now: Timestamp) {
        let today = now.strftime("%Y-%m-%d").to_string();
        for finding in findings {
            finding.since =
                self.since.get(&name_of(finding)).cloned().unwrap_or_else(|| today.clone());
        }
    }

    /// The look of now, with what it found.
    #[must_use]
    pub fn of(
        findings: &[Finding],
        marks: &[(String, String)],
        unsaid: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Look {
        let is_true = !findings.iter().any(|finding| finding.standing == Standing::Drifted);
        Look {
            at: now.as_second(),
            is_true,
            unsaid,
            since: findings
                .iter()
                .map(|finding| (name_of(finding), finding.since.clone()))
                .collect(),
            marks: marks.iter().cloned().collect(),
        }
    }

    /// Keeps it.
    ///
    /// # Errors
    /// Usage or infrastructure: the folder is not ours alone, or cannot be written to.
    pub fn keep(&self, root: &Path, site: &str) -> Result<(), Failure> {
        state::look_at(root)?;
        let folder = folder_below(root, Path::new(FOLDER))?;
        let (file, new) =
            (folder.join(format!("{site}.json")), folder.join(format!("{site}.json.new")));
        let text = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, &file))
            .map_err(|error| could_not("write", &file, &error))
    }
}

fn name_of(finding: &Finding) -> String {
    format!("{} {}", finding.key, finding.live.as_deref().unwrap_or("-"))
}

/// How long ago a look was, for a person.
#[must_use]
pub fn age_in_words(look: &Look, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(look.at).max(0);
    match seconds {
        0..120 => "just now".to_owned(),
        120..7200 => format!("{} minutes ago", seconds / 60),
        7200..172_800 => format!("{} hours ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}
