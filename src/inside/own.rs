//! Which code is a site's own, where a traceback is read.

use crate::cause::Own;
use crate::site::{Application, Site};

/// The app's home, and the packages that the site's server is configured to load.
#[must_use]
pub fn own_code(site: &Site) -> Own {
    let first = |module: &str| module.split('.').next().unwrap_or_default().to_owned();
    let mut packages: Vec<String> =
        site.wsgi.mounts.values().map(|mounted| first(&mounted.module)).collect();
    if let Application::Callable(callable) = &site.wsgi.application {
        packages.push(first(&callable.module));
    }
    Own { home: site.home().display().to_string(), packages }
}
