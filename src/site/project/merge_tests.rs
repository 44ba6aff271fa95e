//! Sites of another kind than the defaults say, and whose fault it is where something is wrong.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};
use crate::site::{BaseOrigin, ServiceKind};

fn project_of(defaults: &str, site: &str) -> TestProject {
    TestProject::new().site("defaults", defaults).site("shop", site)
}

const DATABASE: &str = "secrets: {db: {generate: 24}}\n\
    services:\n  db: {postgres: '15', names: [db.internal], database: shop, password: '${secret.db}',\n       \
    extensions: [pg_trgm], settings: {max_connections: 50}}\n";

#[test]
fn a_site_has_another_database_and_another_base_than_the_defaults() {
    let site = format!("{LEAST}services: {{db: {{mariadb: '10.11'}}}}\n");
    let project = project_of(DATABASE, &site).load().unwrap();
    let db = &project.sites[0].services[&"db".parse().unwrap()];
    let ServiceKind::Mariadb(mariadb) = &db.kind else { panic!("{db:?}") };
    assert_eq!((mariadb.database.as_str(), mariadb.settings.len()), ("shop", 0));
    assert_eq!(db.names[0].as_str(), "db.internal");

    let defaults = "base: {debian: bookworm, snapshot: 2026-02-18}\n";
    let site = LEAST.replace("{debian: bookworm}", "{image: 'base:1'}") + "python: '3.11'\n";
    let project = project_of(defaults, &site).load().unwrap();
    assert_eq!(project.sites[0].base.origin, BaseOrigin::Image("base:1".to_owned()));
}

#[test]
fn the_message_names_the_file_in_which_two_kinds_stand() {
    let defaults = "base: {debian: bookworm, image: x}\n\
                    services: {db: {postgres: '15', redis: '7'}}\n";
    let site = LEAST.replace("base: {debian: bookworm}\n", "base: {locale: C}\n")
        + "services: {db: {names: [db.internal]}}\n";
    assert_snapshot!(project_of(defaults, &site).problems(), @r"
    error: environments/defaults.yaml:1:26: base: `debian` and `image` are both there
    hint: a site has one base
    error: environments/defaults.yaml:2:33: services.db: `postgres` and `redis` are both there
    hint: make two services of it
    ");
    let site = format!("{LEAST}services: {{db: {{mariadb: '10.11', redis: '7'}}}}\n");
    assert_snapshot!(project_of(DATABASE, &site).problems(), @r"
    error: environments/shop.yaml:5:16: services.db: `mariadb` and `redis` are both there
    hint: make two services of it
    ");
    let site = format!("{LEAST}services: {{db: {{mariadb: '10.11', extensions: [x]}}}}\n");
    assert_snapshot!(project_of(DATABASE, &site).problems(), @r"
    error: environments/shop.yaml:5:35: services.db.extensions: `extensions` goes with postgres, not with mariadb
    hint: take it out
    ");
}
