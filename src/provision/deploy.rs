//! The steps of a plan that work inside: waits for services, deploy steps, starting the site.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::advice::{advice, advice_of_redirect};
use super::blame::{with_causes, with_causes_of_answer};
use super::execution::Execution;
use super::locks::{failure_of_locks, with_lock_watch};
use crate::cause::is_harmless;
use crate::docker::{DockerError, Engine, Exec, Output};
use crate::event::{HostFiles, What};
use crate::failure::{Failure, Kind};
use crate::inside::{
    InsideOutput, Replica, SHOWN_LINES, Whole, ended_within, is_out_of_memory, log_lines, own_code,
    run_inside, run_reporting, with_memory,
};
use crate::replica::{
    NEXT, Ready, Secrets, ServeJob, answer_job, beside_job, is_frozen, proxy_job, serve_job,
    step_job,
};
use crate::site::DeployStep;

/// Distributions that a warning names.
const FLOATING_SHOWN: usize = 5;
/// Lines of a log in which a cause is sought.
const SEARCHED_LINES: usize = 4000;
/// `step.py` ends with this code when it killed a command that ran out of time.
const TIMED_OUT: i64 = 124;
/// More than the command's own time-out, for the case that the program that enforces it is gone.
const GRACE: Duration = Duration::from_secs(10);

/// More than `health.within`: to ask the proxy whether its configuration loads, and to read the host's files.
const STARTED: Duration = Duration::from_mins(5);

/// Waits until a service takes connections.
pub(super) async fn await_service<E: Engine>(
    work: &Execution<'_, '_, E>,
    role: &str,
    container: &str,
    ready: &Ready,
    within: Duration,
) -> Result<(), Failure> {
    let begin = Instant::now();
    let exec = Exec {
        argv: ready.argv.clone(),
        stdin: Some(ready.stdin.clone().unwrap_or_default().into_bytes()),
        user: None,
        folder: None,
    };
    let mut last_seen = "nothing yet".to_owned();
    let mut take = |_: Output, line: String| last_seen = work.replica.secrets.redact_line(&line);
    let outcome = tokio::select! {
        code = work.run.engine.exec(container, &exec, &mut take) => code,
        () = tokio::time::sleep(within) => Ok(TIMED_OUT),
        () = work.halt.cancelled() => return Err(work.replica.stop.failure()),
    };
    let code = match outcome {
        Ok(0) => return Ok(()),
        Ok(code) => code,
        // The container has ended before or while it was asked.
        Err(DockerError::ContainerEnded { .. }) => -1,
        Err(error) => return Err(error.into()),
    };
    let state = work.run.engine.inspect(container).await?;
    let logs = work.run.engine.logs(container, SEARCHED_LINES).await?;
    let logs: Vec<String> =
        logs.iter().map(|line| work.replica.secrets.redact_line(line)).collect();
    let failure = if state.out_of_memory {
        Failure::new(Kind::NotReady, format!("service {role} was killed: it needs more memory"))
            .hint(format!("raise `services.{role}.memory`"))
    } else if state.running {
        Failure::new(
            Kind::NotReady,
            format!("service {role} was not ready after {:.1?}", begin.elapsed()),
        )
        .cause(format!("last seen: {last_seen}"))
        .hint(format!("give it more time with `services.{role}.startup`, or look at its log"))
    } else {
        let code = if code == TIMED_OUT || code < 0 { state.exit_code } else { code };
        Failure::new(
            Kind::NotReady,
            format!("service {role} ended with code {code} instead of starting"),
        )
    };
    let failure = with_causes(failure, &logs, &own_code(work.replica.site));
    Err(failure.evidence(role, last_lines(logs)))
}

