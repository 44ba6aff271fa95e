//! `stagectl exec`: a command in a replica that is up.

use super::context::Context;
use super::found::{connect, no_such, open_session, site_or_only};
use super::terminal::attend;
use crate::cancel::Stop;
use crate::failure::Failure;
use crate::session::Rights;
use crate::site::{SiteName, nearest, site_names};

/// Run a command in a replica, as the app would: its user, variables and folder
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It ends with the command's exit code.\n\nExamples:\n  stagectl exec site-a -- noticeboard-admin migrate\n  stagectl exec site-a --role db -- psql -U postgres\n  stagectl exec printenv DATABASE_URL"
)]
pub(super) struct ExecArgs {
    /// The site whose replica is up; the only one if left out
    #[arg(value_name = "SITE")]
    site: Option<String>,
    /// Where: `app`, a service, `suite`; a wrong one is answered with all that there are
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// As root, instead of the app's user
    #[arg(long)]
    root: bool,
    /// The command and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) async fn exec(args: ExecArgs, context: &Context, stop: Stop) -> Result<u8, Failure> {
    let (named, command) = split(args.site, args.command, context)?;
    let engine = connect(context, named.as_slice()).await?;
    let site = site_or_only(context, &engine, named).await?;
    let session = open_session(context, &engine, &site).await?;
    let place = session.place(args.role.as_deref())?;
    let rights = if args.root { Rights::Root } else { Rights::Usual };
    Box::pin(attend(&session, &place, Some(&command), rights, &stop)).await
}

/// The site and the command: the first word is the site if it is the name of one, and of the command otherwise.
fn split(
    first: Option<String>,
    mut command: Vec<String>,
    context: &Context,
) -> Result<(Option<SiteName>, Vec<String>), Failure> {
    let sites = site_names(&context.root()?);
    let named = first.as_deref().and_then(|first| first.parse::<SiteName>().ok());
    let known = sites.iter().map(SiteName::as_str);
    let site = match (named, first) {
        (Some(name), _) if sites.contains(&name) => Some(name),
        // More likely a slip than a program.
        (Some(name), Some(first)) if nearest(&first, known).is_some() => {
            no_such(&name, context)?;
            None
        }
        (_, first) => {
            command.splice(0..0, first);
            None
        }
    };
    if command.is_empty() {
        let hint = "name a command: `stagectl exec site-a printenv`; a shell is `stagectl shell`";
        return Err(Failure::usage("there is no command to run").hint(hint));
    }
    Ok((site, command))
}
