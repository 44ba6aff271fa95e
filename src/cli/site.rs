//! `stagectl site new`: one more site, like one that is there.

use super::context::Context;
use crate::display::print_data;
use crate::draft::{like, write};
use crate::failure::{Failure, Verdict};
use crate::site::{HostName, Project, SiteName};

/// Describe one more site
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: stagectl site new harbour --like site-a")]
pub(super) struct SiteArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    New(NewArgs),
}

/// Write a site's file as a copy of another's, with the names changed and its comments kept
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  stagectl site new harbour --like site-a
  stagectl site new harbour --like site-a --domain harbour.org
Then: stagectl diff site-a harbour")]
struct NewArgs {
    /// The new site's name, and so its file's
    #[arg(value_name = "NAME")]
    name: SiteName,
    /// The site that it is like
    #[arg(long, value_name = "SITE")]
    like: SiteName,
    /// What takes the place of the domain that the other site's names have in common;
    /// `NAME.example` if left out
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<HostName>,
}

pub(super) fn site(args: SiteArgs, context: &Context) -> Result<Verdict, Failure> {
    let Action::New(args) = args.action;
    let project = context.project()?;
    let like = project.site(&args.like)?;
    let refused = |what: &str| {
        Err(Failure::usage(format!("{what}: nothing was written"))
            .hint(format!("choose another name, or edit environments/{}.yaml", args.name)))
    };
    if project.sites.iter().any(|site| site.name == args.name) {
        return refused(&format!("there is a site {} already", args.name));
    }
    if args.name.as_str() == "defaults" {
        return refused("`defaults` is the file of what all sites share");
    }
    let old = project.root.join(&like.source);
    let text = std::fs::read_to_string(&old).map_err(|error| {
        Failure::usage(format!("could not read {}", like.source.display())).because(&error)
    })?;
    let last = project.sites.iter().map(|site| site.order).max().unwrap_or(0);
    let copy = like::copy(&text, like, &args.name, args.domain.as_ref(), last / 10 * 10 + 10);
    let path = format!("environments/{}.yaml", args.name);
    let written = write(&project.root, &[(path.clone(), copy.text)])?;
    if let Err(problems) = Project::load(&project.root, |_| None) {
        written.undo();
        let failure = Failure::from(problems);
        let message = format!(
            "a copy of {} under other names has problems, so nothing was written",
            like.name
        );
        let causes =
            failure.message.lines().map(|line| line.trim_start_matches("error: ").to_owned());
        let mut refused = Failure::usage(message)
            .hint(format!("copy {} by hand and correct that", like.source.display()));
        refused.causes = causes.filter(|line| !line.starts_with("hint: ")).collect();
        return Err(refused);
    }
    let mut lines = vec![format!("wrote {path}, like {}", like.source.display())];
    lines.extend(copy.renamed.iter().map(|(old, new)| format!("  {old} is {new} there")));
    if let Some(order) = copy.order {
        lines.push(format!("  it runs last: order {order}"));
    }
    lines.push(format!("next: edit it, and see `stagectl diff {} {}`", like.name, args.name));
    print_data(&format!("{}\n", lines.join("\n")))?;
    Ok(Verdict::Passed)
}
