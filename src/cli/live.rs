//! From where sites are upgraded, as the command line says it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::rehearsal::{Back, Upgrade, Upgrades};
use crate::release::Release;
use crate::replica::RunSpec;
use crate::run::path_from_here;
use crate::site::{Site, SiteName};

/// From where the sites are upgraded, and whether they go back.
#[derive(Debug, clap::Args)]
pub(super) struct LiveArgs {
    /// The release that is live today, which the new one is deployed over: a path, or its name and version at the
    /// package index, as noticeboard==1.1; `live.release` or `live.index` of the description if left out. Without any,
    /// the release is installed on an empty site
    #[arg(long, value_name = "PATH|NAME==VERSION")]
    pub(super) from: Option<PathBuf>,
    /// Go back to the live release after the upgrade, too (`deploy.rollback`), and judge that
    #[arg(long)]
    rollback: bool,
}

/// Whether the way back is rehearsed on all sites, as `--rollback` asks.
///
/// # Errors
/// Usage: a site has nothing to go back to.
pub(super) fn way_back(
    sites: &[&Site],
    live: &BTreeMap<SiteName, Release>,
    args: &LiveArgs,
) -> Result<Back, Failure> {
    if !args.rollback {
        return Ok(Back::NotRehearsed);
    }
    let keeps_one = |site: &&&Site| site.releases.is_some_and(|releases| releases.keep == 1);
    if let Some(site) = sites.iter().find(keeps_one) {
        let message = format!("{} has nothing to go back to: it keeps one release", site.name);
        let hint = "keep the one before, too: `deploy.releases: {keep: 2}`";
        return Err(Failure::usage(message).hint(hint));
    }
    match sites.iter().find(|site| !live.contains_key(&site.name)) {
        None => Ok(Back::Rehearsed),
        Some(site) => Err(Failure::usage(format!(
            "{} has nothing to go back to: it has no live release",
            site.name
        ))
        .hint("name what runs there today: `--from`, or `live.release` of its description")),
    }
}

/// The upgrades from these, in a run.
pub(super) fn upgrades(
    run: &RunSpec,
    sites: &[&Site],
    (live, back): (&BTreeMap<SiteName, Release>, Back),
) -> Upgrades {
    let upgrade = |site: &&Site| {
        let release = live.get(&site.name)?.clone();
        let argument = path_from_here(&release.path);
        let back = if site.rollback.rehearse { Back::Rehearsed } else { back };
        Some((site.name.clone(), Upgrade::new(run, site, (release, argument), back)))
    };
    sites.iter().filter_map(upgrade).collect()
}
