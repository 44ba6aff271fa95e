//! Every packing of a release comes up, and a release that cannot be deployed says so in seconds.

use std::fs;
use std::time::Duration;

use crate::driver::{Project, endings};
use crate::samples::{WHEEL, noticeboard, sample_sites, tiny, tiny_sites, wheel, wheel_metadata};

#[test]
fn a_source_folder_an_sdist_and_archives_of_a_tree_are_built_by_the_sites_python() {
    let project = sample_sites("packings");
    // Any site will do; this one has the fewest services.
    for form in ["folder", "sdist", "tar", "zip"] {
        let release = noticeboard("1.1", form);
        let arguments = ["rehearse", "site-b", "--release", release.to_str().unwrap()];
        project.run(&arguments).exit_code(0).says("PASSED   1 of 1 site ");
        let report = project.report();
        assert_eq!(endings(&report), "site-b 0", "{form}");
        let built = report.sites[0].installed.iter().any(|line| line.starts_with("noticeboard"));
        assert!(built, "{form}: {:?}", report.sites[0].installed);
    }
}

#[test]
fn a_release_that_cannot_be_deployed_is_refused_in_seconds_with_its_reason() {
    let project = tiny_sites("refusals").site("shop", "{names: [shop.example]}");
    let whole = fs::read(tiny(&project)).unwrap();
    fs::write(project.path("broken-1.0-py3-none-any.whl"), &whole[..whole.len() / 2]).unwrap();
    fs::write(project.path("empty-1.0-py3-none-any.whl"), "").unwrap();
    fs::create_dir(project.path("nothing")).unwrap();
    let members = |python: &str| {
        let (metadata, record) = (wheel_metadata("old", "1.0", python), String::new());
        [("METADATA", metadata), ("WHEEL", WHEEL.to_owned()), ("RECORD", record)]
            .map(|(name, text)| (format!("old-1.0.dist-info/{name}"), text))
    };
    wheel(&project.path("old-1.0-py3-none-any.whl"), &members("<3.8"));
    wheel(&project.path("old-1.0-cp312-cp312-win_amd64.whl"), &members(">=3.8"));
    let mut told = String::new();
    for file in [
        "broken-1.0-py3-none-any.whl",
        "empty-1.0-py3-none-any.whl",
        "nothing",
        "old-1.0-py3-none-any.whl",
        "old-1.0-cp312-cp312-win_amd64.whl",
    ] {
        let outcome = project.run(&["rehearse", "--release", file]).exit_code(3);
        let outcome = outcome.within(Duration::from_secs(5));
        told.push_str(&said(&project, &outcome.stderr));
        told.push('\n');
    }
    insta::assert_snapshot!(told, @r#"
    error: could not read release `broken-1.0-py3-none-any.whl`
      caused by: it is damaged or cut short
      caused by: invalid Zip archive: Could not find EOCD
    hint: build the release again, or copy it again; the copy may have been cut short

    error: could not read release `empty-1.0-py3-none-any.whl`
      caused by: the file is empty
    hint: build the release again, or copy it again; the copy may have been cut short

    error: could not read release `nothing`
      caused by: it holds no files
    hint: build the release again, or copy it again; the copy may have been cut short

    shop 3 in check: old 1.0 needs Python <3.8; shop has 3.11
    shop 3 in check: old 1.0 is a wheel for cp312-cp312-win_amd64; shop has CPython 3.11 on Linux x86_64
    "#);
}

/// What a refused release is refused with: the error, or the failure of its only site.
fn said(project: &Project, stderr: &str) -> String {
    if stderr.starts_with("error: ") { stderr.to_owned() } else { endings(&project.report()) }
}
