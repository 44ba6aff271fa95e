//! `stagectl open`: a replica in the browser.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::context::Context;
use super::found::{connect, open_session, site_or_only};
use crate::display::{print_data, print_note};
use crate::failure::{Failure, Verdict};
use crate::replica::DOOR;
use crate::site::SiteName;
use crate::standing::{Browser, browser_commands, way_in};

/// A program that still runs after this has taken the address.
const TAKEN: Duration = Duration::from_secs(3);

/// Print the address of a replica, and open it in the browser
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The browser is $BROWSER, or what xdg-open or open chooses.\n\nExample: stagectl open site-a"
)]
pub(super) struct OpenArgs {
    /// The site whose replica is up; the only one if left out
    #[arg(value_name = "SITE")]
    site: Option<SiteName>,
}

pub(super) async fn open(args: OpenArgs, context: &Context) -> Result<Verdict, Failure> {
    let engine = connect(context, args.site.as_slice()).await?;
    let site = site_or_only(context, &engine, args.site).await?;
    let session = open_session(context, &engine, &site).await?;
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
            note.push_str(&format!("; Docker runs on {machine}: `stagectl up` shows the tunnel"));
        }
        print_note(&note);
    }
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
