//! A site on three hosts of one network: its app, the proxy before it and its database. Two of them become one description.

use std::fs;

use super::hosts::is_of;
use super::live_host::{HostNetwork, LiveHost, drifted, files_with, known_as};
use crate::driver::Project;

/// What a person edits: what no host knows.
const EDITS: [&str; 2] = [
    "critical: {path: ../suite, requirements: ../suite/requirements.txt, select: critical, site_env: [NOTICEBOARD_ADMIN_PASSWORD, NOTICEBOARD_THEME]}\n",
    "deploy: {steps: [{name: migrate, run: noticeboard-admin migrate}, {name: static, run: noticeboard-admin collectstatic}, {name: first admin, run: noticeboard-admin create-admin, when: first}]}\n",
];

/// Has the proxy's configuration say nothing that keys do not say.
const PLAIN: &str = "sed -i -e 's/ http2;/;/' -e '/expires 7d/d' -e '/proxy_http_version/d' -e '/Connection/d' -e '/X-Edge-Token/d' \
    -e 's/include snippets.*/add_header Strict-Transport-Security \"max-age=300\" always;/' \
    -e 's#http://board;#http://app1.intern.noticeboard.example:8080;#' /etc/nginx/sites-available/noticeboard && nginx -q -t && systemctl reload nginx";

/// The board, spread over hosts; the network goes when they are gone.
pub(super) struct Board {
    database: LiveHost,
    pub(super) app: LiveHost,
    pub(super) proxy: LiveHost,
    _network: HostNetwork,
}

impl Board {
    pub(super) fn start(test: &str) -> Board {
        let network = HostNetwork::new(test);
        let database = LiveHost::start_on(&network, "board-db");
        let app = LiveHost::start_on(&network, "board-app");
        let proxy = LiveHost::start_on(&network, "board-proxy");
        Board { database, app, proxy, _network: network }
    }

    /// A project whose `ssh` knows the hosts of the app and the proxy.
    pub(super) fn project(&self, test: &str) -> Project {
        let project = Project::new(test).folder("tests/critical", "suite").defaults("");
        known_as(project, &[("app1", &self.app), ("edge1", &self.proxy)])
    }

    /// Words of a command, and what has the site's names lead to the proxy.
    pub(super) fn arguments(&self, words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).chain(self.proxy.detours()).collect()
    }

    fn secrets(&self) -> Vec<String> {
        [&self.database, &self.app, &self.proxy].iter().flat_map(|host| host.secrets()).collect()
    }

    /// Captures the hosts, and makes the edits.
    pub(super) fn describe(&self, project: &Project) {
        let before = (self.app.written(), self.proxy.written());
        let outcome = project.run(&self.arguments(&["capture", "site-p", "app1", "edge1"]));
        let outcome = outcome.exit_code(0);
        assert_eq!((self.app.written(), self.proxy.written()), before, "written on a host");
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        let secrets = self.secrets();
        assert!(!secrets.iter().any(|secret| said.contains(secret)), "{said}");
        assert_eq!(files_with(&project.path("environments"), &secrets), [""; 0]);
        assert_eq!(files_with(&project.path(".stagectl"), &secrets), [""; 0]);
        outcome
            .says("  as noticeboard  app1: Debian GNU/Linux 12")
            .says("  as admin        edge1: Debian GNU/Linux 12")
            .says("  not readable   /etc/nginx/conf.d/log.conf on edge1: read as admin")
            .says("DATABASE_URL 15.");
        let path = project.path("environments/site-p.yaml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text + &EDITS.concat()).unwrap();
    }

    fn drifted(&self, project: &Project) -> Vec<String> {
        drifted(project, &self.arguments(&["drift", "site-p", "--output", "json"]))
    }
}

/// The lines of a description without where they come from, as far as they are of these keys.
fn lines_of(text: &str, keys: &[&str]) -> Vec<String> {
    let lines = text.lines().map(|line| line.split("  #").next().unwrap_or(line).trim());
    let of_keys = lines.filter(|line| keys.iter().any(|key| line.starts_with(&format!("{key}:"))));
    of_keys.map(str::to_owned).collect()
}

