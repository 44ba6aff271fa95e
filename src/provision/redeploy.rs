//! Another release in the place of the one that runs, on the same hosts.

use std::time::Duration;

use super::deploy;
use super::execution::{Execution, Watch};
use super::image::Images;
use super::static_files::bring_static_files;
use crate::docker::{DockerError, Engine, InContainer};
use crate::event::{Resource, ResourceKind, What, timed};
use crate::failure::{Failure, Kind};
use crate::inside::{Replica, ended_within, put_files, run_briefly, run_inside};
use crate::replica::paths;
use crate::replica::{
    Attachment, ContainerSpec, Phase, Plan, Step, shell_quote, stop_job, trust_command,
};
use crate::run::Run;
use crate::site::When;

/// Where data is kept that is in a folder of the release's own.
const ASIDE: &str = paths::ASIDE;

/// Far more than `stop.py` gives the processes until it kills them.
const STOPPED: Duration = Duration::from_mins(2);

/// Stops the site's processes, puts the release, whose image is there, in the place of the one before,
/// runs the steps of an upgrade, and starts the site again. The plan's handles are those of the replica
/// that runs; all else of it is of a run of its own.
///
/// # Errors
/// As for a first deploy; nothing is undone then.
pub async fn redeploy<E: Engine>(
    run: &Run<E>,
    replica: &Replica<'_, E>,
    plan: &Plan,
    shared: (&Images, &Watch),
) -> Result<(), Failure> {
    let work = &Execution::new(run, replica, plan, shared);
    // What has begun goes on until it is done or fails by itself: half a release is none.
    work.replica.stop.check()?;
    timed(&work.replica.events, Phase::Deploy, async {
        stop_processes(work).await?;
        replace(work).await?;
        for step in work.replica.site.steps.iter().filter(|step| step.when != When::First) {
            work.replica.stop.check()?;
            deploy::deploy_step(work, &work.replica.handles.host, step).await?;
        }
        Ok(())
    })
    .await?;
    work.replica.stop.check()?;
    timed(&work.replica.events, Phase::Ready, async {
        if let Some(proxy) = work.replica.handles.proxy() {
            bring_static_files(work, proxy).await?;
            deploy::serve_proxy(work, proxy).await?;
        }
        deploy::serve(work, &work.replica.handles.host).await.map(drop)
    })
    .await
}

async fn stop_processes<E: Engine>(work: &Execution<'_, E>) -> Result<(), Failure> {
    let replica = work.replica;
    for host in work.replica.handles.hosts() {
        // The program may be newer than the replica.
        upload_host_files(work, host).await?;
        let job = stop_job(work.replica.site, host == &work.replica.handles.host);
        let stopping = run_inside(replica, host, "stop.py", &job, &work.halt, |_, _| {});
        let output = ended_within(STOPPED, "stop.py", host, stopping).await?;
        if output.code != 0 {
            let message = format!("could not stop the processes of {}", work.replica.site.name);
            return Err(Failure::new(Kind::Deploy, message).evidence("stop.py", output.lines));
        }
    }
    Ok(())
}

/// The files of a host as they are described now.
async fn upload_host_files<E: Engine>(work: &Execution<'_, E>, host: &str) -> Result<(), Failure> {
    let role = if host == work.replica.handles.host { "app" } else { crate::replica::PROXY };
    let Some(spec) = spec_of(work, role) else { return Ok(()) };
    put_files(&work.run.engine, host, &spec.files).await
}

fn spec_of<'a, E>(work: &'a Execution<'_, E>, role: &str) -> Option<&'a ContainerSpec> {
    work.plan.steps.iter().find_map(|planned| match &planned.step {
        Step::Create { container, .. } if container.role == role => Some(&**container),
        _ => None,
    })
}

/// Takes the release out of its image and puts it where the one before was.
async fn replace<E: Engine>(work: &Execution<'_, E>) -> Result<(), Failure> {
    let Some(spec) = spec_of(work, "app") else {
        return Err(Failure::bug("a plan without the app's host"));
    };
    // Never started: only its files are of use.
    let source = ContainerSpec {
        name: work.run.spec.ownership.name(&work.replica.site.name, "release"),
        role: "release".to_owned(),
        image: work.images.id_of(work.plan, work.plan.images.release)?,
        network: Attachment::None,
        files: Vec::new(),
        ..spec.clone()
    };
    let resource = Resource { kind: ResourceKind::Container, name: source.name.clone() };
    work.run.engine.create_container(&source).await?;
    work.replica.events.emit(What::Created { resource: resource.clone() });
    let replaced = replace_from(work, &source.name).await;
    if work.run.engine.remove_container(&source.name).await.is_ok() {
        work.replica.events.emit(What::Removed { resource });
    }
    replaced
}

async fn replace_from<E: Engine>(work: &Execution<'_, E>, source: &str) -> Result<(), Failure> {
    let home = work.replica.site.home().display().to_string();
    let own = [work.replica.site.venv(), work.replica.site.home().join("app")];
    let own: Vec<String> = own.iter().map(|path| path.display().to_string()).collect();
    let data = work.replica.site.data.iter().map(|folder| &folder.path);
    let inside = data.filter(|path| own.iter().any(|folder| path.starts_with(folder)));
    let data: Vec<String> = inside.map(|path| path.display().to_string()).collect();
    let hosts: Vec<&String> = work.replica.handles.hosts().collect();
    for host in hosts {
        shell(work, host, &put_aside(&data, &own)).await?;
        copy(work, source, &own[0], host, &home).await?;
        if work.replica.handles.is_tree {
            copy(work, source, &own[1], host, &home).await?;
        }
        for file in ["installed.txt", "brought.txt", "bundles.txt"] {
            let file = paths::own(file);
            copy(work, source, &file, host, paths::OWN).await?;
        }
        let script = format!("{}{}", bring_back(&data), trust_command());
        shell(work, host, &script).await?;
    }
    // Files that are described to be in the release's own folders went with it.
    for host in work.replica.handles.hosts() {
        upload_host_files(work, host).await?;
    }
    Ok(())
}

async fn copy<E: Engine>(
    work: &Execution<'_, E>,
    source: &str,
    path: &str,
    host: &str,
    folder: &str,
) -> Result<(), Failure> {
    let from = InContainer { container: source, path };
    match work.run.engine.copy(from, InContainer { container: host, path: folder }).await {
        // What a release does not have it does not bring.
        Ok(()) | Err(DockerError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn shell<E: Engine>(
    work: &Execution<'_, E>,
    host: &str,
    script: &str,
) -> Result<(), Failure> {
    let argv = ["/bin/sh", "-c", script].map(str::to_owned).into();
    let mut lines = Vec::new();
    let mut take = |_, line: String| lines.push(line);
    let code = run_briefly(&work.run.engine, host, argv, &mut take).await?;
    if code == 0 {
        return Ok(());
    }
    let message = format!("could not replace the release of {}", work.replica.site.name);
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
