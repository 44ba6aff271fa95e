//! `install`: what is installed in the app's environment, each at its version.

use super::scene::Scene;
use crate::capture::description::Description;

/// Installers: they are no part of what the app runs with.
const INSTALLERS: [&str; 4] = ["pip", "wheel", "uv", "distribute"];

pub(super) fn describe(scene: &Scene<'_>, into: &mut Description) {
    let Some(environment) = scene.app.environment(scene.host) else {
        let has_some = !scene.host.environments.is_empty();
        let seen: Vec<&str> =
            scene.host.environments.iter().map(|one| one.folder.as_str()).collect();
        let more = if has_some { format!(" (seen: {})", seen.join(", ")) } else { String::new() };
        into.todo("install", format!("no environment of Python of the app was found{more}: what it needs is what the release says, as_of the day of the last deploy"));
        return;
    };
    let own = release_of(scene);
    into.release.clone_from(&own);
    into.distributions = environment
        .distributions
        .iter()
        .map(|one| (one.name.clone(), one.version.clone()))
        .collect();
    let mut lines: Vec<String> = Vec::new();
    for one in &environment.distributions {
        if INSTALLERS.contains(&one.name.as_str()) || own.as_deref() == Some(one.name.as_str()) {
            continue;
        }
        // What is at home in every environment of this Python.
        let is_of_python = one.name == "setuptools"
            && !environment.distributions.iter().any(|other| other.name == "pkg-resources")
            && one.modules.iter().any(|module| module == "setuptools")
            && is_bundled(&one.version);
        if is_of_python {
            continue;
        }
        if one.is_direct {
            into.todo(
                "install",
                format!(
                    "{} {} was installed from a file or a repository, and may be of no index",
                    one.name, one.version
                ),
            );
        }
        // A version that is of this host alone cannot be asked for.
        let version = one.version.split('+').next().unwrap_or(&one.version);
        lines.push(format!("{}=={version}", one.name));
    }
    if lines.is_empty() {
        return;
    }
    let count = lines.len();
    let text = format!(
        "# What {} of the live host has, without the release itself.\n{}\n",
        environment.folder,
        lines.join("\n")
    );
    into.add_file("requirements.lock", text);
    into.set(
        "install.requirements",
        scene.name_file("requirements.lock"),
        format!("{count} distributions of {}", environment.folder),
    );
    if environment.has_system_packages {
        into.notes.push(format!(
            "{} sees Debian's own Python packages, too: a replica's environment does not",
            environment.folder
        ));
    }
    if let Some(own) = own
        && let Some(one) = environment.distributions.iter().find(|one| one.name == own)
    {
        into.notes.push(format!(
            "{} {} is live there today: `rehearse --from {}=={}` upgrades from it",
            own, one.version, own, one.version
        ));
    }
}

/// The versions that Debian's `venv` brings along.
fn is_bundled(version: &str) -> bool {
    ["44.0.0", "44.1.1", "52.0.0", "66.1.1", "65.5.0", "68.1.2", "78.1.1"].contains(&version)
}

/// The distribution that is the release itself: the one with the application's module.
pub(super) fn release_of(scene: &Scene<'_>) -> Option<String> {
    let environment = scene.app.environment(scene.host)?;
    let application = super::wsgi::application_of(scene)?;
    let module = application.split([':', '.']).next()?.to_owned();
    environment.with_module(&module).map(|one| one.name.clone())
}
