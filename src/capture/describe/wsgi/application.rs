//! The application, as a command, a configuration or a script says it.

use serde_json::Value;

use super::options::Told;
use crate::capture::app::Server;
use crate::capture::describe::apache;
use crate::capture::describe::scene::Scene;

/// The application, as a description has it.
pub(in crate::capture::describe) fn application_of(scene: &Scene<'_>) -> Option<String> {
    let app = scene.app;
    match app.server {
        Server::Gunicorn | Server::Waitress => {
            let Told { options, alone, .. } = Told::of(scene);
            let mut application =
                alone.first().filter(|word| word.contains(':') || word.contains('.')).cloned();
            if application.is_none() {
                let variables = app.variables(scene.host).unwrap_or_default();
                application =
                    variables.get("WSGI_APP").and_then(|one| one.url().map(str::to_owned));
            }
            let config = options.get("config").and_then(Value::as_str);
            let said = || config.and_then(|path| python_setting(scene, path, "wsgi_app"));
            let application = application.or_else(said)?;
            let is_called = options.contains_key("call") && !application.ends_with(')');
            let whole = if application.contains(':') {
                application
            } else {
                format!("{application}:application")
            };
            Some(if is_called { format!("{whole}()") } else { whole })
        }
        Server::Uwsgi => {
            let mounted =
                || app.ini_value("mount").and_then(|mount| Some(mount.split_once('=')?.1));
            let module = app.ini_value("module").or(app.ini_value("wsgi")).or_else(mounted)?;
            let callable = app.ini_value("callable").unwrap_or("application");
            Some(if module.contains(':') {
                module.to_owned()
            } else {
                format!("{module}:{callable}")
            })
        }
        Server::ModWsgi => {
            let script = apache::script_of(scene)?;
            let lines = scene.host.file(&script)?;
            application_of_script(lines)
        }
    }
}

/// `from shop.wsgi import application`, and nothing that needs to be run.
pub(super) fn application_of_script(lines: &[String]) -> Option<String> {
    let plain: Vec<&str> =
        lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    let from = plain.iter().rev().find_map(|line| line.strip_prefix("from "))?;
    let (module, names) = from.split_once(" import ")?;
    let name = match names.trim().split_once(" as ") {
        Some((name, "application")) => name,
        None if names.trim() == "application" => "application",
        None => {
            // `application = create_app()`
            let made = plain.iter().find_map(|line| line.strip_prefix("application = "))?;
            let called = made.strip_suffix("()")?;
            return (called == names.trim()).then(|| format!("{}:{called}()", module.trim()));
        }
        Some(_) => return None,
    };
    Some(format!("{}:{}", module.trim(), name.trim()))
}

/// A text that a `gunicorn.conf.py` says in plain letters.
pub(super) fn python_setting(scene: &Scene<'_>, path: &str, key: &str) -> Option<String> {
    let lines = scene.host.file(&absolute(scene, path))?;
    let value =
        lines.iter().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))?;
    Some(value.trim().trim_matches(['"', '\'']).to_owned())
}

pub(super) fn absolute(scene: &Scene<'_>, path: &str) -> String {
    let folder =
        scene.app.process.as_ref().and_then(|process| process.folder.clone()).unwrap_or_default();
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}/{}", path.trim_start_matches("./"))
    }
}
