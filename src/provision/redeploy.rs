//! Another release in the place of the one that runs, on the same hosts.

use std::time::Duration;

use super::beside;
use super::execution::{Execution, created};
use super::kept::{INCOMING, KEPT, NOTES, keep, settle, swap, take_in};
use crate::digest::Digest;
use crate::docker::{DockerError, Engine, InContainer};
use crate::event::{Resource, ResourceKind, What};
use crate::failure::{Failure, Kind};
use crate::inside::{ended_within, put_files, run_briefly, run_inside};
use crate::replica::paths;
use crate::replica::{Before, ContainerSpec, HostFiles, shell_quote, stop_job, trust_command};
use crate::site::Site;

/// Where data is kept that is in a folder of the release's own.
const ASIDE: &str = paths::ASIDE;

/// Far more than `stop.py` gives the processes until it kills them.
const STOPPED: Duration = Duration::from_mins(2);

/// Puts a host's files as they are described now, and stops the site's processes there.
///
/// # Errors
/// Deploy: a process that goes on.
pub(super) async fn stop_processes<E: Engine>(
    work: &Execution<'_, '_, E>,
    host: &HostFiles,
    proxy_goes_on: bool,
) -> Result<(), Failure> {
    let (replica, container) = (work.replica, &host.container);
    // The program may be newer than the replica.
    put_files(&work.run.engine, container, &host.files).await?;
    let is_app = *container == replica.handles.host;
    let job = stop_job(replica.site, is_app);
    let job = if proxy_goes_on { job.without_the_proxy(replica.site) } else { job };
    let stopping = run_inside(replica, container, "stop.py", &job, &work.halt, |_, _| {});
    let output = ended_within(STOPPED, "stop.py", container, stopping).await?;
    if output.code == 0 {
        return Ok(());
    }
    let message = format!("could not stop the processes of {}", replica.site.name);
    Err(Failure::new(Kind::Deploy, message).evidence("stop.py", output.lines))
}

/// Makes the release the hosts' own.
///
/// # Errors
/// Docker's, and what a host says that cannot.
pub(super) async fn settle_release<E: Engine>(
    work: &Execution<'_, '_, E>,
    hosts: &[String],
) -> Result<(), Failure> {
    let (own, _) = folders(work.replica.site);
    for host in hosts {
        shell(work, host, &settle(&own)).await?;
    }
    Ok(())
}

/// Takes the release out of its image, and puts it where the one before was.
///
/// # Errors
/// Docker's, and what a host says that cannot take it.
pub(super) async fn replace<E: Engine>(
    work: &Execution<'_, '_, E>,
    source: &ContainerSpec,
    hosts: &[HostFiles],
    before: Before,
) -> Result<(), Failure> {
    work.run.engine.create_container(source).await?;
    created(work, ResourceKind::Container, &source.name);
    let replaced = replace_from(work, &source.name, hosts, before).await;
    if work.run.engine.remove_container(&source.name).await.is_ok() {
        let resource = Resource { kind: ResourceKind::Container, name: source.name.clone() };
        work.replica.events.emit(What::Removed { resource });
    }
    replaced
}

async fn replace_from<E: Engine>(
    work: &Execution<'_, '_, E>,
    source: &str,
    hosts: &[HostFiles],
    before: Before,
) -> Result<(), Failure> {
    let site = work.replica.site;
    for HostFiles { container: host, .. } in hosts {
        if site.releases.is_some() {
            bring_beside(work, source, host, before).await?;
        } else {
            bring_in_place(work, source, host, before).await?;
        }
    }
    // Files that are described to be in the release's own folders went with it.
    for host in hosts {
        put_files(&work.run.engine, &host.container, &host.files).await?;
    }
    Ok(())
}

async fn bring_in_place<E: Engine>(
    work: &Execution<'_, '_, E>,
    source: &str,
    host: &str,
    before: Before,
) -> Result<(), Failure> {
    let site = work.replica.site;
    let home = site.home().display().to_string();
    let (own, data) = folders(site);
    // The live processes may run meanwhile, and ask for files of theirs: those go in a moment.
    let (first, folder, then) = match before {
        Before::Gone => (put_aside(&data) + &remove(&own), home.as_str(), String::new()),
        Before::Kept | Before::Runs => (keep(&own), INCOMING, put_aside(&data) + &take_in(&own)),
    };
    shell(work, host, &first).await?;
    copy(work, source, &own[0], host, folder).await?;
    if work.replica.handles.is_tree {
        copy(work, source, &own[1], host, folder).await?;
    }
    for file in NOTES.map(paths::own) {
        copy(work, source, &file, host, paths::OWN).await?;
    }
    let script = format!("{then}{}{}", bring_back(&data), trust_command());
    shell(work, host, &script).await
}

