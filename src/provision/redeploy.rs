//! Another release in the place of the one that runs, on the same hosts.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::image::Images;
use super::static_files::bring_static_files;
use super::{Stage, deploy};
use crate::docker::{DockerError, Engine, InContainer};
use crate::event::{Resource, ResourceKind, What, timed};
use crate::failure::{Failure, Kind};
use crate::inside::{ended_within, put_files, run_briefly, run_inside};
use crate::replica::{
    Attachment, ContainerSpec, Phase, Step, shell_quote, stop_job, trust_command,
};
use crate::site::When;

/// Where data is kept that is in a folder of the release's own.
const ASIDE: &str = "/opt/stagectl/aside";

/// Far more than `stop.py` gives the processes until it kills them.
const STOPPED: Duration = Duration::from_mins(2);

/// Stops the site's processes, puts the release, whose image is there, in the place of the one before,
/// runs the steps of an upgrade, and starts the site again. The plan's handles are those of the replica
/// that runs; all else of it is of a run of its own.
///
/// # Errors
/// As for a first deploy; nothing is undone then.
pub async fn redeploy<E: Engine>(stage: &Stage<'_, E>, images: &Images) -> Result<(), Failure> {
    let halt = CancellationToken::new();
    // What has begun goes on until it is done or fails by itself: half a release is none.
    stage.stop.check()?;
    timed(stage.events, Phase::Deploy, async {
        stop_processes(stage, &halt).await?;
        replace(stage, images).await?;
        for step in stage.site.steps.iter().filter(|step| step.when != When::First) {
            stage.stop.check()?;
            deploy::deploy_step(stage, &stage.plan.handles.host, step, &halt).await?;
        }
        Ok(())
    })
    .await?;
    stage.stop.check()?;
    timed(stage.events, Phase::Ready, async {
        if let Some(proxy) = stage.plan.handles.proxy() {
            bring_static_files(stage, proxy).await?;
            deploy::serve_proxy(stage, proxy, &halt).await?;
        }
        deploy::serve(stage, &stage.plan.handles.host, &halt).await.map(drop)
    })
    .await
}

async fn stop_processes<E: Engine>(
    stage: &Stage<'_, E>,
    halt: &CancellationToken,
) -> Result<(), Failure> {
    let replica = stage.replica();
    for host in stage.plan.handles.hosts() {
        // The program may be newer than the replica.
        upload_host_files(stage, host).await?;
        let job = json!({"processes": stop_job(stage.site, host == &stage.plan.handles.host)});
        let stopping = run_inside(&replica, host, "stop.py", &job, halt, |_, _| {});
        let output = ended_within(STOPPED, "stop.py", host, stopping).await?;
        if output.code != 0 {
            let message = format!("could not stop the processes of {}", stage.site.name);
            return Err(Failure::new(Kind::Deploy, message).evidence("stop.py", output.lines));
        }
    }
    Ok(())
}

/// The files of a host as they are described now.
async fn upload_host_files<E: Engine>(stage: &Stage<'_, E>, host: &str) -> Result<(), Failure> {
    let role = if host == stage.plan.handles.host { "app" } else { crate::replica::PROXY };
    let Some(spec) = spec_of(stage, role) else { return Ok(()) };
    put_files(stage.engine, host, &spec.files).await
}

fn spec_of<'a, E>(stage: &'a Stage<'_, E>, role: &str) -> Option<&'a ContainerSpec> {
    stage.plan.steps.iter().find_map(|planned| match &planned.step {
        Step::Start { container, .. } if container.role == role => Some(&**container),
        _ => None,
    })
}

/// Takes the release out of its image and puts it where the one before was.
async fn replace<E: Engine>(stage: &Stage<'_, E>, images: &Images) -> Result<(), Failure> {
    let Some(spec) = spec_of(stage, "app") else {
        return Err(Failure::bug("a plan without the app's host"));
    };
    // Never started: only its files are of use.
    let source = ContainerSpec {
        name: stage.ownership.name(&stage.site.name, "release"),
        role: "release".to_owned(),
        image: images.id_of(stage.plan, stage.plan.images.release)?,
        network: Attachment::None,
        files: Vec::new(),
        ..spec.clone()
    };
    let resource = Resource { kind: ResourceKind::Container, name: source.name.clone() };
    stage.engine.create_container(&source).await?;
    stage.events.emit(What::Created { resource: resource.clone() });
    let replaced = replace_from(stage, &source.name).await;
    if stage.engine.remove_container(&source.name).await.is_ok() {
        stage.events.emit(What::Removed { resource });
    }
    replaced
}

