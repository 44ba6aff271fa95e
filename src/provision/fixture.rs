//! A stage for tests: a small project on the fake engine, whose replicas are well unless told
//! otherwise.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;
use tokio::sync::Notify;

use super::{Images, Provisioned, Stage, Workshop, provision};
use crate::cancel::Stop;
use crate::docker::fake::{FakeEngine, Reply};
use crate::docker::{Engine as _, Exec};
use crate::event::{Event, Events, Recorder};
use crate::failure::Failure;
use crate::replica::fixture::{self, Stand};
use crate::replica::{FileEntry, JUNIT_FILE, Ownership, Plan, RunId, Secrets};
use crate::site::Site;
use crate::standing::teardown;

/// What the suite writes when all is well.
pub(crate) const GREEN: &str = r#"<testsuites><testsuite name="pytest" tests="1">
<testcase classname="test_critical" name="test_it" time="0.1"/></testsuite></testsuites>"#;

/// An engine with the bases in its store, on which every command does what it should.
pub(crate) fn engine() -> FakeEngine {
    engine_where(|_, _, _| None)
}

/// The same, but for the commands that the script answers: by role, program and job.
pub(crate) fn engine_where(
    mut script: impl FnMut(&str, &str, &Value) -> Option<Reply> + 'static,
) -> FakeEngine {
    let bases = ["bullseye", "bookworm", "trixie"].map(|suite| format!("debian:{suite}-slim"));
    let engine = bases.iter().fold(FakeEngine::new(), |engine, base| engine.with_image(base));
    engine.on_exec(move |container, command| {
        let role = container.rsplit('-').next().unwrap_or_default();
        let program = program_of(command);
        let job = command.stdin.as_deref().unwrap_or_default();
        let job = serde_json::from_slice(job).unwrap_or(Value::Null);
        script(role, program, &job).unwrap_or_else(|| well(role, program))
    })
}

/// `serve.py`, or the first word of a command that is none of ours.
fn program_of(command: &Exec) -> &str {
    let ours = command.argv.iter().find_map(|word| word.strip_prefix("/opt/stagectl/"));
    ours.or(command.argv.first().map(String::as_str)).unwrap_or_default()
}

fn well(role: &str, program: &str) -> Reply {
    match (role, program) {
        (_, "serve.py") => Reply::of(
            0,
            &[
                r#"{"event": "started", "role": "wsgi", "pid": 10}"#,
                r#"{"event": "started", "role": "nginx", "pid": 11}"#,
                r#"{"event": "ready", "waited": 0.1, "status": 200}"#,
            ],
        ),
        (_, "diagnose.py") => Reply::of(
            0,
            &[r#"{"name": "health", "passed": true, "detail": "HTTP 200", "took": 0.01}"#],
        ),
        ("suite", "step.py") => suite_that_writes(0, GREEN),
        _ => Reply::ok(),
    }
}

/// A suite that ends with this code and leaves this JUnit XML.
pub(crate) fn suite_that_writes(code: i64, xml: &str) -> Reply {
    Reply::of(code, &["1 test"]).writing(FileEntry::new(JUNIT_FILE, 0o644, xml))
}

/// A run of the project's first site.
pub(crate) struct Actors {
    pub(crate) stand: Stand,
    pub(crate) plan: Plan,
    secrets: Secrets,
    pub(crate) ownership: Ownership,
    pub(crate) workshop: Workshop,
    events: Events,
    recorder: Recorder,
    pub(crate) stop: Stop,
    ready: Notify,
    started: RefCell<Vec<String>>,
}

impl Actors {
    pub(crate) fn new(description: &str) -> Actors {
        Actors::of(Stand::new(&[("site", description)]))
    }

    pub(crate) fn of(stand: Stand) -> Actors {
        let recorder = Recorder::default();
        Actors {
            plan: stand.plan(),
            secrets: fixture::secrets(stand.site()),
            ownership: fixture::ownership(),
            workshop: workshop(&stand),
            events: Events::new(vec![Box::new(recorder.clone())]),
            recorder,
            stop: Stop::new(),
            ready: Notify::new(),
            started: RefCell::default(),
            stand,
        }
    }

    pub(crate) fn stage<'a>(&'a self, engine: &'a FakeEngine) -> Stage<'a, FakeEngine> {
        Stage {
            engine,
            site: self.stand.site(),
            plan: &self.plan,
            secrets: &self.secrets,
            ownership: &self.ownership,
            workshop: &self.workshop,
            events: &self.events,
            stop: &self.stop,
            images_ready: &self.ready,
            started: &self.started,
        }
    }

    pub(crate) async fn provision(&self, engine: &FakeEngine) -> Result<Provisioned, Failure> {
        engine.create_network(&self.plan.network).await?;
        provision(&self.stage(engine), &Images::default()).await
    }

    pub(crate) async fn tear_down(&self, engine: &FakeEngine) {
        let labels = Ownership::of_run(&self.ownership.run);
        let left = teardown(engine, &labels, &self.events).await.unwrap();
        assert_eq!(left, []);
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.recorder.events()
    }
}

/// Builds on this machine that no other test takes part in.
pub(crate) fn workshop(stand: &Stand) -> Workshop {
    Workshop {
        locks: stand.scratch("locks"),
        mirror: "http://mirror.invalid/debian".to_owned(),
        snapshots: "http://snapshots.invalid/archive".to_owned(),
        roots: None,
        variables: BTreeMap::new(),
    }
}

/// What a run of its own is called by.
pub(crate) fn ownership_of(run: &str) -> Ownership {
    Ownership { run: RunId::named(run), ..fixture::ownership() }
}

/// The plan of a site in another run.
pub(crate) fn plan_in(site: &Site, stand: &Stand, ownership: &Ownership, subnet: u32) -> Plan {
    Plan::new(crate::replica::Ingredients {
        site,
        release: &stand.release,
        secrets: &fixture::secrets(site),
        certificates: None,
        beside: &[],
        ownership,
        subnet: crate::replica::Subnet::nth(subnet),
        taken: &[],
        templates: &crate::replica::Templates::default(),
        has_door: false,
    })
    .unwrap()
}
