//! The way into a replica that another process brought up, by what it says of itself.

use std::io::Read as _;

use crate::cancel::Stop;
use crate::docker::{DockerError, Engine};
use crate::event::Events;
use crate::failure::Failure;
use crate::inside::{Replica, fetch};
use crate::replica::{Handles, SECRETS_FILE, Secrets, Subnet, container_name};
use crate::site::Site;
use crate::standing::Standing;

/// Finds the way into a replica that is up.
///
/// # Errors
/// Infrastructure: it does not run any more.
pub(super) async fn open_replica<'a, E: Engine>(
    engine: &'a E,
    site: &'a Site,
    standing: &Standing,
    (events, stop): (&Events, &Stop),
) -> Result<Replica<'a, E>, Failure> {
    let host = container_name(&standing.run, &site.name, "app");
    let gone = || {
        Failure::infrastructure(format!("the replica of {} does not run any more", site.name))
            .hint(format!("remove it and start anew: `stagectl down {}`", site.name))
    };
    let state = match engine.inspect(&host).await {
        Err(DockerError::NotFound { .. }) => return Err(gone()),
        state => state?,
    };
    let address = state.address.filter(|_| state.running);
    let subnet = address.as_deref().and_then(Subnet::of_address).ok_or_else(gone)?;
    let secrets = read_secrets(engine, &host).await?;
    // A release that is a tree is named by its folder.
    let tree = site.app();
    let is_tree = !site.data.iter().any(|folder| folder.path == tree)
        && match fetch(engine, &host, &tree.display().to_string(), 1).await {
            Ok(_) => true,
            Err(DockerError::NotFound { .. }) => false,
            Err(error) => return Err(error.into()),
        };
    let handles = Handles::new(site, &standing.run, subnet, is_tree);
    let (events, stop) = (events.clone(), stop.clone());
    Ok(Replica { engine, site, handles, secrets, events, stop })
}

/// Returns the containers of a replica that ran when it was looked at.
pub(super) fn running_containers(standing: &Standing) -> Vec<String> {
    let running = standing.resources.iter().filter(|found| found.running);
    running.map(|found| found.resource.name.clone()).collect()
}

/// The secrets of a replica, by the container of its app.
///
/// # Errors
/// Docker's; a bug where they are not there.
pub async fn read_secrets<E: Engine>(engine: &E, host: &str) -> Result<Secrets, Failure> {
    let bytes = read_own(engine, host, SECRETS_FILE).await?;
    let secrets = bytes.and_then(|bytes| Secrets::from_json(&bytes));
    secrets.ok_or_else(|| Failure::bug("the replica does not know its secrets"))
}

/// A file that stagectl has put into a container; none where what is there is no file.
///
/// # Errors
/// Docker's.
pub async fn read_own<E: Engine>(
    engine: &E,
    container: &str,
    path: &str,
) -> Result<Option<Vec<u8>>, DockerError> {
    let tar = engine.download(container, path).await?;
    let mut bytes = Vec::new();
    let mut archive = tar::Archive::new(&tar[..]);
    let mut entries = archive.entries().into_iter().flatten();
    let read = entries
        .next()
        .is_some_and(|entry| entry.is_ok_and(|mut entry| entry.read_to_end(&mut bytes).is_ok()));
    Ok(read.then_some(bytes))
}
