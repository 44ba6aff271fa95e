//! What the log files of a host say, and how long they are.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Replica, ended_within, run_reporting};
use crate::docker::{Engine, Output};
use crate::failure::Failure;
use crate::replica::SaidJob;

/// Files of a megabyte each, on a disk as slow as it likes.
const LOOK: Duration = Duration::from_mins(2);
/// Bytes of all files that are taken.
const MOST: usize = 16 << 20;

/// Bytes of a line that are kept. `said.py` hands over twice as many, so that a secret that begins in
/// these is seen as a whole.
const KEPT: usize = 8 << 10;

/// Which logs are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogPlaces {
    /// What a log is called, and a glob of its files.
    pub files: Vec<(String, String)>,
    /// Folders whose `*.log` count that were written since the host started, by their paths.
    pub written: Vec<String>,
}

/// The lines of a log file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub source: String,
    pub path: String,
    pub lines: Vec<String>,
}

/// What the logs say, from these places on.
///
/// # Errors
/// Docker's; one when the program hangs.
pub async fn read_logs_from<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    places: &LogPlaces,
    skip: &BTreeMap<String, u64>,
) -> Result<Vec<Said>, Failure> {
    let mut said: Vec<Said> = Vec::new();
    let mut bytes = 0;
    let job = SaidJob { skip: Some(skip), ..job(places) };
    run(replica, container, &job, |event| {
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let (path, line) = (text("path"), replica.secrets.redact_within(&text("text"), KEPT));
        bytes += line.len();
        if bytes > MOST {
            return;
        }
        match said.last_mut().filter(|last| last.path == path) {
            Some(last) => last.lines.push(line),
            None => said.push(Said { source: text("source"), path, lines: vec![line] }),
        }
    })
    .await?;
    Ok(said)
}

/// How many bytes each of the logs has.
///
/// # Errors
/// As [`said`].
pub async fn log_sizes<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    places: &LogPlaces,
) -> Result<BTreeMap<String, u64>, Failure> {
    let mut sizes = BTreeMap::new();
    let job = SaidJob { sizes: true, ..job(places) };
    run(replica, container, &job, |event| {
        if let (Some(path), Some(size)) = (event["path"].as_str(), event["size"].as_u64()) {
            sizes.insert(path.to_owned(), size);
        }
    })
    .await?;
    Ok(sizes)
}

fn job(places: &LogPlaces) -> SaidJob<'_> {
    SaidJob { files: &places.files, written: &places.written, skip: None, sizes: false }
}

async fn run<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    job: &SaidJob<'_>,
    mut take: impl FnMut(&Value),
) -> Result<(), Failure> {
    let halt = CancellationToken::new();
    let running = run_reporting(replica, container, "said.py", job, &halt, |from, line| {
        if from == Output::Stdout
            && let Ok(event) = serde_json::from_str::<Value>(line)
        {
            take(&event);
        }
    });
    ended_within(LOOK, "said.py", container, running).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::Secrets;

    #[test]
    fn a_secret_where_a_line_is_cut_is_not_seen_in_parts() {
        const PROGRAM: &str = include_str!("../../templates/inside/said.py");
        let handed_over = 2 * KEPT;
        assert!(PROGRAM.contains(&format!("LONGEST = {} << 10", handed_over >> 10)));
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let secrets = Secrets::from_json(format!(r#"{{"key": "{value}"}}"#).as_bytes()).unwrap();
        for before in [KEPT - value.len(), KEPT - 20, KEPT - 1, KEPT, handed_over - 20] {
            let line = format!("{}{value}{}", "x".repeat(before), "y".repeat(KEPT));
            let kept = secrets.redact_within(&line[..handed_over], KEPT);
            assert!(!kept.contains('A'), "{before}: {}", &kept[kept.len() - 60..]);
        }
    }
}
