//! Event lists of whole runs, for the tests of `report` and `display`.

mod steps;

use std::time::Duration;

use crate::event::{
    Check, Computer, EngineSeen, Event, Goal, Hint, ImageOrigin, Inventory, Outcome, Release,
    Resource, ResourceKind, Surroundings, Test, TestStatus, What,
};
use crate::failure::{Excerpt, Failure, Kind, Verdict};
use crate::replica::Phase;
use crate::site::{Difference, SiteName, Suspect};

pub(crate) use steps::{of_container, one_site, performed};

/// Writes an event list: a clock, and a site whose turn it is.
pub(crate) struct Script {
    now: u64,
    site: Option<SiteName>,
    events: Vec<Event>,
}

pub(crate) fn site(name: &str) -> SiteName {
    name.parse().unwrap()
}

pub(crate) fn release(version: &str) -> Release {
    Release {
        name: "noticeboard".into(),
        version: version.into(),
        digest: "3f9c21ab".repeat(8),
        path: format!("dist/noticeboard-{version}-py3-none-any.whl"),
    }
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

impl Script {
    pub(crate) fn new(goal: Goal, sites: &[&str]) -> Self {
        let script = Script { now: 0, site: None, events: Vec::new() };
        script.emit(What::RunStarted {
            run: "20261123-1014-3f9c".into(),
            goal,
            started: "2026-11-23T10:14:00Z".parse().unwrap(),
            project: "noticeboard".into(),
            release: Some(release("1.2")),
            sites: sites.iter().map(|name| site(name)).collect(),
        })
    }

    pub(crate) fn emit(mut self, what: What) -> Self {
        self.events.push(Event { at: millis(self.now), site: self.site.clone(), what });
        self
    }

    pub(crate) fn after(mut self, ms: u64) -> Self {
        self.now += ms;
        self
    }

    /// What follows is about this site.
    pub(crate) fn of(mut self, name: &str) -> Self {
        self.site = Some(site(name));
        self
    }

    pub(crate) fn start(self, name: &str) -> Self {
        self.of(name).emit(What::SiteStarted { environment: "e1".repeat(32), advisory: false })
    }

    pub(crate) fn begin(self, phase: Phase) -> Self {
        self.emit(What::PhaseStarted { phase })
    }

    pub(crate) fn doing(self, phase: Phase, what: &str) -> Self {
        self.emit(What::Doing { phase, what: what.into(), progress: None })
    }

    pub(crate) fn end(self, phase: Phase, ms: u64, outcome: Outcome) -> Self {
        let note = String::new();
        self.emit(What::PhaseEnded { phase, took: millis(ms), outcome, note })
    }

    pub(crate) fn phase(self, phase: Phase, ms: u64) -> Self {
        self.begin(phase).after(ms).end(phase, ms, Outcome::Passed)
    }

    pub(crate) fn image(self, origin: ImageOrigin, ms: u64) -> Self {
        self.emit(What::ImageReady {
            role: "environment".into(),
            key: "0123456789abcdef".into(),
            id: "sha256:aa".into(),
            origin,
            took: millis(ms),
        })
    }

    pub(crate) fn images(self, origin: ImageOrigin, ms: u64) -> Self {
        self.begin(Phase::Images).after(ms).image(origin, ms).end(
            Phase::Images,
            ms,
            Outcome::Passed,
        )
    }

    pub(crate) fn checks(self, count: usize) -> Self {
        let mut script = self.begin(Phase::Diagnosis).after(300);
        for number in 1..=count {
            let name = format!("check {number}");
            let check = Check { name, passed: true, detail: "as described".into(), took: 0.01 };
            script = script.emit(What::CheckEnded { check });
        }
        script.end(Phase::Diagnosis, 300, Outcome::Passed)
    }

    pub(crate) fn test(self, name: &str, status: TestStatus, message: Option<&str>) -> Self {
        self.emit(What::TestEnded {
            test: Test {
                group: "test_own_api".into(),
                name: name.into(),
                file: Some("test_own_api.py".into()),
                status,
                took: 0.05,
                message: message.map(str::to_owned),
                details: message.map(|message| format!("def {name}():\n\tassert get()\n{message}")),
                ..Test::default()
            },
        })
    }

    pub(crate) fn green_tests(self, count: usize) -> Self {
        (1..=count).fold(self, |script, number| {
            script.test(&format!("test_{number}"), TestStatus::Passed, None)
        })
    }

    pub(crate) fn suite(self, ms: u64) -> Self {
        let script = self.begin(Phase::Suite).after(ms).green_tests(12);
        script.end(Phase::Suite, ms, Outcome::Passed)
    }

    pub(crate) fn finish(self, verdict: Verdict, took: u64, failure: Option<Failure>) -> Self {
        self.emit(What::SiteEnded { verdict, took: millis(took), failure })
    }

    pub(crate) fn green_site(self, name: &str) -> Self {
        let script = self.start(name).phase(Phase::Check, 10).images(ImageOrigin::Cached, 40);
        let script = script.phase(Phase::Up, 1100).phase(Phase::Deploy, 900);
        let script = script.phase(Phase::Ready, 200).checks(14).suite(800).phase(Phase::Down, 200);
        script.finish(Verdict::Passed, 3550, None)
    }

    pub(crate) fn over(mut self, verdict: Verdict) -> Vec<Event> {
        self.site = None;
        let took = millis(self.now);
        self.emit(What::RunEnded { verdict, took }).events
    }

    pub(crate) fn clean(mut self, verdict: Verdict) -> Vec<Event> {
        self.site = None;
        self.emit(What::Inventory { left: Inventory::default() }).over(verdict)
    }

    /// The events so far, of a run that has not ended.
    pub(crate) fn so_far(self) -> Vec<Event> {
        self.events
    }
}

const SITES: [&str; 3] = ["site-a", "site-b", "site-c"];
const FOLDER: &str = ".stagectl/runs/20261123-1014-3f9c/";
const RELEASE: &str = "dist/noticeboard-1.2-py3-none-any.whl";

/// Three green sites; the images of the second one are made while the first one is tested.
pub(crate) fn green() -> Vec<Event> {
    let script = Script::new(Goal::Rehearse, &SITES).start("site-a");
    let script = script.phase(Phase::Check, 10).images(ImageOrigin::Cached, 40);
    let script = script.phase(Phase::Up, 1100).of("site-b").begin(Phase::Images);
    let script = script.doing(Phase::Images, "bootstrapping debian bullseye: unpacking");
    let script = script.of("site-a").phase(Phase::Deploy, 900).phase(Phase::Ready, 200);
    let script = script.checks(14).of("site-b").image(ImageOrigin::Built, 38_200);
    let script = script.of("site-a").suite(800).phase(Phase::Down, 200);
    let script = script.finish(Verdict::Passed, 3550, None).start("site-b").after(30_000);
    let script = script.end(Phase::Images, 41_000, Outcome::Passed).phase(Phase::Up, 1300);
    let script = script.phase(Phase::Deploy, 1200).phase(Phase::Ready, 300).checks(14);
    let script = script.suite(900).phase(Phase::Down, 200).finish(Verdict::Passed, 45_200, None);
    script.green_site("site-c").clean(Verdict::Passed)
}

/// Where the red run was started.
fn surroundings() -> Surroundings {
    Surroundings {
        command: format!("stagectl rehearse --release {RELEASE}"),
        host: Computer {
            name: "build-7".into(),
            system: "Debian GNU/Linux 12 (bookworm)".into(),
            architecture: "x86_64".into(),
            cores: 2,
            memory: Some(24 << 30),
        },
        engine: EngineSeen {
            version: "29.1.3".into(),
            storage: "overlay2".into(),
            host: "build-7".into(),
            cores: 2,
            memory: 24 << 30,
        },
    }
}

pub(crate) fn red_suite() -> Vec<Event> {
    let script = Script::new(Goal::Rehearse, &SITES)
        .emit(What::Surroundings { surroundings: surroundings() })
        .green_site("site-a");
    let script = script.start("site-b").emit(What::Warning {
        message: "no lock and no `as_of`: today's index decided what was installed".into(),
    });
    let script = script.images(ImageOrigin::Built, 41_000).phase(Phase::Up, 1300);
    let script = script.phase(Phase::Deploy, 1200).phase(Phase::Ready, 300).checks(14);
    let script = script.begin(Phase::Suite).after(900).green_tests(11).test(
        "test_board_is_reachable_by_its_own_address",
        TestStatus::Failed,
        Some("NameMismatch: www.site-b.example is none of ['*.site-b.example', 'site-b.example']"),
    );
    let script = script.end(Phase::Suite, 900, Outcome::Failed);
    let lines = vec![
        "noticeboard.api  error  GET https://www.site-b.example/api/notices: \u{1b}[31mcertificate \
         refused"
            .to_owned(),
    ];
    let script = script
        .emit(What::AppLog { excerpt: Excerpt { source: "app".into(), lines } })
        .emit(What::NameRefused {
            name: "api.pay.example".into(),
            times: 3,
            by: vec!["app".into()],
        })
        .emit(What::EvidenceSaved { folder: format!("{FOLDER}site-b/") })
        .emit(What::Again { command: format!("stagectl up site-b --release {RELEASE}") });
    let failure = Failure::new(Kind::Unfit, "1 of 12 critical tests failed");
    let verdict = Verdict::Not(Kind::Unfit);
    let script = script.phase(Phase::Down, 200).finish(verdict, 45_100, Some(failure));
    let script = script.green_site("site-c").of("site-b").emit(What::DiffersFrom {
        site: site("site-a"),
        differences: [
            ("tls.certificate.names", Some("the failure says \u{201c}NameMismatch\u{201d}")),
            ("base.debian", None),
            ("locale", None),
            ("proxy.server", None),
            ("wsgi.server", Some("one site passed with this value")),
        ]
        .map(|(key, why)| Suspect {
            difference: Difference { key: key.to_owned(), one: Some("x".to_owned()), two: None },
            why: why.map(str::to_owned),
        })
        .to_vec(),
    });
    script.clean(verdict)
}

pub(crate) fn failed_deploy() -> Vec<Event> {
    let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a");
    let script = script.images(ImageOrigin::Cached, 40).phase(Phase::Up, 1100);
    let output = vec!["psycopg.errors.UndefinedTable: relation \"notices\" is missing".to_owned()];
    let script = script.begin(Phase::Deploy).after(1500).emit(What::StepEnded {
        locks: Vec::new(),
        name: "migrate".into(),
        code: 1,
        took: millis(1400),
        output: output.clone(),
    });
    let failure = Failure::new(Kind::Deploy, "deploy step `migrate` ended with code 1")
        .evidence("deploy step migrate", output)
        .hint("run it yourself: stagectl up site-a --keep");
    let verdict = Verdict::Not(Kind::Deploy);
    let script = script.end(Phase::Deploy, 1500, Outcome::Failed).phase(Phase::Down, 200);
    script.finish(verdict, 2800, Some(failure)).clean(verdict)
}

pub(crate) fn infrastructure() -> Vec<Event> {
    let script = Script::new(Goal::Rehearse, &["site-a", "site-b"]).start("site-a");
    let failure = Failure::infrastructure("could not build the environment image of site-a")
        .cause("could not reach the package mirror")
        .cause("no route to host")
        .hint("set `STAGECTL_MIRROR` to a mirror that this machine reaches");
    let script = script.begin(Phase::Images).after(61_000);
    let script = script.end(Phase::Images, 61_000, Outcome::Error);
    let verdict = Verdict::Not(Kind::Infrastructure);
    script.finish(verdict, 61_000, Some(failure)).green_site("site-b").clean(verdict)
}

pub(crate) fn interrupted() -> Vec<Event> {
    let script = Script::new(Goal::Rehearse, &SITES).green_site("site-a").start("site-b");
    let script = script.images(ImageOrigin::Cached, 40).begin(Phase::Up).after(700);
    let script = script.emit(What::StopRequested { why: "Ctrl-C".into() });
    let script = script.end(Phase::Up, 700, Outcome::Error).phase(Phase::Down, 200);
    let verdict = Verdict::Not(Kind::Interrupted);
    let failure = Failure::new(Kind::Interrupted, "stopped by Ctrl-C");
    script.finish(verdict, 940, Some(failure)).clean(verdict)
}

pub(crate) fn leftovers() -> Vec<Event> {
    let script = Script::new(Goal::Rehearse, &["site-a"]).green_site("site-a");
    let name = "stagectl-3f9c-site-a-db".to_owned();
    let mut script = script.emit(What::LeftBehind {
        resource: Resource { kind: ResourceKind::Container, name },
        error: "Docker answered 500: device busy".into(),
    });
    script.site = None;
    let left = Inventory { containers: 1, networks: 0, volumes: 0 };
    script.emit(What::Inventory { left }).over(Verdict::Not(Kind::LeftBehind))
}

/// A replica that stays up because it was asked for.
pub(crate) fn up() -> Vec<Event> {
    let script = Script::new(Goal::Up, &["site-a"]).start("site-a");
    let script = script.images(ImageOrigin::Cached, 40).phase(Phase::Up, 1100);
    let script = script.phase(Phase::Deploy, 900).phase(Phase::Ready, 200);
    let mut script = script.emit(What::Reachable {
        url: "https://www.site-a.example/".into(),
        command: "curl --cacert .stagectl/root.pem --resolve www.site-a.example:443:172.20.0.5 \
                  https://www.site-a.example/"
            .into(),
        more: [
            ("log in", "as admin"),
            (Hint::LEASE, "until Mon 18:00; each use begins its 8h anew"),
            (Hint::NEXT, "stagectl open site-a, test, logs -f, shell, redeploy; at the end down"),
            (Hint::WAYS, "stagectl open site-a --how"),
        ]
        .map(|(topic, text)| Hint { topic: topic.into(), text: text.into() })
        .into(),
    });
    script = script.finish(Verdict::Passed, 2240, None);
    script.site = None;
    let kept = Inventory { containers: 4, networks: 1, volumes: 0 };
    script.emit(What::Kept { kept }).over(Verdict::Passed)
}
