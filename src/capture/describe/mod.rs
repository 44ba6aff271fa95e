//! A host as a description: each part of it says what it knows, and from where.

mod apache;
mod base;
mod directives;
mod facts;
mod files;
mod form;
mod front;
mod install;
mod nginx;
mod of_app;
mod outside;
mod processes;
mod proxy;
mod scene;
mod services;
mod tls;
mod variables;
mod wsgi;

pub use self::scene::{Scene, Wishes};
use super::description::Description;

/// What no host knows.
const OF_THE_TEAM: [(&str, &str); 3] = [
    ("deploy", "what production does with a release: steps: [{name: migrate, run: ...}]"),
    ("health", "the page that says that the site is well: {path: /healthz}"),
    ("critical", "the folder of the critical tests: {path: ../tests/critical}"),
];

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
    if !scene.host.is_running {
        into.not_readable.push(
            "processes, limits, mounts and what services say of themselves: an archive has none of it".to_owned(),
        );
    }
    // What the team has to say itself: no host knows it.
    for (key, what) in OF_THE_TEAM {
        if !scene.wishes.said.iter().any(|said| said == key) {
            into.todo(key, what);
        }
    }
    description
}
