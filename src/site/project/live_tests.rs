//! What is live on a site today.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};
use crate::site::{Lock, Site, Strategy, SuiteSource, Visitor, differences};

fn project(live: &str) -> TestProject {
    let project = TestProject::new().site("shop", &format!("{LEAST}live: {live}\n"));
    for (name, text) in [
        ("environments/old.lock", "flask==2.0.0\n"),
        ("tests/critical/test_shop.py", "def test_shop(): ...\n"),
    ] {
        let path = project.root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    project
}

fn select(site: &Site) -> Option<&str> {
    match &site.critical.suite {
        SuiteSource::Pytest { select, .. } => select.as_deref(),
        SuiteSource::Command { .. } => None,
    }
}

#[test]
fn the_site_with_its_live_release_has_what_that_was_installed_with() {
    let site = project(
        "{release: ../releases/shop-1.0-py3-none-any.whl, suite: {select: old}, \
         install: {requirements: old.lock, as_of: 2025-01-31}}",
    )
    .one();
    let release = site.live.release.as_deref().unwrap();
    assert!(release.ends_with("releases/shop-1.0-py3-none-any.whl"), "{}", release.display());
    let live = site.with_live_release();
    let Some(Lock::Project(lock)) = &live.install.requirements else { panic!("{live:?}") };
    assert!(lock.ends_with("environments/old.lock"));
    assert_eq!(live.install.as_of.map(|day| day.to_string()).as_deref(), Some("2025-01-31"));
    assert_eq!((select(&live), select(&site)), (Some("old"), None));
    assert_eq!((site.install.requirements.as_ref(), site.install.as_of), (None, None));
}

#[test]
fn what_is_live_is_a_difference_and_no_part_of_the_environment() {
    let project = project("{release: ../releases/shop-1.0-py3-none-any.whl}");
    let with = project.one();
    let without = Site { live: crate::site::Live::default(), ..with.clone() };
    assert_eq!(with.digest().unwrap(), without.digest().unwrap());
    let keys: Vec<String> =
        differences(&with, &without).into_iter().map(|other| other.key).collect();
    assert_eq!(keys, ["live.release"]);
}

#[test]
fn tests_with_the_marker_are_those_of_the_live_release() {
    let project = project("{}");
    assert_eq!(select(&project.one().with_live_release()), None);
    let file = project.root.join("tests/critical/test_shop.py");
    std::fs::write(file, "@pytest.mark.live\ndef test_shop(): ...\n").unwrap();
    assert_eq!(select(&project.one().with_live_release()), Some("live"));
}

#[test]
fn releases_beside_each_other_keep_one_to_go_back_to_and_nothing_of_the_site_s_own() {
    let site =
        TestProject::new().site("shop", &format!("{LEAST}deploy: {{releases: {{}}}}\n")).one();
    assert_eq!(site.releases.map(|releases| releases.keep), Some(5));
    let places = [site.venv(), site.app(), site.folder_of("1.0")];
    let places = places.map(|path| path.display().to_string());
    assert_eq!(places, ["/srv/app/current/venv", "/srv/app/current/app", "/srv/app/releases/1.0"]);
    let own = "data: [/srv/app/current/media, {path: /srv/app/releases/x}]\n\
         files: [{path: /srv/app/current/app/.env, template: a.j2}, {path: /srv/app/shared/b, template: a.j2}]\n\
         deploy: {releases: {keep: 1}, rollback: {rehearse: true}}\n";
    let project =
        TestProject::new().file("environments/a.j2", "a").site("shop", &format!("{LEAST}{own}"));
    assert_snapshot!(project.problems(), @r"
    error: environments/shop.yaml:5:8: data.0: `/srv/app/current/media` is in the folder of one release, and the next has another
    hint: describe it below `/srv/app/shared`, and let a deploy step link it where the app looks
    error: environments/shop.yaml:5:39: data.1.path: `/srv/app/releases/x` is in the folder of one release, and the next has another
    hint: describe it below `/srv/app/shared`, and let a deploy step link it where the app looks
    error: environments/shop.yaml:6:16: files.0.path: `/srv/app/current/app/.env` is in the folder of one release, and the next has another
    hint: describe it below `/srv/app/shared`, and let a deploy step link it where the app looks
    error: environments/shop.yaml:7:27: deploy.releases.keep: nothing is there to go back to
    hint: `deploy.rollback.rehearse` needs the release before: keep 2, or take it out
    ");
    let none =
        TestProject::new().site("shop", &format!("{LEAST}deploy: {{releases: {{keep: 0}}}}\n"));
    assert_snapshot!(none.problems(), @"error: environments/shop.yaml:5:27: deploy.releases.keep: 0 is not between 1 and 65535");
}

#[test]
fn two_releases_that_run_at_once_need_two_folders_and_a_proxy() {
    let project = |more: &str| {
        let text = format!("{LEAST}deploy: {{strategy: parallel{more}\n");
        TestProject::new().file("environments/x.conf", "server {}\n").site("shop", &text)
    };
    assert_eq!(project(", releases: {keep: 2}}").one().strategy, Strategy::Parallel);
    let parallel = |more| project(more).problems();
    assert_snapshot!(parallel("}"), @r"
    error: environments/shop.yaml:5:20: deploy.strategy: two releases that run at once need a folder each
    hint: say so: `deploy.releases: {keep: 2}`
    ");
    assert_snapshot!(parallel(", releases: {keep: 1}}\nproxy: {server: none}"), @r"
    error: environments/shop.yaml:5:20: deploy.strategy: no proxy stands before the server that could lead to another one
    hint: it goes with nginx or Apache before gunicorn, uWSGI or waitress; such as `restart` here
    error: environments/shop.yaml:5:20: deploy.strategy: the live release runs until the switch, and one release is kept
    hint: keep it: `deploy.releases: {keep: 2}`
    ");
    assert_snapshot!(parallel(", releases: {}}\nproxy: {config: x.conf}"), @r"
    error: environments/shop.yaml:5:20: deploy.strategy: a live configuration names one place where the server listens, and two run at once
    hint: describe proxy and server by keys, or take `restart`
    ");
}

#[test]
fn what_is_live_may_be_published_and_its_visitor_a_command() {
    let project = project("{index: Shop_Front==1.0, visit: {run: shop-visit --all}}");
    let site = project.one();
    assert_eq!(
        site.live.index.as_ref().map(ToString::to_string).as_deref(),
        Some("shop-front==1.0")
    );
    assert_eq!(site.live.visit, Some(Visitor::Command { run: "shop-visit --all".to_owned() }));
    assert_snapshot!(TestProject::new().site("shop", &format!(
        "{LEAST}live: {{release: ../shop-1.0.whl, index: shop, visit: {{runs: x}}}}\n\
         deploy: {{backup: {{restore: '', timeout: never}}}}\n"
    )).problems(), @r#"
    error: environments/shop.yaml:5:34: live.index: `live.release` says what is live
    hint: take out the one or the other
    error: environments/shop.yaml:5:41: live.index: `shop` is not a release of a package index
    hint: its name and version: noticeboard==1.1
    error: environments/shop.yaml:5:55: live.visit: unknown key `runs`
    hint: did you mean `run`?
    error: environments/shop.yaml:6:18: deploy.backup: the key `run` is missing
    hint: such as `run: "pg_dump -Fc -f data/before.dump \"$DATABASE_URL\""`
    error: environments/shop.yaml:6:28: deploy.backup.restore: the command is empty
    error: environments/shop.yaml:6:41: deploy.backup.timeout: `never` is not a duration
    hint: write a number and its unit: 500ms, 30s, 5min, 1h
    "#);
}

#[test]
fn a_backup_is_a_part_of_the_deploy() {
    let site = |backup: &str| {
        TestProject::new().site("shop", &format!("{LEAST}deploy: {{backup: {backup}}}\n")).one()
    };
    let with = site("{run: 'save ${site.name}', restore: 'load ${site.name}', timeout: 20s}");
    let backup = with.backup.as_ref().unwrap();
    let restore = backup.restore.as_ref().unwrap();
    assert_eq!((backup.run.name.as_str(), restore.name.as_str()), ("backup", "restore the backup"));
    assert_eq!(restore.timeout.as_secs(), 20);
    // The suites are in folders of different projects.
    let other = site("{run: 'keep ${site.name}', restore: 'load ${site.name}', timeout: 20s}");
    let keys: Vec<String> = differences(&with, &other).into_iter().map(|found| found.key).collect();
    assert_eq!(keys, ["critical.path", "deploy.backup.run"]);
}

#[test]
fn what_cannot_be_live_is_said() {
    assert_snapshot!(project(
        "{release: ../../elsewhere.whl, install: {requirements: ../none.lock, as_of: today}, suite: {marker: x}}"
    ).problems(), @r"
    error: environments/shop.yaml:5:17: live.release: `../../elsewhere.whl` leads out of the project
    hint: copy what is needed into the project
    error: environments/shop.yaml:5:62: live.install.requirements: there is no file `none.lock`
    error: environments/shop.yaml:5:83: live.install.as_of: `today` is not a day
    hint: write it as 2026-02-18
    error: environments/shop.yaml:5:99: live.suite: unknown key `marker`
    hint: the keys here are: `select`
    ");
}

#[test]
fn the_pages_of_a_visitor_and_how_long_it_may_find_none() {
    let site = project("{traffic: [/, '/list?page=2']}\ndeploy: {downtime: {at_most: 5s}}").one();
    assert_eq!(
        site.live.traffic.as_deref(),
        Some(&["/".to_owned(), "/list?page=2".to_owned()][..])
    );
    assert_eq!(site.downtime.at_most, Some(std::time::Duration::from_secs(5)));
    let site = project("{}").one();
    assert_eq!((site.live.traffic, site.downtime.at_most), (None, None));
}

#[test]
fn pages_that_are_none_and_times_that_are_none_are_said() {
    let problems =
        |live: &str, deploy: &str| project(&format!("{live}\ndeploy: {deploy}")).problems();
    assert_snapshot!(problems("{traffic: []}", "{downtime: {at_most: -1s}}"), @r"
    error: environments/shop.yaml:5:17: live.traffic: no page is there
    hint: such as [/, /list]; without the key it is the pages that the suite asked for
    error: environments/shop.yaml:6:30: deploy.downtime.at_most: `-1s` is not a duration
    hint: write a number and its unit: 500ms, 30s, 5min, 1h
    ");
    let pages = "{traffic: [list, /a b, 'https://x/', //x/, /, /]}";
    assert_snapshot!(problems(pages, "{downtime: {at_most: 0s}}"), @r"
    error: environments/shop.yaml:5:18: live.traffic.0: `list` is not a path of the site
    hint: it begins with `/`, has no name of a host, and is as a browser sends it, such as /list?page=2
    error: environments/shop.yaml:5:24: live.traffic.1: `/a b` is not a path of the site
    hint: it begins with `/`, has no name of a host, and is as a browser sends it, such as /list?page=2
    error: environments/shop.yaml:5:30: live.traffic.2: `https://x/` is not a path of the site
    hint: it begins with `/`, has no name of a host, and is as a browser sends it, such as /list?page=2
    error: environments/shop.yaml:5:44: live.traffic.3: `//x/` is not a path of the site
    hint: it begins with `/`, has no name of a host, and is as a browser sends it, such as /list?page=2
    error: environments/shop.yaml:5:53: live.traffic.5: `/` is there twice
    error: environments/shop.yaml:6:30: deploy.downtime.at_most: `0s` is not between 1ms and 24h
    ");
    let many: Vec<String> = (0..21).map(|number| format!("/{number}")).collect();
    assert_snapshot!(problems(&format!("{{traffic: [{}]}}", many.join(", ")), "{}"), @r"
    error: environments/shop.yaml:5:17: live.traffic: 21 pages are more than 20: each would be asked too seldom
    hint: such as [/, /list]; without the key it is the pages that the suite asked for
    ");
}
