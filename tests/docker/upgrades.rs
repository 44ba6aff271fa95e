//! The upgrade from a live release to a new one, state by state.

use std::fs;
use std::path::PathBuf;

use stagectl::event::{Outcome, State};
use stagectl::replica::Phase;
use stagectl::report::SiteReport;

use crate::driver::{Project, ending, repository};
use crate::samples::{sources, wheel_of};

/// A project whose sites keep a ledger, in the cheapest way there is.
pub(crate) fn ledger_sites(test: &str) -> Project {
    let visit = fs::read_to_string(repository().join("tests/apps/ledger/visit.py")).unwrap();
    let project = Project::new(test).folder("tests/apps/ledger/critical", "critical");
    project.file("visit.py", &visit).defaults(
        r#"
base: {debian: bookworm}
install: {extra: ["gunicorn==23.0.0"]}
user: ledger
data: [/srv/ledger/data]
names: [ledger.example]
env: {LEDGER: /srv/ledger/data/ledger.sqlite3}
proxy: {server: none}
wsgi: {server: gunicorn, application: "ledger.wsgi:application", workers: 1}
deploy:
  steps:
    - {name: migrate, run: python -m ledger.admin migrate}
    - {name: found, run: python -m ledger.admin write founded, when: first}
    - {name: mark, run: python -m ledger.admin write upgraded, when: upgrade}
health: {within: 10s}
critical: {path: ../critical, budget: 60s}
"#,
    )
}

/// A release of the ledger as a wheel.
pub(crate) fn ledger(project: &Project, version: &str, requires: &str) -> PathBuf {
    let folder = repository().join("tests/apps/ledger/releases").join(version);
    wheel_of(project, ("ledger", version), requires, sources(&folder, ""))
}

/// The states of a site with how they ended, and their tests and deploy steps.
fn states(site: &SiteReport) -> Vec<(State, Option<Outcome>, String, String)> {
    let last = site.states.len().saturating_sub(1);
    let of = |(number, state): (usize, &stagectl::report::StateReport)| {
        let (tests, steps) =
            if number == last { (&site.tests, &site.steps) } else { (&state.tests, &state.steps) };
        let tests: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
        let steps: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        (state.name, state.outcome, tests.join(" "), steps.join(" "))
    };
    site.states.iter().enumerate().map(of).collect()
}

#[test]
fn a_release_is_deployed_over_the_live_one_and_both_are_judged() {
    let project = ledger_sites("upgrade");
    let (old, new) = (ledger(&project, "1.0", ""), ledger(&project, "1.1", ""));
    let live = format!("live: {{release: ../{}}}", old.file_name().unwrap().to_str().unwrap());
    let project = project.site("old", &live).site("fresh", "order: 9");
    let told = project.run(&["rehearse", "old", "--release", new.to_str().unwrap()]).exit_code(0);
    told.says("nothing left: 0 containers, 0 networks, 0 volumes");
    let site = &project.report().sites[0];
    let (passed, live) = (Some(Outcome::Passed), "test_the_ledger_was_founded_by_the_live_release");
    let all =
        format!("{live} test_the_new_release_runs_on_what_was_there test_entries_have_an_author");
    let expected = [
        (State::Live, passed, live.to_owned(), "migrate found".to_owned()),
        (State::Between, passed, live.to_owned(), "migrate mark".to_owned()),
        (State::New, passed, all, String::new()),
    ];
    assert_eq!(states(site), expected, "{}", ending(site));
    assert!(site.states[0].installed.contains(&"ledger==1.0".to_owned()), "{:?}", site.states[0]);
    assert!(site.installed.contains(&"ledger==1.1".to_owned()), "{:?}", site.installed);
    let junit = fs::read_to_string(project.run_folder().join("junit.xml")).unwrap();
    for case in ["name=\"live\" classname=\"old.state\"", "classname=\"old.live.test_ledger\""] {
        assert!(junit.contains(case), "{case} in {junit}");
    }
    // Without a live release it is as ever, and the report says so.
    let fresh = project.run(&["rehearse", "fresh", "--release", old.to_str().unwrap()]);
    fresh.exit_code(1).says("test_the_new_release_runs_on_what_was_there");
    let site = &project.report().sites[0];
    assert_eq!((states(site), site.steps.len()), (Vec::new(), 2));
    let page = fs::read_to_string(project.run_folder().join("report.html")).unwrap();
    assert!(page.contains("none rehearsed: no live release is described"));
}

