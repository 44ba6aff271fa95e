//! What a red site can be held against: a green site, itself with another release, itself with its keys at their
//! defaults.

use super::between::{Between, Ends, Kind, variable};
use super::inquiry::Inquiry;
use super::question::{Question, Red};
use crate::experiment::recorded::release_of;
use crate::failure::Failure;
use crate::package_index::live_releases;
use crate::release::Release;
use crate::report::{Report, green_before, green_with};
use crate::site::{Crossing, Project, Site, SiteName, Variables};

impl Inquiry {
    /// Why a site was red in the run of this report, which was of this release: held against this site, or the nearest
    /// that is green; where none is, against itself with the release that is live or was green on it, and with its keys
    /// at their defaults.
    ///
    /// # Errors
    /// Usage: it was not red in it, or nothing is there that it can be held against. Infrastructure: its live release
    /// cannot be had.
    pub async fn of(
        project: Project,
        name: &SiteName,
        (report, release): (Report, Release),
        against: Option<&SiteName>,
    ) -> Result<Inquiry, Failure> {
        let red = Red::of(&report, name)?;
        let site = project.site(name)?;
        let green = green_with(&project.root, &release.digest)?;
        let is_green = |other: &&Site| green.iter().any(|green| green == other.name.as_str());
        let passed: Vec<&Site> =
            project.sites.iter().filter(|other| other.name != *name).filter(is_green).collect();
        let all = match against {
            Some(other) if other == name => {
                return Err(Failure::usage(format!("{name} cannot be held against itself"))
                    .hint("name another site: `--against SITE`"));
            }
            Some(other) => {
                let other = [project.site(other)?];
                vec![nearest(&project, (site, &red), (&other, Kind::Chosen), &passed)?]
            }
            None if passed.is_empty() => alone(&project, (site, &red), &release).await?,
            None => vec![nearest(&project, (site, &red), (&passed, Kind::Sites), &passed)?],
        };
        let is_known = |other: &&SiteName| green.contains(&other.to_string());
        let doubt = against.filter(|other| !is_known(other)).map(|other| {
            format!(
                "{other} is not known to be green with this release: it only has to get further"
            )
        });
        let question = |between| {
            let mut question = Question::new((project.clone(), release.clone()), &red, between);
            question.doubt.clone_from(&doubt);
            question
        };
        let questions = all.into_iter().map(question).collect();
        Ok(Inquiry { name: name.clone(), questions, report })
    }
}

/// Between a site and the nearest of others.
pub(super) fn nearest(
    project: &Project,
    (red, seen): (&Site, &Red<'_>),
    (others, kind): (&[&Site], Kind),
    passed: &[&Site],
) -> Result<Between, Failure> {
    let mut crossings = Vec::new();
    for &green in others {
        crossings.push((green, Crossing::of(project, green, red)?));
    }
    let nearest = crossings.into_iter().min_by_key(|(_, crossing)| crossing.differences().len());
    let Some((green, crossing)) = nearest else { return Err(no_end(red)) };
    if crossing.differences().is_empty() {
        return Err(Failure::usage(format!("{} and {} are described alike", red.name, green.name))
            .cause("one passed, and the other did not: the difference is in no description")
            .hint("rehearse both again: it may be the suite that varies"));
    }
    let names = [green.name.to_string(), red.name.to_string()];
    let ends =
        Ends { kind, names, crossing, distributions: None, releases: None, forces: Vec::new() };
    Between::new(ends, &seen.signs(), passed)
}

/// Between a site and itself: with another release, with its keys at their defaults.
async fn alone(
    project: &Project,
    (site, red): (&Site, &Red<'_>),
    release: &Release,
) -> Result<Vec<Between>, Failure> {
    let mut all = Vec::new();
    // Where it was the way that was red, another release tells nothing.
    let older = if red.is_of_the_way() { None } else { older(project, site, release).await? };
    if let Some(older) = older {
        let ends = Ends {
            kind: Kind::Releases,
            names: [older.to_string(), site.name.to_string()],
            crossing: Crossing::of(project, site, site)?,
            distributions: None,
            releases: Some([older, release.clone()]),
            forces: Vec::new(),
        };
        all.push(Between::new(ends, &red.signs(), &[])?);
    }
    for (variables, green) in [
        (Variables::Referring, format!("plain {}", site.name)),
        (Variables::All, format!("plain {} with its variables", site.name)),
    ] {
        let crossing = Crossing::plain(project, site, variables, variable)?;
        let count = crossing.differences().len();
        let is_known = all
            .last()
            .is_some_and(|before: &Between| before.kind == Kind::Plain && before.count() == count);
        if count == 0 || is_known {
            continue;
        }
        let ends = Ends {
            kind: Kind::Plain,
            names: [green, site.name.to_string()],
            crossing,
            distributions: None,
            releases: None,
            forces: Vec::new(),
        };
        all.push(Between::new(ends, &red.signs(), &[])?);
    }
    if all.is_empty() { Err(no_end(site)) } else { Ok(all) }
}

/// The release that is live on a site, else the last other one that was green on it and is still there.
async fn older(
    project: &Project,
    site: &Site,
    release: &Release,
) -> Result<Option<Release>, Failure> {
    let live = live_releases(project, &[site], None, release).await?.into_values().next();
    if live.is_some() {
        return Ok(live);
    }
    let reports = green_before(&project.root, site.name.as_str(), &release.digest)?;
    Ok(reports.iter().find_map(|report| release_of(report, project).ok()))
}

fn no_end(red: &Site) -> Failure {
    Failure::usage(format!("there is nothing green that {} could be held against", red.name))
        .cause("no other site passed with this release, no other release on this site, and its keys are at their defaults")
        .hint("rehearse it on another site, too: `stagectl rehearse`")
        .hint("or describe a plain one beside it, and rehearse that")
}
