//! A host as a description: each part of it says what it knows, and from where.

mod apache;
mod apart;
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
mod places;
mod processes;
mod proxy;
mod scene;
mod services;
mod tls;
mod variables;
mod wsgi;

pub use self::scene::{Scene, Wishes};
use super::description::Description;
use super::host::System;

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
    not_readable(scene, into);
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

/// What each host did not show; of two it is said which.
fn not_readable(scene: &Scene<'_>, into: &mut Description) {
    let mut hosts = vec![scene.host];
    if apart::is_apart(scene) {
        hosts.push(scene.proxy);
    }
    let (is_one, mut all) = (hosts.len() == 1, Vec::new());
    for host in hosts {
        let System { hostname, reader, .. } = &host.system;
        let on = if is_one { String::new() } else { format!(" on {hostname}") };
        all.extend(host.unreadable.iter().map(|what| format!("{what}{on}: read as {reader}")));
    }
    into.not_readable.extend(all);
}

/// Whether the proxy's host has a configuration that leads to the app, or has the names that were asked for.
#[must_use]
pub fn has_front(scene: &Scene<'_>) -> bool {
    !proxy::of(scene).files.is_empty()
}
