//! The plan as text: what is made and started, in which order, and why.

use insta::assert_snapshot;

use crate::replica::fixture::{self, DESK, FRONT, SHOP, Stand};
use crate::replica::{Keys, Part, Plan, RunId, Subnet};

fn plan_of(text: &str) -> String {
    Stand::new(&[("site", text)]).plan().to_string()
}

#[test]
fn nginx_gunicorn_postgres_and_redis() {
    assert_snapshot!(plan_of(SHOP), @"
     0  up        network 10.231.0.0/27: closed, the site's own
     1  images    base image: Debian bookworm (downloads)
     2  images    installer image: uv on Debian bookworm (downloads)  after 1
     3  images    packages image: packages of site (downloads)  after 2
     4  images    environment image: environment of site (offline)  after 3
     5  images    suite image: test tools of site (downloads)  after 3
     6  images    environment image: environment of the suite of site (offline)  after 5
     7  images    dependencies image: dependencies of shop for site (downloads)  after 4
     8  images    release image: shop for site (offline)  after 7
     9  images    packages image: dnsmasq-base of Debian bookworm (downloads)  after 1
    10  images    packages image: redis-server of Debian bookworm (downloads)  after 1
    11  images    packages image: postgresql-15 of Debian bookworm (downloads)  after 1
    12  images    service image: database shop of PostgreSQL 15 (offline)  after 11
    13  up        close network: the engine's host does not hear what is said there  after 9
    14  up        see network closed: it stays so while others are there  after 13
    15  up        create resolver: its names, and no others, resolve  after 9
    16  up        start resolver: the network is closed  after 13, 15
    17  up        create cache: the site leans on cache  after 10
    18  up        start cache: the network is closed  after 13, 17
    19  up        await cache (within 200ms): cache must take connections  after 18
    20  up        create db: the site leans on db  after 12
    21  up        start db: the network is closed  after 13, 20
    22  up        await db (within 200ms): db must take connections  after 21
    23  up        create app: the site's own host  after 8
    24  up        start app: the network is closed  after 13, 23
    25  up        observe network: nothing leads out of there, and the resolver is the site's  after 16, 24
    26  deploy    run `shop-admin migrate`: deploy step `migrate`  after 16, 19, 22, 24, 25
    27  deploy    run `shop-admin collectstatic`: deploy step `static files`  after 26
    28  ready     serve: the site answers under its own name  after 27
    29  up        create suite: where the critical suite runs  after 16, 6
    30  up        start suite: the network is closed  after 13, 29
    31  diagnosis diagnose: names, TLS, health, logs and what is described  after 28, 30
    32  suite     critical suite: whatever the diagnosis says  after 31
    33  down      tear down: whatever happened, with its logs saved  after 32
    ");
}

/// One more image and one more container, whatever the number of stubs.
#[test]
fn stubs_for_hosts_beyond_the_site() {
    let stub = "requests: [{path: /, answers: [{}]}]";
    let outside =
        "outside: {a.example: {stub: ../stubs/a.yaml}, b.example: {stub: ../stubs/a.yaml}}";
    let stand =
        Stand::with_files(&[("site", &format!("{ALONE}{outside}"))], &[("stubs/a.yaml", stub)]);
    assert_snapshot!(stand.plan(), @"
     0  up        network 10.231.0.0/27: closed, the site's own
     1  images    base image: Debian bookworm (downloads)
     2  images    installer image: uv on Debian bookworm (downloads)  after 1
     3  images    packages image: packages of site (downloads)  after 2
     4  images    environment image: environment of site (offline)  after 3
     5  images    suite image: test tools of site (downloads)  after 3
     6  images    environment image: environment of the suite of site (offline)  after 5
     7  images    dependencies image: dependencies of shop for site (downloads)  after 4
     8  images    release image: shop for site (offline)  after 7
     9  images    packages image: dnsmasq-base of Debian bookworm (downloads)  after 1
    10  images    packages image: nginx of Debian bookworm (downloads)  after 1
    11  up        close network: the engine's host does not hear what is said there  after 9
    12  up        see network closed: it stays so while others are there  after 11
    13  up        create resolver: its names, and no others, resolve  after 9
    14  up        start resolver: the network is closed  after 11, 13
    15  up        create outside: stubs answer for the hosts beyond the site  after 10
    16  up        start outside: the network is closed  after 11, 15
    17  up        await outside (within 30s): outside must take connections  after 16
    18  up        create app: the site's own host  after 8
    19  up        start app: the network is closed  after 11, 18
    20  up        observe network: nothing leads out of there, and the resolver is the site's  after 14, 19
    21  ready     serve: the site answers under its own name  after 14, 17, 19, 20
    22  up        create suite: where the critical suite runs  after 14, 6
    23  up        start suite: the network is closed  after 11, 22
    24  diagnosis diagnose: names, TLS, health, logs and what is described  after 21, 23
    25  suite     critical suite: whatever the diagnosis says  after 24
    26  down      tear down: whatever happened, with its logs saved  after 25
    ");
}

#[test]
fn apache_with_mod_wsgi() {
    assert_snapshot!(plan_of(DESK), @"
     0  up        network 10.231.0.0/27: closed, the site's own
     1  images    base image: Debian bullseye (downloads)
     2  images    installer image: uv on Debian bullseye (downloads)  after 1
     3  images    packages image: packages of site (downloads)  after 2
     4  images    environment image: environment of site (offline)  after 3
     5  images    suite image: test tools of site (downloads)  after 3
     6  images    environment image: environment of the suite of site (offline)  after 5
     7  images    dependencies image: dependencies of shop for site (downloads)  after 4
     8  images    release image: shop for site (offline)  after 7
     9  images    packages image: dnsmasq-base of Debian bullseye (downloads)  after 1
    10  images    packages image: postgresql-13 of Debian bullseye (downloads)  after 1
    11  images    service image: database shop of PostgreSQL 13 (offline)  after 10
    12  up        close network: the engine's host does not hear what is said there  after 9
    13  up        see network closed: it stays so while others are there  after 12
    14  up        create resolver: its names, and no others, resolve  after 9
    15  up        start resolver: the network is closed  after 12, 14
    16  up        create db: the site leans on db  after 11
    17  up        start db: the network is closed  after 12, 16
    18  up        await db (within 200ms): db must take connections  after 17
    19  up        create app: the site's own host  after 8
    20  up        start app: the network is closed  after 12, 19
    21  up        observe network: nothing leads out of there, and the resolver is the site's  after 15, 20
    22  deploy    run `shop-admin migrate`: deploy step `migrate`  after 15, 18, 20, 21
    23  ready     serve: the site answers under its own name  after 22
    24  up        create suite: where the critical suite runs  after 15, 6
    25  up        start suite: the network is closed  after 12, 24
    26  diagnosis diagnose: names, TLS, health, logs and what is described  after 23, 25
    27  suite     critical suite: whatever the diagnosis says  after 26
    28  down      tear down: whatever happened, with its logs saved  after 27
    ");
}

/// One more image and one more container, whatever the number of hosts.
#[test]
fn hosts_beyond_the_site_that_are_allowed() {
    let outside = "outside: {a.example: allow, b.example: allow}";
    assert_snapshot!(plan_of(&format!("{ALONE}{outside}")), @"
     0  up        network 10.231.0.0/27: closed, the site's own
     1  images    base image: Debian bookworm (downloads)
     2  images    installer image: uv on Debian bookworm (downloads)  after 1
     3  images    packages image: packages of site (downloads)  after 2
     4  images    environment image: environment of site (offline)  after 3
     5  images    suite image: test tools of site (downloads)  after 3
     6  images    environment image: environment of the suite of site (offline)  after 5
     7  images    dependencies image: dependencies of shop for site (downloads)  after 4
     8  images    release image: shop for site (offline)  after 7
     9  images    packages image: dnsmasq-base of Debian bookworm (downloads)  after 1
    10  images    packages image: libnginx-mod-stream of Debian bookworm (downloads)  after 1
    11  up        close network: the engine's host does not hear what is said there  after 9
    12  up        see network closed: it stays so while others are there  after 11
    13  up        create resolver: its names, and no others, resolve  after 9
    14  up        start resolver: the network is closed  after 11, 13
    15  up        create gateway: the hosts that are allowed are really reached  after 10
    16  up        start gateway: the network is closed  after 11, 15
    17  up        await gateway (within 30s): gateway must take connections  after 16
    18  up        create app: the site's own host  after 8
    19  up        start app: the network is closed  after 11, 18
    20  up        observe network: nothing leads out of there, and the resolver is the site's  after 14, 19
    21  ready     serve: the site answers under its own name  after 14, 17, 19, 20
    22  up        create suite: where the critical suite runs  after 14, 6
    23  up        start suite: the network is closed  after 11, 22
    24  diagnosis diagnose: names, TLS, health, logs and what is described  after 21, 23
    25  suite     critical suite: whatever the diagnosis says  after 24
    26  down      tear down: whatever happened, with its logs saved  after 25
    ");
}

pub(super) const ALONE: &str = r#"
base: {debian: bookworm}
install: {as_of: 2026-02-18, extra: ["waitress==3.0.2"]}
user: shop
names: [shop.example]
proxy: {server: none}
wsgi: {server: waitress, from: index, application: "shop.wsgi:app"}
critical: {path: ../critical}
"#;

#[test]
fn no_proxy_no_services_no_steps() {
    assert_snapshot!(plan_of(ALONE), @"
     0  up        network 10.231.0.0/27: closed, the site's own
     1  images    base image: Debian bookworm (downloads)
     2  images    installer image: uv on Debian bookworm (downloads)  after 1
     3  images    packages image: packages of site (downloads)  after 2
     4  images    environment image: environment of site (offline)  after 3
     5  images    suite image: test tools of site (downloads)  after 3
     6  images    environment image: environment of the suite of site (offline)  after 5
     7  images    dependencies image: dependencies of shop for site (downloads)  after 4
     8  images    release image: shop for site (offline)  after 7
     9  images    packages image: dnsmasq-base of Debian bookworm (downloads)  after 1
    10  up        close network: the engine's host does not hear what is said there  after 9
    11  up        see network closed: it stays so while others are there  after 10
    12  up        create resolver: its names, and no others, resolve  after 9
    13  up        start resolver: the network is closed  after 10, 12
    14  up        create app: the site's own host  after 8
    15  up        start app: the network is closed  after 10, 14
    16  up        observe network: nothing leads out of there, and the resolver is the site's  after 13, 15
    17  ready     serve: the site answers under its own name  after 13, 15, 16
    18  up        create suite: where the critical suite runs  after 13, 6
    19  up        start suite: the network is closed  after 10, 18
    20  diagnosis diagnose: names, TLS, health, logs and what is described  after 17, 19
    21  suite     critical suite: whatever the diagnosis says  after 20
    22  down      tear down: whatever happened, with its logs saved  after 21
    ");
}

#[test]
fn a_proxy_with_a_host_of_its_own() {
    let plan = Stand::new(&[("site", FRONT)]).plan();
    assert_snapshot!(plan, @"
     0  up        network 10.231.0.0/27: closed, the site's own
     1  images    base image: Debian bookworm (downloads)
     2  images    installer image: uv on Debian bookworm (downloads)  after 1
     3  images    packages image: packages of site (downloads)  after 2
     4  images    environment image: environment of site (offline)  after 3
     5  images    suite image: test tools of site (downloads)  after 3
     6  images    environment image: environment of the suite of site (offline)  after 5
     7  images    dependencies image: dependencies of shop for site (downloads)  after 4
     8  images    release image: shop for site (offline)  after 7
     9  images    packages image: dnsmasq-base of Debian bookworm (downloads)  after 1
    10  images    packages image: redis-server of Debian bookworm (downloads)  after 1
    11  up        close network: the engine's host does not hear what is said there  after 9
    12  up        see network closed: it stays so while others are there  after 11
    13  up        create resolver: its names, and no others, resolve  after 9
    14  up        start resolver: the network is closed  after 11, 13
    15  up        create app: the site's own host  after 8
    16  up        start app: the network is closed  after 11, 15
    17  up        observe network: nothing leads out of there, and the resolver is the site's  after 14, 16
    18  up        create proxy: the proxy's own host  after 8
    19  up        start proxy: the network is closed  after 11, 18
    20  up        create cache: the site leans on cache  after 16, 10
    21  up        start cache: the network is closed  after 11, 20
    22  up        await cache (within 60s): cache must take connections  after 21
    23  deploy    run `shop-admin migrate`: deploy step `migrate`  after 14, 16, 17, 19, 22
    24  ready     serve proxy: the site's names lead to its own host  after 23
    25  ready     serve: the site answers under its own name  after 24
    26  up        create suite: where the critical suite runs  after 14, 6
    27  up        start suite: the network is closed  after 11, 26
    28  diagnosis diagnose: names, TLS, health, logs and what is described  after 25, 27
    29  suite     critical suite: whatever the diagnosis says  after 28
    30  down      tear down: whatever happened, with its logs saved  after 29
    ");
}

#[test]
fn a_source_release_is_built_with_a_network() {
    let stand = Stand::new(&[("site", ALONE)]);
    let release = fixture::source(&stand.root());
    let plan = fixture::plan(stand.site(), &release).unwrap();
    let release_image = plan.chain.get(plan.release);
    assert!(release_image.source.is_some());
    assert_snapshot!(plan, @"
     0  up        network 10.231.0.0/27: closed, the site's own
     1  images    base image: Debian bookworm (downloads)
     2  images    installer image: uv on Debian bookworm (downloads)  after 1
     3  images    packages image: packages of site (downloads)  after 2
     4  images    environment image: environment of site (offline)  after 3
     5  images    suite image: test tools of site (downloads)  after 3
     6  images    environment image: environment of the suite of site (offline)  after 5
     7  images    dependencies image: dependencies of shop for site (downloads)  after 4
     8  images    release image: shop for site (downloads)  after 7
     9  images    packages image: dnsmasq-base of Debian bookworm (downloads)  after 1
    10  up        close network: the engine's host does not hear what is said there  after 9
    11  up        see network closed: it stays so while others are there  after 10
    12  up        create resolver: its names, and no others, resolve  after 9
    13  up        start resolver: the network is closed  after 10, 12
    14  up        create app: the site's own host  after 8
    15  up        start app: the network is closed  after 10, 14
    16  up        observe network: nothing leads out of there, and the resolver is the site's  after 13, 15
    17  ready     serve: the site answers under its own name  after 13, 15, 16
    18  up        create suite: where the critical suite runs  after 13, 6
    19  up        start suite: the network is closed  after 10, 18
    20  diagnosis diagnose: names, TLS, health, logs and what is described  after 17, 19
    21  suite     critical suite: whatever the diagnosis says  after 20
    22  down      tear down: whatever happened, with its logs saved  after 21
    ");
}

#[test]
fn a_lock_alone_says_what_is_installed() {
    let with = ALONE.replace("as_of: 2026-02-18", "requirements: ../requirements.lock");
    let stands = [Stand::new(&[("site", ALONE)]), Stand::new(&[("site", &with)])];
    let scripts = stands.each_ref().map(|stand| {
        let plan = stand.plan();
        let (_, dependencies) =
            plan.chain.iter().find(|(_, spec)| spec.kind.name() == "dependencies").unwrap();
        let files: Vec<String> =
            dependencies.files.iter().map(|file| format!("{file:?}")).collect();
        let lines = dependencies.script.lines().filter(|line| line.contains("install"));
        format!("{}\n{}", files.join("\n"), lines.collect::<Vec<_>>().join("\n"))
    });
    assert_snapshot!(scripts.join("\n---\n"), @r#"
    /stagectl-build/excludes.txt (644)
    as_installer /opt/stagectl/uv/bin/uv pip list --format freeze --python /srv/shop/venv > /opt/stagectl/brought.txt 2>/dev/null
    install_python() { as_installer /opt/stagectl/uv/bin/uv pip install --python /srv/shop/venv --compile-bytecode --index-strategy unsafe-best-match --exclude-newer 2026-02-18 --excludes /stagectl-build/excludes.txt "$@"; }
    say "installing what the release requires"
    install_python 'flask>=3'
    say "installing what the site adds"
    install_python waitress==3.0.2
    ---
    /stagectl-build/excludes.txt (644)
    /stagectl-build/requirements/requirements.lock (644)
    as_installer /opt/stagectl/uv/bin/uv pip list --format freeze --python /srv/shop/venv > /opt/stagectl/brought.txt 2>/dev/null
    install_python() { as_installer /opt/stagectl/uv/bin/uv pip install --python /srv/shop/venv --compile-bytecode --index-strategy unsafe-best-match --excludes /stagectl-build/excludes.txt "$@"; }
    say "installing the locked requirements"
    install_python --requirement /stagectl-build/requirements/requirements.lock
    say "installing what the site adds"
    install_python waitress==3.0.2
    "#);
}

#[test]
fn a_lock_that_the_release_does_not_have_is_a_deploy_failure() {
    let text = ALONE.replace("as_of: 2026-02-18", "requirements: other.lock");
    let stand = Stand::new(&[("site", &text)]);
    let release = fixture::source(&stand.root());
    let failure = fixture::plan(stand.site(), &release).unwrap_err();
    assert_eq!(
        (failure.kind.code(), failure.message.as_str()),
        (3, "shop 1.0 does not contain other.lock")
    );
}

#[test]
fn what_several_parts_stand_on_is_made_once() {
    // The resolver, the database and the cache are all of the site's own Debian.
    let plan = Stand::new(&[("site", SHOP)]).plan();
    let bases: Vec<&str> = plan
        .chain
        .iter()
        .filter(|(_, spec)| spec.kind.name() == "base")
        .map(|(_, spec)| spec.title.as_str())
        .collect();
    assert_eq!(bases, ["Debian bookworm"]);
    // A database of another Debian has its own.
    let plan =
        Stand::new(&[("site", &SHOP.replace("postgres: \"15\"", "postgres: \"17\""))]).plan();
    let bases = plan.chain.iter().filter(|(_, spec)| spec.kind.name() == "base").count();
    assert_eq!(bases, 2);
}

#[test]
fn every_step_comes_after_what_it_needs() {
    for text in [SHOP, DESK, ALONE, FRONT] {
        let plan = Stand::new(&[("site", text)]).plan();
        for (number, step) in plan.steps.iter().enumerate() {
            assert!(step.after.iter().all(|id| id.0 < number), "step {number} of\n{plan}");
        }
    }
}

/// Of the images it needs those of the release alone, and of the replica nothing is made.
#[test]
fn a_redeploy_stops_replaces_and_serves() {
    let (stand, own) = (Stand::new(&[("site", FRONT)]), RunId::named("up"));
    let (run, keys) = (fixture::run_spec(&stand.release), Keys::of(fixture::secrets(stand.site())));
    let plan = Plan::redeploy(&run, stand.site(), &keys, (&own, Subnet::nth(0))).unwrap();
    assert_snapshot!(plan, @"
     1  images    base image: Debian bookworm (downloads)
     2  images    installer image: uv on Debian bookworm (downloads)  after 1
     3  images    packages image: packages of site (downloads)  after 2
     4  images    environment image: environment of site (offline)  after 3
     5  images    dependencies image: dependencies of shop for site (downloads)  after 4
     6  images    release image: shop for site (offline)  after 5
     7  deploy    stop processes of app: the release before gives way  after 6
     8  deploy    stop processes of proxy: the release before gives way  after 7
     9  deploy    replace the release: the release, as its image has it; data and services stay  after 8
    10  deploy    run `shop-admin migrate`: deploy step `migrate`  after 9
    11  ready     serve proxy: the site's names lead to its own host  after 10
    12  ready     serve: the site answers under its own name  after 11
    ");
}

/// The proxy on its host is not stopped, as on a live site; its static files are brought again.
#[test]
fn the_restart_of_an_upgrade_leaves_the_proxy_alone() {
    let (stand, own) = (Stand::new(&[("site", FRONT)]), RunId::named("up"));
    let (run, keys) = (fixture::run_spec(&stand.release), Keys::of(fixture::secrets(stand.site())));
    let at = (&own, Subnet::nth(0));
    let plan = Plan::upgrade(&run, stand.site(), &keys, at, Part::Restart).unwrap();
    assert_snapshot!(plan, @"
     1  deploy    stop processes of app behind the proxy: the release before gives way
     2  deploy    exchange the releases: the new release, as it was deployed  after 1
     3  ready     serve proxy: the site's names lead to its own host  after 2
     4  ready     serve: the site answers under its own name  after 3
    ");
}
