//! Verdicts of earlier rehearsals, kept in the project's folder of ours: one that is known costs nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bench::{Bench, Found, Seen};
use crate::bounded;
use crate::digest::Digest;
use crate::failure::Failure;
use crate::release::Release;
use crate::report::Signature;
use crate::site::Site;
use crate::state;

/// The folder below ours.
const FOLDER: &str = "verdicts";
/// The most bytes of a file of verdicts.
const LARGEST: u64 = 1 << 20;

/// A verdict as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    signature: Option<Signature>,
    #[serde(default)]
    installed: Vec<String>,
    seconds: f64,
    run: String,
    folder: String,
    #[serde(default)]
    found: Found,
}

/// The verdicts of a project.
#[derive(Debug)]
pub struct Verdicts {
    folder: PathBuf,
}

impl Verdicts {
    /// Those of the project with this root.
    ///
    /// # Errors
    /// Usage or infrastructure: the folder is not ours alone, or cannot be made.
    pub fn of(root: &Path) -> Result<Verdicts, Failure> {
        state::look_at(root)?;
        Ok(Verdicts { folder: state::folder_below(root, Path::new(FOLDER))? })
    }

    /// What the rehearsal of this came to that is the `number`th of its kind, from zero; `None` if there was none.
    #[must_use]
    pub fn known(&self, key: &str, number: usize) -> Option<Seen> {
        let kept = self.all(key).into_iter().nth(number)?;
        let took = Duration::try_from_secs_f64(kept.seconds).ok()?;
        let Kept { signature, installed, run, folder, found, .. } = kept;
        Some(Seen { signature, installed, took, run, folder, found })
    }

    /// Keeps one more.
    ///
    /// # Errors
    /// Infrastructure: it cannot be written.
    pub fn keep(&self, key: &str, seen: &Seen) -> Result<(), Failure> {
        let mut all = self.all(key);
        all.push(Kept {
            signature: seen.signature.clone(),
            installed: seen.installed.clone(),
            seconds: seen.took.as_secs_f64(),
            run: seen.run.clone(),
            folder: seen.folder.clone(),
            found: seen.found.clone(),
        });
        let text = serde_json::to_string_pretty(&all).unwrap_or_default();
        let (file, new) = (self.file(key), self.folder.join(format!("{key}.new")));
        fs::write(&new, text).and_then(|()| fs::rename(&new, &file)).map_err(|error| {
            Failure::infrastructure(format!("could not write {}", file.display())).because(&error)
        })
    }

    /// One that cannot be read is none.
    fn all(&self, key: &str) -> Vec<Kept> {
        let bytes = bounded::read(&self.file(key), LARGEST).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    fn file(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

/// What a verdict holds for: the environment with its suite, the releases, how far and with which tests it is
/// rehearsed, and this program.
///
/// # Errors
/// Usage: a file of the description cannot be read any more.
pub fn verdict_key(
    bench: &Bench,
    (site, release): (&Site, &Release),
    live: Option<&Release>,
) -> Result<String, Failure> {
    let environment = site.digest().map_err(|error| {
        Failure::usage(format!("could not read the files of {}", site.name)).because(&error)
    })?;
    let mut digest = Digest::of("verdict")
        .with(env!("CARGO_PKG_VERSION"))
        .with(environment)
        .with(&release.digest)
        .with(live.map_or("", |release| &release.digest))
        .with(format!("{:?}", bench.until));
    for argument in &bench.arguments {
        digest.add(argument);
    }
    Ok(digest.hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rehearsal_of_the_same_is_kept_in_its_turn() {
        let root = tempfile::tempdir().unwrap();
        let verdicts = Verdicts::of(root.path()).unwrap();
        let seen = |run: &str| Seen {
            signature: None,
            installed: Vec::new(),
            took: Duration::from_secs(4),
            run: run.to_owned(),
            folder: format!(".stagectl/runs/{run}"),
            found: Found { checks: vec!["health".to_owned()], ..Found::default() },
        };
        assert!(verdicts.known("ab", 0).is_none());
        verdicts.keep("ab", &seen("1")).unwrap();
        verdicts.keep("ab", &seen("2")).unwrap();
        let known = verdicts.known("ab", 1).unwrap();
        assert_eq!(
            (known.run.as_str(), &known.found.checks[..]),
            ("2", &["health".to_owned()][..])
        );
        assert!(verdicts.known("ab", 2).is_none() && verdicts.known("ac", 0).is_none());
        fs::write(root.path().join(".stagectl/verdicts/ab.json"), "[{").unwrap();
        assert!(verdicts.known("ab", 0).is_none());
    }
}