#[test]
fn a_live_release_that_is_red_says_nothing_of_the_new_one() {
    let project = ledger_sites("baseline").site("old", "live: {suite: {select: not live}}");
    let (old, new) = (ledger(&project, "1.0", ""), ledger(&project, "1.1", ""));
    let rehearse = |from: &PathBuf| {
        let [from, new] = [from, &new].map(|path| path.to_str().unwrap());
        project.run(&["rehearse", "--from", from, "--release", new])
    };
    let told = rehearse(&old).exit_code(8);
    let told = told.says("old could not be judged: its live release is red (the critical suite)");
    told.says("or say which in `live.suite.select`");
    let site = &project.report().sites[0];
    let tests = "test_the_new_release_runs_on_what_was_there test_entries_have_an_author";
    let red = (State::Live, Some(Outcome::Error), tests.to_owned(), "migrate found".to_owned());
    assert_eq!(states(site), [red], "{}", ending(site));

    // One that cannot be installed any more, as what it needs is gone.
    let gone = ledger(&project, "1.0", "Requires-Dist: stagectl-has-no-such-distribution==9\n");
    let told = rehearse(&gone).exit_code(8).says("stagectl-has-no-such-distribution");
    told.says("live.install.requirements");
    let site = &project.report().sites[0];
    assert_eq!(site.broken_phase().map(|phase| phase.name), Some(Phase::Images));
}

#[test]
fn what_a_visitor_leaves_on_the_live_release_is_looked_for_on_the_new_one() {
    let project = ledger_sites("visit").site("kept", "live: {visit: ../visit.py}").site(
        "lost",
        "live: {visit: ../visit.py}\ndeploy:\n  steps:\n    \
         - {name: migrate, run: python -m ledger.admin migrate}\n    \
         - {name: found, run: python -m ledger.admin write founded, when: first}\n    \
         - {name: clear, run: python -m ledger.admin clear, when: upgrade}\n    \
         - {name: mark, run: python -m ledger.admin write upgraded, when: upgrade}\n",
    );
    let (old, new) = (ledger(&project, "1.0", ""), ledger(&project, "1.1", ""));
    let [from, new] = [&old, &new].map(|path| path.to_str().unwrap());
    let told = project.run(&["rehearse", "--from", from, "--release", new]).exit_code(1);
    told.says("the visitor's line is gone").says("lost failed in the critical suite");
    let report = project.report();
    let codes: Vec<_> = report.sites.iter().map(|site| (site.name.as_str(), site.code)).collect();
    assert_eq!(codes, [("kept", Some(0)), ("lost", Some(1))]);
    for site in &report.sites {
        let visits = |tests: &[stagectl::event::Test]| tests.last().map(|test| test.name.clone());
        assert_eq!(visits(&site.states[0].tests).as_deref(), Some("visit"), "{}", site.name);
        assert_eq!(visits(&site.tests).as_deref(), Some("visit --check"), "{}", site.name);
    }
    // One that fails on the live release says nothing of the new one.
    let project = project.file("visit.py", "raise SystemExit('no door was open')\n");
    let told = project.run(&["rehearse", "kept", "--from", from, "--release", new]);
    told.exit_code(8).says("no door was open").says("`visit` failed with exit code 1");
}

