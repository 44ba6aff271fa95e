//! What the logs of a replica say of the moment of a failure: the app's first, then its proxy's, then its
//! databases'. What was reported before is not reported again.

use std::collections::BTreeMap;

use crate::cause::{causes, in_words, is_harmless};
use crate::docker::{DockerError, Engine};
use crate::event::{Events, What};
use crate::failure::{Excerpt, Failure, Kind};
use crate::inside::{LogPlaces, Replica, Said, log_sizes, own_code, read_logs_from};
use crate::replica::{APP_LOG, Labels, app_logs, label, log_globs, proxy_role};

/// Causes of one log that are reported, and lines where there is no cause.
const MOST: usize = 3;
const LAST_LINES: usize = 8;
/// Lines of a database's log that are looked at.
const SERVICE_LINES: usize = 4000;

/// How long logs are, in bytes: by container and path.
pub(super) type Sizes = BTreeMap<String, BTreeMap<String, u64>>;

/// Where the logs ended before what is examined began; empty for a replica that has just been made.
#[derive(Debug, Default)]
pub(super) struct Marks {
    sizes: Sizes,
    /// The last line of each database's log, by container.
    last: BTreeMap<String, String>,
}

impl Marks {
    /// How long each log was, by host and path.
    pub(super) fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// What a proxy said while a site was started is of no later moment: it was asked before the app's
    /// server listened. The app's own words of its start stay, where nothing was marked.
    pub(super) fn begin_proxy_logs(&mut self, sizes: Sizes) {
        for (host, sizes) in sizes {
            let marks = self.sizes.entry(host).or_default();
            for (path, size) in sizes {
                marks.entry(path).or_insert(size);
            }
        }
    }
}

/// What is reported where no log says what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Otherwise {
    Nothing,
    /// The end of the app's log.
    LastLines,
}

/// The logs of a host in which a cause is sought.
fn places<E: Engine>(replica: &Replica<'_, E>, host: &str) -> LogPlaces {
    let is_app = host == replica.handles.host;
    let written = if is_app { app_logs(replica.site).1 } else { Vec::new() };
    LogPlaces { files: log_globs(replica.site, !is_app), written }
}

/// The app's own files of logs, on its host.
pub(super) fn app_places<E: Engine>(replica: &Replica<'_, E>) -> LogPlaces {
    let (files, written) = app_logs(replica.site);
    LogPlaces { files, written }
}

/// Where the logs of a replica end now.
///
/// # Errors
/// Docker's.
pub(super) async fn marks<E: Engine>(replica: &Replica<'_, E>) -> Result<Marks, Failure> {
    let mut marks = Marks::default();
    for host in replica.handles.hosts() {
        let sizes = log_sizes(replica, host, &places(replica, host)).await?;
        marks.sizes.insert(host.clone(), sizes);
    }
    for (_, container) in databases(replica).await? {
        if let Some(last) = replica.engine.logs(&container, 1).await?.pop() {
            marks.last.insert(container, last);
        }
    }
    Ok(marks)
}

/// The role and container of each database that is there.
async fn databases<E: Engine>(
    replica: &Replica<'_, E>,
) -> Result<Vec<(String, String)>, DockerError> {
    let is_database = |role: &str| {
        let service = replica.site.services.iter().find(|(name, _)| name.as_str() == role);
        service.is_some_and(|(_, service)| service.kind.is_database())
    };
    if !replica.site.services.keys().any(|role| is_database(role.as_str())) {
        return Ok(Vec::new());
    }
    let labels = Labels::from([
        (label::SITE.to_owned(), replica.site.name.to_string()),
        (label::RUN.to_owned(), self::run_of(replica)),
    ]);
    let found = replica.engine.inventory(&labels).await?;
    let named = found.iter().filter_map(|found| {
        let role = found.labels.get(label::ROLE)?;
        is_database(role).then(|| (role.clone(), found.resource.name.clone()))
    });
    Ok(named.collect())
}

/// Reports what was said.
pub(super) fn report_said(events: &Events, said: &[Excerpt]) {
    for excerpt in said {
        events.emit(What::AppLog { excerpt: excerpt.clone() });
    }
}

