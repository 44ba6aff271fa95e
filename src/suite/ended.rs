//! The site's processes that ended while they were needed: a suite need not notice that a worker is
//! gone, or that the server went with its last test.

use crate::docker::{DockerError, Engine, Output};
use crate::failure::{Failure, Kind};
use crate::inside::{Replica, log_tail, run_briefly, with_memory};
use crate::replica::paths;

/// A process that is not there any more.
struct Ended {
    role: String,
    /// Its exit code, or minus the signal that killed it; `?` where nobody saw it end.
    code: String,
}

impl Ended {
    fn in_words(&self, site: &str) -> String {
        let Ended { role, code } = self;
        format!("{role} of {site} ended with code {code} after the site was ready")
    }
}

/// What the suite came to, and what is known of the site's processes after it: a site that lost one
/// is not green, whatever its tests say.
///
/// # Errors
/// The suite's own failure, with the processes that ended; `Unfit` when the suite passed without
/// them; infrastructure when nobody knows.
pub async fn with_ended<E: Engine>(
    replica: &Replica<'_, E>,
    tested: Result<(), Failure>,
) -> Result<(), Failure> {
    let is_told = |failure: &Failure| !matches!(failure.kind, Kind::Unfit | Kind::NoResult);
    if tested.as_ref().is_err_and(is_told) {
        return tested;
    }
    let mut ended = Vec::new();
    for host in replica.handles.hosts() {
        match ended_on(replica, host).await {
            Ok(found) => ended.extend(found),
            Err(failure) => return tested.and(Err(failure)),
        }
    }
    let Some(first) = ended.first() else { return tested };
    let host = replica.handles.host_of(&first.role);
    let words = |ended: &Ended| ended.in_words(replica.site.name.as_str());
    let failure = match tested {
        Ok(()) => {
            let failure = Failure::new(Kind::Unfit, words(first));
            let failure = ended.iter().skip(1).map(words).fold(failure, Failure::cause);
            with_memory(replica, host, failure).await
        }
        Err(failure) => ended.iter().map(words).fold(failure, Failure::cause),
    };
    Err(if failure.evidence.is_some() {
        failure
    } else {
        let lines = log_tail(replica, host, &first.role).await;
        failure.evidence(&first.role, lines)
    })
}

/// The processes of a host that have ended.
async fn ended_on<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
) -> Result<Vec<Ended>, Failure> {
    let argv = ["/bin/sh", paths::ENDED_SH].map(str::to_owned).into();
    let mut ended = Vec::new();
    let mut take = |from: Output, line: String| {
        if let (Output::Stdout, Some((role, code))) = (from, line.split_once(' ')) {
            ended.push(Ended { role: role.to_owned(), code: code.to_owned() });
        }
    };
    match run_briefly(replica.engine, container, argv, &mut take).await {
        Ok(0) => Ok(ended),
        Ok(code) => {
            let site = &replica.site.name;
            let message = format!("could not see whether the processes of {site} still run");
            Err(Failure::infrastructure(message).cause(format!("the look ended with code {code}")))
        }
        Err(error @ DockerError::ContainerEnded { .. }) => {
            Err(with_memory(replica, container, error.into()).await)
        }
        Err(error) => Err(error.into()),
    }
}
