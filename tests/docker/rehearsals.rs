//! The whole job on the sites of this repository, and on an app that nobody here wrote.

use std::path::Path;

use stagectl::event::{Outcome, State};
use stagectl::report::{Ending, SiteReport};

use crate::driver::{Project, ending, endings, files, repository};
use crate::pictures;
use crate::samples::{httpbin, noticeboard, sample_sites};

/// The sample sites with what is live on one of them, as `make rehearse` has it.
fn sites_in_use(test: &str) -> Project {
    let project = sample_sites(test);
    let live = noticeboard("1.0", "wheel");
    std::fs::create_dir_all(project.path("dist")).unwrap();
    std::fs::copy(&live, project.path("dist").join(live.file_name().unwrap())).unwrap();
    project
}

/// The states of a site's upgrade, and what each came to.
fn states(site: &SiteReport) -> Vec<(State, Option<Outcome>)> {
    site.states.iter().map(|state| (state.name, state.outcome)).collect()
}

#[test]
fn release_1_1_is_green_on_all_sample_sites_and_over_the_release_that_is_live_on_one() {
    let project = sites_in_use("green");
    project
        .rehearse(&noticeboard("1.1", "wheel"))
        .exit_code(0)
        .says("PASSED   3 of 3 sites")
        .says("nothing left: 0 containers, 0 networks, 0 volumes");
    let report = project.report();
    assert_eq!(endings(&report), "site-a 0\nsite-b 0\nsite-c 0");
    assert_eq!((report.verdict, report.code), (Ending::Passed, Some(0)));
    let release = report.release.as_ref().unwrap();
    assert_eq!((release.name.as_str(), release.version.as_str()), ("noticeboard", "1.1"));
    assert!(report.left.is_empty(), "{:?}", report.left);
    for site in &report.sites {
        assert!(site.tests.len() >= 12, "{} has {} tests", site.name, site.tests.len());
        assert!(
            site.installed.iter().any(|line| line.starts_with("flask==")),
            "{:?}",
            site.installed
        );
        assert_eq!(site.refused, [], "{}", site.name);
        let phases: Vec<_> = site.phases.iter().map(|phase| phase.name).collect();
        assert_eq!(
            phases,
            report.sites[0].phases.iter().map(|phase| phase.name).collect::<Vec<_>>()
        );
        let tests = site.tests.len() + site.checks.len();
        assert!(
            junit_cases(&project.run_folder().join(format!("{}/junit.xml", site.name))) >= tests
        );
    }
    let passed = Some(Outcome::Passed);
    let upgrade = [State::Live, State::Between, State::New].map(|state| (state, passed));
    let upgrades: Vec<Vec<_>> = report.sites.iter().map(states).collect();
    assert_eq!(upgrades, [vec![], vec![], upgrade.to_vec()]);
    assert_eq!(report.sites[2].tests.last().unwrap().name, "visit --check");
    let tests: usize = report.sites.iter().map(|site| site.tests.len() + site.checks.len()).sum();
    assert!(junit_cases(&project.run_folder().join("junit.xml")) >= tests);
}

/// The cases of a JUnit file as another program reads it; none of them is red.
fn junit_cases(path: &Path) -> usize {
    let xml = std::fs::read(path).unwrap();
    let report = junit_parser::from_reader(xml.as_slice()).unwrap();
    let red: u64 = report.suites.iter().map(|suite| suite.failures + suite.errors).sum();
    assert_eq!(red, 0, "{}", path.display());
    report.suites.iter().map(|suite| suite.cases.len()).sum()
}

const SECRETS: [(&str, &str); 3] = [
    ("STAGE_DB", "xyzzyDbSecret4711"),
    ("STAGE_SESSION", "xyzzySessionSecret4712"),
    ("STAGE_ADMIN", "xyzzyAdminSecret4713"),
];

