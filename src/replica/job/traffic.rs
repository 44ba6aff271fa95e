//! For `traffic.py` in the suite's container: a visitor while a release is deployed over another one.

use std::time::Duration;

use serde::Serialize;

use super::certificates::ClientJob;
use crate::replica::host::tls::is_verifiable;
use crate::site::Site;

/// Between two requests.
const PACE: Duration = Duration::from_millis(100);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a visitor asks for.
#[derive(Debug, Serialize)]
pub struct TrafficJob {
    /// The addresses of the pages, the health page first.
    pages: Vec<String>,
    /// Whether each is asked once before: those that are errors then are left out.
    first: bool,
    /// Seconds between two requests.
    pace: f64,
    /// Seconds that an answer may take.
    patience: f64,
    /// Whether the certificate has to be a valid one.
    verify: bool,
    client: Option<ClientJob>,
}

impl TrafficJob {
    /// For `traffic.py`: pages by their paths below the site's address.
    #[must_use]
    pub fn new(site: &Site, pages: &[String], first: bool) -> Self {
        TrafficJob {
            pages: pages.iter().map(|path| address(site, path)).collect(),
            first,
            pace: PACE.as_secs_f64(),
            patience: PATIENCE.as_secs_f64(),
            verify: is_verifiable(site),
            client: ClientJob::of(site),
        }
    }
}

fn address(site: &Site, path: &str) -> String {
    format!("{}{}", site.url(), path.trim_start_matches('/'))
}
