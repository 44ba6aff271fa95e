//! `stagectl test`: diagnosis and suite in a replica that an earlier process left up.

use crate::cancel::Stop;
use crate::docker::fake::{FakeEngine, Reply, When};
use crate::event::{Events, Recorder};
use crate::failure::{Failure, Kind};
use crate::provision::Images;
use crate::provision::fixture::{engine, engine_where, suite_that_writes};
use crate::rehearsal::examine::{By, SuiteOutput, Wish, examine};
use crate::rehearsal::fixture::House;
use crate::rehearsal::turn::{Stand, Turn};
use crate::replica::fixture::SHOP;
use crate::standing::standing;

async fn up(engine: &FakeEngine) -> House {
    let house = House::new(&[("shop", SHOP)]);
    let site = house.stand.site().clone();
    let is_up = async |run: &_| {
        let (images, site) = (Images::default(), &site);
        matches!(Turn::new(run, &images, site).bring_up().await, Stand::Up(..))
    };
    assert!(house.run(engine, &Stop::new(), is_up).await.0);
    house
}

async fn test(engine: &FakeEngine, house: &House, stop: &Stop) -> Result<(), Failure> {
    let events = Events::new(vec![Box::new(Recorder::default())]);
    let standing = standing(engine).await?.remove(0);
    let pytest = ["-x".to_owned()];
    let by = By::DiagnosisAndSuite;
    let wish = Wish { pytest: &pytest, output: SuiteOutput::Kept, by, since: None };
    examine(engine, house.stand.site(), &standing, wish, &events, stop).await
}

#[tokio::test]
async fn a_replica_left_up_is_examined_as_often_as_wanted() {
    let engine = engine_where(|role, program, job| match (role, program) {
        ("app", "tail") => Some(Reply::of(0, &["10"])),
        ("app", "diagnose.py") => {
            assert_eq!(job["process"], 10);
            None
        }
        ("suite", "step.py") => {
            let command = job["command"].as_array().unwrap();
            assert_eq!(command.last().unwrap(), "-x");
            None
        }
        _ => None,
    });
    let house = up(&engine).await;
    for _ in 0..2 {
        test(&engine, &house, &Stop::new()).await.unwrap();
    }
    assert_eq!(engine.leftovers().len(), 6, "it stays up");
}

#[tokio::test]
async fn a_rehearsal_passes_arguments_on_to_pytest() {
    let engine = engine_where(|role, program, job| {
        if (role, program) == ("suite", "step.py") {
            let command = job["command"].as_array().unwrap();
            assert_eq!(command.last().unwrap(), "login");
        }
        None
    });
    let pytest = ["-k", "login"].map(str::to_owned).to_vec();
    let mut house = House::new(&[("shop", SHOP)]);
    house.pytest = pytest;
    let rehearsed = house.usual(&engine).await;
    assert_eq!(rehearsed.verdict.code(), 0);
}

#[tokio::test]
async fn a_failure_at_any_request_is_infrastructure() {
    let count = |engine: &FakeEngine| engine.requests().len();
    let probe = engine();
    let house = up(&probe).await;
    let first = count(&probe);
    test(&probe, &house, &Stop::new()).await.unwrap();
    for when in [When::Before, When::After] {
        for number in first..count(&probe) {
            // What cannot be read of the replica must not be taken for the app's fault.
            let engine = engine_where(|role, program, job| match (role, program) {
                ("app", "tail") => Some(Reply::of(0, &["10"])),
                ("app", "diagnose.py") if job["process"] != 10 => Some(Reply::of(
                    0,
                    &[r#"{"name": "process", "passed": false, "detail": "process 0 has ended"}"#],
                )),
                _ => None,
            });
            let house = up(&engine).await;
            let engine = engine.failing_at(number, when);
            let outcome = test(&engine, &house, &Stop::new()).await;
            let action = &engine.requests()[number];
            let kind = outcome.map_err(|failure| failure.kind);
            assert_eq!(kind, Err(Kind::Infrastructure), "{number}: {action}");
        }
    }
}

#[tokio::test]
async fn a_stop_ends_the_waiting() {
    for (role, program) in [("app", "diagnose.py"), ("suite", "step.py")] {
        let engine = engine_where(move |r, p, _| ((r, p) == (role, program)).then(Reply::hangs));
        let house = up(&engine).await;
        let stop = Stop::new();
        let stopper = stop.clone();
        let engine = engine.on_request(move |_, action| {
            if action.contains(program) {
                stopper.request(Kind::Interrupted);
            }
        });
        let outcome = test(&engine, &house, &stop).await;
        assert_eq!(outcome.unwrap_err().kind, Kind::Interrupted, "{program}");
    }
}

#[tokio::test]
async fn a_red_suite_is_red_here_too() {
    let red = r#"<testsuites><testsuite><testcase classname="a" name="b"><failure message="no"/></testcase></testsuite></testsuites>"#;
    let engine = engine_where(move |role, program, _| {
        (role == "suite" && program == "step.py").then(|| suite_that_writes(1, red))
    });
    let house = up(&engine).await;
    assert_eq!(test(&engine, &house, &Stop::new()).await.unwrap_err().kind, Kind::Unfit);
}

#[tokio::test]
async fn a_replica_that_does_not_run_any_more_is_said_to_be_so() {
    let engine = engine();
    let house = up(&engine).await;
    engine.end("stagectl-r1-shop-app", 137);
    let failure = test(&engine, &house, &Stop::new()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Infrastructure);
    assert_eq!(failure.message, "the replica of shop does not run any more");
}

#[tokio::test(start_paused = true)]
async fn what_hangs_inside_is_not_the_app_s_fault() {
    for (hanging, message) in [
        ("diagnose.py", "`diagnose.py` in `stagectl-r1-shop-app` did not end within 600s"),
        ("ended.sh", "could not run `/opt/stagectl/ended.sh` in container `stagectl-r1-shop-app`"),
    ] {
        let engine = engine_where(move |_, program, _| (program == hanging).then(Reply::hangs));
        let house = up(&engine).await;
        let failure = test(&engine, &house, &Stop::new()).await.unwrap_err();
        assert_eq!((failure.kind, failure.message.as_str()), (Kind::Infrastructure, message));
    }
}