/// Runs one deploy step as the site's user, with the release that is in this folder.
pub(super) async fn deploy_step<E: Engine>(
    work: &Execution<'_, '_, E>,
    container: &str,
    (step, release): (&DeployStep, &Path),
) -> Result<(), Failure> {
    let begin = Instant::now();
    let command = work.replica.secrets.reveal(&step.run);
    let replica = work.replica;
    let job = step_job(
        work.replica.site,
        &work.replica.secrets,
        (&replica.handles, release),
        &command,
        step.timeout,
    );
    let mut whole = Whole::default();
    let take = |_, line: &str| whole.push(line);
    let running = run_inside(replica, container, "step.py", &job, &work.halt, take);
    let running = Box::pin(async {
        let timed = tokio::time::timeout(step.timeout + GRACE, running).await;
        timed.unwrap_or_else(|_| Ok(InsideOutput { code: TIMED_OUT, lines: Vec::new() }))
    });
    let (output, locks) = with_lock_watch(work, step, running).await?;
    let waited = failure_of_locks(work, step, &locks);
    let whole = whole.into_lines();
    let name = format!("step-{}", step.name);
    work.replica.events.emit(What::OutputKept { name, lines: whole.clone() });
    work.replica.events.emit(What::StepEnded {
        name: step.name.clone(),
        code: output.code,
        took: begin.elapsed(),
        output: output.lines.clone(),
        locks,
    });
    let what = format!("deploy step `{}`", step.name);
    if let Some(failure) = waited {
        return Err(failure.evidence(what, last_lines(output.lines)));
    }
    if output.code == 0 {
        return Ok(());
    }
    let failure = match output.code {
        TIMED_OUT => {
            Failure::new(Kind::Deploy, format!("{what} did not end within {:?}", step.timeout))
                .hint("give it more time with `timeout:`, or find out what it waits for")
        }
        code => Failure::new(Kind::Deploy, format!("{what} failed with exit code {code}"))
            .cause(format!("it ran `{}` as {}", step.run, work.replica.site.user)),
    };
    let failure = with_causes(failure, &whole, &own_code(work.replica.site));
    Err(with_memory(work.replica, container, failure)
        .await
        .evidence(what, last_lines(output.lines)))
}

/// Starts the site's processes and waits until the site answers; their roles and pids, with those of a proxy that has
/// gone on.
pub(super) async fn serve<E: Engine>(
    work: &Execution<'_, '_, E>,
    container: &str,
    proxy_goes_on: bool,
) -> Result<Vec<(String, i64)>, Failure> {
    let Replica { site, secrets, handles, .. } = work.replica;
    let job = serve_job(site, secrets, handles)?;
    let job = if proxy_goes_on { job.with_the_proxy_on(site) } else { job };
    start(work, container, &job).await
}

/// Starts the proxy on its own host, unless it has gone on, and waits until it listens; its role and pid.
pub(super) async fn serve_proxy<E: Engine>(
    work: &Execution<'_, '_, E>,
    container: &str,
    goes_on: bool,
) -> Result<Vec<(String, i64)>, Failure> {
    let Replica { site, secrets, handles, .. } = work.replica;
    let job = proxy_job(site, secrets, handles)?;
    let job = if goes_on { job.with_the_proxy_on(site) } else { job };
    start(work, container, &job).await
}

/// Starts the processes of a release beside those that run, and waits until they listen.
pub(super) async fn serve_next<E: Engine>(
    work: &Execution<'_, '_, E>,
    container: &str,
) -> Result<(), Failure> {
    let job = beside_job(work.replica.site, &work.replica.secrets, &work.replica.handles)?;
    start(work, container, &job).await.map(drop)
}

/// Waits until the site answers, whose processes run.
pub(super) async fn await_answer<E: Engine>(
    work: &Execution<'_, '_, E>,
    container: &str,
) -> Result<(), Failure> {
    let job = answer_job(work.replica.site, &work.replica.secrets, &work.replica.handles)?;
    start(work, container, &job).await.map(drop)
}

