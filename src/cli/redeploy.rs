//! `stagectl redeploy`: another release into a replica that is up.

use std::path::PathBuf;

use jiff::Timestamp;

use super::context::{Aside, Context, chosen, finish, start};
use super::found::site_or_only;
use crate::cancel::Stop;
use crate::docker::Docker;
use crate::event::Goal;
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{Then, redeploy as redeploy_into};
use crate::run::Workshop;
use crate::site::SiteName;
use crate::standing::{Work, expect_left_up, expect_no_redeploy, hold_replica, newest};

/// Deploy another release into a replica that is up, as production would
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The steps of an upgrade run (`when: every` and `when: upgrade`); services, data and secrets stay.\n\nExample: stagectl redeploy site-a --release dist/app-1.3-py3-none-any.whl"
)]
pub(super) struct RedeployArgs {
    /// The site whose replica is up; the only one if left out
    #[arg(value_name = "SITE")]
    site: Option<SiteName>,
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
    let name = match args.site {
        Some(name) => name,
        None => site_or_only(context, &Docker::connect().await?, None).await?,
    };
    let project = context.project_of(std::slice::from_ref(&name), Aside::Said)?;
    let sites = chosen(&project, std::slice::from_ref(&name))?;
    let release = Context::release(args.release.as_deref(), &project)?;
    let site = sites[0];
    // Whether there is a replica at all is known before anything is begun.
    let engine = Docker::connect().await?;
    let locks = Workshop::of_this_machine().on(engine.id()).locks;
    let seen = newest(&engine, (&project.name, &project.root), &site.name).await?;
    let mut held = hold_replica(&locks, &seen, Work::Redeploy)?;
    // As it is now that no other of this machine works on it.
    let seen = newest(&engine, (&project.name, &project.root), &site.name).await?;
    let now = Timestamp::now().as_second();
    expect_left_up(&seen, now)?;
    expect_no_redeploy(&seen, now)?;
    let goal = (Goal::Redeploy, None);
    let started = start(context, (&project, &sites), release, goal, stop).await?;
    let standing = newest(&started.run.engine, (&project.name, &project.root), &site.name).await?;
    if standing.run != seen.run {
        // Meanwhile that one went, or a later one came up.
        expect_left_up(&standing, Timestamp::now().as_second())?;
        held = hold_replica(&locks, &standing, Work::Redeploy)?;
    }
    let then = if args.test { Then::Examine } else { Then::Nothing };
    let verdict = redeploy_into(&started.run, site, &standing, then).await?;
    drop(held);
    finish(started)?;
    Ok(verdict)
}