#[test]
fn two_hosts_are_one_description_which_is_rehearsed_and_drifts_with_either() {
    let board = Board::start("several");
    let project = board.project("captured-several");
    board.describe(&project);
    let text = fs::read_to_string(project.path("environments/site-p.yaml")).unwrap();
    // The wiki has the same port on another host, and is nobody's business.
    assert_eq!(
        lines_of(
            &text,
            &[
                "locale", "timezone", "names", "host", "folders", "listen", "options", "hosts",
                "hostname"
            ]
        ),
        [
            "locale: de_DE.UTF-8",
            "timezone: Europe/Berlin",
            "names: [www.noticeboard.example, noticeboard.example]",
            "host: own",
            "folders: {/var/www/noticeboard/static: static}",
            "listen: \"0.0.0.0:8080\"",
            "options: {forwarded-allow-ips: \"*\", timeout: 45}",
            "names: [db1.intern.noticeboard.example]",
            "host:",
            "hostname: app1",
            "hosts: [app1, edge1]",
        ]
    );
    let config = fs::read_to_string(project.path("environments/site-p/nginx.conf")).unwrap();
    assert!(config.contains("server app1:8080;") && !config.contains("10.232."), "{config}");
    project.run(&["check"]).exit_code(0);
    project.rehearse(&board.app.release()).exit_code(0);

    // Whichever host comes first, the description is the same, but for where it is read again.
    let other = project.run(&board.arguments(&["capture", "site-q", "edge1", "app1", "--print"]));
    let other = other.exit_code(0).stdout.replace("site-q/", "site-p/");
    let is_same = |line: &&str| !line.starts_with("# Captured on") && !line.contains("hosts: [");
    let first: Vec<&str> = text.lines().filter(is_same).collect();
    let second: Vec<&str> = other.lines().filter(is_same).collect();
    assert_eq!(first[..second.len()], second);
    // Of the app's host alone nothing is said of the proxy, and so nothing has drifted.
    let alone = project.run(&["drift", "site-p", "--host", "app1", "--no-look"]).exit_code(0);
    alone.says("not known  names, proxy.folders, proxy.host, proxy.server, wsgi.listen");

    assert_eq!(board.drifted(&project), [""; 0]);
    let mut known: Vec<String> = Vec::new();
    for (host, name) in [(&board.proxy, "board-proxy"), (&board.app, "board-app")] {
        for (key, command) in LiveHost::changes(name) {
            host.run(&command);
            let now = board.drifted(&project);
            let new: Vec<&String> = now.iter().filter(|one| !known.contains(one)).collect();
            assert!(new.len() == 1 && is_of(new[0], &key), "{key}: {new:?}");
            known = now;
        }
    }
    assert_eq!(known.len(), 3, "{known:?}");

    board.proxy.run(PLAIN);
    let keys = project.run(&board.arguments(&["capture", "keys", "app1", "edge1", "--print"]));
    let keys = keys.exit_code(0).stdout;
    assert_eq!(
        lines_of(&keys, &["hsts", "body", "static", "config", "listen", "host"]),
        ["hsts: max-age=300", "body: \"2MiB\"", "static: {/static/: static}", "host: own", "host:"]
    );
}

#[test]
fn what_is_wrong_with_one_of_several_hosts_is_said_with_its_name() {
    let board = Board::start("several-wrong");
    let project = board.project("several-wrong");
    let refused = project.run(&["capture", "site", "edge1", "edge1", "--no-look"]).exit_code(2);
    refused.says("there is no Python app on edge1").says("caused by: looked for on edge1, edge1");
    let unit = ["capture", "site", "edge1", "app1", "--no-look", "--unit", "notizbrett"];
    let refused = project.run(&unit).exit_code(2);
    refused.says("there is no unit `notizbrett` on app1").says("the nearest first: noticeboard");
    let gone = project.run(&["capture", "site", "app1", "edge7.invalid", "--no-look"]);
    gone.exit_code(75).says("could not reach edge7.invalid by ssh");
    assert!(!project.path("environments/site.yaml").exists());
}
