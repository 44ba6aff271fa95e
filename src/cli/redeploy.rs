//! `stagectl redeploy`: another release into a replica that is up.

use std::path::PathBuf;

use super::context::{Aside, Context, Running, chosen};
use super::test::kept;
use crate::cancel::Stop;
use crate::docker::Docker;
use crate::event::{Events, Goal, What};
use crate::failure::{Failure, Kind, Verdict};
use crate::rehearsal::{SuiteOutput, Wish, environment_of, examine, opened, telling_stops};
use crate::replica::Ownership;
use crate::session::{Target, redeploy as redeploy_into};
use crate::site::SiteName;
use crate::standing::teardown;
use crate::standing::{newest, used};

/// Deploy another release into a replica that is up, as production would
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The steps of an upgrade run (`when: every` and `when: upgrade`); services, data and secrets stay.\n\nExample: stagectl redeploy site-a --release dist/app-1.3-py3-none-any.whl"
)]
pub(super) struct RedeployArgs {
    /// The site whose replica is up
    #[arg(value_name = "SITE")]
    site: SiteName,
    /// The built release: wheel, sdist, .tar.gz or .zip of a tree, or a source folder; `release:` of
    /// environments/defaults.yaml if left out
    #[arg(long, short, value_name = "PATH")]
    release: Option<PathBuf>,
    /// Run the diagnosis and the critical suite afterwards
    #[arg(long)]
    test: bool,
}

pub(super) async fn redeploy(
    args: RedeployArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    let project = context.project_of(std::slice::from_ref(&args.site), Aside::Said)?;
    let sites = chosen(&project, std::slice::from_ref(&args.site))?;
    let release = Context::release(args.release.as_deref(), &project)?;
    let site = sites[0];
    // Whether there is a replica at all is known before anything is begun.
    newest(&Docker::connect().await?, &project.name, &site.name).await?;
    let running = Running::start(context, &project, &sites, release, Goal::Redeploy, None).await?;
    let standing = newest(&running.engine, &project.name, &site.name).await?;
    let opened = opened(&running.engine, site, &standing).await?;
    let target = Target { site, standing: &standing, opened: &opened };
    let run = running.run(&stop);
    let events = run.events.of_site(&site.name);
    let begin = events.elapsed();
    events.emit(What::SiteStarted { environment: environment_of(site), advisory: false });
    let work = async {
        redeploy_into(&run, target, &events).await?;
        if args.test {
            let wish = Wish { pytest: &[], output: SuiteOutput::Told };
            examine(&running.engine, site, &standing, wish, &events, &stop).await?;
        }
        Ok(())
    };
    let work = used(&running.engine, &standing, telling_stops(&stop, run.events, Box::pin(work)));
    let failure: Option<Failure> = work.await.err();
    let mut verdict =
        failure.as_ref().map_or(Verdict::Passed, |failure| Verdict::Not(failure.kind));
    events.emit(What::SiteEnded { verdict, took: events.elapsed().saturating_sub(begin), failure });
    // What was made for it and is no part of the replica.
    let labels = Ownership::of_run(&run.ownership.run);
    let left = teardown(&running.engine, &labels, &Events::new(Vec::new())).await?;
    if !left.is_empty() {
        verdict = verdict.and(Verdict::Not(Kind::LeftBehind));
    }
    run.events.emit(What::Kept { kept: kept([&standing]) });
    run.events.emit(What::RunEnded { verdict, took: run.events.elapsed() });
    drop((run, events));
    running.finish()?;
    Ok(verdict)
}
