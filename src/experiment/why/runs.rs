//! Two runs of one site, one green and one red: what was really installed in each, and what else changed.

use std::collections::BTreeSet;

use super::between::{Between, Ends, Kind, count, variable};
use super::distributions::Distributions;
use super::inquiry::Inquiry;
use super::question::{Question, Red, turn_of};
use super::requires::forces_of;
use crate::experiment::recorded::release_of;
use crate::failure::Failure;
use crate::report::{Ending, Report, SiteReport, description_in};
use crate::site::{Crossing, Date, Project, Site, SiteName, description};

/// Keys that decide which distributions are installed: what was installed is tried instead.
const OF_DISTRIBUTIONS: [&[&str]; 5] = [
    &["install", "requirements"],
    &["install", "constraints"],
    &["install", "as_of"],
    &["install", "extra"],
    &["install", "extras"],
];
/// Debian packages that are named; the others are counted.
const MOST_NAMED: usize = 4;

impl Inquiry {
    /// Why a site was red in one of two runs and green in the other.
    ///
    /// # Errors
    /// Usage: it was not, a release or a description of then cannot be had, or nothing differs that can be tried.
    pub async fn between_runs(
        project: Project,
        name: &SiteName,
        [one, two]: [Report; 2],
    ) -> Result<Inquiry, Failure> {
        let site = project.site(name)?;
        let is_green =
            |report: &Report| turn_of(report, name).map(|seen| seen.verdict == Ending::Passed);
        let (green, report) = if is_green(&one)? { (one, two) } else { (two, one) };
        if !is_green(&green)? {
            return Err(Failure::usage(format!(
                "{name} passed in none of the runs {} and {}",
                report.run, green.run
            ))
            .hint("name a run in which it was green, and one in which it was red"));
        }
        let red = Red::of(&report, name)?;
        let before = turn_of(&green, name)?;
        let releases = [release_of(&green, &project)?, release_of(&report, &project)?];
        let release = releases[1].clone();
        let is_one = releases[0].digest == release.digest;
        let (crossing, as_of) = crossing(&project, site, [(&green, before), (&report, red.seen)])?;
        let versions = (release.name.as_str(), as_of);
        let distributions = Distributions::of(&before.installed, &red.seen.installed, versions);
        let is_known = !before.installed.is_empty() && !red.seen.installed.is_empty();
        let mut ends = Ends {
            kind: Kind::Runs(green.run.clone()),
            names: ["the green run".to_owned(), "the red run".to_owned()],
            crossing: crossing.without(&OF_DISTRIBUTIONS),
            distributions: is_known.then_some(distributions),
            releases: (!is_one).then_some(releases),
            forces: Vec::new(),
        };
        let untried = debian_packages(before, red.seen);
        let built = ends.built();
        if built.is_empty() && ends.crossing.differences().is_empty() {
            let failure = Failure::usage(format!(
                "nothing that can be tried differs between the runs {} and {} of {name}",
                green.run, report.run
            ));
            return Err(match untried {
                Some(untried) => failure.cause(untried),
                None => failure.hint("rehearse it again: it may be the suite that varies"),
            });
        }
        ends.forces = forces_of(site, &project, &ends).await;
        let between = Between::new(ends, &red.signs(), &[])?;
        let mut question = Question::new((project.clone(), release), &red, between);
        question.untried = untried;
        Ok(Inquiry { name: name.clone(), questions: vec![question], report })
    }
}

/// The descriptions of a site in two runs, the first of which was green, and the later of the days of their indexes.
fn crossing(
    project: &Project,
    site: &Site,
    runs: [(&Report, &SiteReport); 2],
) -> Result<(Crossing, Option<Date>), Failure> {
    let now = site.digest().ok();
    let kept = |(report, seen): (&Report, &SiteReport)| {
        // What is as it was needs no memory.
        if seen.environment == now {
            return description(project, site);
        }
        description_in(&project.root, &report.run, &site.name).ok_or_else(|| {
            Failure::usage(format!(
                "{} was described otherwise in run {}, which did not keep the description",
                site.name, report.run
            ))
            .hint("rehearse both again: a rehearsal of today keeps it")
        })
    };
    let [green, red] = runs;
    let (green, red) = (kept(green)?, kept(red)?);
    let crossing = Crossing::of_descriptions(project, site, [&green, &red])?;
    let all = 0..crossing.differences().len();
    let day = |site: Result<Site, _>| site.ok().and_then(|site| site.install.as_of);
    let days = (day(crossing.site([], variable)), day(crossing.site(all, variable)));
    Ok((crossing, days.0.zip(days.1).map(|(one, two)| one.max(two))))
}

/// The Debian packages that differ, too.
fn debian_packages(before: &SiteReport, after: &SiteReport) -> Option<String> {
    let packages = |seen: &SiteReport| -> BTreeSet<String> {
        seen.machine.iter().flat_map(|machine| machine.packages.iter().cloned()).collect()
    };
    let (before, after) = (packages(before), packages(after));
    if before.is_empty() || after.is_empty() {
        return None;
    }
    let name = |package: &String| package.split('=').next().unwrap_or_default().to_owned();
    let names: BTreeSet<String> = before.symmetric_difference(&after).map(name).collect();
    let named: Vec<&str> = names.iter().take(MOST_NAMED).map(String::as_str).collect();
    let more = if names.len() > MOST_NAMED { " ..." } else { "" };
    (!names.is_empty()).then(|| {
        format!(
            "not tried: {} {} too, of which the mirror has one version: {}{more}",
            count(names.len(), "Debian package"),
            if names.len() == 1 { "that differs," } else { "that differ," },
            named.join(", ")
        )
    })
}
