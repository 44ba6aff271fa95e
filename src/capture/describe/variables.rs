//! `env` and `secrets`: what the process has, with references where values were kept back.

use serde_json::json;

use super::of_app::is_of_app;
use super::scene::Scene;
use super::services::{Role, roles};
use crate::capture::app::Server;
use crate::capture::description::Description;
use crate::capture::host::{Shown, Variable};

pub(super) fn describe(scene: &Scene<'_>, into: &mut Description) {
    let Some(variables) = scene.app.variables(scene.host) else {
        let reader = &scene.host.system.reader;
        let user = scene.app.user(scene.host).unwrap_or_else(|| "the app's user".to_owned());
        let pid = scene
            .app
            .process
            .as_ref()
            .map_or_else(|| "PID".to_owned(), |process| process.pid.to_string());
        if scene.host.is_running {
            into.todo("env", format!("the variables of the process are not readable by {reader}: read as {user}, or sudo cat /proc/{pid}/environ"));
        } else {
            into.todo("env", "no file of the archive says which variables the app has");
        }
        let named: Vec<String> = scene
            .app
            .unit
            .iter()
            .flat_map(|unit| unit.all("Environment").into_iter().chain(unit.all("environment")))
            .flat_map(|names| names.split(' ').map(str::to_owned).collect::<Vec<_>>())
            .filter(|name| !name.is_empty() && name != "GUNICORN_CMD_ARGS")
            .collect();
        if !named.is_empty() {
            into.todo("env", format!("its unit sets {}", named.join(", ")));
        }
        for variable in scene.app.given(scene.host).variables() {
            one(&variable.name, variable, None, into);
        }
        return;
    };
    // Apache may have more than its envvars say.
    let is_whole = scene.app.server != Server::ModWsgi || scene.app.has_own_variables(scene.host);
    if is_whole {
        into.saw(&["env.*"]);
    }
    let roles = roles(scene);
    let mut kept_back = 0;
    for (name, variable) in variables.iter().filter(|(name, _)| is_of_app(name)) {
        let role = roles.iter().find(|role| role.variable == *name);
        kept_back += usize::from(one(name, variable, role, into));
    }
    if kept_back > 0 {
        into.notes.push(format!("{kept_back} values of variables were kept back on the host"));
    }
}

/// One variable; true where its value was kept back.
fn one(name: &str, variable: &Variable, role: Option<&Role>, into: &mut Description) -> bool {
    let path = ["env", name];
    match &variable.shown {
        Shown::Value(value) => {
            let value = role.map_or_else(|| value.clone(), |role| role.in_replica(value));
            into.set_at(&path, value, "");
            false
        }
        Shown::Url { url, flags, .. } => {
            if !flags.is_empty() {
                into.marks.push((format!("env.{name}"), variable.mark()));
            }
            if let Some(role) = role {
                into.set_at(&path, role.url(url, flags), "");
                if flags.contains('q') {
                    into.todo(
                        "env",
                        format!("{name}: what its URL asks for, behind the `?`, was kept back"),
                    );
                }
                return flags.contains('p');
            }
            if !flags.is_empty() {
                into.todo(
                    "env",
                    format!("{name}: {url} without its log-in or its query, which were kept back"),
                );
            }
            if flags.contains('l') {
                let secret = name.to_lowercase();
                let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
                let user = if flags.contains("up") {
                    "user:"
                } else if flags.contains('p') {
                    ":"
                } else {
                    ""
                };
                into.set_at(&path, format!("{scheme}://{user}${{secret.{secret}}}@{rest}"), "");
                into.set_at(&["secrets", &secret], json!({"generate": 32}), "made for each run");
                if !matches!(scheme, "http" | "https") {
                    let mut intended: Vec<String> = into
                        .get("intended")
                        .and_then(|all| serde_json::from_value(all.clone()).ok())
                        .unwrap_or_default();
                    intended.push(format!("env.{name}"));
                    into.set(
                        "intended",
                        intended,
                        "a log-in at a host that is nobody of the replica, as on the live host",
                    );
                }
                return true;
            }
            into.set_at(&path, url.clone(), "");
            !flags.is_empty()
        }
        Shown::Fingerprint(_) => {
            let secret = name.to_lowercase();
            into.set_at(&path, format!("${{secret.{secret}}}"), "kept back on the host");
            into.set_at(
                &["secrets", &secret],
                json!({"generate": 32}),
                "made for each run; edit it where the app minds its shape",
            );
            into.marks.push((format!("env.{name}"), variable.mark()));
            true
        }
    }
}
