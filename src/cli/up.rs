//! `stagectl up`: a replica that stays.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime};

use super::context::{Context, NextCertificateArgs, Running, chosen, shown_path};
use super::status::span;
use crate::cancel::Stop;
use crate::docker::Docker;
use crate::event::{Goal, Hint, What};
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{Attempt, Run, close, environment_of, telling_stops};
use crate::replica::Plan;
use crate::session::way_in;
use crate::site::{Site, SiteName, parse_duration};

/// Start the replica of a site, deploy the release, and leave it running
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: stagectl up site-a --release dist/app-1.2-py3-none-any.whl\n\nThen: stagectl open site-a, test, logs, shell, exec, redeploy; at the end stagectl down site-a"
)]
pub(super) struct UpArgs {
    /// Sites whose replicas are started, one after the other
    #[arg(value_name = "SITE", required = true)]
    sites: Vec<SiteName>,
    /// The built release: wheel, sdist, .tar.gz or .zip of a tree, or a source folder; `release:` of
    /// environments/defaults.yaml if left out
    #[arg(long, short, value_name = "PATH")]
    release: Option<PathBuf>,
    #[command(flatten)]
    certificate: NextCertificateArgs,
    /// How long it may stay when nobody uses it; after that anybody's `stagectl gc` removes it
    #[arg(long = "for", value_name = "DURATION", default_value = "8h", value_parser = parse_span)]
    lease: Duration,
    /// Leave a replica up that did not become ready, to be looked at
    #[arg(long)]
    keep: bool,
}

/// `90min`, `8h`: a span as a description has it, too.
pub(super) fn parse_span(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "write a number and its unit: 90min, 8h".to_owned())
}

pub(super) async fn up(args: UpArgs, context: &Context, stop: Stop) -> Result<Verdict, Failure> {
    let (project, names) = context.project_for(&args.sites, args.certificate)?;
    let sites = chosen(&project, &names)?;
    let release = Context::release(args.release.as_deref(), &project)?;
    let running =
        Running::start(context, &project, &sites, release, Goal::Up, Some(args.lease)).await?;
    let run = running.run(&stop);
    let all = Box::pin(bring_up_all(&run, &sites, args.keep));
    let verdict = telling_stops(&stop, &running.events, all).await;
    drop(run);
    running.finish()?;
    Ok(verdict)
}

/// Brings up one site after the other; a stop ends the row.
async fn bring_up_all(run: &Run<'_, Docker>, sites: &[&Site], keep: bool) -> Verdict {
    let (mut verdict, mut kept) = (Verdict::Passed, false);
    for site in sites {
        let attempt = Attempt::new(run, site);
        let (_, events) = attempt.site();
        let begin = events.elapsed();
        events.emit(What::SiteStarted { environment: environment_of(site), advisory: false });
        let failure = match Box::pin(bring_up(&attempt)).await {
            Ok(()) => None,
            Err(failure) => Some(attempt.confirmed(failure).await),
        };
        attempt.take_notes().await;
        match &failure {
            None => {
                kept = true;
                if let Some(plan) = attempt.plan() {
                    match reachable(run, site, &plan).await {
                        Ok(reachable) => events.emit(reachable),
                        Err(failure) => events.emit(What::Warning { message: failure.message }),
                    }
                }
            }
            Some(failure) => {
                attempt.save_evidence(failure).await;
                let wanted = keep && !run.stop.is_requested();
                if wanted && attempt.leave_up().await.is_ok() {
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

/// Up, and left so.
async fn bring_up(attempt: &Attempt<'_, Docker>) -> Result<(), Failure> {
    attempt.bring_up().await?;
    attempt.leave_up().await
}

/// How the site is reached, and what a person wants to know with that.
async fn reachable(run: &Run<'_, Docker>, site: &Site, plan: &Plan) -> Result<What, Failure> {
    let name = &site.name;
    let trusted = site
        .tls
        .as_ref()
        .map(|tls| run.authority.file_to_trust(name.as_str(), tls, Timestamp::now()));
    let trusted = trusted.transpose()?.map(|file| shown_path(&file));
    let root = trusted.as_deref();
    let found = way_in(run.engine, &plan.handles.door, name.as_str()).await?;
    let mut more = found.hints(site, root);
    let mut hint = |topic: &str, text: String| {
        more.push(Hint { topic: topic.to_owned(), text });
    };
    let length = span(run.lease.as_secs().cast_signed());
    let until = ZonedDateTime::now().checked_add(run.lease).map(|until| until.strftime("%a %H:%M"));
    let until = until.map_or_else(|_| "for ever".to_owned(), |until| format!("until {until}"));
    hint("lease", format!("{until}; each use begins its {length} anew"));
    hint("next", format!("stagectl open {name}, test, logs -f, shell, redeploy; at the end down"));
    Ok(What::Reachable {
        url: found.click(name.as_str(), &site.proxy.prefix),
        command: found.curl(site, root),
        more,
    })
}
