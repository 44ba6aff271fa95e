//! `outside`: hosts beyond the site that variables speak of, as stubs to be written.

use serde_json::json;

use super::scene::Scene;
use super::services::roles;
use crate::capture::description::Description;

pub(super) fn describe(scene: &Scene<'_>, into: &mut Description) {
    let Some(variables) = scene.app.variables(scene.host) else { return };
    let roles = roles(scene);
    let own: Vec<String> = into
        .get("names")
        .and_then(|names| names.as_array().cloned())
        .unwrap_or_default()
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    for variable in variables.values().filter(|variable| super::of_app::is_of_app(&variable.name)) {
        if roles.iter().any(|role| role.variable == variable.name) {
            continue;
        }
        let Some((scheme, rest)) = variable.url().and_then(|url| url.split_once("://")) else {
            continue;
        };
        if !matches!(scheme, "http" | "https") {
            continue;
        }
        let host = rest.split(['/', ':']).next().unwrap_or(rest).to_lowercase();
        let is_own = own.iter().any(|name| {
            *name == host
                || name
                    .strip_prefix("*.")
                    .is_some_and(|domain| host.ends_with(&format!(".{domain}")))
        });
        let is_here =
            host == "localhost" || host.parse::<std::net::IpAddr>().is_ok() || !host.contains('.');
        if is_own || is_here || host.is_empty() {
            continue;
        }
        let name = format!("stub-{host}.yaml");
        let (path, text) = (scene.name_file(&name), stub(&variable.name, rest));
        into.add_file(&name, text);
        into.set_at(&["outside", &host], json!({"stub": path}), format!("by {}", variable.name));
        into.todo("outside", format!("{path}: what {host} answers; or {host}: allow, for a test system that may be reached"));
    }
}

/// A stub that answers one path with nothing in it.
fn stub(variable: &str, rest: &str) -> String {
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    let path = if path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
        path.trim_end_matches('/')
    } else {
        ""
    };
    format!(
        "# TODO what the host behind {variable} answers; every other request gets 501, and stands in the report.\n\
             requests:\n  - path: \"{path}/*\"\n    answers: [{{status: 200, json: {{}}}}]\n"
    )
}
