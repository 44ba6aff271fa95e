//! How long a site is away while a release is deployed over another one, as a visitor inside sees it.

use std::collections::BTreeSet;
use std::fs;

use stagectl::event::{Downtime, GapKind, State, Way};
use stagectl::report::SiteReport;

use crate::driver::ending;
use crate::upgrades::{ledger, ledger_sites};

fn downtime(site: &SiteReport, way: Way) -> &Downtime {
    let found = site.downtime.iter().find(|downtime| downtime.way == way);
    found.unwrap_or_else(|| panic!("nobody asked {}", ending(site)))
}

fn states(downtime: &Downtime) -> Vec<State> {
    downtime.traffic.iter().map(|seen| seen.state).collect()
}

#[test]
fn how_long_a_site_is_away_is_reported_and_judged_where_that_is_described() {
    let project = ledger_sites("downtime")
        .site("restarted", "order: 1\ndeploy: {downtime: {at_most: 60s}}\n")
        .site("stopped", "order: 2\ndeploy: {strategy: stop, downtime: {at_most: 1ms}}\n")
        .site(
            "proxied",
            "order: 3\nproxy: {server: nginx}\nhealth: {path: /healthz, within: 10s}\n\
             deploy: {strategy: stop, downtime: {at_most: 60s}}\n",
        );
    let (old, new) = (ledger(&project, "1.0", ""), ledger(&project, "1.1", ""));
    let [from, new] = [&old, &new].map(|path| path.to_str().unwrap());
    let told = project.run(&["rehearse", "--rollback", "--from", from, "--release", new]);
    let told = told.exit_code(3).says("stopped failed in the deploy");
    let told = told.says("stopped was away or wrong for").says("more than 1ms");
    let told = told.says("restarted, downtime: ").says("deploy.strategy: restart");
    told.says("nothing left: 0 containers, 0 networks, 0 volumes");
    let report = project.report();
    let codes: Vec<_> = report.sites.iter().map(|site| (site.name.as_str(), site.code)).collect();
    assert_eq!(codes, [("restarted", Some(0)), ("stopped", Some(3)), ("proxied", Some(0))]);
    let [restarted, stopped, proxied] = &report.sites[..] else { panic!("{codes:?}") };

    // Beside the live release, and for its restart; then the way back.
    let seen = downtime(restarted, Way::Deploy);
    assert_eq!(states(seen), [State::Between, State::New]);
    assert!(seen.traffic[0].answers.contains_key("200"), "{seen:?}");
    assert_eq!(states(downtime(restarted, Way::Back)), [State::Back]);

    // It is away from the first step to the last, and nobody takes a connection.
    let seen = downtime(stopped, Way::Deploy);
    assert_eq!(states(seen), [State::New]);
    let away: Vec<_> = seen.gaps().filter(|gap| gap.kind == GapKind::Away).collect();
    assert!(away.iter().any(|gap| gap.answers.contains_key("connection refused")), "{seen:?}");
    let during: Vec<&String> = away.iter().flat_map(|gap| &gap.during).collect();
    for step in ["replace the release", "deploy step `migrate`", "deploy step `mark`"] {
        assert!(during.iter().any(|name| *name == step), "{step}: {during:?}");
    }

    // The page that the suite asked for is known from the proxy's log.
    let seen = downtime(proxied, Way::Deploy);
    assert_eq!(seen.traffic[0].pages, ["/healthz", "/"], "{seen:?}");
    // It goes on, as on a live host whose app is stopped.
    let answers: BTreeSet<&String> = seen.gaps().flat_map(|gap| gap.answers.keys()).collect();
    assert!(answers.contains(&"502".to_owned()), "{seen:?}");
    assert!(!answers.contains(&"connection refused".to_owned()), "{seen:?}");

    let folder = project.run_folder();
    let junit = fs::read_to_string(folder.join("junit.xml")).unwrap();
    assert!(junit.contains("name=\"downtime.away\""), "{junit}");
    let page = fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains("The sites in use") && page.contains("class=\"u-away\""));
}
