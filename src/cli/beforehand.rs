//! What can be said of a site and its release before anything is built: the application that is not in it,
//! values that only hold a place.

use std::path::Path;

use crate::failure::{Failure, Kind, Spot};
use crate::release::{Missing, Modules, Surely};
use crate::site::{
    Application, KeyPath, PLACEHOLDER_MODULE, Project, Site, SiteName, placeholders, source_at,
    written_at,
};

/// Warnings, where nothing is surely wrong.
///
/// # Errors
/// Usage: the release has no module of a site's application; the warnings are in it.
pub(super) fn look_beforehand(
    project: &Project,
    sites: &[&Site],
    release: Option<&Path>,
) -> Result<Vec<String>, Failure> {
    let names: Vec<SiteName> = sites.iter().map(|site| site.name.clone()).collect();
    let mut warnings: Vec<String> = placeholders(&project.root, &names)
        .into_iter()
        .map(|found| {
            format!(
                "{}: {} is still `{}`: write what the live site has",
                found.place, found.key, found.value
            )
        })
        .collect();
    let Some(modules) = release.filter(|path| path.exists()).and_then(Modules::of) else {
        return Ok(warnings);
    };
    let mut spots: Vec<Spot> = Vec::new();
    for site in sites {
        for (key, module) in applications(site) {
            let Some(missing) = modules.missing(&module).filter(|_| !is_elsewhere(site, &module))
            else {
                continue;
            };
            let spot = spot(project, site, &key, &missing, modules.said_by);
            if missing.surely == Surely::Guessed {
                let hint = spot.hint.map_or(String::new(), |hint| format!("; {hint}"));
                let text = format!(
                    "{}: {}, so it has to come with a requirement{hint}",
                    spot.file, spot.message
                );
                if !warnings.contains(&text) {
                    warnings.push(text);
                }
            } else if !spots.contains(&spot) {
                spots.push(spot);
            }
        }
    }
    if spots.is_empty() {
        return Ok(warnings);
    }
    let lines: Vec<String> = spots.iter().map(Spot::describe).collect();
    let mut failure = Failure::new(Kind::Usage, lines.join("\nerror: "));
    failure.hints.extend(spots.iter().filter_map(|spot| spot.hint.clone()));
    failure.hints.dedup();
    failure.problems = spots;
    failure.warnings = warnings;
    Err(failure)
}

/// The modules that the server is to load, with the keys that say so.
fn applications(site: &Site) -> Vec<(KeyPath, String)> {
    let wsgi = KeyPath::from(["wsgi"]);
    let own = match &site.wsgi.application {
        Application::Callable(callable) => Some((wsgi.key("application"), callable.module.clone())),
        Application::Script(_) => None,
    };
    let mounted = site.wsgi.mounts.iter();
    let mounted =
        mounted.map(|(url, callable)| (wsgi.key("mounts").key(url), callable.module.clone()));
    own.into_iter().chain(mounted).collect()
}

/// True for a module that the site has besides the release, or that holds a place, which is a warning of
/// its own.
fn is_elsewhere(site: &Site, module: &str) -> bool {
    let top = module.split('.').next().unwrap_or(module);
    let is_a_file = site.files.iter().any(|file| {
        let path = file.path.with_extension("");
        path.file_name().is_some_and(|name| name == top)
            || path.parent().and_then(Path::file_name).is_some_and(|name| name == top)
    });
    module == PLACEHOLDER_MODULE || is_a_file || site.env.contains_key("PYTHONPATH")
}

fn spot(project: &Project, site: &Site, key: &KeyPath, missing: &Missing, by: &str) -> Spot {
    let place = written_at(&project.root, &site.name, key);
    let hint = match (&missing.unpackaged, &missing.nearest) {
        (Some(file), Some(near)) => {
            Some(format!("{file} is not packaged ({by}): package it, or name `{near}`"))
        }
        (Some(file), None) => Some(format!("{file} is not packaged ({by}): package it")),
        (None, Some(near)) => Some(format!("did you mean `{near}`?")),
        (None, None) => None,
    };
    let file = place.as_ref().map(|place| place.file.display().to_string());
    Spot {
        file: file.unwrap_or_else(|| format!("environments/{}.yaml", site.name)),
        line: place.as_ref().map(|place| place.line),
        column: place.as_ref().map(|place| place.column),
        key: Some(key.to_string()),
        message: format!("no module `{}` in the release", missing.module),
        hint,
        source: place.and_then(|place| source_at(&project.root, &place)),
    }
}
