//! For programs: a line of JSON for each event, on stdout, in the order in which things happen.

use schemars::JsonSchema;
use serde::Serialize;

use super::stdout::to_stdout;
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
    content: Content<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Content<'a> {
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

/// Writes an event, unless nobody reads them any more.
pub(super) fn write(event: &Event) {
    if let Some(line) = line(event) {
        to_stdout(&line);
    }
}

/// The event as a line, without its end; `None` for what is not for programs.
pub(super) fn line(event: &Event) -> Option<String> {
    if matches!(event.what, What::FilesSeen { .. } | What::OutputKept { .. }) {
        return None;
    }
    to_json(Content::Event(event))
}

/// A failure that ends the program, as a line.
pub(super) fn gave_up(failure: &Failure) -> Option<String> {
    to_json(Content::GaveUp(GaveUp { event: "gave-up", code: failure.kind.code(), failure }))
}

/// Nothing in an event fails to be written: no map has keys that are no text, no number is none.
fn to_json(content: Content<'_>) -> Option<String> {
    serde_json::to_string(&Line { schema: SCHEMA, content }).ok()
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
        assert_snapshot!(lines.join("\n"), @r#"
        {"schema":"stagectl-events/1","at":0.0,"event":"run-started","run":"20261123-1014-3f9c","goal":"rehearse","started":"2026-11-23T10:14:00Z","project":"noticeboard","release":{"name":"noticeboard","version":"1.2","digest":"3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab3f9c21ab","path":"dist/noticeboard-1.2-py3-none-any.whl"},"sites":["site-a"]}
        {"schema":"stagectl-events/1","at":0.0,"site":"site-a","event":"site-started","environment":"e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1"}
        {"schema":"stagectl-events/1","at":0.0,"site":"site-a","event":"phase-started","phase":"images"}
        {"schema":"stagectl-events/1","at":0.04,"site":"site-a","event":"image-ready","role":"environment","key":"0123456789abcdef","id":"sha256:aa","origin":"cached","took":0.04}
        {"schema":"stagectl-events/1","at":0.04,"site":"site-a","event":"phase-ended","phase":"images","took":0.04,"outcome":"passed","note":""}
        {"schema":"stagectl-events/1","at":0.04,"site":"site-a","event":"phase-started","phase":"up"}
        {"schema":"stagectl-events/1","at":1.14,"site":"site-a","event":"phase-ended","phase":"up","took":1.1,"outcome":"passed","note":""}
        {"schema":"stagectl-events/1","at":1.14,"site":"site-a","event":"phase-started","phase":"deploy"}
        {"schema":"stagectl-events/1","at":2.64,"site":"site-a","event":"step-ended","name":"migrate","code":1,"took":1.4,"output":["psycopg.errors.UndefinedTable: relation \"notices\" is missing"]}
        {"schema":"stagectl-events/1","at":2.64,"site":"site-a","event":"phase-ended","phase":"deploy","took":1.5,"outcome":"failed","note":""}
        {"schema":"stagectl-events/1","at":2.64,"site":"site-a","event":"phase-started","phase":"down"}
        {"schema":"stagectl-events/1","at":2.84,"site":"site-a","event":"phase-ended","phase":"down","took":0.2,"outcome":"passed","note":""}
        {"schema":"stagectl-events/1","at":2.84,"site":"site-a","event":"site-ended","verdict":"failed","code":3,"took":2.8,"failure":{"kind":"deploy","message":"deploy step `migrate` ended with code 1","causes":[],"hints":["run it yourself: stagectl up site-a --keep"],"log":{"source":"deploy step migrate","lines":["psycopg.errors.UndefinedTable: relation \"notices\" is missing"]}}}
        {"schema":"stagectl-events/1","at":2.84,"event":"inventory","left":{"containers":0,"networks":0,"volumes":0}}
        {"schema":"stagectl-events/1","at":2.84,"event":"run-ended","verdict":"failed","code":3,"took":2.84}
        "#);
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
            source: None,
        };
        let failure =
            Failure { problems: vec![problem], ..Failure::new(Kind::Usage, "it is wrong") };
        assert_snapshot!(gave_up(&failure).unwrap(), @r#"{"schema":"stagectl-events/1","event":"gave-up","code":2,"kind":"usage","message":"it is wrong","causes":[],"hints":[],"log":null,"problems":[{"file":"environments/shop.yaml","line":3,"column":5,"key":"services.db","message":"unknown key `postgress`","hint":"did you mean `postgres`?"}]}"#);
    }

    #[test]
    fn no_event_of_a_run_is_lost_but_the_list_of_files() {
        for events in [sample::green(), sample::red_suite(), sample::interrupted(), sample::up()] {
            let written = events.iter().filter_map(line).count();
            let files = events.iter().filter(|event| matches!(event.what, What::FilesSeen { .. }));
            assert_eq!(written, events.len() - files.count());
        }
    }
}
