//! `stagectl status`: what stands in Docker under our labels, of all projects.

use bytesize::ByteSize;
use jiff::Timestamp;

use super::context::Context;
use crate::display::{columns, print_data};
use crate::docker::Docker;
use crate::event::span_in_words;
use crate::failure::{Failure, Verdict};
use crate::session::{Row, State, rows};
use crate::standing::{FAILED, way_out_of_half};

/// Show the replicas that stand, of all projects
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  stagectl status\n  stagectl status --output json | jq -r '.[].address'"
)]
pub(super) struct StatusArgs {}

pub(super) async fn status(_args: StatusArgs, context: &Context) -> Result<Verdict, Failure> {
    let engine = Docker::connect().await?;
    let now = Timestamp::now().as_second();
    let found = rows(&engine, now).await?;
    if context.output.is_json() {
        let json = serde_json::to_string_pretty(&found)
            .map_err(|error| Failure::bug("the status is no JSON").because(&error))?;
        print_data(&format!("{json}\n"))?;
        return Ok(Verdict::Passed);
    }
    print_data(&table(&found, now))?;
    Ok(Verdict::Passed)
}

fn table(found: &[Row], now: i64) -> String {
    if found.is_empty() {
        return "nothing is up\n".to_owned();
    }
    let header = ["PROJECT", "SITE", "RELEASE", "AGE", "MEMORY", "LEASE", "ADDRESS"];
    let mut rows = vec![header.map(str::to_owned)];
    for row in found {
        // Its digest is for programs.
        let mut release = row.release.split(" (").next().unwrap_or_default().to_owned();
        if row.release.ends_with(FAILED) {
            release.push_str(", failed");
        }
        rows.push([
            row.project.clone(),
            row.site.clone(),
            release,
            span_in_words(now - row.created),
            ByteSize(row.memory).display().iec().to_string(),
            row.lease_until.map_or("-".to_owned(), |until| span_in_words(until - now)),
            whereabouts(row),
        ]);
    }
    columns(&rows)
}

/// The address, or why there is none.
fn whereabouts(row: &Row) -> String {
    match (row.state, &row.address) {
        (State::Abandoned, _) => "abandoned: `stagectl gc` removes it".to_owned(),
        (State::AtWork, _) => "a process works on it".to_owned(),
        (State::CutShort, _) => format!("a redeploy was cut short: {}", way_out_of_half(&row.site)),
        (State::Incomplete, _) => {
            format!("without {}: `stagectl down {}`", row.missing.join(", "), row.site)
        }
        (State::Stopped, _) => format!("does not run any more: `stagectl down {}`", row.site),
        (State::Up, Some(address)) => match &row.engine {
            Some(machine) => format!("{address} on {machine}"),
            None => address.clone(),
        },
        (State::Up, None) => "up, without a way in".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_is_one_line_and_says_what_there_is_to_know() {
        let up = Row {
            project: "shop".to_owned(),
            site: "site-a".to_owned(),
            run: "r1".to_owned(),
            release: "shop 1.0 (0123abcd)".to_owned(),
            created: 0,
            state: State::Up,
            address: Some("http://site-a.localhost:32790/".to_owned()),
            ports: [].into(),
            engine: None,
            memory: 300 << 20,
            lease_until: Some(8 * 3600),
            lease: Some(8 * 3600),
            containers: Vec::new(),
            missing: Vec::new(),
            other: Vec::new(),
        };
        let stopped = Row { state: State::Stopped, memory: 0, ..up.clone() };
        let missing = vec!["cache".to_owned(), "db".to_owned()];
        let incomplete = Row { state: State::Incomplete, missing, ..up.clone() };
        let failed = Row { release: format!("shop 1.1 (4567ef01){FAILED}"), ..up.clone() };
        let at_work = Row { state: State::AtWork, lease_until: None, ..up.clone() };
        let cut_short = Row { state: State::CutShort, ..up.clone() };
        let elsewhere = Row { engine: Some("me@box".to_owned()), ..up.clone() };
        insta::assert_snapshot!(table(&[up, stopped, incomplete, at_work, elsewhere, failed, cut_short], 3660), @"
        PROJECT  SITE    RELEASE           AGE     MEMORY     LEASE    ADDRESS
        shop     site-a  shop 1.0          1h1min  300.0 MiB  6h59min  http://site-a.localhost:32790/
        shop     site-a  shop 1.0          1h1min  0 B        6h59min  does not run any more: `stagectl down site-a`
        shop     site-a  shop 1.0          1h1min  300.0 MiB  6h59min  without cache, db: `stagectl down site-a`
        shop     site-a  shop 1.0          1h1min  300.0 MiB  -        a process works on it
        shop     site-a  shop 1.0          1h1min  300.0 MiB  6h59min  http://site-a.localhost:32790/ on me@box
        shop     site-a  shop 1.1, failed  1h1min  300.0 MiB  6h59min  http://site-a.localhost:32790/
        shop     site-a  shop 1.0          1h1min  300.0 MiB  6h59min  a redeploy was cut short: `stagectl redeploy site-a` again, or `stagectl down site-a`
        ");
        assert_eq!(table(&[], 0), "nothing is up\n");
    }
}
