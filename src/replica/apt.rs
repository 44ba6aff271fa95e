//! How Debian packages come into an image: the versions that they are pinned to.

use serde::Serialize;

use super::template::{Templates, context};
use crate::failure::Failure;

/// A package that has to be of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Pin<'a> {
    name: &'a str,
    version: &'a str,
}

/// How long a pin lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasting {
    /// In the image and all that are made of it: nothing that comes later moves the package.
    Forever,
    /// Until the script removes [`BUILD_PINS`].
    WhileBuilding,
}

/// The preferences of packages that are only there while building.
pub(super) const BUILD_PINS: &str = "/etc/apt/preferences.d/stagectl-build";
const PINS: &str = "/etc/apt/preferences.d/stagectl";

/// The part of a script that holds packages to their versions; empty where none is pinned.
///
/// # Errors
/// Usage: a template of the project's that cannot be rendered.
pub(super) fn pins(
    packages: &[String],
    lasting: Lasting,
    templates: &Templates,
) -> Result<String, Failure> {
    let pins: Vec<Pin<'_>> = packages
        .iter()
        .filter_map(|package| package.split_once('='))
        .map(|(name, version)| Pin { name, version })
        .collect();
    if pins.is_empty() {
        return Ok(String::new());
    }
    let file = match lasting {
        Lasting::Forever => PINS,
        Lasting::WhileBuilding => BUILD_PINS,
    };
    templates.render("image/pins.sh.j2", context! { pins, file })
}
