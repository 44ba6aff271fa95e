//! The files of a report, each written whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::explanation::Explanation;
use super::html::{Beside, TRENDS, html, saved_files, trends_page};
use super::junit::{junit, junit_of_site};
use super::model::Report;
use super::recorded::report_in;
use super::trends::Trends;
use crate::failure::Failure;
use crate::state::{could_not, folder_below};

/// The folder of a run, `.stagectl/runs/<id>`, made if it is not there. Git does not see it.
pub fn run_folder(project_root: &Path, run_id: &str) -> Result<PathBuf, Failure> {
    folder_below(project_root, &Path::new("runs").join(run_id))
}

/// Writes `report.json`, `junit.xml` and a `junit.xml` in the folder of each site. A second call
/// replaces what the first one wrote.
pub fn write(folder: &Path, report: &Report) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(report)
        .map_err(|error| Failure::bug("could not write the report as JSON").because(&error))?;
    put(&folder.join("report.json"), format!("{json}\n").as_bytes())?;
    put(&folder.join("junit.xml"), junit(report)?.as_bytes())?;
    for site in &report.sites {
        let folder = folder.join(&site.name);
        fs::create_dir_all(&folder).map_err(|error| could_not("make", &folder, &error))?;
        put(&folder.join("junit.xml"), junit_of_site(report, site)?.as_bytes())?;
    }
    Ok(())
}

/// Writes `report.html`, with links to the files that are there by now.
pub fn write_page(folder: &Path, report: &Report) -> Result<(), Failure> {
    let beside = Beside {
        files: saved_files(folder, report),
        trends: folder.parent().is_some_and(|runs| runs.join(TRENDS).is_file()),
    };
    put(&folder.join("report.html"), html(report, &beside)?.as_bytes())
}

/// Writes the page of a project's trends beside the folders of its runs: its path; none where no rehearsal is
/// recorded.
///
/// # Errors
/// Infrastructure: it cannot be written.
pub fn write_trends(project_root: &Path) -> Result<Option<PathBuf>, Failure> {
    let trends = Trends::of(project_root);
    if trends.sites.is_empty() {
        return Ok(None);
    }
    let path = project_root.join(".stagectl/runs").join(TRENDS);
    put(&path, trends_page(&trends)?.as_bytes())?;
    Ok(Some(path))
}

/// Adds the explanation to a site of the report in a run's folder, in the place of an earlier one; the report.
///
/// # Errors
/// Usage: there is no report, or one that cannot be read. Infrastructure: it cannot be written.
pub fn add_explanation(
    folder: &Path,
    site: &str,
    explanation: Explanation,
) -> Result<Report, Failure> {
    let gone = || Failure::usage(format!("there is no report in {} any more", folder.display()));
    let value = report_in(folder)?.ok_or_else(gone)?;
    let mut report: Report =
        serde_json::from_value(value).map_err(|error| gone().because(&error))?;
    let found = report.sites.iter_mut().find(|one| one.name == site);
    found.ok_or_else(gone)?.why = Some(explanation);
    write(folder, &report)?;
    write_page(folder, &report)?;
    Ok(report)
}

/// Copies the files of a site from the folder of one run into that of another; links and devices are
/// left out. Nothing to copy is no failure.
pub fn bring_evidence(site: &str, from: &Path, to: &Path) -> Result<(), Failure> {
    let (from, to) = (from.join(site), to.join(site));
    for entry in WalkDir::new(&from).into_iter().filter_map(Result::ok) {
        let Ok(path) = entry.path().strip_prefix(&from) else { continue };
        let target = to.join(path);
        let copied = if entry.file_type().is_dir() {
            fs::create_dir_all(&target)
        } else if entry.file_type().is_file() {
            fs::copy(entry.path(), &target).map(|_| ())
        } else {
            Ok(())
        };
        copied.map_err(|error| could_not("write", &target, &error))?;
    }
    Ok(())
}

/// Writes beside the file and renames, so that nobody ever reads half of it.
pub(super) fn put(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let write_and_rename = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".writing-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // What any new file has; the umask takes its share. CI agents collect as another user.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(content)?;
        file.persist(path)?;
        Ok(())
    };
    write_and_rename().map_err(|error| could_not("write", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_run_leaves_its_report_and_a_junit_file_per_site() {
        let project = tempfile::tempdir().unwrap();
        let folder = run_folder(project.path(), "20261123-1014-3f9c").unwrap();
        let report = Report::fold(&sample::red_suite());
        write(&folder, &report).unwrap();
        write(&folder, &report).unwrap();

        let mut found: Vec<String> = walkdir::WalkDir::new(project.path())
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(project.path()).unwrap().display().to_string())
            .collect();
        found.sort();
        let runs = ".stagectl/runs/20261123-1014-3f9c";
        assert_eq!(
            found,
            [
                ".stagectl/.gitignore".to_owned(),
                format!("{runs}/junit.xml"),
                format!("{runs}/report.json"),
                format!("{runs}/site-a/junit.xml"),
                format!("{runs}/site-b/junit.xml"),
                format!("{runs}/site-c/junit.xml"),
            ]
        );
        let ignore = project.path().join(".stagectl/.gitignore");
        assert_eq!(fs::read_to_string(ignore).unwrap(), "*\n");
        let json = fs::read_to_string(folder.join("report.json")).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }

    #[test]
    fn a_folder_that_is_no_folder_is_named() {
        let project = tempfile::tempdir().unwrap();
        fs::write(project.path().join(".stagectl"), "").unwrap();
        let failure = run_folder(project.path(), "one").unwrap_err();
        assert_eq!(failure.kind, crate::failure::Kind::Infrastructure);
        assert!(failure.message.ends_with("/.stagectl/runs/one"), "{failure}");
    }
}