/// Emits what the release's image holds, and what of it nothing pins.
fn emit_installed<E: Engine>(work: &Execution<'_, '_, E>, event: &Value) {
    let list = |key: &str| -> Vec<String> {
        serde_json::from_value(event[key].clone()).unwrap_or_default()
    };
    let packages = list("packages");
    let floating = work.plan.pinned.floating(&packages, &list("brought"));
    // Where nothing is pinned at all, that was reported before.
    if is_frozen(work.replica.site)
        && let Some(message) = floats(&floating)
    {
        work.replica.events.emit(What::Warning { message });
    }
    work.replica.events.emit(What::Installed { packages, floating });
}

/// `setuptools floats: ...`, with the first names of many.
fn floats(floating: &[String]) -> Option<String> {
    let (names, float) = match floating {
        [] => return None,
        [one] => (one.clone(), "floats"),
        [.., _] if floating.len() > FLOATING_SHOWN => {
            let shown = floating[..FLOATING_SHOWN].join(", ");
            (format!("{shown} and {} more", floating.len() - FLOATING_SHOWN), "float")
        }
        [first @ .., last] => (format!("{} and {last}", first.join(", ")), "float"),
    };
    Some(format!(
        "{names} {float}: no lock, constraint or `install.as_of` says which version is installed"
    ))
}

async fn start<E: Engine>(
    work: &Execution<'_, '_, E>,
    container: &str,
    job: &ServeJob,
) -> Result<Vec<(String, i64)>, Failure> {
    let is_app = container == work.replica.handles.host;
    let mut processes = Vec::new();
    let (mut last, mut files) = (Value::Null, Some(HostFiles::new()));
    let replica = work.replica;
    let running = run_reporting(replica, container, "serve.py", job, &work.halt, |from, line| {
        let Ok(mut event) = serde_json::from_str::<Value>(line) else { return };
        redact_event(&work.replica.secrets, &mut event);
        if from == Output::Stdout && event["event"] == "started" {
            let role = event["role"].as_str().unwrap_or_default().to_owned();
            processes.push((role, event["pid"].as_i64().unwrap_or_default()));
        } else if from == Output::Stdout && event["event"] == "installed" {
            // The proxy's own host is made of the same.
            if is_app {
                emit_installed(work, &event);
            }
        } else if from == Output::Stdout && event["event"] == "machine" {
            let machine = serde_json::from_value(event["machine"].clone()).unwrap_or_default();
            if is_app {
                work.replica.events.emit(What::MachineSeen { machine });
            }
        } else if from == Output::Stdout && event["event"] == "files" {
            // A list with a hole would show differences that are none.
            let part = serde_json::from_value::<HostFiles>(event["files"].clone()).ok();
            files = files.take().zip(part).map(|(mut files, part)| {
                files.extend(part);
                files
            });
        } else if from == Output::Stdout {
            last = event;
        }
    });
    let limit = work.replica.site.health.within + STARTED;
    let output = ended_within(limit, "serve.py", container, running).await?;
    if let Some(files) = files.filter(|files| !files.is_empty()) {
        work.replica.events.emit(What::FilesSeen { files });
    }
    let own = own_code(work.replica.site);
    let text = |key: &str| last[key].as_str().unwrap_or_default().to_owned();
    let failure = match last["event"].as_str() {
        Some("ready") => {
            let waited = Duration::try_from_secs_f64(last["waited"].as_f64().unwrap_or_default());
            if let (true, Ok(took)) = (is_app, waited) {
                work.replica.events.emit(What::Answered { took });
            }
            return Ok(processes);
        }
        Some("exited") => {
            let role = text("role");
            let failure = Failure::new(
                Kind::NotReady,
                format!(
                    "{role} of {} ended with code {} at its start",
                    work.replica.site.name, last["code"]
                ),
            );
            // What is beside the release that runs writes to the same log.
            let log = role.trim_end_matches(NEXT);
            let said = log_lines(work.replica, container, log, SEARCHED_LINES).await;
            let detail: Vec<String> = text("detail").lines().map(str::to_owned).collect();
            // Some servers do not say why they end, or not by the exception's name; an import does.
            let words = if detail.is_empty() { &said } else { &detail };
            let failure = with_causes(failure, words, &own);
            let lines = [said, detail, vec![text("last_seen")]];
            let lines = lines.into_iter().find(|lines| !lines.is_empty());
            let lines = lines.unwrap_or_default();
            with_advice(failure, &lines).evidence(role, last_lines(lines))
        }
        Some("not-ready") => {
            let failure = Failure::new(
                Kind::NotReady,
                format!("{} is not ready: {}", work.replica.site.name, text("reason")),
            );
            let failure = if text("last_seen").is_empty() {
                failure
            } else {
                let waited = last["waited"].as_f64().unwrap_or_default();
                let advice = advice_of_redirect(&text("last_seen"));
                let failure =
                    failure.cause(format!("last seen after {waited:.1}s: {}", text("last_seen")));
                advice.into_iter().fold(failure, Failure::hint)
            };
            let detail: Vec<String> = text("detail").lines().map(str::to_owned).collect();
            if detail.is_empty() {
                let role =
                    processes.first().map_or("wsgi", |(role, _)| role.trim_end_matches(NEXT));
                let said = log_lines(work.replica, container, role, SEARCHED_LINES).await;
                let with_causes =
                    if is_answer(&last["status"]) { with_causes_of_answer } else { with_causes };
                with_causes(failure, &said, &own).evidence(role, last_lines(said))
            } else {
                let source = last["source"].as_str().unwrap_or("import");
                let failure = with_advice(failure, &detail);
                with_causes(failure, &detail, &own).evidence(source, last_lines(detail))
            }
        }
        _ if is_out_of_memory(&work.run.engine, container).await => {
            Failure::new(Kind::NotReady, format!("{} could not be started", work.replica.site.name))
        }
        _ => Failure::bug(format!("the site's starter ended with code {}", output.code))
            .evidence("serve.py", last_lines(output.lines)),
    };
    Err(with_memory(work.replica, container, failure).await)
}

