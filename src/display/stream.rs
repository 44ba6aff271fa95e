//! For programs: a line of JSON for each event, on stdout, in the order in which things happen.

use schemars::JsonSchema;
use serde::Serialize;

use super::print::to_stdout;
use crate::event::{Event, What};
use crate::failure::Failure;

/// The version of the lines, which each of them carries. A new kind of event and a new key keep it;
/// a key that changes its meaning or goes away raises it.
const SCHEMA: &str = "stagectl-events/1";

/// A line of what `--output json` writes.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "stagectl event", rename = "Line")]
struct Line<'a> {
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    #[serde(flatten)]
    told: Told<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Told<'a> {
    Event(&'a Event),
    GaveUp(GaveUp<'a>),
}

/// The program could not begin, or not go on: its last line, in place of `run-ended` or after it.
#[derive(Serialize, JsonSchema)]
struct GaveUp<'a> {
    #[schemars(extend("const" = "gave-up"))]
    event: &'static str,
    /// The exit code.
    code: u8,
    #[serde(flatten)]
    failure: &'a Failure,
}

/// The JSON Schema of a line.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Line<'_>).to_value()
}

/// Writes the events of a run, until nobody reads them any more.
#[derive(Debug, Default)]
pub(super) struct Stream;

impl Stream {
    #[expect(clippy::unused_self, reason = "a stream is there or not")]
    pub(super) fn take(&mut self, event: &Event) {
        if let Some(line) = line(event) {
            to_stdout(&line);
        }
    }
}

/// The event as a line, without its end; `None` for what is not told.
pub(super) fn line(event: &Event) -> Option<String> {
    if matches!(event.what, What::FilesSeen { .. }) {
        return None;
    }
    written(Told::Event(event))
}

/// A failure that ends the program, as a line.
pub(super) fn gave_up(failure: &Failure) -> Option<String> {
    written(Told::GaveUp(GaveUp { event: "gave-up", code: failure.kind.code(), failure }))
}

/// Nothing in an event fails to be written: no map has keys that are no text, no number is none.
fn written(told: Told<'_>) -> Option<String> {
    serde_json::to_string(&Line { schema: SCHEMA, told }).ok()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::failure::{Kind, Spot};
    use crate::report::sample;

    #[test]
    fn each_event_is_a_line_that_says_its_time_and_its_site() {
        let lines: Vec<String> = sample::failed_deploy().iter().filter_map(line).collect();
        assert_snapshot!(lines.join("\n"), @"");
    }

    #[test]
    fn what_ends_the_program_is_a_line_too() {
        let problem = Spot {
            file: "environments/shop.yaml".into(),
            line: Some(3),
            column: Some(5),
            key: Some("services.db".into()),
            message: "unknown key `postgress`".into(),
            hint: Some("did you mean `postgres`?".into()),
        };
        let failure = Failure { problems: vec![problem], ..Failure::new(Kind::Usage, "it is wrong") };
        assert_snapshot!(gave_up(&failure).unwrap(), @"");
    }

    #[test]
    fn no_event_of_a_run_is_lost_but_the_list_of_files() {
        for events in [sample::green(), sample::red_suite(), sample::interrupted(), sample::up()] {
            let told = events.iter().filter_map(line).count();
            let files = events.iter().filter(|event| matches!(event.what, What::FilesSeen { .. }));
            assert_eq!(told, events.len() - files.count());
        }
    }
}
