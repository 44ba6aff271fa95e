//! What was asked of the hosts beyond the site: from the journals into events.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::evidence::download;
use crate::docker::Engine;
use crate::event::{OutsideRequest, What};
use crate::inside::Replica;
use crate::replica::{JOURNAL, allowed, stubs};

/// Different requests that are reported; the evidence holds all.
const MOST_TOLD: usize = 200;

/// A line of the journal, as far as it is reported.
#[derive(Deserialize)]
struct Entry {
    host: String,
    method: String,
    path: String,
    answer: String,
}

/// Reports what was asked of stubs and of allowed hosts, of a green site, too. A replica that never
/// came up has nothing to report.
pub(super) async fn note_requests<E: Engine>(replica: &Replica<'_, E>) {
    let stubs = stubs(replica.site).next().map(|_| &replica.handles.outside);
    let gateway = allowed(replica.site).next().map(|_| &replica.handles.gateway);
    for container in stubs.into_iter().chain(gateway) {
        for (_, text) in download(replica, container, JOURNAL).await {
            for request in summary(&replica.secrets.redact_json_lines(&text)) {
                replica.events.emit(What::OutsideAsked { request });
            }
        }
    }
}

/// Equal requests with equal answers are one, in the order in which they were first made.
fn summary(journal: &str) -> Vec<OutsideRequest> {
    let mut places: BTreeMap<(String, String, String, String), usize> = BTreeMap::new();
    let mut requests: Vec<OutsideRequest> = Vec::new();
    for entry in journal.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok()) {
        let Entry { host, method, path, answer } = entry;
        let key = (host.clone(), method.clone(), path.clone(), answer.clone());
        if let Some(place) = places.get(&key) {
            requests[*place].times += 1;
        } else if requests.len() < MOST_TOLD {
            places.insert(key, requests.len());
            requests.push(OutsideRequest { host, method, path, answer, times: 1 });
        }
    }
    requests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_requests_are_counted_and_half_lines_passed_over() {
        let line = |path: &str, answer: &str| {
            format!(
                r#"{{"host":"a.example","method":"GET","path":"{path}","answer":"{answer}","body":""}}"#
            )
        };
        let lines =
            [line("/b", "200"), line("/a", "unknown"), line("/b", "200"), line("/b", "503")];
        let journal = format!("{}\n{{\"host\":\"a", lines.join("\n"));
        let lines: Vec<String> = summary(&journal)
            .iter()
            .map(|r| format!("{} {} {} x{}", r.method, r.path, r.answer, r.times))
            .collect();
        assert_eq!(lines, ["GET /b 200 x2", "GET /a unknown x1", "GET /b 503 x1"]);
    }
}
