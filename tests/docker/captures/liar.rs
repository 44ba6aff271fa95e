//! A host that lies: endless output, programs that hang, escapes, a file of 2 GiB, names that lead elsewhere.

use super::live_host::LiveHost;
use crate::driver::Project;

#[test]
fn a_host_that_lies_is_an_error_in_bounded_time_and_nothing_that_it_says_is_done_here() {
    let host = LiveHost::start("hostile");
    let project = host.known_to(Project::new("hostile").defaults(""));
    let before: Vec<_> = walkdir::WalkDir::new("/tmp")
        .max_depth(1)
        .into_iter()
        .flatten()
        .map(|entry| entry.path().to_owned())
        .collect();
    let outcome = project.run(&["capture", "site", "live", "--no-look", "--patience", "2min"]);
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'), "{said:?}");
    let written: Vec<String> = walkdir::WalkDir::new(project.path("environments"))
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| std::fs::read_to_string(entry.path()).unwrap())
        .collect();
    assert!(written.iter().all(|text| !text.contains('\u{1b}')), "{written:?}");
    assert!(
        !project.path("owned-by-name").exists()
            && !project.path("environments/owned-by-name").exists()
    );
    let new: Vec<String> = walkdir::WalkDir::new("/tmp")
        .max_depth(1)
        .into_iter()
        .flatten()
        .filter(|entry| !before.contains(&entry.path().to_owned()))
        .map(|entry| entry.path().display().to_string())
        .filter(|path| path.contains("owned"))
        .collect();
    assert_eq!(new, [""; 0], "what the host says was run here");
    assert!(matches!(outcome.code(), Some(0 | 2 | 75)), "{outcome:?}");
    // What it says is a description like any other, with its problems: nothing of it is done, and no file of it is another's.
    let checked = project.run(&["check"]);
    assert!(matches!(checked.code(), Some(0 | 2)), "{checked:?}");
}
