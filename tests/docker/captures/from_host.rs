//! `stagectl live` by a real `ssh`: the tests look at a live site from a host of its network, and from nowhere else.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use stagectl::event::RehearsedAs;

use super::several::Board;
use crate::driver::{Outcome, Project};

/// Who asked the proxy for pages, but for the checks from outside.
const WHO_ASKED: &str =
    "sed -n '/python-requests/s/ .*//p' /var/log/nginx/noticeboard.log | sort -u";

/// The board, captured and rehearsed.
struct World {
    board: Board,
    project: Project,
    release: PathBuf,
}

impl World {
    fn new(test: &str) -> World {
        let board = Board::start(test);
        let project = board.project(test);
        board.describe(&project);
        let release = board.app.release();
        project.rehearse(&release).exit_code(0);
        World { board, project, release }
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let release = self.release.to_str().unwrap();
        ["live", "site-p", "--release", release].into_iter().chain(more.iter().copied()).collect()
    }

    /// The suite from the app's host, which is called `app1` by `ssh`.
    fn live_from_app(&self) -> Outcome {
        let words = self.arguments(&["--from-host", "app1"]);
        self.project.run(&self.board.arguments(&words))
    }

    /// What is red now and was green in the rehearsal.
    fn holes(&self) -> Vec<String> {
        let site = self.project.report().sites.into_iter().next().unwrap();
        let comparison = site.comparison.unwrap();
        comparison.reds_that_were(RehearsedAs::Green).map(str::to_owned).collect()
    }

    /// In how much the live site and the rehearsal differ, seen from outside.
    fn differences(&self) -> usize {
        let site = self.project.report().sites.into_iter().next().unwrap();
        site.comparison.unwrap().differences.len()
    }

    fn edit(&self, file: &str, edit: impl Fn(&str) -> String) {
        let path = self.project.path(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, edit(&text)).unwrap();
    }
}

#[test]
fn a_live_site_is_asked_from_one_of_its_hosts_and_a_break_there_is_a_hole() {
    let world = World::new("live-from-host");
    let World { board, project, release } = &world;
    let green = world.live_from_app().exit_code(0).says("suite      8 ok");
    green.says("held against the rehearsal of noticeboard 1.1");
    assert_eq!(world.differences(), 0);
    assert_eq!(board.proxy.says(WHO_ASKED), format!("{}\n", board.app.fact("address")));

    // Without another way by hand: this machine knows the site and the host by its own resolver, and asks where they are.
    let hosts = [
        (&board.proxy, "www.noticeboard.example noticeboard.example"),
        (&board.app, "app1.intern.noticeboard.example"),
    ];
    let lines = hosts.map(|(host, names)| format!("{} {names}\n", host.fact("address"))).concat();
    let known = fs::read_to_string("/etc/hosts").unwrap() + "\n" + &lines;
    fs::write(project.path("hosts"), known).unwrap();
    let key = format!("app1.intern.noticeboard.example {}\n", board.app.fact("host_key"));
    world.edit("bin/known_hosts", |text| text.to_owned() + &key);
    world.edit("bin/config", |text| {
        format!("{text}Host app1.intern.noticeboard.example\n  IdentityFile {}\n  UserKnownHostsFile {}\n  IdentitiesOnly yes\n", board.app.fact("key"), project.path("bin/known_hosts").display())
    });
    let root = board.proxy.fact("root");
    let plain = world.arguments(&[
        "--ca",
        root,
        "--from-host",
        "noticeboard@app1.intern.noticeboard.example:22",
    ]);
    knowing(project, &plain).exit_code(0).says("suite      8 ok");
    assert_eq!(world.differences(), 0);

    board.proxy.run("rm /var/www/noticeboard/static/board.css");
    board.app.run("sed -i s/harbour/night/ /etc/noticeboard/env && systemctl restart noticeboard");
    let broken = world.live_from_app().exit_code(1).says("suite      2 of 8 failed");
    broken
        .says("a hole in the replica: test_pages.py::test_")
        .says("hint: a hole: write what differs into")
        .says("nothing left: 0 containers, 0 networks, 0 volumes");
    assert_eq!(
        world.holes(),
        [
            "test_pages.py::test_front_page_shows_the_board_in_the_theme_of_the_site",
            "test_pages.py::test_static_files_are_served[board.css-text/css]"
        ]
    );
    assert!(release.is_file());
}

#[test]
fn where_ssh_does_not_get_to_the_host_there_is_no_verdict() {
    let world = World::new("live-no-way");
    let World { board, project, .. } = &world;
    let refused = |cause: &str, hint: &str| {
        let told =
            world.live_from_app().exit_code(75).says("the live site-p could not be looked at");
        told.says("could not reach app1 by ssh")
            .says(cause)
            .says(hint)
            .says("nothing left: 0 containers");
    };
    let (config, keys) = (project.path("bin/config"), project.path("bin/known_hosts"));
    let (right, known) = (fs::read_to_string(&config).unwrap(), fs::read_to_string(&keys).unwrap());

    let other = project.path("bin/other");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&other)
        .status();
    assert!(made.unwrap().success());
    fs::write(&config, right.replace(board.app.fact("key"), other.to_str().unwrap())).unwrap();
    refused("Permission denied (publickey)", "hint: it takes none of the keys here");
    fs::write(&config, &right).unwrap();

    let changed = known.replace(board.app.fact("host_key"), board.proxy.fact("host_key"));
    assert_ne!(changed, known);
    fs::write(&keys, changed).unwrap();
    refused(
        "its host key is another one than in known_hosts",
        "hint: ask who runs it whether that is meant; then: ssh-keygen -R app1",
    );
    fs::write(&keys, "").unwrap();
    refused(
        "Host key verification failed",
        "hint: log in once by hand, and compare its key: ssh app1",
    );
    fs::write(&keys, &known).unwrap();

    board.app.run("systemctl stop ssh.socket ssh.service");
    refused("caused by: ", "hint: does `ssh app1 true` work?");

    let words = world.arguments(&["--from-host", "app1"]);
    let begin = Instant::now();
    let mut command = project.command(&board.arguments(&words));
    let nowhere = Outcome::of(command.env("PATH", project.path("suite")).output().unwrap(), begin);
    let nowhere = nowhere.exit_code(75).says("could not start `ssh`");
    nowhere.says("hint: install it: apt-get install openssh-client");
    let option = project.run(&world.arguments(&["--from-host=-oProxyCommand=true"])).exit_code(2);
    option.says("a host is [USER@]HOST[:PORT]");
}

/// Runs stagectl where `/etc/hosts` is the project's own file, for that process alone.
fn knowing(project: &Project, words: &[&str]) -> Outcome {
    let begin = Instant::now();
    let own = project.command(words);
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-euc", "mount --bind \"$0\" /etc/hosts; exec \"$@\""]);
    command.arg(project.path("hosts")).arg(own.get_program()).args(own.get_args());
    for (key, value) in own.get_envs() {
        match value {
            Some(value) => command.env(key, value),
            None => command.env_remove(key),
        };
    }
    Outcome::of(command.output().unwrap(), begin)
}
