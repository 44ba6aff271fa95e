//! The releases that are live today, from a file or the package index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Indexes;
use crate::failure::{Failure, Kind};
use crate::http::Http;
use crate::release::Release;
use crate::site::{KeyPath, Project, Published, Site, SiteName, written_at};
use crate::state;

/// The live release of each site that has one; that of the command line wins over those of descriptions.
///
/// # Errors
/// Usage or deploy, where one cannot be read, or is the new one itself; infrastructure, where it cannot be fetched.
pub async fn live_releases(
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
