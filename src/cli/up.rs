//! `stagectl up`: a replica that stays.

use std::path::PathBuf;
use std::time::Duration;

use super::context::{
    Context, NextCertificateArgs, SettingArgs, chosen, finish, parse_span, start,
};
use crate::cancel::Stop;
use crate::display::print_data;
use crate::docker::Docker;
use crate::event::Goal;
use crate::failure::{Failure, Verdict};
use crate::rehearsal::{Keep, bring_up_all};
use crate::run::Workshop;
use crate::site::{Project, Site, SiteName};
use crate::standing::{Hold, Standing, hold_site, standing};

/// Start the replica of a site, deploy the release, and leave it running
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: stagectl up site-a --release dist/app-1.2-py3-none-any.whl\n\nThen: stagectl open site-a, test, logs, shell, exec, redeploy; at the end stagectl down site-a\n\nWith -q the address alone is printed."
)]
pub(super) struct UpArgs {
    /// Sites whose replicas are started, one after the other; the only one of the project if none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
    /// The built release: wheel, sdist, .tar.gz or .zip of a tree, or a source folder; `release:` of
    /// environments/defaults.yaml if left out
    #[arg(long, short, value_name = "PATH")]
    release: Option<PathBuf>,
    #[command(flatten)]
    certificate: NextCertificateArgs,
    #[command(flatten)]
    settings: SettingArgs,
    /// How long it may stay when nobody uses it; after that anybody's `stagectl gc` removes it
    #[arg(long = "for", value_name = "DURATION", default_value = "8h", value_parser = parse_lease)]
    lease: Duration,
    /// One more replica of a site that has one already
    #[arg(long)]
    again: bool,
    /// Leave a replica up that did not become ready, to be looked at
    #[arg(long)]
    keep: bool,
}

fn parse_lease(text: &str) -> Result<Duration, String> {
    let lease = parse_span(text)?;
    if lease.is_zero() { Err("it would be over at once".to_owned()) } else { Ok(lease) }
}

pub(super) async fn up(args: UpArgs, context: &Context, stop: Stop) -> Result<Verdict, Failure> {
    let (project, names) = context.project_for(&args.sites, args.certificate, &args.settings)?;
    let sites = chosen(&project, &names)?;
    if args.sites.is_empty() && sites.len() > 1 {
        let names: Vec<&str> = sites.iter().map(|site| site.name.as_str()).collect();
        return Err(Failure::usage(format!("which site? there are {}", names.join(", ")))
            .hint(format!("name it: `stagectl up {}`", names[0])));
    }
    let release = Context::release(args.release.as_deref(), &project)?;
    let held = if args.again { Vec::new() } else { expect_none(&project, &sites).await? };
    let goal = (Goal::Up, Some(args.lease));
    let started = start(context, (&project, &sites), release, goal, stop).await?;
    let keep = if args.keep { Keep::Failing } else { Keep::Nothing };
    let verdict = bring_up_all(&started.run, &sites, keep).await;
    drop(held);
    let report = finish(started)?;
    if context.output.quiet && !context.output.is_json() {
        let addresses: Vec<&str> = report
            .sites
            .iter()
            .filter_map(|site| Some(site.reachable.as_ref()?.url.as_str()))
            .collect();
        if !addresses.is_empty() {
            print_data(&(addresses.join("\n") + "\n"))?;
        }
    }
    Ok(verdict)
}

/// One replica of a site is enough, unless somebody says otherwise: the right to bring up the one.
///
/// # Errors
/// Usage: there is one, with what can be done with it; infrastructure, also where another process brings it up.
async fn expect_none(project: &Project, sites: &[&Site]) -> Result<Vec<Hold>, Failure> {
    let engine = Docker::connect().await?;
    let locks = Workshop::of_this_machine().on(engine.id()).locks;
    let held = sites.iter().map(|site| hold_site(&locks, &project.root, &site.name));
    let held = held.collect::<Result<_, _>>()?;
    let rows = standing(&engine).await?;
    let is_of = |row: &&Standing, site: &Site| {
        row.is_of(&project.name, &project.root)
            && row.site == site.name.as_str()
            && row.is_left_up()
    };
    let found =
        sites.iter().find_map(|site| Some((site, rows.iter().find(|row| is_of(row, site))?)));
    let Some((site, row)) = found else { return Ok(held) };
    let name = &site.name;
    Err(Failure::usage(format!("the replica of {name} is up already, with {}", row.release))
        .hint(format!("another release into it: `stagectl redeploy {name} --release ...`"))
        .hint(format!("anew: `stagectl down {name}` first; one more beside it: `--again`")))
}
