//! The site in use while a release is deployed over another one.

use std::cell::RefCell;
use std::rc::Rc;

use crate::docker::fake::{FakeEngine, Reply};
use crate::event::{State, Traffic, What};
use crate::failure::{Kind, Verdict};
use crate::provision::fixture::engine_where;
use crate::rehearsal::Back;
use crate::rehearsal::fixture::{House, Rehearsed};
use crate::replica::fixture::{self, SHOP};

/// A shop of which a visitor knows two pages.
fn house(deploy: &str) -> House {
    let description = SHOP.replace("deploy:", &format!("deploy:\n  {deploy}"));
    let mut house = House::new(&[("shop", &(description + "live: {traffic: [/, /list]}\n"))]);
    house.live = Some(fixture::wheel("0.9"));
    house
}

/// An engine on which the visitor sees these answers each time.
fn seeing(answers: &'static [&'static str]) -> FakeEngine {
    engine_where(move |_, program, _| {
        let begin = [r#"{"began": true}"#, r#"{"first": 0, "status": 200}"#];
        let begin =
            begin.into_iter().chain([r#"{"first": 1, "status": 200}"#, r#"{"asks": true}"#]);
        let lines: Vec<&str> = begin.chain(answers.iter().copied()).collect();
        (program == "traffic.py").then(|| Reply::of(0, &lines))
    })
}

/// Away for two tenths of a second.
const AWAY: &[&str] = &[
    r#"{"page": 0, "at": 0.1, "took": 0.01, "away": "connection refused"}"#,
    r#"{"page": 1, "at": 0.2, "took": 0.01, "away": "connection refused"}"#,
    r#"{"page": 0, "at": 0.3, "took": 0.01, "status": 200}"#,
    r#"{"page": 1, "at": 0.4, "took": 0.01, "status": 200}"#,
];

fn traffic(rehearsed: &Rehearsed) -> Vec<Traffic> {
    let seen = rehearsed.events.iter().filter_map(|event| match &event.what {
        What::SiteInUse { traffic } => Some(traffic.clone()),
        _ => None,
    });
    seen.collect()
}

#[tokio::test]
async fn each_way_of_an_upgrade_is_seen_by_a_visitor() {
    let mut house = house("rollback: {rehearse: false}");
    house.back = Back::Rehearsed;
    let jobs = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&jobs);
    let engine = engine_where(move |role, program, job| {
        if (role, program) == ("suite", "traffic.py") {
            heard.borrow_mut().push((job["pages"].to_string(), job["first"] == true));
        }
        None
    });
    let rehearsed = house.usual(&engine).await;
    assert_eq!(rehearsed.verdict, Verdict::Passed, "{:?}", rehearsed.sites());
    let states: Vec<State> = traffic(&rehearsed).iter().map(|seen| seen.state).collect();
    assert_eq!(states, [State::Between, State::New, State::Back]);
    let site = "https://www.shop.example";
    let jobs = jobs.borrow();
    // Only the health page of this engine answers before the deploy; after the steps it is known what it answered.
    assert!(jobs[0].0.contains(&format!("\"{site}/list\"")), "{jobs:?}");
    let first: Vec<bool> = jobs.iter().map(|(_, first)| *first).collect();
    assert_eq!(first, [true, false, true]);
    assert!(!jobs[1].0.contains("/list"), "{jobs:?}");
    assert!(rehearsed.has_event(|what| matches!(what, What::Warning { message }
        if message.starts_with("`/list` of `live.traffic` is not asked for during the deploy"))));
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn a_site_that_is_away_for_longer_than_it_may_fails_in_the_deploy() {
    for (strategy, states) in [("restart", 2), ("stop", 1)] {
        let house = house(&format!("strategy: {strategy}\n  downtime: {{at_most: 10ms}}"));
        let engine = seeing(AWAY);
        let rehearsed = house.usual(&engine).await;
        assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Deploy), "{:?}", rehearsed.sites());
        let failure = rehearsed.failure();
        let seconds = if states == 2 { "0.4s" } else { "0.2s" };
        let message = format!(
            "shop was away or wrong for {seconds} while the release was deployed, more than 10ms"
        );
        assert_eq!(failure.message, message);
        assert_eq!(failure.causes.len(), states, "{failure:?}");
        assert!(failure.causes[0].starts_with("away for 0.2s"), "{failure:?}");
        assert!(failure.causes[0].ends_with("2 times connection refused on /healthz, /"));
        let hints = failure.hints.join(" ");
        assert!(hints.contains("deploy.downtime.at_most"), "{hints}");
        assert_eq!(hints.contains("deploy.strategy: restart"), strategy == "stop", "{hints}");
        assert_eq!(engine.leftovers(), []);
    }
}

#[tokio::test]
async fn what_is_allowed_or_not_limited_is_reported_only() {
    for deploy in ["downtime: {at_most: 1min}", "downtime: {}"] {
        let rehearsed = house(deploy).usual(&seeing(AWAY)).await;
        assert_eq!(rehearsed.verdict, Verdict::Passed, "{:?}", rehearsed.sites());
        let gaps: Vec<usize> = traffic(&rehearsed).iter().map(|seen| seen.gaps.len()).collect();
        assert_eq!(gaps, [1, 1]);
    }
}

#[tokio::test]
async fn a_visitor_that_cannot_ask_says_nothing_of_the_release() {
    let engine = engine_where(|_, program, _| {
        (program == "traffic.py").then(|| Reply::of(1, &["Traceback"]))
    });
    let rehearsed = house("downtime: {at_most: 1ms}").usual(&engine).await;
    assert_eq!(rehearsed.verdict, Verdict::Not(Kind::Bug), "{:?}", rehearsed.sites());
    assert_eq!(rehearsed.failure().message, "the visitor of the deploy ended with code 1");
    assert_eq!(engine.leftovers(), []);
}
