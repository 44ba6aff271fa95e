//! Which files of a site's host make its environment, for `files.py`, which lists them.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::files::files_with_secrets;
use super::tls::RUNS_OWN;
use crate::replica::secret::Secrets;
use crate::site::{BaseOrigin, Site};

/// What a site has beside its packages, whose own files are known by their versions.
const FOLDERS: [&str; 4] = ["/etc", "/opt", "/usr/local", "/usr/share/ca-certificates"];
/// stagectl's own.
const OURS: &str = "/opt/stagectl";

/// What `files.py` lists, and what it keeps to itself.
#[must_use]
pub(in crate::replica) fn files_job(site: &Site, secrets: &Secrets) -> Value {
    let described: Vec<&Path> = site.files.iter().map(|file| file.path.as_path()).collect();
    let data: Vec<&Path> = site.data.iter().map(|folder| folder.path.as_path()).collect();
    let (home, venv) = (site.home(), site.venv());
    let mut folders: Vec<&Path> = FOLDERS.iter().map(Path::new).collect();
    folders.push(&home);
    folders.extend(data.iter().copied());
    folders.extend(&described);
    let values: Vec<&str> = secrets.iter().map(|(_, value)| value).collect();
    let runs_own: Map<String, Value> =
        RUNS_OWN.iter().map(|(path, words)| ((*path).to_owned(), (*words).into())).collect();
    json!({
        "folders": folders,
        // What is installed is listed by its versions.
        "left_out": [Path::new(OURS), &venv],
        "data": data,
        "described": described,
        "secret": files_with_secrets(site, secrets),
        "values": values,
        "live": matches!(site.base.origin, BaseOrigin::Rootfs(_) | BaseOrigin::Image(_)),
        "runs_own": runs_own,
    })
}