/// True for what an app says on purpose: a page that is elsewhere, or not there, or not for everybody.
fn is_answer(status: &Value) -> bool {
    status.as_u64().is_some_and(|status| (200..500).contains(&status))
}

/// The failure with what would help, if its words say so.
fn with_advice(failure: Failure, lines: &[String]) -> Failure {
    advice(lines).into_iter().fold(failure, Failure::hint)
}

/// What others said, in an event of `serve.py`; its own words stay.
fn redact_event(secrets: &Secrets, event: &mut Value) {
    let Value::Object(members) = event else { return };
    for key in ["reason", "last_seen", "detail"] {
        members.entry(key).and_modify(|text| secrets.redact_value(text));
    }
    if let Some(Value::Object(files)) = members.get_mut("files") {
        let entries = std::mem::take(files).into_iter();
        files.extend(entries.map(|(path, mut entry)| {
            if let Some(to) = entry.get_mut("to") {
                secrets.redact_value(to);
            }
            (secrets.redact(&path), entry)
        }));
    }
    // What was quoted ends somewhere, and that may be in the middle of a secret.
    let quoted = members.get("quoted").and_then(Value::as_str).map(|it| secrets.redact_quoted(it));
    if let Some(quoted) = quoted {
        members.entry("last_seen").and_modify(|seen| {
            *seen = format!("{}{quoted}", seen.as_str().unwrap_or_default()).into();
        });
    }
}

/// The last lines, without notices that mean nothing.
fn last_lines(mut lines: Vec<String>) -> Vec<String> {
    lines.retain(|line| !is_harmless(line));
    let skip = lines.len().saturating_sub(SHOWN_LINES);
    lines.into_iter().skip(skip).collect()
}
