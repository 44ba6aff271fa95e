//! Inside running sites there is nothing that is neither described, nor the distribution's, nor in the
//! table of what is added.

use stagectl::replica::{ADDED, Addition};

use crate::driver::{Project, repository};
use crate::samples::{tiny, tiny_sites};

/// What maintainers' scripts of Debian's packages and Docker make, which no package lists.
const DISTRIBUTION: &[&str] = &[
    // Accounts, and their copies.
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/subuid",
    "/etc/subgid",
    "/etc/.pwd.lock",
    // Of the installation.
    "/etc/alternatives/",
    "/etc/rc",
    "/etc/ssl/certs/",
    "/etc/ssl/private/",
    "/etc/ca-certificates.conf",
    "/etc/ld.so.cache",
    "/etc/apache2/mods-enabled/",
    "/etc/apache2/conf-enabled/",
    "/etc/apache2/sites-enabled",
    "/etc/nginx/modules-enabled/",
    "/etc/systemd/system/",
    "/etc/python3",
    "/etc/profile",
    "/etc/environment",
    "/etc/nsswitch.conf",
    "/etc/shells",
    "/etc/debconf.conf",
    "/etc/dpkg/",
    "/etc/apt/",
    "/etc/motd",
    "/etc/issue",
    "/etc/default/",
    "/etc/pam.d/",
    "/etc/machine-id",
    "/etc/host.conf",
    "/etc/os-release",
    "/etc/skel",
    "/etc/opt",
    "/etc/xattr.conf",
    "/etc/locale",
    "/etc/mailname",
    // Time zone and locale are described.
    "/etc/fstab",
    "/etc/inputrc",
    "/etc/security/opasswd",
    // Of `stagectl exec`, which looks.
    "/run/stagectl-session-",
    "/etc/localtime",
    "/etc/timezone",
    // Docker's own.
    "/etc/hostname",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/mtab",
    // Of processes that run: nginx, Apache, systemd's tmpfiles.
    "/run/nginx.pid",
    "/run/apache2",
    "/run/lock",
    "/run/systemd",
    "/run/utmp",
    "/run/wsgi.",
    "/run/adduser",
    "/run/shm",
    "/run/mount",
];

struct Look {
    lines: Vec<Vec<String>>,
}

impl Look {
    fn at(project: &Project, site: &str) -> Self {
        let program =
            std::fs::read_to_string(repository().join("tests/docker/added/look.py")).unwrap();
        let seen = project.run(&["exec", site, "--root", "--", "/usr/bin/python3", "-c", &program]);
        let seen = seen.exit_code(0);
        let lines = seen.stdout.lines().map(|line| line.split('\t').map(str::to_owned).collect());
        Look { lines: lines.collect() }
    }

    fn of(&self, kind: &str) -> impl Iterator<Item = &[String]> {
        self.lines.iter().filter(move |line| line[0] == kind).map(|line| &line[1..])
    }
}

fn additions() -> impl Iterator<Item = &'static Addition> {
    ADDED.iter().flat_map(|added| added.additions)
}

fn text(addition: &Addition) -> String {
    addition.text.replace("USER", "tiny")
}

/// Whether the table has this word of a command line.
fn has_word(word: &str) -> bool {
    additions().any(|added| text(added).split(' ').any(|own| own == word) || text(added) == word)
}

fn has_variable(variable: &str) -> bool {
    let (name, value) = variable.split_once('=').unwrap();
    additions().any(|added| match added.text.split_once('=') {
        Some((own, wanted)) => own == name && wanted.replace("USER", "tiny") == value,
        None => added
            .text
            .split(' ')
            .any(|own| own.strip_suffix('*').map_or(own == name, |start| name.starts_with(start))),
    })
}

/// Whether the table has this file, or the folder that it is in.
fn has_file(path: &str) -> bool {
    additions().any(|added| {
        let own = text(added);
        let own = own.split("ROLE").next().unwrap();
        own.starts_with('/') && (path.starts_with(own) && own != "/srv/tiny" || path == own)
    })
}

#[test]
fn nothing_is_there_that_is_neither_described_nor_listed() {
    let project = tiny_sites("added")
        .file("environments/gunicorn.yaml", PLAIN_GUNICORN)
        .file("environments/mod-wsgi.yaml", PLAIN_MOD_WSGI);
    let release = tiny(&project).display().to_string();
    for (site, described, processes) in [
        ("gunicorn", &["tiny.wsgi:application", "127.0.0.1:8000"][..], &["wsgi", "nginx"][..]),
        ("mod-wsgi", &[], &["apache"]),
    ] {
        project.run(&["up", site, "--release", &release]).exit_code(0);
        let look = Look::at(&project, site);
        let mut roles = Vec::new();
        for line in look.of("argv") {
            let (role, words) = line.split_first().unwrap();
            roles.push(role.as_str());
            // A process that calls itself something else does not say how it was called.
            if words.len() < 2 || words[0].contains(": ") {
                continue;
            }
            for word in &words[1..] {
                let is_program =
                    word.starts_with('/') || words[0].ends_with("nginx") && word == "-g";
                let is_known = is_program || described.contains(&word.as_str()) || has_word(word);
                assert!(is_known, "{site}: `{word}` of {words:?} is neither described nor listed");
            }
        }
        for role in processes {
            assert!(roles.contains(role), "{site}: {roles:?}");
        }
        let mut variables = 0;
        // nginx writes what it calls itself over its own.
        for line in look.of("variable").filter(|line| line[0] != "nginx") {
            variables += 1;
            let is_known = line[1] == "TINY_SAID=yes" || has_variable(&line[1]);
            assert!(is_known, "{site}: {line:?} is neither described nor listed");
        }
        assert!(variables > 5, "{site}: {variables} variables were seen");
        let (mut files, mut unknown) = (0, Vec::new());
        for line in look.of("file") {
            files += 1;
            let path = line[0].as_str();
            let is_known = has_file(path)
                || DISTRIBUTION.iter().any(|known| path.starts_with(known))
                || path.starts_with("/srv/tiny/.")
                || path == "/srv/data";
            if !is_known {
                unknown.push(line.join(" "));
            }
            if path == "/srv/tiny" {
                assert_eq!(line[1..], ["0755", "tiny"], "{site}");
            }
        }
        assert!(files > 10, "{site}: {files} files were seen");
        assert_eq!(unknown, [""; 0], "{site}: files that are neither described nor listed");
        // What only another kind of site needs is not there.
        let sockets = look.of("file").any(|line| line[0].starts_with("/run/tiny"));
        assert!(!sockets, "{site}");
        project.run(&["down", site]).exit_code(0);
    }
}

const PLAIN_GUNICORN: &str = r#"
names: [g.example]
tls: {}
data: [/srv/data]
proxy: {server: nginx}
wsgi: {server: gunicorn, application: "tiny.wsgi:application", workers: null}
env: {TINY_SAID: "yes"}
"#;

const PLAIN_MOD_WSGI: &str = r#"
names: [m.example]
tls: {}
proxy: {server: apache}
wsgi: {server: mod_wsgi, application: "tiny.wsgi:application", workers: null}
env: {TINY_SAID: "yes"}
"#;
