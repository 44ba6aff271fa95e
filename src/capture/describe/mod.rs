//! A host as a description: each part of it says what it knows, and from where.

mod apache;
mod base;
mod directives;
mod facts;
mod files;
mod install;
mod nginx;
mod outside;
mod processes;
mod proxy;
mod services;
mod tls;
mod variables;
mod wsgi;

use super::app::App;
use super::description::Description;
use super::host::Host;
use crate::outside_look::Look;

/// What the person wants of it.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// The site's name.
    pub site: String,
    /// The names that the world uses, where they were said.
    pub names: Vec<String>,
    /// Whether packages are held at their versions.
    pub pin: bool,
    /// Whether what all sites share says which tests are critical.
    pub has_suite: bool,
}

/// All that is known when a site is described.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The app's own host.
    pub host: &'a Host,
    /// The host of the proxy; the app's own, mostly.
    pub proxy: &'a Host,
    pub app: &'a App,
    /// Each name as it looks from here.
    pub looks: &'a [Look],
    pub wishes: &'a Wishes,
}

impl Scene<'_> {
    /// A file beside the description, as the description names it.
    #[must_use]
    pub fn beside(&self, file: &str) -> String {
        format!("{}/{file}", self.wishes.site)
    }
}

/// The public names of a site, as they were said or as its proxy has them.
#[must_use]
pub fn names_of(scene: &Scene<'_>) -> Vec<String> {
    proxy::of(scene).names
}

/// Describes a site.
#[must_use]
pub fn describe(scene: &Scene<'_>) -> Description {
    let mut description = Description::default();
    let into = &mut description;
    base::describe(scene, into);
    install::describe(scene, into);
    let proxy = proxy::of(scene);
    proxy::describe(scene, &proxy, into);
    tls::describe(scene, &proxy, into);
    wsgi::describe(scene, &proxy, into);
    processes::describe(scene, into);
    services::describe(scene, into);
    variables::describe(scene, into);
    outside::describe(scene, into);
    facts::describe(scene, into);
    files::describe(scene, into);
    into.not_readable.extend(
        scene
            .host
            .unreadable
            .iter()
            .map(|what| format!("{what}: read as {}", scene.host.system.reader)),
    );
    // What the team has to say itself: no host knows it.
    if !scene.wishes.has_suite {
        into.todo(
            "deploy",
            "what production does with a release: steps: [{name: migrate, run: ...}]",
        );
        into.todo("health", "the page that says that the site is well: {path: /healthz}");
        into.todo("critical", "the folder of the critical tests: {path: ../tests/critical}");
    }
    description
}
