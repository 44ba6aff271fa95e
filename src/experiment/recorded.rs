//! What is recorded of rehearsals: that in which a site had its last turn, and the release that it was of.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::release::Release;
use crate::report::{Report, rehearsal_of};
use crate::site::{Project, SiteName};

/// The rehearsal of this id, or that in which a site had its last turn.
///
/// # Errors
/// Usage: there is none, or its report is none.
pub fn recorded(project: &Project, site: &SiteName, run: Option<&str>) -> Result<Report, Failure> {
    let found = rehearsal_of(&project.root, site.as_str(), run)?;
    found.ok_or_else(|| match run {
        Some(run) => Failure::usage(format!("there is no rehearsal {run}"))
            .hint("the runs of a project are the folders in its `.stagectl/runs`"),
        None => Failure::usage(format!("{site} was not rehearsed yet"))
            .hint("rehearse first: `stagectl rehearse`"),
    })
}

/// The release of a run, which has to be what it was.
///
/// # Errors
/// Usage: it is not there any more, or another one.
pub fn release_of(report: &Report, project: &Project) -> Result<Release, Failure> {
    let recorded = report.release.as_ref().ok_or_else(|| {
        Failure::usage(format!("run {} does not say which release it was of", report.run))
    })?;
    let again = "rehearse again with the release at hand: `stagectl rehearse --release ...`";
    let path = PathBuf::from(&recorded.path);
    let path = if path.exists() { path } else { project.root.join(path) };
    if !path.exists() {
        let message =
            format!("the release of run {} is not there any more: {}", report.run, recorded.path);
        return Err(Failure::usage(message).hint(again));
    }
    let suites = project.sites.iter().filter_map(|site| site.critical.suite.folder());
    let release = Release::open_without(&path, &suites.collect::<Vec<_>>())?;
    if release.digest != recorded.digest {
        let message =
            format!("{} is another release now than in run {}", recorded.path, report.run);
        return Err(Failure::usage(message).hint(again));
    }
    Ok(release)
}
