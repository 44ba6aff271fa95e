//! What a site's release touches, written down while it is examined.

use std::fs;

use serde::Deserialize;
use serde_json::json;

use super::aftermath::warn;
use super::evidence::download;
use super::examine::Examined;
use super::turn::Turn;
use crate::docker::{Engine, Output};
use crate::failure::Failure;
use crate::inside::{Beside, Replica, run_beside};
use crate::replica::{ConnectionsJob, paths};

/// The file in the folder of the site's evidence: JSON lines as `stagectl_observe.py` has them, and one for each address
/// that its user was connected to.
pub const OBSERVED_FILE: &str = "observed.jsonl";

/// Whom the site's user was connected to, as `connections.py` tells it.
#[derive(Deserialize)]
struct Connected {
    address: String,
    port: u16,
}

impl<'r, E: Engine> Turn<'r, E> {
    /// Examines the site, and saves what it touched so far and meanwhile.
    ///
    /// # Errors
    /// What kept us from looking: then nothing was examined.
    pub(super) async fn observed(
        &self,
        replica: &Replica<'r, E>,
        examination: impl Future<Output = Examined>,
    ) -> Result<Examined, Failure> {
        let host = &replica.handles.host;
        let job = ConnectionsJob::new(replica.site);
        let beside = Beside {
            container: host,
            program: "connections.py",
            job: &job,
            begun: r#"{"begun": true}"#,
            end: "rest",
        };
        let mut lines = Vec::new();
        let addresses = &replica.handles.addresses;
        let take = |from, line: &str| {
            let connected = serde_json::from_str::<Connected>(line).ok();
            if let Some(Connected { address, port }) = connected.filter(|_| from == Output::Stdout)
            {
                let service = addresses.owner(&address);
                lines.push(
                    json!({"kind": "connection", "what": service, "address": address, "port": port, "by": ""})
                        .to_string(),
                );
            }
        };
        let (examined, looked) = Box::pin(run_beside(replica, beside, take, examination)).await;
        let examined = match (examined, looked) {
            (Some(examined), Ok(ended)) if ended.code == 0 => examined,
            (_, Err(failure)) => return Err(failure),
            (_, Ok(ended)) => {
                let message = format!("connections.py ended with code {}", ended.code);
                return Err(Failure::bug(message).evidence("connections.py", ended.lines));
            }
        };
        for (_, text) in download(replica, host, paths::OBSERVED).await {
            lines.extend(text.lines().map(str::to_owned));
        }
        let text = replica.secrets.redact_json_lines(&lines.join("\n"));
        let folder = self.run.folder.join(self.site.name.as_str());
        let file = folder.join(OBSERVED_FILE);
        if let Err(error) = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, text)) {
            let message = format!("could not save {}", file.display());
            warn(&self.events, Failure::infrastructure(message).because(&error));
        }
        Ok(examined)
    }
}
