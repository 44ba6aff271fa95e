//! Sites that are asked for while descriptions of others have problems.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};
use super::*;

/// What becomes of a project for whoever wants these sites: their names, and whose problems are set aside.
fn loaded(project: &TestProject, names: &[&str]) -> Result<(Vec<String>, Vec<PathBuf>), String> {
    let names: Vec<SiteName> = names.iter().map(|name| name.parse().unwrap()).collect();
    let found = Project::load_for(&project.root, &names, &[], |_| None);
    let (project, aside) = found.map_err(|problems| problems.render())?;
    let sites = project.sites.iter().map(|site| site.name.to_string()).collect();
    Ok((sites, aside.files().into_iter().map(Path::to_path_buf).collect()))
}

#[test]
fn only_the_sites_that_are_asked_for_have_to_be_right() {
    let project = TestProject::new()
        .file("environments/defaults.yaml", LEAST)
        .site("open", "{}")
        .site("other", "{}")
        .site("broken", "nonsense: {")
        .site("wrong", "user: root")
        .file("environments/twice.yaml", "{}")
        .file("environments/twice.yml", "{}");
    let aside = |files: &[&str]| files.iter().map(PathBuf::from).collect::<Vec<_>>();
    let all = ["environments/broken.yaml", "environments/twice.yml", "environments/wrong.yaml"];
    let rest = vec!["open".to_owned(), "other".to_owned()];
    assert_eq!(loaded(&project, &["open"]), Ok((rest, aside(&all))));
    assert_snapshot!(loaded(&project, &["open", "wrong"]).unwrap_err(), @"
    error: environments/wrong.yaml:1:7: user: the app cannot run as root
    hint: such as `user: app`
    ");
    assert!(loaded(&project, &[]).unwrap_err().starts_with("error: environments/broken.yaml:2:1"));
    assert!(loaded(&project, &["twice"]).unwrap_err().contains("`twice` is described by"));
    // What all sites share is of every site.
    let project = project.file("environments/defaults.yaml", "nonsense: 1\n");
    assert!(loaded(&project, &["open"]).unwrap_err().contains("defaults.yaml:1:1: unknown key"));
}

#[test]
fn a_project_has_its_name_whatever_state_its_files_are_in() {
    let table = [
        ("project: shop\n", "shop"),
        ("base: {\nproject: 'shop'  # ours\n", "shop"),
        ("base: {\n", "notice-board"),
        ("project: No Name\n", "notice-board"),
    ];
    for (text, name) in table {
        let project = TestProject::new().file("environments/defaults.yaml", text);
        assert_eq!(Project::name_at(&project.root).as_str(), name, "{text}");
    }
    assert_eq!(Project::name_at(&TestProject::new().root).as_str(), "notice-board");
}