/// What each log says went wrong since the marks, that the failure's causes do not say.
pub(super) async fn at_that_moment<E: Engine>(
    replica: &Replica<'_, E>,
    marks: &Marks,
    failure: &Failure,
    otherwise: Otherwise,
) -> Vec<Excerpt> {
    if !matches!(failure.kind, Kind::Unfit | Kind::NoResult | Kind::Deploy | Kind::NotReady) {
        return Vec::new();
    }
    let nothing = BTreeMap::new();
    let mut logs: Vec<Said> = Vec::new();
    for host in replica.handles.hosts() {
        let skip = marks.sizes.get(host).unwrap_or(&nothing);
        for found in
            read_logs_from(replica, host, &places(replica, host), skip).await.unwrap_or_default()
        {
            match logs.iter_mut().find(|log| log.source == found.source) {
                Some(log) => log.lines.extend(found.lines),
                None => logs.push(found),
            }
        }
    }
    // A check of the diagnosis sends a body that is too large by one byte, and is refused.
    let own_refusal = replica.site.proxy.body.map(|limit| limit.0 + 1);
    let is_own = |line: &String| {
        own_refusal.is_some_and(|bytes| {
            line.contains(&format!("too large body: {bytes} bytes"))
                || line.contains(&format!("content-length of {bytes} is larger"))
        })
    };
    for log in &mut logs {
        log.lines.retain(|line| !is_own(line));
    }
    let proxy = proxy_role(replica.site);
    logs.sort_by_key(|log| Some(log.source.as_str()) == proxy);
    for (role, container) in databases(replica).await.unwrap_or_default() {
        let lines = replica.engine.logs(&container, SERVICE_LINES).await.unwrap_or_default();
        let last = marks.last.get(&container);
        let new = lines.iter().rposition(|line| Some(line) == last).map_or(0, |at| at + 1);
        let lines = lines[new..].iter().map(|line| replica.secrets.redact(line)).collect();
        logs.push(Said { source: role, path: String::new(), lines });
    }
    chosen(&logs, replica, failure, otherwise)
}

fn chosen<E: Engine>(
    logs: &[Said],
    replica: &Replica<'_, E>,
    failure: &Failure,
    otherwise: Otherwise,
) -> Vec<Excerpt> {
    let own = own_code(replica.site);
    let mut known: Vec<String> = failure.causes.clone();
    let mut excerpts = Vec::new();
    let mut complaints = None;
    for log in logs {
        let is_known =
            |text: &str, known: &[String]| known.iter().any(|known| known.contains(text));
        let found: Vec<_> = causes(&log.lines, &own)
            .into_iter()
            .filter(|cause| !is_known(cause.text.lines().next().unwrap_or_default(), &known))
            .collect();
        if found.is_empty() {
            continue;
        }
        let texts = in_words(&found, MOST);
        let lines = texts.iter().flat_map(|text| text.lines().map(str::to_owned)).collect();
        let excerpt = Excerpt { source: log.source.clone(), lines };
        if found[0].is_certain() {
            known.extend(texts);
            excerpts.push(excerpt);
        } else if log.source == APP_LOG {
            complaints = Some(excerpt);
        }
    }
    if excerpts.is_empty() && otherwise == Otherwise::LastLines {
        let end = || {
            let log = logs.iter().find(|log| log.source == APP_LOG)?;
            let lines: Vec<&String> = log.lines.iter().filter(|line| !is_harmless(line)).collect();
            let skip = lines.len().saturating_sub(LAST_LINES);
            let lines: Vec<String> = lines[skip..].iter().copied().cloned().collect();
            (!lines.is_empty()).then(|| Excerpt { source: APP_LOG.to_owned(), lines })
        };
        excerpts.extend(complaints.or_else(end));
    }
    excerpts
}

/// The run that a replica is of: its part of a container's name.
pub(super) fn run_of<E>(replica: &Replica<'_, E>) -> String {
    let container = replica.handles.host.as_str();
    let inner = container.strip_prefix("stagectl-").unwrap_or(container);
    inner.strip_suffix(&format!("-{}-app", replica.site.name)).unwrap_or(inner).to_owned()
}
