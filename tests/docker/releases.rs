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
    let mut refusals = String::new();
    for file in [
        "broken-1.0-py3-none-any.whl",
        "empty-1.0-py3-none-any.whl",
        "nothing",
        "old-1.0-py3-none-any.whl",
        "old-1.0-cp312-cp312-win_amd64.whl",
    ] {
        let outcome = project.run(&["rehearse", "--release", file]).exit_code(3);
        let outcome = outcome.within(Duration::from_secs(5));
        refusals.push_str(&find_refusal(&project, &outcome.stderr));
        refusals.push('\n');
    }
    insta::assert_snapshot!(refusals, @r#"
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

/// Refused before anything of it is unpacked, here or in Docker.
#[test]
fn a_release_whose_members_climb_is_refused_and_writes_nothing_outside() {
    let project = tiny_sites("climbing").site("shop", "{names: [shop.example]}");
    let mark = format!("climbed-by-{}", std::process::id());
    let whole = [
        ("tiny/__init__.py", String::new()),
        ("tiny-1.0.dist-info/METADATA", wheel_metadata("tiny", "1.0", ">=3.9")),
        ("tiny-1.0.dist-info/WHEEL", WHEEL.to_owned()),
        ("tiny-1.0.dist-info/RECORD", String::new()),
    ]
    .map(|(name, text)| (name.to_owned(), text));
    let absolute = std::env::temp_dir().join(&mark).display().to_string();
    let members = [
        format!("../{mark}"),
        format!("tiny-1.0.data/data/../../../../{mark}"),
        format!("tiny/../../{mark}"),
        absolute,
    ];
    for member in members {
        let mut with_one_more = whole.to_vec();
        with_one_more.push((member.clone(), "from the release".to_owned()));
        let release = wheel(&project.path("tiny-1.0-py3-none-any.whl"), &with_one_more);
        project.rehearse(&release).exit_code(3).says(&format!("its member `{member}`"));
        assert_eq!(project.resource_names(), [""; 0], "{member}");
    }
    for folder in [project.path(""), std::env::temp_dir(), std::env::current_dir().unwrap()] {
        let up = folder.parent().unwrap_or(&folder);
        assert!(!folder.join(&mark).exists() && !up.join(&mark).exists(), "{}", folder.display());
    }
}

/// What a refused release is refused with: the error, or the failure of its only site.
fn find_refusal(project: &Project, stderr: &str) -> String {
    if stderr.starts_with("error: ") { stderr.to_owned() } else { endings(&project.report()) }
}
