//! How each site fared in the recorded rehearsals of a project: its verdicts and seconds, run by run.
//!
//! Read as JSON and not as whole reports, so that those of other versions are good, too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::model::Ending;
use super::recorded::{report_in, run_folders};
use crate::replica::Phase;

/// The newest runs that are looked at.
const MOST_RUNS: usize = 60;

/// The recorded rehearsals of a project, site by site.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trends {
    pub project: String,
    /// How many rehearsals there are in it, and how many more are recorded.
    pub runs: usize,
    pub more: usize,
    /// In the order of the last run, and then those that it did not have.
    pub sites: Vec<SiteTrend>,
}

/// The turns of a site, the oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteTrend {
    pub name: String,
    pub turns: Vec<TurnSeen>,
}

/// One turn of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnSeen {
    pub run: String,
    /// RFC 3339, UTC.
    pub started: String,
    /// `shop 1.2`
    pub release: String,
    pub verdict: Ending,
    pub seconds: f64,
    /// Seconds of each phase, in their order.
    pub phases: Vec<(Phase, f64)>,
    /// Whether the run's page is there.
    pub has_page: bool,
}

impl Trends {
    /// Those of the newest runs in `.stagectl/runs`. Of a report that cannot be read nothing is known. A merged
    /// report says again what its parts said, and does not count beside them.
    #[must_use]
    pub fn of(project_root: &Path) -> Trends {
        let mut reports: Vec<(PathBuf, Value)> = Vec::new();
        let mut more = 0;
        for folder in run_folders(project_root) {
            if reports.len() >= MOST_RUNS {
                more += usize::from(folder.join("report.json").is_file());
                continue;
            }
            match report_in(&folder) {
                Ok(Some(report)) if report["goal"] == "rehearse" => reports.push((folder, report)),
                _ => {}
            }
        }
        let runs: BTreeSet<String> =
            reports.iter().map(|(_, report)| text(report, "run")).collect();
        reports.retain(|(_, report)| {
            let mut parts = report["merged"].as_array().into_iter().flatten();
            !parts.any(|part| runs.contains(&text(part, "run")))
        });
        let project = reports.first().map(|(_, report)| text(report, "project"));
        let mut sites: Vec<SiteTrend> = Vec::new();
        for (folder, report) in &reports {
            for site in report["sites"].as_array().into_iter().flatten() {
                let (name, Some(turn)) = (text(site, "name"), turn(folder, report, site)) else {
                    continue;
                };
                match sites.iter_mut().find(|known| known.name == name) {
                    Some(known) => known.turns.push(turn),
                    None => sites.push(SiteTrend { name, turns: vec![turn] }),
                }
            }
        }
        for site in &mut sites {
            site.turns.reverse();
        }
        Trends { project: project.unwrap_or_default(), runs: reports.len(), more, sites }
    }
}

/// `None` for a site that had no turn.
fn turn(folder: &Path, report: &Value, site: &Value) -> Option<TurnSeen> {
    let verdict: Ending = serde_json::from_value(site["verdict"].clone()).ok()?;
    if verdict == Ending::NotRun {
        return None;
    }
    let seconds = |value: &Value| value.as_f64().filter(|seconds| *seconds >= 0.0).unwrap_or(0.0);
    let phases = site["phases"].as_array().into_iter().flatten().filter_map(|phase| {
        let name: Phase = serde_json::from_value(phase["name"].clone()).ok()?;
        Some((name, seconds(&phase["seconds"])))
    });
    let mut phases: Vec<(Phase, f64)> = phases.collect();
    phases.sort_by_key(|(name, _)| *name);
    let release = &report["release"];
    let run = text(report, "run");
    Some(TurnSeen {
        started: text(report, "started"),
        release: format!("{} {}", text(release, "name"), text(release, "version"))
            .trim()
            .to_owned(),
        verdict,
        seconds: seconds(&site["seconds"]),
        phases,
        // A link leads to the folder by the run's name.
        has_page: folder.file_name().is_some_and(|name| name == run.as_str())
            && folder.join("report.html").is_file(),
        run,
    })
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
