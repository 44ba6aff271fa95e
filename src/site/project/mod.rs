//! A project: the folder with `environments/`, and the sites it describes.

mod astray;
mod chosen;
mod neighbours;
mod unset;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use astray::{only_in_defaults, unused_secrets};
pub use chosen::no_such_site;
use neighbours::live_neighbours;
pub(super) use unset::unset;

use crate::failure::Failure;
use crate::site::check::{check, missing};
use crate::site::folder::{self, DEFAULTS, Descriptions, FileRead, Instead};
use crate::site::merge::merge;
use crate::site::model::Site;
use crate::site::problem::{KeyPath, Place, Problem, Problems};
use crate::site::reference::follow;
use crate::site::resolve::{Folders, Resolved, Written, resolve};
use crate::site::schema::of_whole_sites;
use crate::site::setting::Setting;
use crate::site::source_line::Sources;
use crate::site::tree::Node;
use crate::site::value::{ProjectName, SiteName};

/// A project whose descriptions hold no problem.
#[derive(Debug, Clone)]
pub struct Project {
    /// Absolute, without links.
    pub root: PathBuf,
    pub name: ProjectName,
    /// The release that the defaults name; absolute, and perhaps not built yet.
    pub release: Option<PathBuf>,
    /// By order, then by name.
    pub sites: Vec<Site>,
    /// The project's own templates, if it has any; absolute.
    pub templates: Option<PathBuf>,
    /// Secrets whose variable is not set, by site: a problem only for those who choose the site.
    unset: Vec<(SiteName, Problem)>,
}

impl Project {
    /// The root of the project that a folder is in.
    ///
    /// # Errors
    /// When neither the folder nor one above it has `environments/`.
    pub fn find(start: &Path) -> Result<PathBuf, Failure> {
        let start = start.canonicalize().map_err(|error| {
            Failure::usage(format!("could not find the project of {}", start.display()))
                .because(&error)
        })?;
        let root = start.ancestors().find(|folder| folder.join(Folders::ENVIRONMENTS).is_dir());
        root.map(Path::to_path_buf).ok_or_else(|| {
            Failure::usage(format!(
                "there is no folder `environments` in {} or above it",
                start.display()
            ))
            .hint(match below(&start) {
                Some(folder) => format!(
                    "the nearest is in {}: go there, or name that folder with `-C`",
                    folder.display()
                ),
                None => {
                    "describe a first site: `stagectl init`, in the folder of the app".to_owned()
                }
            })
        })
    }

