//! The suite against a live site, which is a replica that is up here: another process of this machine to who looks at it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use stagectl::docker::Engine as _;
use stagectl::event::{RehearsedAs, Test, TestStatus};
use stagectl::report::SiteReport;

use crate::driver::{Outcome, Project, with_docker};
use crate::samples::{noticeboard, sample_sites};

const NAME: &str = "www.site-a.example";
const LOGIN: &str = "xyzzyLiveLogin4714";

/// A test that tells what it must not, and is red.
const TELLING: &str = "
import os, pytest

@pytest.mark.critical
@pytest.mark.read_only
def test_telling(board):
    print(os.environ)
    assert os.environ['BOARD_LOGIN'] == board.get('healthz').text
";

/// The board of site-a, up, and rehearsed before.
struct World {
    project: Project,
    release: PathBuf,
    /// What leads to it.
    ways: Vec<String>,
}

impl World {
    fn new(test: &str) -> World {
        let project = sample_sites(test).variable("BOARD_LOGIN", LOGIN);
        let release = noticeboard("1.1", "wheel");
        let shown = release.to_str().unwrap();
        project.run(&["rehearse", "site-a", "--release", shown]).exit_code(0);
        project.run(&["up", "site-a", "--release", shown]).exit_code(0);
        let door = project.resource_names().into_iter().find(|name| name.ends_with("-door"));
        let ports: BTreeMap<u16, u16> =
            with_docker(async |docker| docker.inspect(&door.unwrap()).await.unwrap().ports);
        let way = |port: u16| format!("--resolve={NAME}:{port}=127.0.0.1:{}", ports[&port]);
        let ways = vec![way(443), way(80), "--ca=.stagectl/tls/root.pem".to_owned()];
        World { project, release, ways }
    }

    fn live(&self, more: &[&str]) -> Outcome {
        let release = ["--release", self.release.to_str().unwrap()];
        let ways = self.ways.iter().map(String::as_str);
        let all: Vec<&str> = ["live", "site-a"].into_iter().chain(release).chain(ways).collect();
        self.project.run(&[&all, more].concat())
    }

    /// Changes something of the live site, as root of its host.
    fn change(&self, script: &str) {
        let arguments = ["exec", "site-a", "--root", "--", "sh", "-ec", script];
        self.project.run(&arguments).exit_code(0);
    }

    fn site(&self) -> SiteReport {
        self.project.report().sites.into_iter().next().unwrap()
    }
}

/// What was green in the rehearsal and is red now.
fn holes(site: &SiteReport) -> Vec<&str> {
    site.comparison.as_ref().unwrap().reds_that_were(RehearsedAs::Green).collect()
}

/// In what the two differ, with what was in the rehearsal first.
fn differences(site: &SiteReport) -> Vec<String> {
    let all = site.comparison.as_ref().unwrap().differences.iter();
    all.map(|one| format!("{}: {}, {}", one.what, one.rehearsed, one.live)).collect()
}

#[test]
fn a_live_site_is_green_and_each_planted_difference_is_a_hole_by_name() {
    let world = World::new("live");
    let stands = world.project.resource_names();

    let green = world.live(&["--env", "BOARD_LOGIN"]).exit_code(0);
    let green = green.says("noticeboard 1.1").says("on the live site-a").says("diagnosis  6 ok");
    let green = green.says("suite      8 ok").says("held against the rehearsal of noticeboard 1.1");
    world.project.assert_secrets_are_kept(&green);
    let site = world.site();
    let is_green = |test: &Test| test.status == TestStatus::Passed;
    assert!(site.live && site.tests.iter().all(is_green), "{site:?}");
    assert_eq!((holes(&site).len(), site.images.is_empty()), (0, false));
    assert_eq!(differences(&site), [""; 0]);
    for file in ["report.html", "junit.xml", "site-a/junit.xml", "site-a/suite.xml"] {
        assert!(world.project.run_folder().join(file).is_file(), "{file}");
    }
    assert_eq!(world.project.resource_names(), stands);

    world.change("rm /srv/noticeboard/static/board.css");
    std::fs::write(world.project.path("tests/critical/test_telling.py"), TELLING).unwrap();
    let broken = world.live(&["--env", "BOARD_LOGIN"]).exit_code(1);
    let broken = broken.says("suite      2 of 9 failed").says("[secret BOARD_LOGIN]");
    let broken = broken.says("the live site-a failed in the critical suite");
    let broken = broken.says("not run in the rehearsal: test_telling.py::test_telling");
    world.project.assert_secrets_are_kept(&broken);
    let (page, site) =
        ("test_pages.py::test_static_files_are_served[board.css-text/css]", world.site());
    assert_eq!((holes(&site), differences(&site).len()), (vec![page], 0));

    // A certificate of another kind, of nobody whom anybody trusts.
    world.change(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 5 -subj /CN=www.site-a.example \
         -addext subjectAltName=DNS:www.site-a.example -keyout /etc/ssl/site/privkey.pem -out /etc/ssl/site/fullchain.pem \
         && nginx -t && nginx -s reload",
    );
    let red = world.live(&[]).exit_code(1);
    let red = red
        .says("the live site-a failed in the diagnosis")
        .says("it is self-signed")
        .says("warning: site-a: the certificate of www.site-a.example has ")
        .says("a hole in the replica: certificate of www.site-a.example was green in the rehearsal")
        .says("hint: a hole: write what differs into environments/site-a.yaml")
        .says("nothing left: 0 containers, 0 networks, 0 volumes");
    assert!(red.stderr.contains("again     stagectl live site-a --release"), "{}", red.stderr);
    let site = world.site();
    assert!(holes(&site).contains(&"test_pages.py::test_pages_know_the_address_the_world_uses"));
    let found = differences(&site);
    let key = "key of the certificate of www.site-a.example: rsa-2048, ecdsa-p256";
    assert!(found.contains(&key.to_owned()), "{found:?}");
    let junit = std::fs::read_to_string(world.project.run_folder().join("junit.xml")).unwrap();
    assert!(junit.contains("a hole in the replica: certificate of"), "{junit}");
    assert_eq!(world.project.resource_names(), stands);
    world.project.run(&["down"]).exit_code(0);
}

