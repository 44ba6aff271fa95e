//! `stagectl exec`: a command in a replica that is up.

use super::context::Context;
use super::found::{connect, open_session};
use super::terminal::attend;
use crate::cancel::Stop;
use crate::failure::Failure;
use crate::session::Rights;
use crate::site::SiteName;

/// Run a command in a replica, as the app would: its user, variables and folder
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It ends with the command's exit code.\n\nExamples:\n  stagectl exec site-a -- noticeboard-admin migrate\n  stagectl exec site-a --role db -- psql -U postgres\n  stagectl exec site-a -- printenv DATABASE_URL"
)]
pub(super) struct ExecArgs {
    /// The site whose replica is up
    #[arg(value_name = "SITE")]
    site: SiteName,
    /// Where: `app`, a service, `suite`; a wrong one is answered with all that there are
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// As root, instead of the app's user
    #[arg(long)]
    root: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) async fn exec(args: ExecArgs, context: &Context, stop: Stop) -> Result<u8, Failure> {
    let engine = connect(context, std::slice::from_ref(&args.site)).await?;
    let session = open_session(context, &engine, &args.site).await?;
    let place = session.place(args.role.as_deref())?;
    let rights = if args.root { Rights::Root } else { Rights::Usual };
    Box::pin(attend(&session, &place, Some(&args.command), rights, &stop)).await
}