    /// Reads, merges and judges every description of a project.
    ///
    /// # Errors
    /// All problems of all files.
    pub fn load(
        root: &Path,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Project, Problems> {
        Project::load_for(root, &[], &[], variable).map(|(project, _)| project)
    }

    /// The same for whoever has to do with these sites alone, all if none is named, with these settings instead of
    /// what they say: a description of another site that has problems is no part of the project then. What is wrong
    /// with those comes beside it.
    ///
    /// # Errors
    /// All problems of these sites and of what all sites share.
    pub fn load_for(
        root: &Path,
        names: &[SiteName],
        settings: &[Setting],
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(Project, Problems), Problems> {
        Project::load_from(root, (names, settings), None, variable)
    }

    /// The project as it would be if a file had this text: whether `stagectl check` would take it.
    ///
    /// # Errors
    /// All problems of all files, without their lines.
    pub fn load_with(
        root: &Path,
        instead: Instead<'_>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Project, Problems> {
        Project::load_from(root, (&[], &[]), Some(instead), variable).map(|(project, _)| project)
    }

    fn load_from(
        root: &Path,
        (names, settings): (&[SiteName], &[Setting]),
        instead: Option<Instead<'_>>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(Project, Problems), Problems> {
        let mut found = Problems::default();
        let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let descriptions = folder::read_with(&root, instead, &mut found);
        let mut loader = Loader {
            folders: Folders { root: root.clone() },
            settings: (names, settings),
            problems: Problems::default(),
            of_sites: BTreeMap::new(),
            secrets: BTreeSet::new(),
        };
        loader.sort_in(&found);
        let (name, release, mut sites) = loader.load(descriptions);
        sites.retain(|(site, _)| loader.of_sites[site.name.as_str()].is_empty());
        let (mut problems, mut aside) = (loader.problems, Problems::default());
        for (stem, of_site) in loader.of_sites {
            let is_wanted = names.is_empty() || names.iter().any(|name| name.as_str() == stem);
            if is_wanted { &mut problems } else { &mut aside }.extend(of_site);
        }
        let mut sources = Sources::new(&root, &variable);
        if !problems.is_empty() {
            if instead.is_none() {
                problems.look_up(|place| sources.line(place));
            }
            return Err(problems);
        }
        sites.sort_by(|(one, _), (two, _)| (one.order, &one.name).cmp(&(two.order, &two.name)));
        let mut unset: Vec<(SiteName, Problem)> =
            sites.iter().flat_map(|(site, tree)| unset(site, tree, &variable)).collect();
        for (_, problem) in &mut unset {
            problem.source = sources.line(&problem.place);
        }
        let templates = Some(root.join(Folders::TEMPLATES)).filter(|folder| folder.is_dir());
        let sites = sites.into_iter().map(|(site, _)| site).collect();
        Ok((Project { root, name, release, sites, templates, unset }, aside))
    }

    /// The name of a project whose descriptions may have problems, as its replicas are labelled with.
    #[must_use]
    pub fn name_at(root: &Path) -> ProjectName {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        folder::project_line(&root).unwrap_or_else(|| name_of_folder(&root))
    }

    /// Gives sites the certificates that come after theirs (`tls.next`): those named, or all that have
    /// one. Says which these are; today's certificate is then what comes next.
    ///
    /// # Errors
    /// A named site, or every one, has none.
    pub fn change_certificates(&mut self, names: &[SiteName]) -> Result<Vec<SiteName>, Failure> {
        let mut changed = Vec::new();
        for site in &mut self.sites {
            if !names.is_empty() && !names.contains(&site.name) {
                continue;
            }
            if let Some(tls) = &mut site.tls
                && let Some(next) = &mut tls.next
            {
                std::mem::swap(&mut tls.certificate, next);
                tls.has_changed = true;
                changed.push(site.name.clone());
            }
        }
        let missing: Vec<&str> = names
            .iter()
            .filter(|name| self.sites.iter().any(|site| site.name == **name))
            .filter(|name| !changed.contains(name))
            .map(SiteName::as_str)
            .collect();
        if missing.is_empty() && (!changed.is_empty() || !names.is_empty()) {
            return Ok(if names.is_empty() { changed } else { names.to_vec() });
        }
        let whose = if missing.is_empty() { "any site".to_owned() } else { missing.join(", ") };
        Err(Failure::usage(format!("there is no next certificate of {whose}"))
            .hint("describe it: `tls: {next: {valid: {until: 47d}}}`"))
    }
}

struct Loader<'a> {
    folders: Folders,
    /// What the command line says instead, and of which sites.
    settings: (&'a [SiteName], &'a [Setting]),
    /// Of what all sites share.
    problems: Problems,
    /// Of each site, by the stem of its file.
    of_sites: BTreeMap<String, Problems>,
    /// Every secret that some site refers to.
    secrets: BTreeSet<String>,
}

impl Loader<'_> {
    /// Problems of files that could not be read go to the site that the file is of.
    fn sort_in(&mut self, found: &Problems) {
        for problem in found {
            let stem = problem.place.file.file_stem().unwrap_or_default().to_string_lossy();
            let is_shared =
                stem == DEFAULTS || *problem.place.file == *Path::new(Folders::ENVIRONMENTS);
            let problems = if is_shared {
                &mut self.problems
            } else {
                self.of_sites.entry(stem.into_owned()).or_default()
            };
            problems.push(problem.clone());
        }
    }

    fn has_problems(&self) -> bool {
        !self.problems.is_empty() || self.of_sites.values().any(|problems| !problems.is_empty())
    }

    fn load(
        &mut self,
        descriptions: Descriptions,
    ) -> (ProjectName, Option<PathBuf>, Vec<(Site, Node)>) {
        if descriptions.sites.is_empty() && !self.has_problems() {
            let place = Place::file(Folders::ENVIRONMENTS);
            let problem = Problem::new(place, KeyPath::default(), "no site is described here");
            self.problems.push(problem.hint("describe one in `environments/site-a.yaml`"));
        }
        let has_defaults = descriptions.defaults.is_some();
        let mut defaults = descriptions.defaults.and_then(|file| file.tree);
        // Whoever leans on defaults that nobody could read is not blamed for what is missing.
        let is_whole = defaults.is_some() == has_defaults;
        if let Some(tree) = &mut defaults {
            self.problems.extend(check(tree, of_whole_sites()));
        }
        let name = self.name(defaults.as_ref());
        let release = self.release(defaults.as_ref());
        let mut sites = Vec::new();
        for (name, file) in descriptions.sites {
            let stem = name.to_string();
            let (site, problems) = self.site(name, file, defaults.as_ref(), is_whole);
            self.of_sites.entry(stem).or_default().extend(problems);
            sites.extend(site);
        }
        for (stem, problem) in live_neighbours(&sites) {
            self.of_sites.entry(stem).or_default().push(problem);
        }
        if let (false, Some(defaults)) = (self.has_problems(), &defaults) {
            let place = defaults.place.file.clone();
            let unused = unused_secrets(defaults, &place, &self.secrets);
            self.problems.extend(unused);
        }
        (name, release, sites)
    }

