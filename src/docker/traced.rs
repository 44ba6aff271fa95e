//! Each request, written down as it ends: what was asked, of what, how long it took, and what came of
//! it. Nothing of what was sent or answered is, as secrets are in both.

use std::fmt::Display;
use std::time::Instant;

use super::engine::Result;
use super::error::DockerError;
use crate::replica::Labels;

/// The object of a request that is about the engine itself. Its address may hold a password.
pub(super) const ENGINE: &str = "engine";

/// Returns the request's own answer, and writes it down as it comes; one that is given up before that is
/// written down as well. `call` is an operation of [`super::Engine`], which may be several requests.
pub(super) fn traced<T>(
    call: &'static str,
    object: impl Display,
    request: impl Future<Output = Result<T>>,
) -> impl Future<Output = Result<T>> {
    let start = || Line { call, object: object.to_string(), start: Instant::now(), outcome: None };
    let line = tracing::enabled!(tracing::Level::DEBUG).then(start);
    // On the heap, as requests stand inside of so much else.
    let request = Box::pin(request);
    async move {
        let answer = request.await;
        if let Some(mut line) = line {
            line.outcome = Some(answer.as_ref().err().map_or("done", DockerError::kind));
        }
        answer
    }
}

/// What is written when the request is no more.
struct Line {
    call: &'static str,
    object: String,
    start: Instant,
    outcome: Option<&'static str>,
}

impl Drop for Line {
    fn drop(&mut self) {
        tracing::debug!(
            object = %self.object,
            milliseconds = self.start.elapsed().as_millis(),
            outcome = self.outcome.unwrap_or("given up"),
            "docker {}",
            self.call,
        );
    }
}

/// Labels by which things are looked for: `stagectl.project=shop,stagectl.site`.
pub(super) fn list_labels(labels: &Labels) -> String {
    let one = |(key, value): (&String, &String)| match value.as_str() {
        "" => key.clone(),
        value => format!("{key}={value}"),
    };
    labels.iter().map(one).collect::<Vec<_>>().join(",")
}
