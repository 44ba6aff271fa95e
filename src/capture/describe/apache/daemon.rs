//! The daemon of `mod_wsgi`, as `WSGIDaemonProcess` says it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::hosts::alias_of;
use crate::capture::describe::directives::{Directive, of_apache};
use crate::capture::describe::form;
use crate::capture::describe::front::Front;
use crate::capture::describe::scene::Scene;
use crate::capture::description::Description;

/// The daemon process of the app, wherever it is said.
fn daemon_of(scene: &Scene<'_>) -> Option<Directive> {
    let files = scene.proxy.files.iter().filter(|(path, _)| path.starts_with("/etc/apache2/"));
    let mut all = Vec::new();
    for (_, lines) in files {
        for one in of_apache(lines) {
            let mut found = Vec::new();
            one.walk(&mut found);
            all.extend(found.into_iter().filter(|one| one.name == "wsgidaemonprocess").cloned());
        }
    }
    all.into_iter().find(|one| one.first() == scene.app.name)
}

/// `wsgi` of a daemon of `mod_wsgi`.
pub(in crate::capture::describe) fn daemon(
    scene: &Scene<'_>,
    front: &Front,
    into: &mut Description,
) {
    let from = front.files.first().cloned().unwrap_or_else(|| "Apache".to_owned());
    let Some(line) = daemon_of(scene) else {
        into.todo("wsgi", "the app runs inside of Apache's own processes, or its WSGIDaemonProcess was not readable: a replica always has a daemon of its own");
        return;
    };
    let mut options: BTreeMap<String, String> = line
        .words
        .iter()
        .skip(1)
        .filter_map(|word| word.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    into.saw(&[
        "wsgi.workers",
        "wsgi.threads",
        "wsgi.umask",
        "wsgi.options",
        "wsgi.application_group",
        "wsgi.pass_authorization",
    ]);
    let mut number = |key: &str| options.remove(key).and_then(|value| value.parse::<i64>().ok());
    into.set_some("wsgi.workers", number("processes"), from.clone());
    into.set_some("wsgi.threads", number("threads"), from.clone());
    let umask = options
        .remove("umask")
        .map(|umask| form::four_digits(&umask))
        .filter(|umask| umask != "0022");
    into.set_some("wsgi.umask", umask, from.clone());
    // What the process has as LANG; `locale` is what it sets by itself, which is mostly the same.
    let lang = options.remove("lang");
    if lang.is_some() && options.get("locale") == lang.as_ref() {
        options.remove("locale");
    }
    into.set_some("wsgi.locale", lang, from.clone());
    for own in ["user", "group", "python-home", "home", "display-name", "python-path"] {
        options.remove(own);
    }
    if !options.is_empty() {
        let options: Map<String, Value> = options
            .into_iter()
            .map(|(key, value)| {
                (key, value.parse::<i64>().map_or_else(|_| value.clone().into(), Value::from))
            })
            .collect();
        into.set("wsgi.options", Value::Object(options), from.clone());
    }
    let Some((host, alias)) = alias_of(scene) else { return };
    let mut all = Vec::new();
    host.walk(&mut all);
    let said = all
        .iter()
        .rev()
        .find(|one| one.name == "wsgiapplicationgroup")
        .map(|one| one.first().to_owned());
    let group = alias
        .words
        .iter()
        .find_map(|word| word.strip_prefix("application-group=").map(str::to_owned))
        .or(said);
    let group = group.map(|group| if group == "%{GLOBAL}" { "global".to_owned() } else { group });
    into.set_some(
        "wsgi.application_group",
        group.filter(|group| group != "%{RESOURCE}"),
        from.clone(),
    );
    let passes = all
        .iter()
        .rev()
        .find(|one| one.name == "wsgipassauthorization")
        .map(|one| one.first().eq_ignore_ascii_case("on"));
    into.set_some("wsgi.pass_authorization", passes, from.clone());
    if into.get("wsgi.application").is_none()
        && let Some(script) = alias.words.get(1)
    {
        into.todo("wsgi", format!("{script} computes its application: bring the script, `file: {script}` and one of `files`"));
    }
}