    /// The site with its merged tree, unless a problem leaves a gap; and its problems.
    fn site(
        &mut self,
        name: SiteName,
        file: FileRead,
        defaults: Option<&Node>,
        is_whole: bool,
    ) -> (Option<(Site, Node)>, Problems) {
        let Some(mut own) = file.tree else { return (None, Problems::default()) };
        let mut found = Problems::default();
        let (chosen, settings) = self.settings;
        let is_chosen = chosen.is_empty() || chosen.contains(&name);
        let settings = settings.iter().filter(|_| is_chosen);
        for setting in settings.clone() {
            if let Err(problem) = setting.put_into(&mut own) {
                found.push(problem);
            }
        }
        found.extend(check(&mut own, of_whole_sites()));
        found.extend(only_in_defaults(&own));
        if !is_whole {
            return (None, found);
        }
        let empty = Node::empty_map(own.place.clone());
        let mut tree = merge(defaults.unwrap_or(&empty), &own);
        found.extend(missing(&tree, of_whole_sites()));
        let followed = follow(&mut tree, &name);
        let written =
            Written { tree: &tree, followed, name, source: file.path, folders: &self.folders };
        let Resolved { site, secrets, problems } = resolve(written);
        if problems.is_empty() {
            found.extend(unused_secrets(&tree, &own.place.file, &secrets));
        }
        found.extend(problems);
        self.secrets.extend(secrets);
        // What has a problem is no site, even where it could be read.
        let site = site.filter(|_| found.is_empty());
        let settings = settings.map(ToString::to_string).collect();
        (site.map(|site| (Site { settings, ..site }, tree)), found)
    }

    fn name(&mut self, defaults: Option<&Node>) -> ProjectName {
        let path = KeyPath::from(["project"]);
        if let Some((tree, written)) = defaults.and_then(|tree| Some((tree, tree.text_at(&path)?)))
        {
            match written.parse() {
                Ok(name) => return name,
                Err(error) => {
                    let place = tree.place_of(&path).clone();
                    self.problems.push(Problem::new(place, path, error.to_string()));
                }
            }
        }
        name_of_folder(&self.folders.root)
    }

    fn release(&mut self, defaults: Option<&Node>) -> Option<PathBuf> {
        let path = KeyPath::from(["release"]);
        let tree = defaults?;
        match self.folders.in_root(tree.text_at(&path)?) {
            Ok(release) => Some(release),
            Err(message) => {
                self.problems.push(Problem::new(tree.place_of(&path).clone(), path, message));
                None
            }
        }
    }
}

/// A project's name made of its folder's.
fn name_of_folder(root: &Path) -> ProjectName {
    name_from_folder(&root.file_name().unwrap_or_default().to_string_lossy())
}

fn name_from_folder(folder: &str) -> ProjectName {
    let label: String = folder
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(40)
        .collect();
    let name = label.trim_matches('-').parse();
    name.unwrap_or_else(|_| "project".parse().expect("a word is a project's name"))
}

#[cfg(test)]
mod aside_tests;
#[cfg(test)]
mod files_tests;
#[cfg(test)]
mod host_tests;
#[cfg(test)]
mod intended_tests;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod locks_tests;
#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod merge_tests;
#[cfg(test)]
mod outside_tests;
#[cfg(test)]
mod problem_tests;
#[cfg(test)]
mod service_tests;
#[cfg(test)]
mod serving_tests;
#[cfg(test)]
mod systemd_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;
#[cfg(test)]
mod user_tests;
/// The first folder in this one that has descriptions; deeper ones, and hidden ones, may be anybody's.
fn below(start: &Path) -> Option<PathBuf> {
    const DEPTH: usize = 1;
    let is_looked_at = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
    };
    let walk = walkdir::WalkDir::new(start).min_depth(1).max_depth(DEPTH).sort_by_file_name();
    let folders = walk.into_iter().filter_entry(is_looked_at).flatten();
    let described = folders.filter(|entry| {
        entry.file_type().is_dir() && entry.path().join(Folders::ENVIRONMENTS).is_dir()
    });
    described.min_by_key(walkdir::DirEntry::depth).map(walkdir::DirEntry::into_path)
}

#[cfg(test)]
mod variable_tests;
