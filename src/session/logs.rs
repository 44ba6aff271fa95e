//! The logs of a replica, of all its roles in the order of time: the files of the site's hosts, and the
//! services' own output.

use std::cell::RefCell;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::mpsc;

use super::Session;
use crate::docker::{DockerError, Engine, Exec, LogEnd, LogLine, LogRange, Output, Typed};
use crate::failure::Failure;
use crate::replica::paths;
use crate::replica::{BALANCER, DOOR, FileEntry, FollowJob, GATEWAY, PROXY, built_in, write_job};

/// Roles whose words are of interest only to who asks for them.
const QUIET: [&str; 5] = ["resolver", "suite", DOOR, GATEWAY, BALANCER];
/// The last lines of each container.
const MOST_LINES: usize = 20_000;
/// Bytes of a line that are held.
const LONGEST: usize = 1 << 20;

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    pub at: Timestamp,
    pub role: String,
    pub text: String,
}

/// Which lines are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// A role; all that people look at if none is named.
    pub role: Option<String>,
    pub since: Option<Timestamp>,
    /// How many of the last lines that are there already; all if none is said.
    pub last: Option<usize>,
    /// Whether what comes is wanted as well.
    pub follow: Follow,
}

/// Whether lines that come later are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    Yes,
    No,
}

/// A log, and who writes it.
enum Source {
    /// Files of a host: role and path.
    Files { container: String, files: Vec<(String, String)> },
    /// A container's own output.
    Output { container: String, role: String },
}

/// Shows the lines, the oldest first; goes on until it is cancelled where they are followed, or until
/// the replica is gone.
///
/// # Errors
/// Usage: no such role; infrastructure.
pub async fn follow_logs<E: Engine>(
    session: &Session<'_, E>,
    wanted: &Wanted,
    show: &mut dyn FnMut(LogEntry),
) -> Result<(), Failure> {
    let sources = sources(session, wanted.role.as_deref())?;
    let merged = RefCell::new(Merged {
        before: Vec::new(),
        waiting: sources.len(),
        last: wanted.last,
        show,
    });
    let streams = sources.iter().map(|source| {
        let merged = &merged;
        async move {
            let mut take = |news: FromLog| {
                let news = match news {
                    FromLog::Line(mut entry) => {
                        entry.text = session.secrets.redact_line(&entry.text);
                        FromLog::Line(entry)
                    }
                    FromLog::Live => FromLog::Live,
                };
                merged.borrow_mut().take(news);
            };
            source.stream(session, wanted, &mut take).await
        }
    });
    try_join_all(streams).await.map(drop)
}

/// What comes from one log.
enum FromLog {
    Line(LogEntry),
    /// All that was there before has been passed on; what follows is news.
    Live,
}

/// All logs in one: in order as far as they were there before, and then as they come.
struct Merged<'a> {
    before: Vec<LogEntry>,
    /// How many logs have not passed on all of that yet.
    waiting: usize,
    /// How many of the lines from before are shown.
    last: Option<usize>,
    show: &'a mut dyn FnMut(LogEntry),
}

impl Merged<'_> {
    fn take(&mut self, news: FromLog) {
        match news {
            FromLog::Line(entry) if self.waiting == 0 => (self.show)(entry),
            FromLog::Line(entry) => self.before.push(entry),
            FromLog::Live => {
                self.waiting -= 1;
                if self.waiting == 0 {
                    let mut before = std::mem::take(&mut self.before);
                    before.sort_by_key(|entry| entry.at);
                    let passed_over = self.last.map_or(0, |last| before.len().saturating_sub(last));
                    before.into_iter().skip(passed_over).for_each(&mut *self.show);
                }
            }
        }
    }
}

/// The logs of a role: of a container, of a process on one of the site's hosts.
fn sources<E: Engine>(
    session: &Session<'_, E>,
    role: Option<&str>,
) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    // A role that does not exist is answered with the names of those that do.
    let place = role.map(|role| session.place(Some(role))).transpose()?;
    for host in ["app", PROXY] {
        let files: Vec<(String, String)> = (session.facts.logs.iter())
            .filter(|(container, process, _)| {
                container == host && role.is_none_or(|role| role == container || role == process)
            })
            .flat_map(|(_, process, files)| {
                files.iter().map(move |file| (process.clone(), file.clone()))
            })
            .collect();
        let container = session.containers().into_iter().find(|(known, _)| known == host);
        if let (Some((_, container)), false) = (container, files.is_empty()) {
            sources.push(Source::Files { container, files });
        }
    }
    for (known, container) in session.containers() {
        let is_wanted = match role {
            Some(role) => role == known,
            None => !QUIET.contains(&known.as_str()),
        };
        if is_wanted && known != "app" && known != PROXY {
            sources.push(Source::Output { container, role: known });
        }
    }
    if let (true, Some(place)) = (sources.is_empty(), place) {
        sources.push(Source::Output { container: place.container, role: place.role });
    }
    Ok(sources)
}

