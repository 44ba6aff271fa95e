//! What a description says of the site's user, and what can be wrong with it.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};
use crate::site::differences;

fn project(user: &str) -> TestProject {
    TestProject::new().site("shop", &format!("{LEAST}{user}\n"))
}

#[test]
fn a_user_is_a_name_or_a_map_that_has_one() {
    let described = "user: {name: shop, home: none, groups: [ssl-cert, media]}\n\
                     services: {db: {postgres: '15', password: a}}\nenv: {A: '${services.db.user}'}";
    let site = project(described).one();
    let shown = serde_json::to_value(&site).unwrap();
    assert_eq!(
        [site.user.as_str(), &shown["account"].to_string(), &site.env["A"].to_string()],
        ["shop", r#"{"home":"none","groups":["ssl-cert","media"]}"#, "shop"]
    );
    let plain = project("user: shop").one();
    assert_eq!(serde_json::to_value(&plain).unwrap().get("account"), None);
    let keys = |one, two| differences(one, two).into_iter().map(|difference| difference.key);
    let other = project("user: {name: shop, home: /home/shop, groups: [media]}").one();
    let different: Vec<String> =
        keys(&plain, &other).filter(|key| key.starts_with("user")).collect();
    assert_eq!(different, ["user.groups", "user.home"]);
}

#[test]
fn what_no_host_can_say_of_a_user_is_reported() {
    let problems = |user: &str| project(user).problems();
    assert_snapshot!(problems("user: {home: home/shop, groups: [a b, media, media], shell: x}"), @r#"
    error: environments/shop.yaml:5:7: user: the key `name` is missing
    hint: such as `name: "noticeboard"`
    error: environments/shop.yaml:5:14: user.home: `home/shop` is neither `none` nor an absolute path
    hint: write `none`, or the sixth field of the user's line in /etc/passwd
    error: environments/shop.yaml:5:34: user.groups.0: `a b` is not a name of a user or group, or its number
    error: environments/shop.yaml:5:46: user.groups.2: `media` is there twice
    error: environments/shop.yaml:5:54: user: unknown key `shell`
    hint: the keys here are: `name`, `home`, `groups`
    "#);
    assert_snapshot!(problems("user: {name: root, home: '/home/a:b'}"), @"
    error: environments/shop.yaml:5:14: user.name: the app cannot run as root
    hint: such as `user: app`
    error: environments/shop.yaml:5:26: user.home: `/home/a:b` has a colon, which no line of /etc/passwd can say
    ");
}
