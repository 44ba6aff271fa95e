//! What a container has said, with times, and how much memory it uses.

use bollard::container::LogOutput;
use bollard::query_parameters::{LogsOptionsBuilder, StatsOptionsBuilder};
use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::connection::Docker;
use super::engine::{Count, LogEnd, LogLine, LogRange, Result, Usage};
use super::lines::Lines;

impl Docker {
    pub(super) async fn read_log(
        &self,
        container: &str,
        wanted: LogRange,
        line: &mut dyn FnMut(LogLine),
    ) -> Result<()> {
        let mut options = LogsOptionsBuilder::default().stdout(true).stderr(true).timestamps(true);
        if let Some(since) = wanted.since {
            // In whole seconds: what comes too early is left out below.
            options = options.since(i32::try_from(since.as_second()).unwrap_or(i32::MAX));
        }
        options = match wanted.end {
            LogEnd::Now(tail) => options.tail(&tail.to_string()),
            LogEnd::Never => options.follow(true),
        };
        let mut output = std::pin::pin!(self.client.logs(container, Some(options.build())));
        let action = format!("read the log of container `{container}`");
        let (mut out, mut err) = (Lines::default(), Lines::default());
        let mut before = Timestamp::UNIX_EPOCH;
        let mut take = |text: String| {
            let found = dated(&text, before);
            before = found.at;
            if wanted.since.is_none_or(|since| found.at >= since) {
                line(found);
            }
        };
        while let Some(piece) = output.next().await {
            match piece.map_err(self.failed(action.clone()))? {
                LogOutput::StdErr { message } => err.push(&message, &mut take),
                other => out.push(&other.into_bytes(), &mut take),
            }
        }
        out.finish(&mut take);
        err.finish(&mut take);
        Ok(())
    }

    /// Memory as `docker stats` counts it: without the page cache that nobody has used for a while.
    pub(super) async fn used_by(&self, container: &str) -> Result<Usage> {
        let options = StatsOptionsBuilder::default().stream(false).one_shot(true).build();
        let action = format!("ask for what container `{container}` uses");
        let mut answers = std::pin::pin!(self.client.stats(container, Some(options)));
        let Some(answer) = answers.next().await else { return Ok(Usage::default()) };
        let answer = answer.map_err(self.failed(action))?;
        let memory = answer.memory_stats.unwrap_or_default();
        let stats = memory.stats.unwrap_or_default();
        // The first and the second version of control groups.
        let cache = stats.get("total_inactive_file").or_else(|| stats.get("inactive_file"));
        let pids = answer.pids_stats.unwrap_or_default();
        // Without a limit, some engines say the largest number there is.
        let most = pids.limit.filter(|most| (1..u64::from(u32::MAX)).contains(most));
        Ok(Usage {
            memory: memory.usage.unwrap_or(0).saturating_sub(cache.copied().unwrap_or(0)),
            processes: pids.current.zip(most).map(|(now, most)| Count { now, most }),
        })
    }
}

/// A line with the engine's time in front of it; one without any belongs to the line before.
fn dated(text: &str, before: Timestamp) -> LogLine {
    let (date, rest) = text.split_once(' ').unwrap_or((text, ""));
    match date.parse::<Timestamp>() {
        Ok(at) => LogLine { at, text: rest.to_owned() },
        Err(_) => LogLine { at: before, text: text.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_s_time_is_taken_off() {
        let line = dated("1970-01-01T00:00:02.5Z one two", Timestamp::UNIX_EPOCH);
        assert_eq!((line.at.as_millisecond(), line.text.as_str()), (2500, "one two"));
        let more = dated("no date", line.at);
        assert_eq!((more.at, more.text.as_str()), (line.at, "no date"));
        assert_eq!(dated("1970-01-01T00:00:03Z", line.at).text, "");
    }
}
