//! The end of a run, and a stop that is asked for before.

use bytesize::ByteSize;

use crate::cancel::Stop;
use crate::docker::Engine;
use crate::event::{Events, Inventory, ResourceKind, What};
use crate::failure::{Kind, Verdict};
use crate::replica::{Ownership, RunId};
use crate::standing::{Standing, USUAL_BOUND, bytes_of, cached, teardown};

/// Does the work of a run, and reports at once when a stop is asked for meanwhile.
pub async fn report_stops<T>(stop: &Stop, events: &Events, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = stop.requested() => {}
    }
    let why = if stop.failure().kind == Kind::Interrupted { "Ctrl-C" } else { "terminated" };
    events.emit(What::StopRequested { why: why.to_owned() });
    work.await
}

/// The end of a run: what is left of it, and the verdict.
pub async fn close<E: Engine>(
    engine: &E,
    run: &RunId,
    events: &Events,
    verdict: Verdict,
    kept: bool,
) -> Verdict {
    let mut verdict = verdict;
    let labels = Ownership::of_run(run);
    let left = if kept {
        let found = engine.inventory(&labels).await;
        found.map(|found| found.into_iter().map(|found| found.resource).collect())
    } else {
        // Whatever a site's own teardown missed goes now.
        let left = teardown(engine, &labels, events).await;
        left.map(|left| left.into_iter().map(|left| left.resource).collect::<Vec<_>>())
    };
    match left {
        Ok(left) => {
            if !kept && !left.is_empty() {
                verdict = verdict.and(Verdict::Not(Kind::LeftBehind));
            }
            let count = |kind| left.iter().filter(|resource| resource.kind == kind).count();
            let left = Inventory {
                containers: count(ResourceKind::Container),
                networks: count(ResourceKind::Network),
                volumes: count(ResourceKind::Volume),
            };
            events.emit(if kept { What::Kept { kept: left } } else { What::Inventory { left } });
            // What is kept on purpose is reported as far as it is known.
            if let Ok(images) = cached(engine, |_| None).await {
                events.emit(What::Cached { images: images.len() });
                report_bound(bytes_of(&images), events);
            }
        }
        // Nobody knows what is left: that is no green run.
        Err(_) => verdict = verdict.and(Verdict::Not(Kind::Infrastructure)),
    }
    events.emit(What::RunEnded { verdict, took: events.elapsed() });
    verdict
}

/// Says that the cached images take more than most people want to give.
fn report_bound(bytes: u64, events: &Events) {
    if bytes > USUAL_BOUND {
        let (bytes, bound) = (ByteSize(bytes), ByteSize(USUAL_BOUND));
        let message = format!(
            "the cached images take {bytes}, more than {bound}: `stagectl gc --images --keep 20GiB` removes those that \
             nobody has used for longest"
        );
        events.emit(What::Warning { message });
    }
}

/// Counts what stays up of these replicas.
pub(super) fn count_kept<'a>(replicas: impl IntoIterator<Item = &'a Standing>) -> Inventory {
    let mut kept = Inventory::default();
    for standing in replicas {
        for found in standing.resources.iter().chain(&standing.markers) {
            match found.resource.kind {
                ResourceKind::Container => kept.containers += 1,
                ResourceKind::Network => kept.networks += 1,
                ResourceKind::Volume => kept.volumes += 1,
                ResourceKind::Image
                | ResourceKind::Interface
                | ResourceKind::Mount
                | ResourceKind::Process => {}
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Recorder;

    #[test]
    fn a_cache_beyond_its_bound_is_reported_with_what_makes_it_smaller() {
        let recorder = Recorder::default();
        let events = Events::new(vec![Box::new(recorder.clone())]);
        report_bound(USUAL_BOUND, &events);
        report_bound(USUAL_BOUND + (3 << 30), &events);
        let said: Vec<What> = recorder.events().into_iter().map(|event| event.what).collect();
        let message = "the cached images take 23.0 GiB, more than 20.0 GiB: `stagectl gc --images --keep 20GiB` removes \
                       those that nobody has used for longest";
        assert_eq!(said, [What::Warning { message: message.to_owned() }]);
    }
}
