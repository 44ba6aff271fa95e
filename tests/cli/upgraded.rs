//! Live releases that cannot be upgraded from, said before anything is made.

use crate::program::{SHOP, Stagectl};

#[test]
fn a_live_release_that_is_the_new_one_is_said_in_no_time() {
    let wheel = "dist/shop-1.0-py3-none-any.whl";
    let answer = Stagectl::new()
        .site("shop", &format!("{SHOP}live: {{release: ../{wheel}}}\n"))
        .wheel(">=3.9")
        .args(["rehearse", "--release", wheel])
        .run()
        .exit_code(2)
        .made_nothing();
    let said = answer.error();
    let digits = said.split(['(', ')']).nth(1).unwrap();
    let expected = format!(
        "error: the live release of shop is the new one: shop 1.0 ({digits})\n  \
         caused by: an upgrade from a release to itself shows nothing\n\
         hint: name what runs there today in `live.release` (environments/shop.yaml:6)\n"
    );
    assert_eq!(said, expected);
}

#[test]
fn a_live_release_that_is_not_there_is_said_with_the_way_to_it() {
    Stagectl::new()
        .site("shop", SHOP)
        .wheel(">=3.9")
        .args(["rehearse", "--from", "old.whl", "--release", "dist/shop-1.0-py3-none-any.whl"])
        .stderr(
            "error: could not find release `old.whl`, the live release of shop\n  \
             caused by: No such file or directory (os error 2)\n\
             hint: `--from` names it: mend the path, or build or copy that release again\n",
        )
        .exit_code(2)
        .made_nothing();
}

#[test]
fn a_way_back_without_anything_to_go_back_to_is_said() {
    Stagectl::new()
        .site("shop", SHOP)
        .wheel(">=3.9")
        .args(["rehearse", "--rollback", "--release", "dist/shop-1.0-py3-none-any.whl"])
        .stderr(
            "error: shop has nothing to go back to: it has no live release\n\
             hint: name what runs there today: `--from`, or `live.release` of its description\n",
        )
        .exit_code(2)
        .made_nothing();
}

/// The shop with a release in a folder of its own, and another one that is live.
fn keep_releases(keep: usize) -> Stagectl {
    Stagectl::new()
        .site("shop", &format!("{SHOP}deploy: {{releases: {{keep: {keep}}}}}\n"))
        .wheel(">=3.9")
        .file("live/pyproject.toml", "[project]\nname = 'shop'\nversion = '1.0'\n")
}

#[test]
fn releases_beside_each_other_have_two_folders() {
    keep_releases(2)
        .args(["rehearse", "--from", "live", "--release", "dist/shop-1.0-py3-none-any.whl"])
        .stderr(
            "error: the live release of shop and the new one have the same folder: /srv/app/releases/1.0\n  \
             caused by: with `deploy.releases` each has one of its own, named by its version\n\
             hint: give the new release a version of its own\n",
        )
        .exit_code(2)
        .made_nothing();
}

#[test]
fn a_way_back_needs_two_releases_beside_each_other() {
    keep_releases(1)
        .file("live/pyproject.toml", "[project]\nname = 'shop'\nversion = '0.9'\n")
        .args([
            "rehearse",
            "--rollback",
            "--from",
            "live",
            "--release",
            "dist/shop-1.0-py3-none-any.whl",
        ])
        .stderr(
            "error: shop has nothing to go back to: it keeps one release\n\
             hint: keep the one before, too: `deploy.releases: {keep: 2}`\n",
        )
        .exit_code(2)
        .made_nothing();
}

#[test]
fn a_plan_shows_what_leads_to_each_state_of_an_upgrade() {
    let deploy = "deploy: {backup: {run: save, restore: load}, steps: [{name: convert, run: x, when: upgrade}]}\n";
    let answer = Stagectl::new()
        .site(
            "shop",
            &format!("{SHOP}live: {{release: ../dist/shop-1.0-py3-none-any.whl}}\n{deploy}"),
        )
        .wheel(">=3.9")
        .file("next/shop/wsgi.py", "app = None\n")
        .args(["plan", "--rollback", "--release", "next"])
        .variable("DOCKER_HOST", "unix:///nowhere.sock")
        .run()
        .exit_code(0)
        .made_nothing();
    let said = answer.out();
    let heads: Vec<&str> = said.lines().filter(|line| line.starts_with("shop")).collect();
    let expected = ["live:  shop 1.0", "between:  shop 1.0", "new:  next", "back:  shop 1.0"];
    assert_eq!(heads, expected.map(|head| format!("shop  state {head}")), "{said}");
    let at = |text: &str| said.find(text).unwrap_or_else(|| panic!("{text} in {said}"));
    let parts = [
        "before the upgrade: `backup`",
        "`convert`",
        "state new",
        "state back",
        "`restore the backup`",
    ];
    let places: Vec<usize> = parts.iter().map(|part| at(part)).collect();
    assert!(places.is_sorted(), "{places:?} {said}");
}
