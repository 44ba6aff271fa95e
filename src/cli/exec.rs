//! `stagectl exec`: a command in a replica that is up.

use super::context::Context;
use super::found::{connect, no_such, open_session, site_or_only, sites_up};
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
    let mut sites = site_names(&context.root()?);
    // Said before anybody asks Docker.
    if args.command.is_empty() && args.site.as_ref().is_none_or(|word| is_one_of(word, &sites)) {
        let hint = "name a command: `stagectl exec site-a printenv`; a shell is `stagectl shell`";
        return Err(Failure::usage("there is no command to run").hint(hint));
    }
    // More likely a slip than a program.
    let slip = args.site.as_deref().filter(|word| {
        !is_one_of(word, &sites) && nearest(word, sites.iter().map(SiteName::as_str)).is_some()
    });
    let slip: Option<SiteName> = slip.and_then(|word| word.parse().ok());
    let engine = connect(context, slip.as_slice()).await?;
    // Also of a site whose description is gone.
    sites.extend(sites_up(context, &engine).await?);
    if let Some(name) = slip.filter(|name| !sites.contains(name)) {
        no_such(&name, context)?;
    }
    let (named, command) = split(args.site, args.command, &sites);
    let site = site_or_only(context, &engine, named).await?;
    let session = open_session(context, &engine, &site).await?;
    let place = session.place(args.role.as_deref())?;
    let rights = if args.root { Rights::Root } else { Rights::Usual };
    Box::pin(attend(&session, &place, Some(&command), rights, &stop)).await
}

fn is_one_of(word: &str, sites: &[SiteName]) -> bool {
    sites.iter().any(|site| site.as_str() == word)
}

/// The site and the command: the first word is the site if it is the name of one, and of the command otherwise.
fn split(
    first: Option<String>,
    mut command: Vec<String>,
    sites: &[SiteName],
) -> (Option<SiteName>, Vec<String>) {
    let site = sites.iter().find(|site| first.as_deref() == Some(site.as_str()));
    if site.is_none() {
        command.splice(0..0, first);
    }
    (site.cloned(), command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_the_site_if_it_is_the_name_of_one() {
        let sites = ["shop".parse().unwrap()];
        let of = |words: &[&str]| {
            let mut words = words.iter().map(|word| (*word).to_owned());
            let (site, command) = split(words.next(), words.collect(), &sites);
            format!(
                "{} {}",
                site.map_or("-".to_owned(), |site| site.to_string()),
                command.join(" ")
            )
        };
        assert_eq!(of(&["shop", "printenv", "X"]), "shop printenv X");
        assert_eq!(of(&["printenv", "X"]), "- printenv X");
        assert_eq!(of(&["printenv"]), "- printenv");
    }
}
