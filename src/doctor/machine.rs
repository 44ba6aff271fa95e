//! This machine: disks, tools, the locks folder, the project at hand, proxies, and what it is.

use std::path::{Path, PathBuf};

use bytesize::ByteSize;

use super::finding::{Facts, Finding, Patient};
use crate::docker::{Docker, EngineFacts};
use crate::failure::Failure;
use crate::run::{Workshop, this_computer};

/// Room for images: a site's take about 1 GiB.
const LITTLE_FOR_IMAGES: u64 = 10 << 30;
const NONE_FOR_IMAGES: u64 = 1 << 30;
/// Room for the evidence of runs.
const LITTLE_FOR_RUNS: u64 = 1 << 30;
const NONE_FOR_RUNS: u64 = 50 << 20;

/// Docker's disk where it is on this machine, and the project's.
pub(super) fn disks(
    patient: &Patient,
    docker: Option<&Docker>,
    facts: Option<&EngineFacts>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let (Some(docker), Some(facts)) = (docker, facts) {
        let free = docker.is_on_a_socket().then(|| free(&facts.root)).flatten();
        findings.push(match free {
            Some(free) => {
                let seen =
                    format!("{} are free for images in {}", ByteSize(free), facts.root.display());
                let remedy =
                    "make room on Docker's disk: `stagectl gc --images`, then `docker system df`";
                match free {
                    ..NONE_FOR_IMAGES => Finding::problem("docker disk", seen, remedy),
                    NONE_FOR_IMAGES..LITTLE_FOR_IMAGES => {
                        Finding::note("docker disk", seen, remedy)
                    }
                    _ => Finding::ok("docker disk", seen),
                }
            }
            None => Finding::ok(
                "docker disk",
                format!("not known from here: {} of Docker's own machine", facts.root.display()),
            ),
        });
    }
    if let Some(free) = free(&patient.folder) {
        let seen = format!("{} are free for the evidence of runs", ByteSize(free));
        let remedy = "make room on the project's disk: old runs are in .stagectl/runs";
        findings.push(match free {
            ..NONE_FOR_RUNS => Finding::problem("project disk", seen, remedy),
            NONE_FOR_RUNS..LITTLE_FOR_RUNS => Finding::note("project disk", seen, remedy),
            _ => Finding::ok("project disk", seen),
        });
    }
    findings
}

fn free(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Whether a base can be bootstrapped here; else why not, and the remedy.
pub(super) fn bootstrap() -> Result<String, (String, String)> {
    let is_root = rustix::process::geteuid().is_root();
    let Some(path) = program("mmdebstrap") else {
        let packages = if is_root || program("newuidmap").is_some() { "" } else { " uidmap" };
        return Err((
            "it is not installed, so no base can be bootstrapped".to_owned(),
            format!("sudo apt-get install -y mmdebstrap{packages}"),
        ));
    };
    if !is_root && program("newuidmap").is_none() {
        return Err((
            "without root it needs `newuidmap`, which is not installed".to_owned(),
            "sudo apt-get install -y uidmap".to_owned(),
        ));
    }
    Ok(format!("{}, for bases that no registry has", path.display()))
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}

pub(super) fn locks(workshop: &Workshop) -> Finding {
    let folder = &workshop.locks;
    let tried = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
    match tried {
        Ok(_) => Finding::ok("locks", format!("{} can be written", folder.display())),
        Err(error) => Finding::problem(
            "locks",
            format!("{} cannot be written: {error}", folder.display()),
            "name a folder of yours: `export XDG_RUNTIME_DIR=$HOME/.cache`",
        ),
    }
}

pub(super) fn project(project: &Result<(String, usize), Failure>) -> Finding {
    match project {
        Ok((name, 1)) => Finding::ok("project", format!("{name}, with 1 site")),
        Ok((name, sites)) => Finding::ok("project", format!("{name}, with {sites} sites")),
        Err(failure) if failure.message.starts_with("there is no folder") => Finding::note(
            "project",
            "none here, so nothing was said of its sites",
            "describe a first site: `stagectl init`",
        ),
        Err(failure) => {
            let first = failure.message.lines().next().unwrap_or_default();
            Finding::note(
                "project",
                format!("its descriptions have problems: {first}"),
                "stagectl check",
            )
        }
    }
}

/// The proxies that builds use, if any.
pub(super) fn proxies(workshop: &Workshop) -> Option<Finding> {
    let set: Vec<String> = workshop
        .variables
        .iter()
        .filter(|(name, _)| name.to_lowercase().ends_with("_proxy"))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    (!set.is_empty()).then(|| Finding::ok("proxies", set.join(" ")))
}

pub(super) fn facts(patient: &Patient) -> Facts {
    let uname = rustix::system::uname();
    let text = |name: &std::ffi::CStr| name.to_string_lossy().into_owned();
    let project = patient.project.as_ref().ok();
    Facts {
        stagectl: env!("CARGO_PKG_VERSION").to_owned(),
        system: this_computer().system,
        kernel: text(uname.release()),
        architecture: text(uname.machine()),
        project: project.map(|(name, _)| name.clone()),
        sites: project.map(|(_, sites)| *sites),
        ..Facts::default()
    }
}
