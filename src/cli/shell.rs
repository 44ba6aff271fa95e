//! `stagectl shell`: a shell in a replica that is up.

use super::context::Context;
use super::found::{connect, open_session, site_or_only};
use super::terminal::attend;
use crate::cancel::Stop;
use crate::failure::Failure;
use crate::session::Rights;
use crate::site::SiteName;

/// Open a shell in a replica, as the app would: its user, variables and folder
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It ends with the shell's exit code.\n\nExamples:\n  stagectl shell site-a\n  stagectl shell site-a db"
)]
pub(super) struct ShellArgs {
    /// The site whose replica is up; the only one if left out
    #[arg(value_name = "SITE")]
    site: Option<SiteName>,
    /// Where: `app`, a service, `suite`; `app` if left out
    #[arg(value_name = "ROLE")]
    role: Option<String>,
    /// As root, instead of the app's user
    #[arg(long)]
    root: bool,
}

pub(super) async fn shell(args: ShellArgs, context: &Context, stop: Stop) -> Result<u8, Failure> {
    let engine = connect(context, args.site.as_slice()).await?;
    let site = site_or_only(context, &engine, args.site).await?;
    let session = open_session(context, &engine, &site).await?;
    let place = session.place(args.role.as_deref())?;
    let rights = if args.root { Rights::Root } else { Rights::Usual };
    Box::pin(attend(&session, &place, None, rights, &stop)).await
}
