//! Whether a failure is the app's own: not where its containers were taken away meanwhile, and not
//! where Docker's disk is full.

use crate::docker::{Count, DockerError, Engine, Output};
use crate::failure::{Failure, Kind};
use crate::inside::run_briefly;

/// Where less is free, whatever failed may have failed for that.
const FULL: u64 = 1 << 20;

/// Returns what a failure really is: containers that are known to have run must still do so.
///
/// Of those, `host` is the app's; the failure counts as it is where that was never started.
pub async fn confirm<E: Engine>(
    engine: &E,
    started: &[String],
    host: &str,
    failure: Failure,
) -> Failure {
    let failure = with_processes(engine, started, host, failure).await;
    let blames_the_app =
        [Kind::Unfit, Kind::Deploy, Kind::NotReady, Kind::NoResult].contains(&failure.kind);
    if !blames_the_app {
        return failure;
    }
    let blame_for_failure = |real: Failure| Failure {
        evidence: failure.evidence.clone(),
        ..real.cause(format!("this says nothing of the release: {}", failure.message))
    };
    for container in started {
        let became = match engine.inspect(container).await {
            Ok(state) if state.running || state.out_of_memory => continue,
            Ok(_) => "stopped",
            Err(DockerError::NotFound { .. }) => "removed",
            Err(error) => return blame_for_failure(error.into()),
        };
        let real =
            Failure::infrastructure(format!("container `{container}` was {became} by others"))
                .hint("was Docker restarted, or has somebody done it by hand? then try again");
        return blame_for_failure(real);
    }
    if started.iter().any(|name| name == host) && is_disk_full(engine, host).await {
        let real = Failure::infrastructure("no space left on Docker's disk")
            .hint("make room on Docker's disk: `stagectl gc`, then `docker system df`");
        return blame_for_failure(real);
    }
    failure
}

/// Says so where the app has all the processes that it may have: nothing else can be started there then,
/// not even a look, so what could not be done is the app's doing.
async fn with_processes<E: Engine>(
    engine: &E,
    started: &[String],
    host: &str,
    failure: Failure,
) -> Failure {
    let tells = [Kind::Infrastructure, Kind::Bug, Kind::Unfit, Kind::Deploy, Kind::NotReady];
    if !tells.contains(&failure.kind) || started.iter().all(|name| name != host) {
        return failure;
    }
    let usage = engine.usage(host).await.unwrap_or_default();
    let Some(Count { now, most }) = usage.processes.filter(|count| count.is_used_up()) else {
        return failure;
    };
    let what =
        format!("the app has {now} of the {most} processes that `resources.pids` lets it have");
    let hint = "find out what starts so many, or raise `resources.pids`, if the live site lets it have more";
    // Our own programs in there cannot start a thread either.
    if ![Kind::Infrastructure, Kind::Bug].contains(&failure.kind) {
        return failure.cause(what).hint(hint);
    }
    let seen = std::iter::once(failure.message).chain(failure.causes);
    let evidence = failure.evidence.filter(|_| failure.kind != Kind::Bug);
    let real = Failure { evidence, ..Failure::new(Kind::Unfit, what) };
    seen.fold(real, Failure::cause).hint(hint)
}

/// Whether the disk that the container's files are on has no room; no, if nobody knows.
async fn is_disk_full<E: Engine>(engine: &E, container: &str) -> bool {
    let argv = ["stat", "--file-system", "--format=%a %S", "/"].map(str::to_owned).into();
    let mut free = None;
    let mut take = |from: Output, line: String| {
        if from == Output::Stdout {
            free = free_bytes(&line).or(free);
        }
    };
    let asked = run_briefly(engine, container, argv, &mut take).await;
    asked.is_ok() && free.is_some_and(|free| free < FULL)
}

/// Free blocks and their size.
fn free_bytes(line: &str) -> Option<u64> {
    let (blocks, size) = line.trim().split_once(' ')?;
    blocks.parse::<u64>().ok()?.checked_mul(size.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docker::fake::FakeEngine;

    #[test]
    fn free_room_is_blocks_of_a_size() {
        for (line, expected) in [("0 4096", Some(0)), ("3 512", Some(1536)), ("stat: /: no", None)]
        {
            assert_eq!(free_bytes(line), expected, "{line}");
        }
    }

    #[tokio::test]
    async fn what_fails_after_its_container_was_removed_is_not_the_app_s_fault() {
        let engine = FakeEngine::new();
        let started = ["app".to_owned()];
        let failure = Failure::new(Kind::Unfit, "1 of 3 tests failed");
        let real = confirm(&engine, &started, "app", failure.clone()).await;
        assert_eq!(real.kind, Kind::Infrastructure);
        assert_eq!(real.message, "container `app` was removed by others");
        assert_eq!(real.causes, ["this says nothing of the release: 1 of 3 tests failed"]);
        // Nothing ran yet: a build that failed.
        assert_eq!(confirm(&engine, &[], "app", failure.clone()).await, failure);
        let stopped = Failure::new(Kind::Terminated, "stopped");
        assert_eq!(confirm(&engine, &started, "app", stopped.clone()).await, stopped);
    }
}
