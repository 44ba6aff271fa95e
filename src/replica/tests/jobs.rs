//! Jobs as the programs inside read them.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::replica::{Handles, Secrets, Tests};
use crate::site::Site;

pub(super) fn read<T: Serialize>(job: T) -> Value {
    serde_json::to_value(job).unwrap()
}

pub(super) fn serve_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
) -> Result<Value, Failure> {
    crate::replica::serve_job(site, secrets, handles).map(read)
}

pub(super) fn proxy_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
) -> Result<Value, Failure> {
    crate::replica::proxy_job(site, secrets, handles).map(read)
}

pub(super) fn diagnosis_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
    pids: &[(String, i64)],
) -> Value {
    read(crate::replica::diagnosis_job(site, secrets, handles, pids))
}

pub(super) fn proxy_diagnosis_job(site: &Site, pids: &[(String, i64)]) -> Value {
    read(crate::replica::proxy_diagnosis_job(site, pids))
}

pub(super) fn network_job(handles: &Handles) -> Value {
    read(crate::replica::network_job(handles))
}

pub(super) fn step_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
    command: &str,
    timeout: Duration,
) -> Value {
    read(crate::replica::step_job(site, secrets, (handles, &site.home()), command, timeout))
}

pub(super) fn suite_job(
    site: &Site,
    secrets: &Secrets,
    handles: &Handles,
    tests: Tests<'_>,
) -> Value {
    read(crate::replica::suite_job(site, secrets, handles, tests))
}
