//! `stagectl up`: a replica that stays.

use std::path::PathBuf;
use std::time::Duration;

use super::context::{Context, Running, Tenure, chosen};
use crate::cancel::Stop;
use crate::event::{Goal, What};
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{Attempt, close, environment_of};
use crate::site::SiteName;

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
        Running::start(&project, &sites, release, Goal::Up, Tenure::Lease(args.lease)).await?;
    let root = Running::root_file(&project);
    let run = running.run(&stop);
    let (mut verdict, mut kept) = (Verdict::Passed, false);
    for site in sites {
        let attempt = Attempt::new(&run, site);
        let (_, events) = attempt.site();
        let begin = events.elapsed();
        events.emit(What::SiteStarted { environment: environment_of(site) });
        let failure = attempt.bring_up().await.err();
        attempt.take_notes().await;
        match &failure {
            None => {
                kept = true;
                if let Some(plan) = attempt.plan() {
                    let address = plan.handles.addresses.front();
                    let port = if site.tls.is_some() { 443 } else { 80 };
                    let command = format!(
                        "curl --cacert {root} --resolve {}:{port}:{address} {}",
                        site.names[0],
                        site.url()
                    );
                    events.emit(What::Reachable { url: site.url(), command });
                }
            }
            Some(failure) => {
                attempt.save_evidence(failure).await;
                if args.keep && !stop.is_requested() {
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
        if stop.is_requested() {
            break;
        }
    }
    let verdict = close(run.engine, &run.ownership.run, run.events, verdict, kept).await;
    drop(run);
    running.finish()?;
    Ok(verdict)
}