#[test]
fn release_1_2_is_red_on_site_b_alone_and_says_why_and_no_secret() {
    let mut project = sites_in_use("red");
    let path = project.path("environments/defaults.yaml");
    let mut defaults = std::fs::read_to_string(&path).unwrap();
    for ((variable, value), name) in SECRETS.into_iter().zip(["db", "session", "admin"]) {
        let line =
            defaults.lines().find(|line| line.contains(&format!("{name}: {{generate:"))).unwrap();
        let line = line.to_owned();
        defaults = defaults.replace(&line, &format!("  {name}: {{from_env: {variable}}}"));
        project = project.variable(variable, value);
    }
    std::fs::write(&path, defaults).unwrap();

    let outcome = project
        .rehearse(&noticeboard("1.2", "wheel"))
        .exit_code(1)
        .says("NameMismatch: www.site-b.example is none of ['*.site-b.example', 'site-b.example']")
        .says("test_own_api.py::")
        .says("certificate refused")
        .says("site-b differs from it in")
        .says("stagectl up site-b --release ")
        .says("FAILED   1 of 3 sites");
    let report = project.report();
    let red = |site: &&stagectl::report::SiteReport| site.code != Some(0);
    let [site] = report.sites.iter().filter(red).collect::<Vec<_>>()[..] else {
        panic!("{}", endings(&report))
    };
    assert_eq!(report.code, Some(1));
    assert_eq!(
        ending(site),
        format!("site-b 1 in suite: 1 of {} tests of the critical suite failed", site.tests.len())
    );
    let log = site.app_log.as_ref().unwrap();
    assert!(log.lines.iter().any(|line| line.contains("certificate refused")), "{log:?}");

    let folder = project.run_folder().join("site-b");
    for file in [
        "failure.txt",
        "suite.xml",
        "suite.log",
        "junit.xml",
        "inspect/app.json",
        "inspect/db.json",
        "logs/0-apache2-error.log",
        "logs/db.log",
        "logs/resolver.log",
    ] {
        assert!(folder.join(file).is_file(), "{file} is not in {:?}", files(&folder));
    }
    project.assert_secrets_are_kept(&outcome);
    pictures::compare(&project);
}

#[test]
fn release_1_3_breaks_the_live_1_1_on_the_one_site_that_is_not_stopped_for_it() {
    let project = sample_sites("between");
    let [live, new] = ["1.1", "1.3"].map(|version| noticeboard(version, "wheel"));
    let [live, new] = [&live, &new].map(|path| path.to_str().unwrap());
    project
        .run(&["rehearse", "--from", live, "--release", new])
        .exit_code(1)
        .says("site-c failed in the critical suite, between the steps and the restart")
        .says(
            "null value in column \"summary\" of relation \"notices\" violates not-null constraint",
        )
        .says("FAILED   1 of 3 sites");
    let report = project.report();
    let (passed, failed) = (Some(Outcome::Passed), Some(Outcome::Failed));
    let stopped = vec![(State::Live, passed), (State::New, passed)];
    let restarted = vec![(State::Live, passed), (State::Between, failed)];
    let upgrades: Vec<Vec<_>> = report.sites.iter().map(states).collect();
    assert_eq!(upgrades, [stopped.clone(), stopped, restarted], "{}", endings(&report));
}

#[test]
fn httpbin_from_the_package_index_is_green() {
    let name = "tests/httpbin";
    let project = Project::new("httpbin")
        .folder(&format!("{name}/environments"), "environments")
        .folder(&format!("{name}/critical"), "critical")
        .defaults("");
    let lock = std::fs::read_to_string(repository().join(name).join("requirements.lock")).unwrap();
    let project = project.file("requirements.lock", &lock);
    project.rehearse(&httpbin()).exit_code(0).says("PASSED   1 of 1 site ");
    let report = project.report();
    assert_eq!(endings(&report), "httpbin 0");

    assert!(report.sites[0].tests.len() >= 10, "{:?}", report.sites[0].tests);

    // So is the upgrade from the release before, which the index has, too; with the libraries of its day alone.
    let release = httpbin();
    let from =
        |from: &'static str| ["rehearse", "--from", from, "--release", release.to_str().unwrap()];
    let told = project.run(&from("httpbin==0.10.1")).exit_code(8);
    told.says("cannot import name 'parse_authorization_header' from 'werkzeug.http'");
    let project = project
        .file("live.txt", "brotlicffi\ndecorator\nflasgger\nflask==2.3.3\nsix\nwerkzeug==2.3.8\n")
        .defaults("live: {index: httpbin==0.10.1, install: {requirements: ../live.txt}}");
    let told = project.rehearse(&release).exit_code(0);
    told.says("state live: httpbin 0.10.1").says("state new: httpbin 0.10.2");
    let told = project.run(&from("httpbin==0.0.0"));
    let told = told
        .exit_code(2)
        .says("the live release of httpbin cannot be had: httpbin==0.0.0 is not at");
    told.says("there are, the newest first: 0.10");
}
