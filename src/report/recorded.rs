//! The reports of earlier runs, read back: which sites were not green, how long each one took.
//!
//! Read as JSON and not as a whole report, so that those of other versions are good, too.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;
use walkdir::WalkDir;

use crate::bounded;
use crate::failure::Failure;

/// The most bytes of a report.
pub(super) const LARGEST_REPORT: u64 = 64 << 20;
/// How far below a given folder reports are looked for, and how many there may be.
const DEPTH: usize = 6;
const MOST_REPORTS: usize = 1000;
/// Digits of a digest that people are shown.
const SHORT_DIGEST: usize = 8;

/// The folders of a project's runs, the newest first.
pub(super) fn run_folders(project_root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(project_root.join(".stagectl/runs")).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    // A run's name begins with its time.
    folders.sort();
    folders.reverse();
    folders
}

/// The report in a run's folder, if there is one.
pub(super) fn report_in(folder: &Path) -> Result<Option<Value>, Failure> {
    let path = folder.join("report.json");
    let unreadable = || {
        Failure::usage(format!("could not read {}", path.display()))
            .hint(format!("remove that run: `rm -r {}`", folder.display()))
    };
    match bounded::read(&path, LARGEST_REPORT) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map(Some).map_err(|error| unreadable().because(&error))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(None),
        Err(error) => Err(unreadable().because(&error)),
    }
}

/// What the last rehearsal of a project came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRehearsal {
    pub run: String,
    /// What was rehearsed; `None` where the report does not say.
    pub release: Option<RehearsedRelease>,
    pub passed: Vec<String>,
    /// Those that failed, could not be judged, or never had their turn.
    pub not_green: Vec<String>,
}

/// The release of a recorded rehearsal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RehearsedRelease {
    /// Name, version and the digest's beginning, as people are shown a release.
    pub shown: String,
    /// All of the digest.
    pub digest: String,
}

impl RehearsedRelease {
    fn of(report: &Value) -> Option<RehearsedRelease> {
        let text = |key: &str| report["release"][key].as_str().filter(|text| !text.is_empty());
        let digest = text("digest")?.to_owned();
        let name = text("name")?;
        let version = text("version").unwrap_or("-");
        let begin: String = digest.chars().take(SHORT_DIGEST).collect();
        Some(RehearsedRelease { shown: format!("{name} {version} ({begin})"), digest })
    }
}

impl LastRehearsal {
    /// Of the newest run that was one; `None` where there was none.
    ///
    /// # Errors
    /// Usage: a report that is none.
    pub fn of(project_root: &Path) -> Result<Option<LastRehearsal>, Failure> {
        for folder in run_folders(project_root) {
            let Some(report) = report_in(&folder)? else { continue };
            if report["goal"] != "rehearse" {
                continue;
            }
            let (mut passed, mut not_green) = (Vec::new(), Vec::new());
            for site in report["sites"].as_array().into_iter().flatten() {
                let Some(name) = site["name"].as_str() else { continue };
                let list = if site["verdict"] == "passed" { &mut passed } else { &mut not_green };
                list.push(name.to_owned());
            }
            let run = report["run"].as_str().unwrap_or_default().to_owned();
            let release = RehearsedRelease::of(&report);
            return Ok(Some(LastRehearsal { run, release, passed, not_green }));
        }
        Ok(None)
    }
}

/// What recorded rehearsals say of each site.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The seconds that a site took when it was last rehearsed to an end.
    pub seconds: BTreeMap<String, f64>,
    /// How many rehearsals there were since that one.
    pub waited: BTreeMap<String, usize>,
}

impl History {
    /// That of a report, or of a folder with reports in it or below.
    ///
    /// # Errors
    /// Usage: there is none, or one that cannot be read.
    pub fn at(from: &Path) -> Result<History, Failure> {
        let mut reports = Vec::new();
        for file in reports_at(from)? {
            let report = json_of(&file)?;
            if report["goal"] == "rehearse" {
                let text = |key: &str| report[key].as_str().unwrap_or_default().to_owned();
                reports.push(((text("started"), text("run")), report));
            }
        }
        // The later one has the last word.
        reports.sort_by(|(one, _), (two, _)| one.cmp(two));
        let mut recorded = History::default();
        for (_, report) in &reports {
            for waited in recorded.waited.values_mut() {
                *waited += 1;
            }
            for site in report["sites"].as_array().into_iter().flatten() {
                let ended = matches!(site["verdict"].as_str(), Some("passed" | "failed"));
                if let (true, Some(name), Some(seconds)) =
                    (ended, site["name"].as_str(), site["seconds"].as_f64())
                    && seconds.is_finite()
                    && seconds > 0.0
                {
                    recorded.seconds.insert(name.to_owned(), seconds);
                    recorded.waited.insert(name.to_owned(), 0);
                }
            }
        }
        Ok(recorded)
    }