#[test]
fn without_a_marked_test_and_without_a_way_there_is_no_verdict() {
    let project = sample_sites("unmarked");
    let nowhere = project.run(&["live", "site-a"]).exit_code(75);
    let nowhere = nowhere.says("not one name of site-a resolves on this machine");
    nowhere.says("that is likely this machine").says("site-a was not rehearsed yet");
    for file in ["test_health.py", "test_own_api.py", "test_pages.py"] {
        let path = project.path("tests/critical").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("@pytest.mark.read_only\n", "")).unwrap();
    }
    // Nobody is there: that no test is marked is worse.
    let way = format!("--resolve={NAME}:443=127.0.0.1:1");
    let unmarked = project.run(&["live", "site-a", &way]).exit_code(5);
    let unmarked = unmarked.says("no test of the critical suite is marked `read_only`");
    unmarked.says("@pytest.mark.read_only").says("connection refused");
    assert_eq!(project.resource_names(), [""; 0]);
}

/// A test that asks a site of the world for one page.
const ASKING: &str = "
import os, pytest, requests

@pytest.mark.read_only
def test_page():
    answer = requests.get(os.environ['STAGECTL_URL'] + os.environ['PAGE'], timeout=30)
    assert answer.status_code == 200 and 'iniconfig' in answer.text
";

#[test]
fn a_site_of_the_world_is_found_by_its_name_alone() {
    // The package index is a live site that every machine knows which runs these tests.
    let index = std::env::var("PIP_INDEX_URL").unwrap_or("https://pypi.org/simple".to_owned());
    // A mirror without TLS is no site that `live` could look at.
    let Some(place) = index.trim_end_matches('/').strip_prefix("https://") else { return };
    let (name, path) = place.split_once('/').unwrap_or((place, ""));
    let page = format!("{path}/iniconfig/");
    let yaml = format!(
        "{{base: {{debian: bookworm}}, user: index, names: [{name}], tls: {{}}, proxy: {{server: nginx}}, \
         wsgi: {{server: gunicorn, application: \"index:app\"}}, \
         critical: {{path: ../suite, requirements: ../suite/requirements.txt}}}}\n"
    );
    let project = Project::new("live-world").defaults("").site("index", &yaml);
    let project = project.file("suite/test_page.py", ASKING).variable("PAGE", &page);
    let project = project.file("suite/requirements.txt", "pytest\nrequests\n");
    // What else is not as described here is the index's own affair.
    let looked = project.run(&["live", "index", "--env", "PAGE"]).says("suite      1 ok");
    assert!(looked.code() == Some(0) || looked.code() == Some(1), "{looked:?}");
    let site = project.report().sites.into_iter().next().unwrap();
    for wanted in [format!("{name} resolves"), format!("certificate of {name}")] {
        let check = site.checks.iter().find(|check| check.name == wanted);
        assert!(check.is_some_and(|check| check.passed), "{wanted}: {:?}", site.checks);
    }
    assert_eq!(project.resource_names(), [""; 0]);
}

/// Stands for `ssh -W NAME:PORT -- HOST`: the host knows another way to the name.
const SSH: &str = r#"#!/bin/sh
for word; do case $word in *:443) place=443;; *:80) place=80;; esac; done
echo "$*" >> "$SSH_LOG"
exec python3 -c '
import os, socket, sys, threading
there = socket.create_connection(("127.0.0.1", int(os.environ["DOOR_" + sys.argv[1]])))
def inward():
    while data := there.recv(1 << 14):
        os.write(1, data)
    os.close(1)
threading.Thread(target=inward, daemon=False).start()
while data := os.read(0, 1 << 14):
    there.sendall(data)
there.shutdown(socket.SHUT_WR)
' "$place"
"#;

#[test]
fn the_tests_may_look_from_another_host() {
    let World { project, release, ways } = World::new("live-ssh");
    let port = |way: &String| way.rsplit(':').next().unwrap().to_owned();
    let (secure, plain) = (port(&ways[0]), port(&ways[1]));
    let project = project.file("bin/ssh", SSH);
    let path = format!("{}:{}", project.path("bin").display(), std::env::var("PATH").unwrap());
    let log = project.path("ssh.log").display().to_string();
    let project = project.variable("PATH", &path).variable("SSH_LOG", &log);
    let project = project.variable("DOOR_443", &secure).variable("DOOR_80", &plain);
    std::process::Command::new("chmod").arg("+x").arg(project.path("bin/ssh")).status().unwrap();
    let mut arguments = vec!["live", "site-a", "--from-host", "deploy@site-a"];
    arguments.extend(["--release", release.to_str().unwrap()]);
    arguments.extend(ways.iter().map(String::as_str));
    project.run(&arguments).exit_code(0).says("suite      8 ok");
    let asked = std::fs::read_to_string(log).unwrap();
    let line = format!("-o BatchMode=yes -W {NAME}:443 -- deploy@site-a");
    assert!(asked.lines().count() >= 8 && asked.lines().all(|it| it == line), "{asked}");
    project.run(&["down"]).exit_code(0);
}
