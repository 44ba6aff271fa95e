//! `stagectl open`: a replica in the browser.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::context::Context;
use super::found::{connect, open_session, site_or_only};
use crate::display::{print_data, print_note, print_ways_to};
use crate::docker::Docker;
use crate::event::Hint;
use crate::failure::{Failure, Verdict};
use crate::replica::DOOR;
use crate::run::path_from_here;
use crate::session::Session;
use crate::site::SiteName;
use crate::standing::{Browser, browser_commands, way_in};

/// A program that still runs after this has taken the address.
const TAKEN: Duration = Duration::from_secs(3);

/// Print the address of a replica, and open it in the browser
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The browser is $BROWSER, or what xdg-open or open chooses.\n\nExamples:\n  stagectl open site-a\n  stagectl open site-a --how"
)]
pub(super) struct OpenArgs {
    /// The site whose replica is up; the only one if left out
    #[arg(value_name = "SITE")]
    site: Option<SiteName>,
    /// Print all ways to it instead: under its live name, for programs, from another machine; the
    /// certificate to trust, and how to log in
    #[arg(long)]
    how: bool,
}

pub(super) async fn open(args: OpenArgs, context: &Context) -> Result<Verdict, Failure> {
    let engine = connect(context, args.site.as_slice()).await?;
    let site = site_or_only(context, &engine, args.site).await?;
    let session = open_session(context, &engine, &site).await?;
    if args.how {
        return session.used(print_ways(&engine, &session, context)).await;
    }
    let opened = session.used(async {
        let found = way_in(&engine, &session.container(DOOR), session.site.as_str()).await?;
        let url = found.click(session.site.as_str(), &session.facts.prefix);
        print_data(&format!("{url}\n"))?;
        let variable = std::env::var("BROWSER").ok();
        for browser in browser_commands(&url, variable.as_deref()) {
            if takes(&browser).await {
                return Ok::<_, Failure>(None);
            }
        }
        Ok(Some(found.elsewhere))
    });
    // The address is on stdout: who has no browser here has what was asked for.
    if let Some(elsewhere) = opened.await? {
        let mut note = "no browser could be opened here: open the address yourself, or say which: \
                        `BROWSER=... stagectl open`"
            .to_owned();
        if let Some(machine) = elsewhere {
            note.push_str(&format!(
                "; Docker runs on {machine}: `stagectl open {site} --how` shows the tunnel"
            ));
        }
        print_note(&note);
    }
    Ok(Verdict::Passed)
}

/// All ways to the replica, by what it knows of itself.
async fn print_ways(
    engine: &Docker,
    session: &Session<'_, Docker>,
    context: &Context,
) -> Result<Verdict, Failure> {
    let site = &session.site;
    let ways = session.facts.ways.as_ref().ok_or_else(|| {
        Failure::usage(format!("the replica of {site} was left up by an earlier stagectl"))
            .hint(format!("start it anew: `stagectl down {site}`, then `stagectl up {site} ...`"))
    })?;
    let found = way_in(engine, &session.container(DOOR), site.as_str()).await?;
    let url = found.click(site.as_str(), &ways.prefix);
    let root = ways.trusted.as_deref().map(path_from_here);
    let command = found.curl(ways, root.as_deref());
    let mut more = found.hints(ways, root.as_deref());
    if context.output.is_json() {
        let json = serde_json::json!({"url": url, "command": command, "more": more});
        print_data(&format!("{json:#}\n"))?;
        return Ok(Verdict::Passed);
    }
    more.insert(0, Hint { topic: "as the world".to_owned(), text: command });
    print_ways_to(site.as_str(), &url, &more, context.output.wish())?;
    Ok(Verdict::Passed)
}

/// True where the program has taken the address: it ended well, or goes on.
async fn takes(browser: &Browser) -> bool {
    let mut command = Command::new(&browser.program);
    command
        .args(&browser.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut child) = tokio::process::Command::from(command).spawn() else { return false };
    match tokio::time::timeout(TAKEN, child.wait()).await {
        Ok(ended) => ended.is_ok_and(|status| status.success()),
        Err(_) => true,
    }
}