    /// That of a project's own runs; nothing where there was no run.
    ///
    /// # Errors
    /// As [`History::at`].
    pub fn own(project_root: &Path) -> Result<History, Failure> {
        let runs = project_root.join(".stagectl/runs");
        if runs.is_dir() { History::at(&runs) } else { Ok(History::default()) }
    }
}

/// The most runs that are looked at for the seconds of images.
const RECENT_RUNS: usize = 30;

/// Whether a run of this project rehearsed a release, by its digest, on a site to its end, with all tests of its suite. A
/// report that cannot be read says nothing.
#[must_use]
pub fn had_whole_suite(project_root: &Path, digest: &str, site: &str) -> bool {
    let is_of = |report: &Value| {
        report["goal"] == "rehearse" && report["release"]["digest"].as_str() == Some(digest)
    };
    let is_whole = |one: &Value| {
        let is_ended = matches!(one["verdict"].as_str(), Some("passed" | "failed"));
        let has_tests = one["tests"].as_array().is_some_and(|tests| !tests.is_empty());
        one["name"].as_str() == Some(site) && is_ended && has_tests && one["left_out"].is_null()
    };
    run_folders(project_root).iter().any(|folder| {
        let report = report_in(folder).ok().flatten().filter(is_of);
        report.is_some_and(|report| report["sites"].as_array().into_iter().flatten().any(is_whole))
    })
}

/// The seconds that each image took when it was last made for this project, by what it is called. A report that
/// cannot be read has none.
#[must_use]
pub fn image_times(project_root: &Path) -> BTreeMap<String, f64> {
    let mut times = BTreeMap::new();
    for folder in run_folders(project_root).into_iter().take(RECENT_RUNS) {
        let Ok(Some(report)) = report_in(&folder) else { continue };
        let sites = report["sites"].as_array().into_iter().flatten();
        for image in sites.flat_map(|site| site["images"].as_array().into_iter().flatten()) {
            if let (Some(title), Some(seconds)) =
                (image["role"].as_str(), image["seconds"].as_f64())
                && image["origin"] != "cached"
                && seconds.is_finite()
                && seconds >= 0.0
            {
                times.entry(title.to_owned()).or_insert(seconds);
            }
        }
    }
    times
}

/// The reports that a path leads to: a file, a run's folder, or a folder with runs in it or below.
/// None where the folder has none.
///
/// # Errors
/// Usage: there is no such path.
pub(super) fn reports_at(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let there = fs::metadata(path).map_err(|error| {
        Failure::usage(format!("could not read {}", path.display())).because(&error)
    })?;
    if !there.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let own = path.join("report.json");
    if own.exists() {
        return Ok(vec![own]);
    }
    let entries = WalkDir::new(path).max_depth(DEPTH).sort_by_file_name().into_iter();
    let found = entries.filter_map(Result::ok).filter(|entry| entry.file_name() == "report.json");
    Ok(found.take(MOST_REPORTS).map(walkdir::DirEntry::into_path).collect())
}