impl Source {
    async fn stream<E: Engine>(
        &self,
        session: &Session<'_, E>,
        wanted: &Wanted,
        take: &mut dyn FnMut(FromLog),
    ) -> Result<(), Failure> {
        let (container, role) = match self {
            Source::Files { container, files } => {
                return follow_files(session, container, files, wanted, take).await;
            }
            Source::Output { container, role } => (container, role),
        };
        let mut end = wanted.since;
        let range = LogRange { since: wanted.since, end: LogEnd::Now(MOST_LINES) };
        let mut line = |line: LogLine| {
            end = Some(line.at);
            take(FromLog::Line(entry(role, line)));
        };
        session.engine.log(container, range, &mut line).await?;
        take(FromLog::Live);
        if wanted.follow == Follow::No {
            return Ok(());
        }
        // After the line that was passed on last.
        let next = |end: Timestamp| end.checked_add(SignedDuration::from_nanos(1)).unwrap_or(end);
        let range = LogRange { since: end.map(next), end: LogEnd::Never };
        let mut line = |line: LogLine| take(FromLog::Line(entry(role, line)));
        match session.engine.log(container, range, &mut line).await {
            // A container that went takes its own log with it, and no other.
            Ok(()) | Err(DockerError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn entry(role: &str, line: LogLine) -> LogEntry {
    LogEntry { at: line.at, role: role.to_owned(), text: line.text }
}

/// Lets `follow.py` pass on what is written to files. Its standard input stays open as long as somebody listens: it
/// ends with that, also when this process is killed.
async fn follow_files<E: Engine>(
    session: &Session<'_, E>,
    container: &str,
    files: &[(String, String)],
    wanted: &Wanted,
    take: &mut dyn FnMut(FromLog),
) -> Result<(), Failure> {
    let program = paths::FOLLOW_PY;
    let file = FileEntry::new(program, 0o644, built_in("inside/follow.py"));
    session.engine.upload_files(container, &[file]).await?;
    let argv = ["/usr/bin/python3", "-I", "-S", program].map(str::to_owned).to_vec();
    let exec = Exec { argv, ..Exec::default() };
    let job = FollowJob {
        files,
        since: wanted.since.map(|since| since.as_duration().as_secs_f64()),
        follow: wanted.follow == Follow::Yes,
    };
    let mut line = write_job(&job);
    line.push(b'\n');
    let (typing, typed) = mpsc::channel(1);
    typing.send(Typed::Bytes(line)).await.ok();
    let mut begun = Vec::new();
    let mut take = |from: Output, bytes: &[u8]| {
        if from == Output::Stdout {
            put_together(&mut begun, bytes, take);
        }
    };
    let code = session.engine.attach(container, &exec, None, typed, &mut take).await?;
    drop(typing);
    if code == 0 {
        return Ok(());
    }
    Err(Failure::infrastructure(format!("could not read the logs in container `{container}`"))
        .cause(format!("the reader ended with code {code}")))
}

/// What `follow.py` says, line by line.
fn put_together(begun: &mut Vec<u8>, bytes: &[u8], take: &mut dyn FnMut(FromLog)) {
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        if begun.len() + piece.len() <= LONGEST {
            begun.extend_from_slice(piece);
        }
        if !piece.ends_with(b"\n") {
            continue;
        }
        let Ok(line) = serde_json::from_slice::<Value>(&std::mem::take(begun)) else { continue };
        if line["live"] == true {
            take(FromLog::Live);
            continue;
        }
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let at = moment(line["at"].as_f64().unwrap_or_default());
        take(FromLog::Line(LogEntry { at, role: text("role"), text: text("text") }));
    }
}

/// Seconds since 1970, to the microsecond.
fn moment(seconds: f64) -> Timestamp {
    SignedDuration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|since| Timestamp::from_duration(since).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}
