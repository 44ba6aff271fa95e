//! What `rehearse --only-failed` leaves of the sites: those that the last rehearsal did not find green. A site that was
//! green with another release is not green with this one.

use crate::display::print_note;
use crate::failure::Failure;
use crate::release::Release;
use crate::report::LastRehearsal;
use crate::run::path_from_here;
use crate::site::{Project, Site};

/// The sites that are rehearsed again.
#[derive(Debug)]
pub(super) struct NotGreen<'a> {
    /// None where nothing is to be done, which was said.
    pub(super) sites: Vec<&'a Site>,
    /// What this run says nothing about: sites that were green with another release.
    pub(super) warning: Option<String>,
}

/// Those of the sites that were not green when they were last rehearsed; says so where there are none.
///
/// # Errors
/// Usage: there was no rehearsal, or it was of another release and none of these sites had failed.
pub(super) fn not_green<'a>(
    project: &Project,
    sites: Vec<&'a Site>,
    release: &Release,
) -> Result<NotGreen<'a>, Failure> {
    let last = LastRehearsal::of(&project.root)?.ok_or_else(|| {
        Failure::usage("there is no last run whose failures could be rehearsed again")
            .hint("rehearse all sites first: leave out `--only-failed`")
    })?;
    let is_among =
        |names: &[String], site: &Site| names.iter().any(|name| site.name.as_str() == name);
    let asked = sites.clone();
    let those = |names: &[String]| -> Vec<&'a Site> {
        asked.iter().filter(|site| is_among(names, site)).copied().collect()
    };
    let chosen = those(&last.not_green);
    let (run, passed) = (&last.run, those(&last.passed));
    let is_other = last.release.as_ref().is_none_or(|known| known.digest != release.digest);
    let known =
        last.release.map_or_else(|| "a release that is not known".to_owned(), |it| it.shown);
    if is_other && chosen.is_empty() {
        let version = release.version.as_deref().unwrap_or("-");
        let these = format!("{} {version} ({})", release.name, release.short_digest());
        return Err(Failure::usage(format!(
            "none of these sites failed in run {run}, which was of {known}: it says nothing about {these}"
        ))
        .hint(format!(
            "rehearse it without `--only-failed`: `stagectl rehearse --release {}`",
            path_from_here(&release.path)
        )));
    }
    let warning = (is_other && !passed.is_empty()).then(|| {
        format!("green before with {known}, not rehearsed with this release: {}", names_of(&passed))
    });
    if chosen.is_empty() {
        print_note(&match &last.not_green[..] {
            [] => {
                let others: Vec<&Site> =
                    sites.iter().filter(|site| !is_among(&last.passed, site)).copied().collect();
                let others = match &others[..] {
                    [] => String::new(),
                    others => format!("; not rehearsed in it: {}", names_of(others)),
                };
                let green = last.passed.join(", ");
                format!("nothing to rehearse: all was green in run {run} ({green}){others}")
            }
            names => format!(
                "nothing to rehearse: in run {run} others were not green: {}",
                names.join(", ")
            ),
        });
    }
    Ok(NotGreen { sites: chosen, warning })
}

fn names_of(sites: &[&Site]) -> String {
    sites.iter().map(|site| site.name.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_fixed_release_goes_where_the_one_before_failed_and_the_rest_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("critical/test.py", "");
        write("release/shop.py", "app = None");
        for name in ["a", "b", "c"] {
            let description = format!(
                "{{base: {{debian: bookworm}}, names: [{name}.example], \
                 wsgi: {{server: gunicorn, application: 'shop:app'}}, critical: {{path: ../critical}}}}"
            );
            write(&format!("environments/{name}.yaml"), &description);
        }
        let site = |name: &str, verdict: &str| json!({"name": name, "verdict": verdict});
        let sites = [site("a", "passed"), site("b", "failed"), site("c", "passed")];
        let release = json!({"name": "shop", "version": "1.0", "digest": "0123456789"});
        let report = json!({"goal": "rehearse", "run": "1", "sites": sites, "release": release});
        write(".stagectl/runs/1/report.json", &report.to_string());
        let project = Project::load(root, |_| None).unwrap();
        let mut release = Release::open_without(&root.join("release"), &[]).unwrap();
        let chosen = |release: &Release, names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| name.parse().unwrap()).collect();
            let found = not_green(&project, project.choose(&names).unwrap(), release).unwrap();
            (names_of(&found.sites), found.warning)
        };
        let others = "green before with shop 1.0 (01234567), not rehearsed with this release: a, c";
        assert_eq!(chosen(&release, &[]), ("b".to_owned(), Some(others.to_owned())));
        // Who asked for it alone has not asked for the others.
        assert_eq!(chosen(&release, &["b"]), ("b".to_owned(), None));
        release.digest = "0123456789".to_owned();
        assert_eq!(chosen(&release, &[]), ("b".to_owned(), None));
    }
}
