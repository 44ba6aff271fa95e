//! A replica that stands, found by its labels alone: descriptions may be in the middle of an edit, and the variables that
//! it was started with are another shell's.

use jiff::Timestamp;

use super::context::Context;
use crate::display::say_warnings;
use crate::docker::Docker;
use crate::failure::{Failure, Kind};
use crate::session::Session;
use crate::site::{Project, SiteName, no_such_site, site_names};
use crate::standing::{Standing, expect_whole, standing};

/// The engine; where there is none, a name of no site is what is wrong first.
///
/// # Errors
/// Usage, infrastructure.
pub(super) async fn connect(context: &Context, sites: &[SiteName]) -> Result<Docker, Failure> {
    let known = site_names(&context.root()?);
    let connected = Docker::connect().await;
    if let (Err(_), Some(unknown)) = (&connected, sites.iter().find(|name| !known.contains(name))) {
        no_such(unknown, context)?;
    }
    Ok(connected?)
}

/// The replica of a site that was brought up last, to work in it.
///
/// # Errors
/// Usage: there is none, or no such site; infrastructure: it does not run any more.
pub(super) async fn open_session<'a>(
    context: &Context,
    engine: &'a Docker,
    site: &SiteName,
) -> Result<Session<'a, Docker>, Failure> {
    let root = context.root()?;
    let opened = Session::open(engine, (&Project::name_at(&root), &root), site).await;
    if opened.as_ref().is_err_and(|failure| failure.kind == Kind::Usage)
        && !site_names(&root).contains(site)
    {
        no_such(site, context)?;
    }
    let session = opened?;
    // It can be looked at all the same.
    if let Err(half) = expect_whole(&session.standing, Timestamp::now().as_second()) {
        let warning = format!("{}: {}", half.message, half.hints.join("; "));
        say_warnings(&[warning], context.output.wish());
    }
    Ok(session)
}

/// The site that is named, or the only one of the project whose replica is up.
///
/// # Errors
/// Usage: none is up, or several are; infrastructure.
pub(super) async fn site_or_only(
    context: &Context,
    engine: &Docker,
    named: Option<SiteName>,
) -> Result<SiteName, Failure> {
    if let Some(site) = named {
        return Ok(site);
    }
    only(&sites_up(context, engine).await?)
}

/// The only one of the sites that are up.
///
/// # Errors
/// Usage: there is none, or there are several.
pub(super) fn only(up: &[SiteName]) -> Result<SiteName, Failure> {
    match up {
        [only] => Ok(only.clone()),
        [] => Err(Failure::usage("no replica is up").hint("start one: `stagectl up SITE`")),
        [first, ..] => {
            let names: Vec<&str> = up.iter().map(SiteName::as_str).collect();
            Err(Failure::usage(format!("which site? {} are up", names.join(", ")))
                .hint(format!("name one of them, such as `{first}`")))
        }
    }
}

/// The sites of the project whose replicas were left up, by name.
pub(super) async fn sites_up(context: &Context, engine: &Docker) -> Result<Vec<SiteName>, Failure> {
    let root = context.root()?;
    let project = Project::name_at(&root);
    let mut ours = standing(engine).await?;
    ours.retain(|row| row.is_of(&project, &root));
    Ok(left_up(&ours))
}

/// The sites of which a replica was left up, each once, by name.
pub(super) fn left_up(rows: &[Standing]) -> Vec<SiteName> {
    let rows = rows.iter().filter(|row| row.is_left_up());
    let mut sites: Vec<SiteName> = rows.filter_map(|row| row.site.parse().ok()).collect();
    sites.sort();
    sites.dedup();
    sites
}

/// That there is no such site, with the names that there are: those of the files, whatever is in them.
///
/// # Errors
/// Usage, always.
pub(super) fn no_such(name: &SiteName, context: &Context) -> Result<(), Failure> {
    Err(no_such_site(&[name], &site_names(&context.root()?)))
}
