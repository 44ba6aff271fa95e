//! Options of an installer: where distributions are looked for, and what holds their versions.

use super::chain::BUILD_FOLDER;
use crate::replica::template::shell_quote;
use crate::site::{Installer, RequirementFiles, Site};

/// Where constraints are while an image is made, with what they include.
pub(super) const CONSTRAINTS: &str = "/stagectl-build/constraints";

/// Options that every installation from an index shares.
pub(super) fn options(
    site: &Site,
    installer: Installer,
    constraints: Option<&RequirementFiles>,
) -> Vec<String> {
    let mut options = vec![index_options(site, installer)];
    if let Some(constraints) = constraints {
        let path = format!("{CONSTRAINTS}/{}", constraints.main);
        options.push(format!("--constraint {}", shell_quote(&path)));
    }
    options.retain(|option| !option.is_empty());
    options
}

/// Where distributions are looked for. uv takes the best version of all indexes, as pip does.
pub(super) fn index_options(site: &Site, installer: Installer) -> String {
    let install = &site.install;
    let mut options = Vec::new();
    if let Some(index) = &install.index {
        options.push(format!("--index-url {}", shell_quote(index)));
    }
    for index in &install.extra_indexes {
        options.push(format!("--extra-index-url {}", shell_quote(index)));
    }
    if installer == Installer::Uv {
        options.push("--index-strategy unsafe-best-match".to_owned());
        if let Some(date) = install.as_of {
            options.push(format!("--exclude-newer {date}"));
        }
    }
    if install.wheels.is_some() {
        options.push(format!("--find-links {BUILD_FOLDER}/wheels"));
    }
    options.join(" ")
}

/// Options for the site's pip to fetch the installer with, before the wheel house is there.
pub(super) fn installer_options(site: &Site) -> String {
    let install = &site.install;
    let index = install.index.iter().map(|index| format!("--index-url {}", shell_quote(index)));
    let extra = install.extra_indexes.iter();
    let extra = extra.map(|index| format!("--extra-index-url {}", shell_quote(index)));
    index.chain(extra).collect::<Vec<_>>().join(" ")
}
