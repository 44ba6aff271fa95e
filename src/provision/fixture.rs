//! A stage for tests: a small project on the fake engine, whose replicas are well unless scripted
//! otherwise.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Images, Provisioned, Watch, prepare_images, provision, redeploy};
use crate::cancel::Stop;
use crate::docker::fake::{FakeEngine, Reply};
use crate::docker::{Engine as _, Exec};
use crate::event::{Event, Events, Recorder};
use crate::failure::Failure;
use crate::inside::Replica;
use crate::replica::fixture::{self, Stand};
use crate::replica::{FileEntry, JUNIT_FILE, Keys, Ownership, Plan, RunId, RunSpec};
use crate::run::{Run, Workshop};
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
        (_, "postgres-locks.sh" | "mariadb-locks.sh") => {
            Reply::of(0, &[r#"{"at": 0, "strongest": null, "waits": []}"#])
        }
        (_, "diagnose.py") => Reply::of(
            0,
            &[r#"{"name": "health", "passed": true, "detail": "HTTP 200", "took": 0.01}"#],
        ),
        ("suite", "traffic.py") => Reply::of(
            0,
            &[
                r#"{"began": true}"#,
                r#"{"first": 0, "at": 0.0, "took": 0.01, "status": 200}"#,
                r#"{"asks": true}"#,
                r#"{"page": 0, "at": 0.1, "took": 0.01, "status": 200}"#,
            ],
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
    pub(crate) ownership: Ownership,
    pub(crate) workshop: Workshop,
    events: Events,
    recorder: Recorder,
    pub(crate) stop: Stop,
}

impl Actors {
    pub(crate) fn new(description: &str) -> Actors {
        Actors::of(Stand::new(&[("site", description)]))
    }

    pub(crate) fn of(stand: Stand) -> Actors {
        let recorder = Recorder::default();
        Actors {
            plan: stand.plan(),
            ownership: fixture::ownership(),
            workshop: workshop(&stand),
            events: Events::new(vec![Box::new(recorder.clone())]),
            recorder,
            stop: Stop::new(),
            stand,
        }
    }

    /// The run, as its parts are now.
    fn run(&self, engine: &FakeEngine) -> Run<FakeEngine> {
        let spec = fixture::run_spec(&self.stand.release);
        Run {
            engine: engine.clone(),
            spec: RunSpec { ownership: self.ownership.clone(), ..spec },
            release_argument: "dist/shop.whl".to_owned(),
            events: self.events.clone(),
            stop: self.stop.clone(),
            workshop: self.workshop.clone(),
            authority: self.stand.authority(),
            root: self.stand.root(),
            folder: self.stand.scratch("runs"),
            shown_folder: "runs".to_owned(),
            lease: std::time::Duration::from_hours(1),
        }
    }

    /// Does something with the first site of the run.
    async fn with<T>(
        &self,
        engine: &FakeEngine,
        work: impl AsyncFnOnce(&Run<FakeEngine>, &Replica<'_, FakeEngine>) -> T,
    ) -> T {
        let run = self.run(engine);
        let replica = Replica {
            engine: &run.engine,
            site: self.stand.site(),
            handles: self.plan.handles.clone(),
            secrets: fixture::secrets(self.stand.site()),
            events: self.events.clone(),
            stop: self.stop.clone(),
        };
        work(&run, &replica).await
    }

    pub(crate) async fn provision(
        &self,
        engine: &FakeEngine,
    ) -> Result<Provisioned<'static>, Failure> {
        engine.create_network(&self.plan.network).await?;
        self.execute(engine, &Images::default()).await
    }

    /// Executes the plan, with what is known of images.
    pub(crate) async fn execute(
        &self,
        engine: &FakeEngine,
        images: &Images,
    ) -> Result<Provisioned<'static>, Failure> {
        let shared = (images, &Watch::default());
        self.with(engine, async |run, replica| {
            let Provisioned { processes, images, .. } =
                provision(run, replica, &self.plan, shared).await?;
            Ok(Provisioned { processes, images, suite: None })
        })
        .await
    }

    /// Puts the release once more where it is, as a run of its own.
    pub(crate) async fn redeploy(&self, engine: &FakeEngine) -> Result<(), Failure> {
        let (site, run) = (self.stand.site(), fixture::run_spec(&self.stand.release));
        let run = RunSpec { ownership: ownership_of("r2"), ..run };
        let keys = Keys::of(fixture::secrets(site));
        let place = (&self.ownership.run, crate::replica::Subnet::nth(0));
        let plan = Plan::redeploy(&run, site, &keys, place)?;
        let (images, watch) = (Images::default(), Watch::default());
        let shared = (&images, &watch);
        self.with(engine, async |run, replica| {
            prepare_images(run, replica, &plan, shared).await?;
            redeploy(run, replica, &plan, shared).await
        })
        .await
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
        uses: Some(stand.scratch("uses")),
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
    let spec = fixture::run_spec(&stand.release);
    let spec = RunSpec { ownership: ownership.clone(), ..spec };
    let keys = Keys::of(fixture::secrets(site));
    Plan::new(&spec, site, &keys, (crate::replica::Subnet::nth(subnet), &[])).unwrap()
}
