//! From the processes of one release to those of another that were started beside them.

use std::time::Duration;

use serde_json::Value;

use super::deploy::serve_next;
use super::execution::Execution;
use crate::docker::{Engine, Output};
use crate::failure::{Failure, Kind};
use crate::inside::{ended_within, put_files, run_inside};
use crate::replica::{HostFiles, switch_job};

/// Far more than the proxy's processes and those of the release before have until they are killed.
const SWITCHED: Duration = Duration::from_mins(3);

/// Puts the hosts' files as they are with a release beside the one that runs, and starts its processes.
///
/// # Errors
/// Docker's; not ready: processes that end, or do not listen.
pub(super) async fn serve_beside<E: Engine>(
    work: &Execution<'_, '_, E>,
    hosts: &[HostFiles],
) -> Result<(), Failure> {
    for host in hosts {
        put_files(&work.run.engine, &host.container, &host.files).await?;
    }
    serve_next(work, &work.replica.handles.host).await
}

/// Leads the proxy to them, and ends those that ran before; the processes that run then, by role.
///
/// # Errors
/// Deploy: a configuration that does not load, a process that goes on.
pub(super) async fn switch<E: Engine>(
    work: &Execution<'_, '_, E>,
    hosts: &[String],
) -> Result<Vec<(String, i64)>, Failure> {
    let replica = work.replica;
    let mut processes = Vec::new();
    for container in hosts {
        let is_app = *container == replica.handles.host;
        let job = switch_job(replica.site, &replica.secrets, is_app)?;
        let mut refused = None;
        let take = |from, line: &str| {
            let event = serde_json::from_str::<Value>(line).unwrap_or_default();
            let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
            match event["event"].as_str() {
                Some("runs") if from == Output::Stdout => {
                    processes.push((text("role"), event["pid"].as_i64().unwrap_or_default()));
                }
                Some("refused") => refused = Some((text("role"), text("detail"))),
                _ => {}
            }
        };
        let switching = run_inside(replica, container, "switch.py", &job, &work.halt, take);
        let output = ended_within(SWITCHED, "switch.py", container, switching).await?;
        if let Some((role, detail)) = refused {
            let message =
                format!("{role} of {} does not load its configuration", replica.site.name);
            let said = detail.lines().map(|line| replica.secrets.redact_line(line)).collect();
            return Err(Failure::new(Kind::Deploy, message).evidence(role, said));
        }
        if output.code != 0 {
            let message = format!("could not lead {} to the new release", replica.site.name);
            return Err(Failure::new(Kind::Deploy, message).evidence("switch.py", output.lines));
        }
    }
    Ok(processes)
}