/// A file as JSON.
pub(super) fn json_of(file: &Path) -> Result<Value, Failure> {
    let unreadable = || Failure::usage(format!("could not read {}", file.display()));
    let bytes =
        bounded::read(file, LARGEST_REPORT).map_err(|error| unreadable().because(&error))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| unreadable().because(&error).hint("name the `report.json` of a run"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn write(root: &Path, run: &str, goal: &str, sites: Value) {
        let folder = root.join(".stagectl/runs").join(run);
        fs::create_dir_all(&folder).unwrap();
        let report = json!({"goal": goal, "run": run, "started": run, "sites": sites});
        fs::write(folder.join("report.json"), report.to_string()).unwrap();
    }

    #[test]
    fn each_site_counts_as_it_was_last_rehearsed_to_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert_eq!(History::own(root).unwrap(), History::default());
        let site = |name: &str, verdict: &str, seconds: f64| json!({"name": name, "verdict": verdict, "seconds": seconds});
        write(root, "1", "rehearse", json!([site("a", "passed", 9.0), site("b", "failed", 4.5)]));
        write(root, "2", "rehearse", json!([site("a", "passed", 2.0), site("b", "error", 99.0)]));
        write(root, "3", "up", json!([site("a", "passed", 1.0)]));
        fs::create_dir_all(root.join(".stagectl/runs/4")).unwrap();
        let expected = BTreeMap::from([("a".to_owned(), 2.0), ("b".to_owned(), 4.5)]);
        let recorded = History::own(root).unwrap();
        assert_eq!(recorded.seconds, expected);
        let waited = BTreeMap::from([("a".to_owned(), 0), ("b".to_owned(), 1)]);
        assert_eq!(recorded.waited, waited);
        let file = root.join(".stagectl/runs/1/report.json");
        assert_eq!(History::at(&file).unwrap().seconds["a"].to_string(), "9");
        assert!(History::at(&root.join("none")).is_err());
    }

    #[test]
    fn a_suite_that_was_picked_from_was_not_run_whole() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let site = |name: &str, left_out: Value| {
            let mut site =
                json!({"name": name, "verdict": "passed", "tests": [{"name": "test_it"}]});
            if !left_out.is_null() {
                site["left_out"] = left_out;
            }
            site
        };
        write(
            root,
            "1",
            "rehearse",
            json!([site("a", json!(["test_it"])), site("b", Value::Null)]),
        );
        let path = root.join(".stagectl/runs/1/report.json");
        let mut report = json_of(&path).unwrap();
        report["release"] = json!({"digest": "ab"});
        fs::write(&path, report.to_string()).unwrap();
        assert!(had_whole_suite(root, "ab", "b"));
        for (digest, site) in [("ab", "a"), ("ac", "b"), ("ab", "c")] {
            assert!(!had_whole_suite(root, digest, site), "{digest} {site}");
        }
    }

    #[test]
    fn an_image_takes_as_long_as_it_took_when_it_was_last_made() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert_eq!(image_times(root), BTreeMap::new());
        let image = |role: &str, origin: &str, seconds: f64| json!({"role": role, "origin": origin, "seconds": seconds});
        let site = |images: Value| json!([{"name": "a", "images": images}]);
        write(
            root,
            "1",
            "up",
            site(json!([image("base", "bootstrapped", 60.0), image("db", "built", 9.0)])),
        );
        write(
            root,
            "2",
            "rehearse",
            site(json!([image("base", "cached", 0.1), image("db", "built", 8.0)])),
        );
        fs::write(root.join(".stagectl/runs/2/../3"), "no folder").unwrap();
        let expected = BTreeMap::from([("base".to_owned(), 60.0), ("db".to_owned(), 8.0)]);
        assert_eq!(image_times(root), expected);
    }

    #[test]
    fn the_last_rehearsal_says_which_sites_were_not_green() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert_eq!(LastRehearsal::of(root).unwrap(), None);
        let sites = json!([
            {"name": "a", "verdict": "passed"}, {"name": "b", "verdict": "failed"},
            {"name": "c", "verdict": "not-run"}, {"name": "d", "verdict": "unfinished"}]);
        write(root, "1", "rehearse", sites);
        write(root, "2", "up", json!([{"name": "a", "verdict": "failed"}]));
        let last = LastRehearsal::of(root).unwrap().unwrap();
        assert_eq!((last.run.as_str(), last.passed.as_slice()), ("1", &["a".to_owned()][..]));
        assert_eq!((last.not_green.join(" "), last.release), ("b c d".to_owned(), None));
    }

    #[test]
    fn the_last_rehearsal_says_of_which_release_it_was() {
        let report = |release: Value| RehearsedRelease::of(&json!({"release": release}));
        let digest = "0123456789ab";
        let whole = report(json!({"name": "shop", "version": "1.0", "digest": digest})).unwrap();
        assert_eq!(whole.shown, "shop 1.0 (01234567)");
        assert_eq!(whole.digest, digest);
        let nameless = report(json!({"name": "shop", "version": "", "digest": digest})).unwrap();
        assert_eq!(nameless.shown, "shop - (01234567)");
        assert_eq!(report(Value::Null), None);
    }
}
