//! The releases that are live today, from a file or the package index, for the upgrades of a rehearsal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind};
use crate::http::Http;
use crate::package_index::Indexes;
use crate::rehearsal::{Back, Upgrade, Upgrades};
use crate::release::Release;
use crate::replica::RunSpec;
use crate::run::path_from_here;
use crate::site::{KeyPath, Project, Published, Site, SiteName, written_at};
use crate::state;

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

/// The live release of each site that has one; that of the command line wins over those of descriptions.
///
/// # Errors
/// Usage or deploy, where one cannot be read, or is the new one itself; infrastructure, where it cannot be fetched.
pub(super) async fn live_releases(
    project: &Project,
    sites: &[&Site],
    from: Option<&Path>,
    new: &Release,
) -> Result<BTreeMap<SiteName, Release>, Failure> {
    let mut opened: BTreeMap<PathBuf, Release> = BTreeMap::new();
    let mut live = BTreeMap::new();
    for site in sites {
        let path = match Source::of(site, from) {
            Source::Unknown => continue,
            Source::File(path) => path.to_owned(),
            Source::Index(published) => fetch(project, site, &published).await?,
        };
        let release = match opened.get(&path) {
            Some(release) => release.clone(),
            None => open(project, site, &path, from)?,
        };
        if release.digest == new.digest {
            return Err(same(project, site, &release, from));
        }
        if site.releases.is_some() && release.folder_name() == new.folder_name() {
            return Err(same_folder(site, &release));
        }
        opened.entry(path).or_insert_with(|| release.clone());
        live.insert(site.name.clone(), release);
    }
    Ok(live)
}

/// Where the live release of a site is.
enum Source<'a> {
    Unknown,
    File(&'a Path),
    Index(Published),
}

impl<'a> Source<'a> {
    fn of(site: &'a Site, from: Option<&'a Path>) -> Source<'a> {
        let at_index = |path: &&Path| !path.exists() && path.to_string_lossy().contains("==");
        if let Some(path) = from {
            let published =
                Some(path).filter(at_index).and_then(|path| path.to_str()?.parse().ok());
            return published.map_or(Source::File(path), Source::Index);
        }
        match (&site.live.release, &site.live.index) {
            (Some(path), _) => Source::File(path),
            (None, Some(published)) => Source::Index(published.clone()),
            (None, None) => Source::Unknown,
        }
    }
}

/// Fetches a release from the site's package index.
async fn fetch(project: &Project, site: &Site, published: &Published) -> Result<PathBuf, Failure> {
    state::look_at(&project.root)?;
    let install = &site.install;
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let indexes = Indexes::new(install.index.as_deref(), &install.extra_indexes, variable);
    let folder = state::folder_below(&project.root, Path::new("live"))?;
    let fetched = indexes.fetch(&Http::new()?, published, site.python, &folder).await;
    fetched.map_err(|failure| {
        let message =
            format!("the live release of {} cannot be had: {}", site.name, failure.message);
        Failure { message, ..failure }
    })
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

fn open(
    project: &Project,
    site: &Site,
    path: &Path,
    from: Option<&Path>,
) -> Result<Release, Failure> {
    let suites = project.sites.iter().filter_map(|site| site.critical.suite.folder());
    Release::open_without(path, &suites.collect::<Vec<_>>()).map_err(|failure| {
        let hint = format!(
            "{} names it: mend the path, or build or copy that release again",
            whence(project, site, from)
        );
        let message = format!("{}, the live release of {}", failure.message, site.name);
        Failure { kind: Kind::Usage, message, hints: vec![hint], ..failure }
    })
}

fn same(project: &Project, site: &Site, release: &Release, from: Option<&Path>) -> Failure {
    let short = release.short_digest();
    let message = format!("the live release of {} is the new one: {release} ({short})", site.name);
    Failure::usage(message)
        .cause("an upgrade from a release to itself shows nothing")
        .hint(format!("name what runs there today in {}", whence(project, site, from)))
}

fn same_folder(site: &Site, release: &Release) -> Failure {
    let folder = site.folder_of(&release.folder_name());
    let message = format!(
        "the live release of {} and the new one have the same folder: {}",
        site.name,
        folder.display()
    );
    Failure::usage(message)
        .cause("with `deploy.releases` each has one of its own, named by its version")
        .hint("give the new release a version of its own")
}

/// Where the live release of a site is named: `environments/site-a.yaml:7`, or the flag.
fn whence(project: &Project, site: &Site, from: Option<&Path>) -> String {
    let key = if site.live.release.is_some() { "release" } else { "index" };
    match (from, written_at(&project.root, &site.name, &KeyPath::from(["live", key]))) {
        (Some(_), _) => "`--from`".to_owned(),
        (None, Some(place)) => format!("`live.{key}` ({}:{})", place.file.display(), place.line),
        (None, None) => format!("`live.{key}`"),
    }
}
