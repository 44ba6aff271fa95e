//! A new release that is started beside the live one, and the proxy that leads to it then.

use stagectl::event::{Outcome, State, Way};

use crate::driver::{Project, ending};
use crate::upgrades::{ledger, ledger_sites};

/// What both sites describe: a worker, and folders in which both releases stay.
const BOTH: &str = "live: {visit: ../visit.py}\nprocesses: {worker: {run: exec sleep 1000000}}\n\
     deploy: {strategy: parallel, releases: {keep: 2}, downtime: {at_most: 60s}}\n";

/// Rehearses the upgrade and the way back, and nobody is turned away on the way there.
fn goes_there_and_back(project: &Project) {
    let (old, new) = (ledger(project, "1.0", ""), ledger(project, "1.1", ""));
    let [from, new] = [&old, &new].map(|path| path.to_str().unwrap());
    let told = project.run(&["rehearse", "--rollback", "--from", from, "--release", new]);
    told.exit_code(0).says("nothing left: 0 containers, 0 networks, 0 volumes");
    for site in &project.report().sites {
        let seen: Vec<_> = site.states.iter().map(|state| (state.name, state.outcome)).collect();
        let all = [State::Live, State::Between, State::New, State::Back];
        assert_eq!(seen, all.map(|state| (state, Some(Outcome::Passed))), "{}", ending(site));
        let there = site.downtime.iter().find(|downtime| downtime.way == Way::Deploy);
        let there = there.unwrap_or_else(|| panic!("nobody asked {}", ending(site)));
        assert!(there.traffic.iter().all(|seen| seen.answers.contains_key("200")), "{there:?}");
        assert_eq!(there.gaps().count(), 0, "{}: {there:?}", site.name);
    }
}

#[test]
fn the_proxy_leads_to_the_new_release_when_it_answers_and_back_again() {
    let nginx = format!("{BOTH}proxy: {{server: nginx}}\n");
    goes_there_and_back(&ledger_sites("parallel").site("nginx", &nginx));
}

#[test]
fn apache_on_a_host_of_its_own_and_uwsgi_are_led_over_as_well() {
    let apache = format!("{BOTH}proxy: {{server: apache, host: own}}\nwsgi: {{socket: tcp}}\n");
    let uwsgi = format!(
        "{BOTH}proxy: {{server: nginx}}\nwsgi: {{server: uwsgi, from: distribution}}\n\
         install: {{extra: []}}\n"
    );
    let project = ledger_sites("parallel-more").site("apache", &apache).site("uwsgi", &uwsgi);
    goes_there_and_back(&project);
}

#[test]
fn a_new_release_that_does_not_start_beside_the_live_one_never_gets_the_site() {
    let project = ledger_sites("parallel-red").site(
        "engine",
        "proxy: {server: nginx}\nwsgi: {application: \"ledger.wsgi:application\"}\n\
         deploy:\n  strategy: parallel\n  releases: {keep: 2}\n  steps:\n    \
         - {name: migrate, run: python -m ledger.admin migrate}\n    \
         - {name: found, run: python -m ledger.admin write founded, when: first}\n    \
         - {name: break, run: rm releases/1.1/venv/lib/python3*/site-packages/ledger/wsgi.py, when: upgrade}\n\
         install: {owner: app}\n",
    );
    let (old, new) = (ledger(&project, "1.0", ""), ledger(&project, "1.1", ""));
    let [from, new] = [&old, &new].map(|path| path.to_str().unwrap());
    let told = project.run(&["rehearse", "--from", from, "--release", new]).exit_code(4);
    told.says("No module named 'ledger.wsgi'").says("nothing left: 0 containers");
    let site = &project.report().sites[0];
    let seen: Vec<_> = site.states.iter().map(|state| (state.name, state.outcome)).collect();
    let expected = [(State::Live, Some(Outcome::Passed)), (State::Between, Some(Outcome::Failed))];
    assert_eq!(seen, expected, "{}", ending(site));
}