async fn replace_from<E: Engine>(stage: &Stage<'_, E>, source: &str) -> Result<(), Failure> {
    let home = stage.site.home().display().to_string();
    let own = [stage.site.venv(), stage.site.home().join("app")];
    let own: Vec<String> = own.iter().map(|path| path.display().to_string()).collect();
    let data = stage.site.data.iter().map(|folder| &folder.path);
    let inside = data.filter(|path| own.iter().any(|folder| path.starts_with(folder)));
    let data: Vec<String> = inside.map(|path| path.display().to_string()).collect();
    let hosts: Vec<&String> = stage.plan.handles.hosts().collect();
    for host in hosts {
        shell(stage, host, &put_aside(&data, &own)).await?;
        copy(stage, source, &own[0], host, &home).await?;
        if stage.plan.handles.is_tree {
            copy(stage, source, &own[1], host, &home).await?;
        }
        for file in ["installed.txt", "brought.txt", "bundles.txt"] {
            let file = format!("/opt/stagectl/{file}");
            copy(stage, source, &file, host, "/opt/stagectl").await?;
        }
        let script = format!("{}{}", bring_back(&data), trust_command());
        shell(stage, host, &script).await?;
    }
    // Files that are described to be in the release's own folders went with it.
    for host in stage.plan.handles.hosts() {
        upload_host_files(stage, host).await?;
    }
    Ok(())
}

async fn copy<E: Engine>(
    stage: &Stage<'_, E>,
    source: &str,
    path: &str,
    host: &str,
    folder: &str,
) -> Result<(), Failure> {
    let from = InContainer { container: source, path };
    match stage.engine.copy(from, InContainer { container: host, path: folder }).await {
        // What a release does not have it does not bring.
        Ok(()) | Err(DockerError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn shell<E: Engine>(stage: &Stage<'_, E>, host: &str, script: &str) -> Result<(), Failure> {
    let argv = ["/bin/sh", "-c", script].map(str::to_owned).into();
    let mut lines = Vec::new();
    let mut take = |_, line: String| lines.push(line);
    let code = run_briefly(stage.engine, host, argv, &mut take).await?;
    if code == 0 {
        return Ok(());
    }
    let message = format!("could not replace the release of {}", stage.site.name);
    Err(Failure::infrastructure(message).evidence("sh", lines))
}

/// The command that takes folders of data out of the release's own, and removes those.
fn put_aside(data: &[String], own: &[String]) -> String {
    let mut script = format!("set -e; rm -rf {ASIDE}; mkdir -p {ASIDE}; ");
    for (number, folder) in data.iter().map(|folder| shell_quote(folder)).enumerate() {
        script.push_str(&format!("[ ! -e {folder} ] || mv {folder} {ASIDE}/{number}; "));
    }
    let own: Vec<String> = own.iter().map(|folder| shell_quote(folder)).collect();
    script + &format!("rm -rf {}", own.join(" "))
}

/// The command that puts them into the new ones.
fn bring_back(data: &[String]) -> String {
    let mut script = "set -e; ".to_owned();
    for (number, folder) in data.iter().map(|folder| shell_quote(folder)).enumerate() {
        script.push_str(&format!(
            "[ ! -e {ASIDE}/{number} ] || {{ rm -rf {folder}; mkdir -p \"$(dirname {folder})\"; \
             mv {ASIDE}/{number} {folder}; }}; "
        ));
    }
    script + &format!("rm -rf {ASIDE}; ")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    #[test]
    fn data_in_the_releases_own_folder_lives_on_whatever_it_is_called() {
        let root = tempfile::tempdir().unwrap();
        let place = |path: &str| root.path().join(path).display().to_string();
        let (own, data) = (place("app"), place("app/media/o'brien $HOME"));
        let sh = |script: &str| {
            let script = script.replace(ASIDE, &place("aside"));
            assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
        };
        fs::create_dir_all(&data).unwrap();
        fs::write(format!("{data}/kept"), "").unwrap();
        fs::write(place("app/old"), "").unwrap();
        sh(&put_aside(std::slice::from_ref(&data), std::slice::from_ref(&own)));
        assert!(!fs::exists(&own).unwrap());
        fs::create_dir(&own).unwrap();
        sh(&bring_back(std::slice::from_ref(&data)));
        assert!(fs::exists(format!("{data}/kept")).unwrap());
        assert!(!fs::exists(place("aside")).unwrap());
    }
}
