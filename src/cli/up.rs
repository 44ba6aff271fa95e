//! `stagectl up`: a replica that stays.

use std::path::PathBuf;
use std::time::Duration;

use super::context::{Context, Running, Tenure, chosen};
use crate::cancel::Stop;
use crate::docker::{Docker, Engine as _};
use crate::event::{Goal, What};
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{Attempt, Run, close, environment_of, telling_stops};
use crate::replica::{Plan, public_ports};
use crate::site::{Site, SiteName};

/// Start the replica of a site, deploy the release, and leave it running
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: stagectl up site-a --release dist/app-1.2-py3-none-any.whl\nThen: stagectl test site-a, stagectl down site-a"
)]
pub(super) struct UpArgs {
    /// Sites whose replicas are started, one after the other
    #[arg(value_name = "SITE", required = true)]
    sites: Vec<SiteName>,
    /// The built release: wheel, sdist, .tar.gz or .zip of a tree, or a source folder; `release:` of
    /// environments/defaults.yaml if left out
    #[arg(long, short, value_name = "PATH")]
    release: Option<PathBuf>,
    /// How long it may stay before anybody's `stagectl gc` removes it
    #[arg(long = "for", value_name = "DURATION", default_value = "8h", value_parser = parse_duration)]
    lease: Duration,
    /// Leave a replica up that did not become ready, to be looked at
    #[arg(long)]
    keep: bool,
}

/// `90min`, `8h`: a span as people write it.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let span = text.parse::<jiff::SignedDuration>().ok();
    let span = span.and_then(|span| Duration::try_from(span).ok());
    span.ok_or_else(|| "write a number and its unit: 90min, 8h".to_owned())
}

pub(super) async fn up(args: UpArgs, context: &Context, stop: Stop) -> Result<Verdict, Failure> {
    let project = context.project()?;
    let sites = chosen(&project, &args.sites)?;
    let release = Context::release(args.release.as_deref(), &project)?;
    let running =
        Running::start(context, &project, &sites, release, Goal::Up, Tenure::Lease(args.lease))
            .await?;
    let root = Running::root_file(&project);
    let run = running.run(&stop);
    let all = Box::pin(bring_up_all(&run, &sites, args.keep, &root));
    let verdict = telling_stops(&stop, &running.events, all).await;
    drop(run);
    running.finish()?;
    Ok(verdict)
}

/// Brings up one site after the other; a stop ends the row.
async fn bring_up_all(run: &Run<'_, Docker>, sites: &[&Site], keep: bool, root: &str) -> Verdict {
    let (mut verdict, mut kept) = (Verdict::Passed, false);
    for site in sites {
        let attempt = Attempt::new(run, site);
        let (_, events) = attempt.site();
        let begin = events.elapsed();
        events.emit(What::SiteStarted { environment: environment_of(site) });
        let failure = attempt.bring_up().await.err();
        attempt.take_notes().await;
        match &failure {
            None => {
                kept = true;
                if let Some(plan) = attempt.plan() {
                    match way_in(run, site, &plan, root).await {
                        Ok(command) => events.emit(What::Reachable { url: site.url(), command }),
                        Err(failure) => events.emit(What::Warning { message: failure.message }),
                    }
                }
            }
            Some(failure) => {
                attempt.save_evidence(failure).await;
                if keep && !run.stop.is_requested() {
                    kept = true;
                } else if let Err(left) = attempt.tear_down().await {
                    verdict = verdict.and(Verdict::Not(left.kind));
                }
            }
        }
        let of_site =
            failure.as_ref().map_or(Verdict::Passed, |failure| Verdict::Not(failure.kind));
        verdict = verdict.and(of_site);
        events.emit(What::SiteEnded {
            verdict: of_site,
            took: events.elapsed().saturating_sub(begin),
            failure,
        });
        if run.stop.is_requested() {
            break;
        }
    }
    close(run.engine, &run.ownership.run, run.events, verdict, kept).await
}

/// The command that shows the site under its live name, from the engine's machine.
async fn way_in(
    run: &Run<'_, Docker>,
    site: &Site,
    plan: &Plan,
    root: &str,
) -> Result<String, Failure> {
    let port = public_ports(site)[0];
    let door = run.engine.inspect(&plan.handles.door).await?;
    let at = door.ports.get(&port).ok_or_else(|| {
        Failure::infrastructure(format!("{} published no port of {}", plan.handles.door, site.name))
    })?;
    let name = &site.names[0];
    let trust = if site.tls.is_some() { format!("--cacert {root} ") } else { String::new() };
    Ok(format!("curl {trust}--connect-to {name}:{port}:127.0.0.1:{at} {}", site.url()))
}
