//! What can be said of a site and its release before anything is built: the application that is not in it,
//! values that only hold a place.

use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::{Failure, Kind, Spot};
use crate::release::{Missing, Modules, Surely};
use crate::site::{
    Application, KeyPath, PLACEHOLDER_MODULE, Project, Site, SiteName, SuiteSource, placeholders,
    source_at, written_at,
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
    warnings.extend(suites_without_tests(project, sites));
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

/// Folders of critical suites in which pytest finds nothing by its own names, each with its sites.
fn suites_without_tests(project: &Project, sites: &[&Site]) -> Vec<String> {
    let mut empty: BTreeMap<&Path, Vec<&str>> = BTreeMap::new();
    for site in sites {
        if let SuiteSource::Pytest { path, file: None, .. } = &site.critical.suite
            && !may_have_tests(path)
        {
            empty.entry(path).or_default().push(site.name.as_str());
        }
    }
    let words = |(path, sites): (&Path, Vec<&str>)| {
        let shown = path.strip_prefix(&project.root).unwrap_or(path).display();
        format!(
            "{}: no test_*.py and no *_test.py is in {shown}, the `critical.path`: no tests is never green",
            sites.join(", ")
        )
    };
    empty.into_iter().map(words).collect()
}

/// False for a folder whose files all have other names than pytest looks for.
fn may_have_tests(folder: &Path) -> bool {
    let settings =
        ["pytest.ini", ".pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini", "conftest.py"];
    let walk = walkdir::WalkDir::new(folder).into_iter().flatten();
    walk.filter(|entry| entry.file_type().is_file()).any(|entry| {
        let name = entry.file_name().to_string_lossy();
        let stem = name.strip_suffix(".py");
        let is_one = stem.is_some_and(|stem| stem.starts_with("test_") || stem.ends_with("_test"));
        // Its settings may give it other names, or collect them by other means.
        is_one || settings.contains(&&*name)
    })
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
