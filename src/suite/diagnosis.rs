//! The diagnosis: named checks that need no test code, run by the site's own Python.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::docker::{Engine, Output};
use crate::event::{Check, What};
use crate::failure::{Failure, Kind};
use crate::inside::{Replica, ended_within, is_out_of_memory, run_reporting, with_memory};
use crate::replica::{Secrets, diagnosis_job, proxy_diagnosis_job};

/// Each check has its own limits, of seconds.
const LIMIT: Duration = Duration::from_mins(10);

/// What the diagnosis of a site found.
#[derive(Debug, Default)]
pub struct Diagnosis {
    pub checks: Vec<Check>,
    /// How long the proxy's logs were before it, in bytes: by host and path.
    pub proxy_logs: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Runs every check of the site, and emits each result; `seen` says by host and path how much of each log was
/// there before what is judged, in bytes. A failed one is no error here: ask [`judged`].
///
/// # Errors
/// A bug when the checks themselves break; infrastructure; `Unfit` when they were killed.
pub async fn diagnosis<E: Engine>(
    replica: &Replica<'_, E>,
    processes: &[(String, i64)],
    seen: &BTreeMap<String, BTreeMap<String, u64>>,
) -> Result<Diagnosis, Failure> {
    let mut diagnosis = Diagnosis::default();
    let nothing = BTreeMap::new();
    let seen = |host: &str| seen.get(host).unwrap_or(&nothing);
    let job = diagnosis_job(replica.site, &replica.secrets, &replica.handles, processes)
        .since(seen(&replica.handles.host));
    checked(replica, &replica.handles.host, &job, &mut diagnosis).await?;
    if let Some(proxy) = replica.handles.proxy() {
        let job = proxy_diagnosis_job(replica.site, processes).since(seen(proxy));
        checked(replica, proxy, &job, &mut diagnosis).await?;
    }
    Ok(diagnosis)
}

/// What the checks come to.
///
/// # Errors
/// `Unfit` when one failed. Each has reported its result already.
pub fn judge_checks(checks: &[Check]) -> Result<(), Failure> {
    let failed = checks.iter().filter(|check| !check.passed).count();
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Unfit,
        format!("{failed} of {} checks of the diagnosis failed", checks.len()),
    ))
}

/// A check as `diagnose.py` reports it.
#[derive(Deserialize)]
struct Reported {
    #[serde(flatten)]
    check: Check,
    /// What the site said, as the end of the detail; more of it than is shown.
    #[serde(default)]
    quoted: String,
}

impl Reported {
    fn redact(self, secrets: &Secrets) -> Check {
        let Reported { mut check, quoted } = self;
        check.detail = secrets.redact_line(&check.detail) + &secrets.redact_quoted(&quoted);
        check
    }
}

/// What is said before the first check.
#[derive(Deserialize)]
struct Before {
    sizes: BTreeMap<String, u64>,
    /// Folders that the proxy is to serve, and that are not there.
    #[serde(default)]
    absent: Vec<String>,
}

/// Adds what the checks of one host found.
async fn checked<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    job: &impl Serialize,
    diagnosis: &mut Diagnosis,
) -> Result<(), Failure> {
    let mut checks: Vec<Check> = Vec::new();
    let mut sizes = BTreeMap::new();
    let halt = CancellationToken::new();
    let running = run_reporting(replica, container, "diagnose.py", job, &halt, |from, line| {
        if from != Output::Stdout {
            return;
        }
        if let Ok(before) = serde_json::from_str::<Before>(line) {
            sizes = before.sizes;
            for folder in before.absent {
                let message = format!(
                    "`{folder}` of `proxy.static` is not there after the deploy: each of its files is a 404"
                );
                replica.events.emit(What::Warning { message });
            }
        } else if let Ok(reported) = serde_json::from_str::<Reported>(line) {
            let check = reported.redact(&replica.secrets);
            replica.events.emit(What::CheckEnded { check: check.clone() });
            checks.push(check);
        }
    });
    let output = tokio::select! {
        output = ended_within(LIMIT, "diagnose.py", container, running) => output?,
        () = replica.stop.requested() => return Err(replica.stop.failure()),
    };
    if output.code != 0 && is_out_of_memory(replica.engine, container).await {
        let failure = Failure::new(Kind::Unfit, "the diagnosis was killed");
        return Err(with_memory(replica, container, failure).await);
    }
    if output.code != 0 || checks.is_empty() {
        return Err(Failure::bug(format!("the diagnosis ended with code {}", output.code))
            .evidence("diagnose.py", output.lines));
    }
    diagnosis.checks.extend(checks);
    diagnosis.proxy_logs.insert(container.to_owned(), sizes);
    Ok(())
}