/// Brings a release into a folder of its own, and leads the link there unless the one before goes on.
async fn bring_beside<E: Engine>(
    work: &Execution<'_, '_, E>,
    source: &str,
    host: &str,
    before: Before,
) -> Result<(), Failure> {
    let site = work.replica.site;
    let name = work.run.spec.release.folder_name();
    let folder = site.folder_of(&name).display().to_string();
    let all = site.releases_folder().display().to_string();
    shell(work, host, &beside::make_room(&folder, &name)).await?;
    copy(work, source, &folder, host, &all).await?;
    for file in NOTES.map(paths::own) {
        copy(work, source, &file, host, KEPT).await?;
    }
    let switch = match before {
        Before::Gone | Before::Kept => beside::switch(site),
        Before::Runs => String::new(),
    };
    let script = format!("{}{switch}{}", beside::know_bundles(), trust_command());
    shell(work, host, &script).await
}

/// Puts the release that was kept in the place of the one that is there, and keeps that.
///
/// # Errors
/// Docker's, and what a host says that cannot.
pub(super) async fn exchange<E: Engine>(
    work: &Execution<'_, '_, E>,
    hosts: &[String],
) -> Result<(), Failure> {
    let site = work.replica.site;
    let (own, data) = folders(site);
    let script = match site.releases {
        Some(_) => beside::switch(site),
        None => put_aside(&data) + &swap(&own) + &bring_back(&data),
    };
    let script = script + trust_command();
    for host in hosts {
        shell(work, host, &script).await?;
    }
    Ok(())
}

/// The folders of a release on its host, and those of data in them.
fn folders(site: &Site) -> (Vec<String>, Vec<String>) {
    let own = [site.venv(), site.home().join("app")];
    let own: Vec<String> = own.iter().map(|path| path.display().to_string()).collect();
    let data = site.data.iter().map(|folder| &folder.path);
    let inside = data.filter(|path| own.iter().any(|folder| path.starts_with(folder)));
    let data = inside.map(|path| path.display().to_string()).collect();
    (own, data)
}

async fn copy<E: Engine>(
    work: &Execution<'_, '_, E>,
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
    work: &Execution<'_, '_, E>,
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
    let message = format!("could not put the release of {} in its place", work.replica.site.name);
    Err(Failure::infrastructure(message).evidence("sh", lines))
}

/// The command that takes folders of data out of the release's own. What is kept aside already is of a redeploy that
/// was cut short: it is the data, and what lies in its place came with that release.
fn put_aside(data: &[String]) -> String {
    let mut script = format!("set -e; mkdir -p {ASIDE}; ");
    for folder in data {
        let (aside, folder) = (aside(folder), shell_quote(folder));
        script
            .push_str(&format!("[ -e {aside} ] || [ ! -e {folder} ] || mv -T {folder} {aside}; "));
    }
    script
}

fn remove(own: &[String]) -> String {
    let own: Vec<String> = own.iter().map(|folder| shell_quote(folder)).collect();
    format!("rm -rf {}", own.join(" "))
}

/// The command that puts them into the new ones.
fn bring_back(data: &[String]) -> String {
    let mut script = "set -e; ".to_owned();
    for folder in data {
        let (aside, folder) = (aside(folder), shell_quote(folder));
        script.push_str(&format!(
            "[ ! -e {aside} ] || {{ rm -rf {folder}; mkdir -p \"$(dirname {folder})\"; mv -T {aside} {folder}; }}; "
        ));
    }
    script + &format!("rm -rf {ASIDE}; ")
}

/// Where a folder is kept, whatever other folders the description has by now.
fn aside(folder: &str) -> String {
    format!("{ASIDE}/{}", &Digest::of("data").with(folder).hex()[..16])
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
        sh(&(put_aside(std::slice::from_ref(&data)) + &remove(std::slice::from_ref(&own))));
        assert!(!fs::exists(&own).unwrap());
        // That redeploy was cut short here, or after the release had come; the next one begins anew.
        for _ in 0..2 {
            fs::create_dir_all(&data).unwrap();
            fs::write(format!("{data}/of the release"), "").unwrap();
            sh(&(put_aside(std::slice::from_ref(&data)) + &remove(std::slice::from_ref(&own))));
            assert!(!fs::exists(&own).unwrap());
        }
        fs::create_dir(&own).unwrap();
        sh(&bring_back(std::slice::from_ref(&data)));
        assert!(fs::exists(format!("{data}/kept")).unwrap());
        assert!(!fs::exists(format!("{data}/of the release")).unwrap());
        assert!(!fs::exists(place("aside")).unwrap());
    }
}
