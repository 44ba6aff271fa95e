//! `stagectl logs`: what a replica's processes and services say.

use std::time::Duration;

use jiff::Timestamp;

use super::context::{Context, parse_span};
use super::found::{connect, open_session, site_or_only};
use crate::cancel::Stop;
use crate::display::{LogLines, print_data};
use crate::failure::{Failure, Verdict};
use crate::session::{Follow, LogEntry, Wanted, follow_logs};
use crate::site::SiteName;

/// Show the logs of a replica: of all its roles, in the order of time
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  stagectl logs site-a -f\n  stagectl logs site-a db --since 10min\n  stagectl logs -n 20"
)]
pub(super) struct LogsArgs {
    /// The site whose replica is up; the only one if left out
    #[arg(value_name = "SITE")]
    site: Option<SiteName>,
    /// Only this one: `app`, one of its processes such as `wsgi` or `nginx`, a service
    #[arg(value_name = "ROLE")]
    role: Option<String>,
    /// Go on with what comes, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Of what is there already, the last lines alone
    #[arg(long, short = 'n', value_name = "N")]
    tail: Option<usize>,
    /// Nothing that is older
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    since: Option<Duration>,
}

pub(super) async fn logs(
    args: LogsArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    let engine = connect(context, args.site.as_slice()).await?;
    let site = site_or_only(context, &engine, args.site).await?;
    let session = open_session(context, &engine, &site).await?;
    let wanted = Wanted {
        since: args.since.and_then(|since| Timestamp::now().checked_sub(since).ok()),
        follow: if args.follow { Follow::Yes } else { Follow::No },
        role: args.role,
        last: args.tail,
    };
    let mut lines = LogLines::to_stdout(session.longest_role());
    let mut failed = None;
    let mut show = |entry: LogEntry| {
        let text = if context.output.is_json() {
            serde_json::json!({"at": entry.at, "role": entry.role, "text": entry.text}).to_string()
        } else {
            lines.line(&entry.role, &entry.text)
        };
        if let Err(failure) = print_data(&format!("{text}\n")) {
            failed.get_or_insert(failure);
        }
    };
    tokio::select! {
        followed = session.used(follow_logs(&session, &wanted, &mut show)) => followed?,
        // Who has seen enough has not failed.
        () = stop.requested() => {}
    }
    failed.map_or(Ok(Verdict::Passed), Err)
}
