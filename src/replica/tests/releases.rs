//! A release in a folder of its own.

use insta::assert_snapshot;

use super::plan::ALONE;
use crate::replica::Step;
use crate::replica::fixture::Stand;

#[test]
fn a_release_with_a_folder_of_its_own_is_built_there_and_run_through_the_link() {
    let text =
        ALONE.to_owned() + "deploy: {releases: {}, steps: [{name: migrate, run: migrate}]}\n";
    let stand = Stand::new(&[("site", &text)]);
    let plan = stand.plan();
    let scripts = plan
        .chain
        .iter()
        .filter(|(_, spec)| matches!(spec.kind.name(), "dependencies" | "release"));
    let lines: Vec<String> = scripts
        .flat_map(|(_, spec)| spec.script.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| {
            line.contains("/srv/shop") && !line.contains("uv pip") && !line.starts_with("find")
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @r#"
    mkdir /srv/shop/releases /srv/shop/releases/1.0
    ln -s releases/1.0 /srv/shop/current
    chown -h shop: /srv/shop/releases /srv/shop/releases/1.0 /srv/shop/current
    python3 -m venv /srv/shop/releases/1.0/venv
    open_environment /srv/shop/releases/1.0/venv
    close_environment /srv/shop/releases/1.0/venv root
    open_environment /srv/shop/releases/1.0/venv
    close_environment /srv/shop/releases/1.0/venv root
    "#);
    let folders: Vec<String> = plan
        .steps
        .iter()
        .filter_map(|planned| match &planned.step {
            Step::Deploy { release, .. } => Some(release.display().to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(folders, ["/srv/shop/releases/1.0"]);
}
