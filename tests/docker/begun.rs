//! Projects that know nothing of stagectl: after `stagectl init`, and no edit, they are rehearsed.

use stagectl::report::Ending;

use crate::driver::Project;

/// One of the apps, in a folder of its own, whose name is the project's.
fn plain(app: &str) -> Project {
    let mut project = Project::new(app).folder(&format!("tests/apps/{app}"), ".");
    let folder = project.path("x");
    let folder = folder.parent().unwrap().file_name().unwrap().to_str().unwrap().to_lowercase();
    folder.trim_matches('.').clone_into(&mut project.name);
    project
}

fn is_rehearsed_at_once(app: &str) -> Project {
    let project = plain(app);
    project.run(&["init"]).exit_code(0).says("next: stagectl ");
    project.run(&["check"]).exit_code(0).says(&format!("1 site of {}: no problems", project.name));
    project.run(&["rehearse"]).exit_code(0);
    let report = project.report();
    assert_eq!(report.sites[0].verdict, Ending::Passed);
    assert_eq!(report.sites[0].tests.len(), 1);

    project
}

#[test]
fn a_plain_flask_project_is_rehearsed_at_once() {
    is_rehearsed_at_once("plain-flask");
}

#[test]
fn a_new_django_project_is_rehearsed_at_once_and_so_is_a_second_site() {
    let project = is_rehearsed_at_once("plain-django");
    project.run(&["site", "new", "site-b", "--like", "site-a"]).exit_code(0);
    project.run(&["rehearse", "site-b"]).exit_code(0);
}
