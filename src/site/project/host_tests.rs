//! What can be wrong with the facts of a host, alone and beside other keys.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};

fn problems_with(more: &str) -> String {
    TestProject::new().site("shop", &format!("{LEAST}{more}")).problems()
}

#[test]
fn facts_that_are_wrong_are_reported_where_they_stand() {
    assert_snapshot!(problems_with(
        "host:\n  hostname: Web1\n  tmp: {size: 16}\n  shm: little\n  open_files: 12\n\
         \x20 limits: {core: 1, stak: 8MiB}\n  clock: tomorrow\n  read_only_root: yes\n\
         \x20 resolver: {families: [ipv6], ndots: 16, search: [-x]}\n"), @r#"
    error: environments/shop.yaml:6:13: host.hostname: `Web1` is not a host name
    hint: write it in lowercase: web1
    error: environments/shop.yaml:7:15: host.tmp.size: expected text, found the number 16
    hint: write it as a string: "16"
    error: environments/shop.yaml:8:8: host.shm: `little` is not a size
    hint: write a number and its unit: 512MiB, 2GiB
    error: environments/shop.yaml:9:15: host.open_files: `12` is not a number of files, 64 at least
    hint: write a number, or two as systemd does: 1024:524288
    error: environments/shop.yaml:10:18: host.limits.core: `1` is not a limit
    hint: write a number and its unit, 0 or unlimited: 64KiB, 8MiB
    error: environments/shop.yaml:10:21: host.limits: unknown key `stak`
    hint: did you mean `stack`?
    error: environments/shop.yaml:11:10: host.clock: `tomorrow` is neither a shift nor a moment
    hint: write +400d, -2h, +30min, or 2027-03-01T09:00
    error: environments/shop.yaml:12:19: host.read_only_root: expected true or false, found the text `yes`
    error: environments/shop.yaml:13:24: host.resolver.families: every container of Docker has an IPv4 address, so no replica is without
    hint: write `[ipv6, ipv4]`: names have addresses of both, and IPv6 is tried first
    error: environments/shop.yaml:13:39: host.resolver.ndots: 16 is not between 0 and 15
    error: environments/shop.yaml:13:52: host.resolver.search.0: `-x` is not a host name
    "#);
}

#[test]
fn facts_that_contradict_other_keys_are_found() {
    assert_snapshot!(problems_with(
        "host:\n  hostname: db.internal\n  tmp: {size: 1GiB}\n  writable: [/srv/x, /srv/x]\n\
         data: [/tmp/data]\nservices: {db: {redis: '7', names: [db.internal]}}\n"), @r#"
    error: environments/shop.yaml:6:13: host.hostname: `db.internal` is a name of the service db
    hint: a host finds itself under its own name: write another one
    error: environments/shop.yaml:7:15: host.tmp.size: `/tmp` is in memory, and the app has no more than `resources.memory`: it would be killed before `/tmp` is full
    hint: make it smaller, or give the app more memory
    error: environments/shop.yaml:8:3: host.writable: the root is writable as a whole
    hint: write `read_only_root: true`, too
    error: environments/shop.yaml:8:22: host.writable.1: `/srv/x` is there twice
    error: environments/shop.yaml:9:8: data.0: `host.tmp` makes `/tmp` empty at the start
    hint: name another folder, or take `host.tmp` out
    "#);
}

#[test]
fn what_a_host_knows_by_itself_is_what_it_can_know() {
    assert_snapshot!(problems_with(
        "host:\n  locales: [fr_FR.UTF-8, french, fr_FR.UTF-8]\n  localtime: Europe/Berln\n\
         \x20 hosts: {db-primary: db, www.shop.example: 127.0.0.1, old.internal: 10.0.0.5, X: dbb}\n\
         services: {db: {redis: '7'}}\n"), @r#"
    error: environments/shop.yaml:6:26: host.locales.1: `french` is not a locale
    hint: write it as `locale -a` shows it: C.UTF-8, de_DE.UTF-8
    error: environments/shop.yaml:6:34: host.locales.2: `fr_FR.UTF-8` is there twice
    error: environments/shop.yaml:7:14: host.localtime: `Europe/Berln` is not a time zone
    hint: did you mean `Europe/Berlin`?
    error: environments/shop.yaml:8:70: host.hosts."old.internal": nobody in a replica has the address 10.0.0.5
    hint: write an address of the host itself, such as 127.0.0.1, or a service of the site: db
    error: environments/shop.yaml:8:83: host.hosts.X: `X` is not a host name
    hint: write it in lowercase: x
    error: environments/shop.yaml:8:83: host.hosts.X: `dbb` is neither an address nor a service
    hint: write an address of the host itself, such as 127.0.0.1, or a service of the site: db
    "#);
}

#[test]
fn a_way_out_is_a_service_on_a_host_of_its_own() {
    let outside = "outside: {bank.example: allow}\n";
    let of = |more: &str| problems_with(&format!("host: {{way_out: proxy}}\n{more}"));
    let squid =
        "services: {proxy: {packages: [squid], command: squid, port: 3128, ready: 'true'}}\n";
    let text = format!("{LEAST}host: {{way_out: proxy}}\n{outside}{squid}");
    let site = TestProject::new().site("shop", &text).one();
    assert_eq!(site.host.way_out.unwrap().as_str(), "proxy");
    assert_snapshot!(of(outside), @r"
    error: environments/shop.yaml:5:17: host.way_out: the site has no service `proxy`
    hint: describe it in `services`: the program that passes on what the app asks for
    ");
    assert_snapshot!(of(squid), @r"
    error: environments/shop.yaml:5:17: host.way_out: there is no host beyond the site
    hint: describe those that the app asks for in `outside`
    ");
    assert_snapshot!(of(&format!("{outside}services: {{proxy: {{redis: '7', host: app}}}}\n")), @r"
    error: environments/shop.yaml:5:17: host.way_out: `proxy` is on the app's host, which has no way out of its own
    hint: take `host: app` out of the service
    ");
}
