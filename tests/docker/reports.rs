//! Sites shared by runs, one verdict out of both, and what failed once more.

use stagectl::event::ResourceKind;
use stagectl::report::{Ending, Report};

use crate::driver::{Project, ending, endings};
use crate::samples::{tiny, tiny_sites};

fn merged(project: &Project) -> Report {
    serde_json::from_slice(&std::fs::read(project.path("merged/report.json")).unwrap()).unwrap()
}

/// The containers of the first site that were created, and of which its timeline does not say when they were.
fn containers_without_a_time(report: &Report) -> Vec<String> {
    let site = &report.sites[0];
    let own = format!("stagectl-{}-{}-", report.run, site.name);
    let created = report.created.iter().filter(|thing| thing.kind == ResourceKind::Container);
    let roles: Vec<&str> = created.filter_map(|thing| thing.name.strip_prefix(&own)).collect();
    assert!(roles.contains(&"app") && roles.contains(&"suite"), "{roles:?}");
    let is_known =
        |role: &str| site.timeline.iter().any(|of| of.container.as_deref() == Some(role));
    roles.into_iter().filter(|role| !is_known(role)).map(str::to_owned).collect()
}

#[test]
fn two_parts_make_one_verdict_and_only_what_failed_is_rehearsed_again() {
    let site = |name: &str| format!("names: [{name}.example]\n");
    let project = tiny_sites("parts")
        .site("one", &site("one"))
        // No app answers so, and it never becomes ready.
        .site("two", &(site("two") + "health: {status: 418, within: 2s}\n"))
        .site("three", &site("three"));
    let release = tiny(&project);
    let release = release.to_str().unwrap();
    let rehearse =
        |more: &[&str]| project.run(&[&["rehearse", "--release", release], more].concat());

    // By name, as no order is given: one, three, two. Nothing is recorded yet.
    rehearse(&["--partition", "1/2"]).exit_code(4);
    assert_eq!(endings(&project.report()).lines().next(), Some("one 0"));
    let first = project.run_folder();
    let page = std::fs::read_to_string(first.join("report.html")).unwrap();
    assert!(page.contains("<title>FAILED: tiny 1.0 on 1 of 2 sites</title>"), "{page}");
    assert!(page.contains("two never became ready"), "{page}");
    // What lies beside the page is linked from it.
    assert!(first.join("two/failure.txt").is_file() && page.contains(">failure.txt</a>"), "{page}");

    // The first part is not enough, and says so.
    project
        .run(&[
            "report",
            "merge",
            first.to_str().unwrap(),
            "--into",
            project.path("half").to_str().unwrap(),
        ])
        .exit_code(5)
        .says("warning: three: no run reported on it");

    let empty = project.path("nothing recorded");
    std::fs::create_dir(&empty).unwrap();
    rehearse(&["--partition", "2/2", "--times", empty.to_str().unwrap()]).exit_code(0);
    let report = project.report();
    assert_eq!(endings(&report), "three 0");
    assert_eq!(containers_without_a_time(&report), [""; 0]);
    let steps = &report.sites[0].timeline;
    let last = steps.iter().filter(|step| step.critical).max_by(|a, b| a.at.total_cmp(&b.at));
    assert_eq!(last.map(|step| step.what.as_str()), Some("teardown"), "{steps:#?}");
    project
        .run(&["report", "show", "--timeline", "three"])
        .exit_code(0)
        .says("critical path (*): ");
    let into = project.path("merged");
    project
        .run(&[
            "report",
            "merge",
            project.path(".stagectl").to_str().unwrap(),
            "--into",
            into.to_str().unwrap(),
        ])
        .exit_code(4)
        .says("FAILED   1 of 3 sites");
    let report = merged(&project);
    let verdicts: Vec<_> =
        report.sites.iter().map(|site| (site.name.as_str(), site.verdict)).collect();
    assert_eq!(
        verdicts,
        [("one", Ending::Passed), ("three", Ending::Passed), ("two", Ending::Failed)]
    );
    assert_eq!(report.created.len(), report.removed.len());
    assert!(into.join("two/failure.txt").is_file());

    // The last run is green, whatever the one before it said.
    rehearse(&["--only-failed"]).exit_code(0).says("nothing to rehearse: all was green in run ");
    rehearse(&["two", "one"]).exit_code(4);
    rehearse(&["--only-failed"]).exit_code(4);
    let report = project.report();
    assert_eq!(report.sites.len(), 1);
    assert!(ending(&report.sites[0]).starts_with("two 4 in ready: "), "{}", endings(&report));
}