#[test]
fn the_live_release_comes_back_and_finds_what_was_left_on_it() {
    let project = ledger_sites("back").site(
        "board",
        "live: {visit: ../visit.py}\ndeploy: {rollback: {steps: [\
         {name: regret, run: python -m ledger.admin write taken-back}]}}\n",
    );
    let visit = fs::read_to_string(repository().join("tests/apps/ledger/visit.py")).unwrap();
    let project = project.file("critical/visit.py", &visit).site(
        "restored",
        "live: {visit: {run: python visit.py}}\ndeploy:\n  strategy: stop\n  \
         backup: {run: cp data/ledger.sqlite3 data/before, restore: cp data/before data/ledger.sqlite3}\n",
    );
    let (old, new) = (ledger(&project, "1.0", ""), ledger(&project, "1.1", ""));
    let [from, new] = [&old, &new].map(|path| path.to_str().unwrap());
    let arguments = ["rehearse", "--rollback", "--from", from, "--release", new];
    let told = project.run(&arguments).exit_code(0);
    told.says("nothing left: 0 containers, 0 networks, 0 volumes");
    let report = project.report();
    let site = &report.sites[0];
    let seen: Vec<_> = site.states.iter().map(|state| (state.name, state.outcome)).collect();
    let all = [State::Live, State::Between, State::New, State::Back];
    assert_eq!(seen, all.map(|state| (state, Some(Outcome::Passed))), "{}", ending(site));
    let back = (State::Back, Some(Outcome::Passed));
    let tests = "test_the_ledger_was_founded_by_the_live_release visit --check".to_owned();
    let (name, outcome, found, steps) = states(site).pop().unwrap();
    assert_eq!(((name, outcome), found, steps.as_str()), (back, tests, "regret"));
    // What is installed is the live release's again.
    assert!(site.installed.contains(&"ledger==1.0".to_owned()), "{:?}", site.installed);

    // The backup is of the data as the live release left it, so nothing of the new one is there any more.
    let site = &report.sites[1];
    let passed = Some(Outcome::Passed);
    let live = "test_the_ledger_was_founded_by_the_live_release";
    let all =
        format!("{live} test_the_new_release_runs_on_what_was_there test_entries_have_an_author");
    let expected = [
        (State::Live, passed, format!("{live} visit"), "migrate found".to_owned()),
        (State::New, passed, format!("{all} visit --check"), "backup migrate mark".to_owned()),
        (State::Back, passed, format!("{live} visit --check"), "restore the backup".to_owned()),
    ];
    assert_eq!(states(site), expected, "{}", ending(site));

    // One that cannot be restored is found out here, and not on the night.
    let restore = "live: {visit: {run: python visit.py}}\ndeploy: {backup: {run: 'true', restore: cp data/before .}}\n";
    let project = project.site("restored", restore);
    let told =
        project.run(&["rehearse", "restored", "--rollback", "--from", from, "--release", new]);
    told.exit_code(3).says("restore the backup").says("cannot stat 'data/before'");
    let site = &project.report().sites[0];
    assert_eq!(site.states.last().map(|state| state.name), Some(State::Back), "{}", ending(site));
}

#[test]
fn releases_beside_each_other_stay_as_long_as_they_are_kept() {
    // What the new release reads of its configuration is a path of the live one.
    let old_path = "env: {LEDGER: /srv/ledger/data/ledger.sqlite3, LEDGER_PLUGINS: /srv/ledger/releases/1.0/venv}\n";
    let describe = |keep: usize| {
        let deploy = format!("deploy: {{releases: {{keep: {keep}}}, downtime: {{at_most: 5s}}}}\n");
        format!("live: {{visit: ../visit.py}}\n{deploy}{old_path}")
    };
    let project = ledger_sites("beside").site("kept", &describe(2)).site("lost", &describe(1));
    let (old, new) = (ledger(&project, "1.0", ""), ledger(&project, "1.1", ""));
    let [from, new] = [&old, &new].map(|path| path.to_str().unwrap());
    let arguments = ["rehearse", "--from", from, "--release", new];
    let told = project.run(&arguments).exit_code(4);
    let told = told.says("No such file or directory: '/srv/ledger/releases/1.0/venv'");
    told.says("nothing left: 0 containers, 0 networks, 0 volumes");
    let report = project.report();
    let passed = Some(Outcome::Passed);
    let live = "test_the_ledger_was_founded_by_the_live_release";
    let [kept, lost] = [&report.sites[0], &report.sites[1]];
    let outcomes = |site: &SiteReport| -> Vec<_> {
        site.states.iter().map(|state| (state.name, state.outcome)).collect()
    };
    let all = [State::Live, State::Between, State::New];
    assert_eq!(outcomes(kept), all.map(|state| (state, passed)), "{}", ending(kept));
    let failed = Some(Outcome::Failed);
    assert_eq!(
        outcomes(lost),
        [(State::Live, passed), (State::Between, passed), (State::New, failed)],
        "{}",
        ending(lost)
    );
    assert!(kept.states[1].tests.iter().any(|test| test.name == live), "{:?}", kept.states[1]);
    // And back, by the link.
    let arguments = ["rehearse", "kept", "--rollback", "--from", from, "--release", new];
    project.run(&arguments).exit_code(0);
    let site = &project.report().sites[0];
    assert_eq!(site.states.last().map(|it| (it.name, it.outcome)), Some((State::Back, passed)));
    assert!(site.installed.contains(&"ledger==1.0".to_owned()), "{:?}", site.installed);
}
