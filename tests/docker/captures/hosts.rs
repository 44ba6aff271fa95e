//! Hosts that stagectl did not make: captured, rehearsed green within three edits, and drift names what is changed there.

use std::fs;

use super::live_host::{LiveHost, drifted, files_with};
use crate::driver::{Project, repository};

/// How often nothing is found on each host while nothing of the description has changed: 32 times on all four.
const REPETITIONS: usize = 8;

/// A host, what serves the app there, and what a person edits: each in the description or a file beside it.
struct Case {
    host: &'static str,
    unit: &'static str,
    suite: &'static str,
    /// The file below `environments/`, what stands there, and what is written instead; an empty text is the file's end.
    edits: &'static [(&'static str, &'static str, &'static str)],
}

const NGINX_GUNICORN: Case = Case {
    host: "nginx-gunicorn",
    unit: "noticeboard",
    suite: "tests/critical",
    edits: &[
        (
            "site.yaml",
            "",
            "critical: {path: ../suite, requirements: ../suite/requirements.txt, select: critical, site_env: [NOTICEBOARD_ADMIN_PASSWORD, NOTICEBOARD_THEME]}\n",
        ),
        (
            "site.yaml",
            "",
            "deploy: {steps: [{name: migrate, run: noticeboard-admin migrate}, {name: static, run: noticeboard-admin collectstatic}, {name: first admin, run: noticeboard-admin create-admin, when: first}]}\n",
        ),
    ],
};

const APACHE: Case = Case {
    host: "apache-mod-wsgi",
    unit: "kasse",
    suite: "tests/apps/kasse/critical",
    edits: &[
        ("site.yaml", "", "critical: {path: ../suite, requirements: ../suite/requirements.txt}\n"),
        (
            "site.yaml",
            "secrets:\n",
            "services: {db: {mariadb: \"10.11\", host: app, database: kasse, user: kasse, password: \"${secret.db}\"}}\nsecrets:\n  db: {generate: 24}\n",
        ),
        (
            "site/etc-ihatemoney-ihatemoney.cfg",
            "mysql+pymysql://HIDDEN@localhost/kasse?HIDDEN\"\nSECRET_KEY = \"HIDDEN\"\nSITE_NAME = \"HIDDEN\"\nMAIL_DEFAULT_SENDER = \"HIDDEN\"",
            "mysql+pymysql://kasse:{{ secret.db }}@127.0.0.1/kasse?charset=utf8mb4\"\nSECRET_KEY = \"{{ secret.kasse_smtp_token }}\"\nSITE_NAME = \"Kasse\"\nMAIL_DEFAULT_SENDER = \"kasse@lagerhaus.example\"",
        ),
    ],
};

const EMPEROR: Case = Case {
    host: "uwsgi-emperor",
    unit: "forum",
    suite: "tests/apps/forum/critical",
    edits: &[
        ("site.yaml", "", "critical: {path: ../suite, requirements: ../suite/requirements.txt}\n"),
        (
            "site.yaml",
            "",
            "deploy: {steps: [{name: migrate, run: python manage.py migrate --no-input}, {name: static, run: python manage.py collectstatic --no-input}]}\n",
        ),
    ],
};

const SUPERVISORD: Case = Case {
    host: "supervisord",
    unit: "errands",
    suite: "tests/apps/errands/critical",
    edits: &[
        ("site.yaml", "", "critical: {path: ../suite, requirements: ../suite/requirements.txt}\n"),
        ("site.yaml", "redis://HIDDEN@127.0.0.1:6379/0\"", "$REDIS_URL\""),
        ("site.yaml", "", "intended: [processes.errands-worker.run]\n"),
    ],
};

impl Case {
    fn project(&self, host: &LiveHost) -> Project {
        let project = Project::new(&format!("captured-{}", self.host))
            .folder(self.suite, "suite")
            .defaults("");
        if !project.path("suite/requirements.txt").exists() {
            fs::write(project.path("suite/requirements.txt"), "pytest\nrequests\n").unwrap();
        }
        host.known_to(project)
    }

    fn arguments(&self, host: &LiveHost, before: &[&str]) -> Vec<String> {
        let words = before.iter().map(|word| (*word).to_owned());
        words.chain(["--unit".to_owned(), self.unit.to_owned()]).chain(host.detours()).collect()
    }

    /// Captures the host: nothing is written there, and no secret leaves it.
    fn capture(&self, project: &Project, host: &LiveHost) {
        let before = host.written();
        let outcome = project.run(&self.arguments(host, &["capture", "site", "live"])).exit_code(0);
        assert_eq!(host.written(), before, "written on the host");
        let secrets = host.secrets();
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        let shown: Vec<&String> =
            secrets.iter().filter(|secret| said.contains(secret.as_str())).collect();
        assert!(shown.is_empty(), "shown: {shown:?}");
        assert_eq!(files_with(&project.path("environments"), &secrets), [""; 0]);
        assert_eq!(files_with(&project.path(".stagectl"), &secrets), [""; 0]);
        outcome.says("wrote environments/site.yaml").says("every key says where it comes from");
    }

    fn edit(&self, project: &Project) {
        assert!(self.edits.len() <= 3);
        for (file, from, to) in self.edits {
            let path = project.path("environments").join(file);
            let text = fs::read_to_string(&path).unwrap();
            let edited =
                if from.is_empty() { format!("{text}{to}") } else { text.replacen(from, to, 1) };
            assert_ne!(edited, text, "{file} has no {from:?}:\n{text}");
            // A file with a secret in it is a template, as its remark asks.
            fs::write(&path, edited).unwrap();
        }
        let path = project.path("environments/site.yaml");
        let text = fs::read_to_string(&path).unwrap();
        if self.host == "apache-mod-wsgi" {
            fs::write(
                &path,
                text.replace("source: site/etc-ihatemoney", "template: site/etc-ihatemoney"),
            )
            .unwrap();
        }
    }

    /// What has drifted, as `KEY live`.
    fn drifted(&self, project: &Project, host: &LiveHost) -> Vec<String> {
        drifted(project, &self.arguments(host, &["drift", "site", "--output", "json"]))
    }

    fn is_captured_and_rehearsed(&self) {
        let host = LiveHost::start(self.host);
        let project = self.project(&host);
        self.capture(&project, &host);
        self.edit(&project);
        project.run(&["check"]).exit_code(0);
        project.rehearse(&host.release()).exit_code(0);
    }

    fn drift_names_what_is_changed(&self) {
        let host = LiveHost::start(self.host);
        let project = self.project(&host);
        self.capture(&project, &host);
        self.edit(&project);
        for repetition in 0..REPETITIONS {
            assert_eq!(self.drifted(&project, &host), [""; 0], "in repetition {repetition}");
            if repetition == REPETITIONS / 2 {
                host.run("dpkg --install /root/updates/*.deb");
            }
        }
        let mut known: Vec<String> = Vec::new();
        for (keys, command) in LiveHost::changes(self.host) {
            host.run(&command);
            let now = self.drifted(&project, &host);
            let new: Vec<&String> = now.iter().filter(|finding| !known.contains(finding)).collect();
            assert!(!new.is_empty(), "nothing of {keys} after {command}: {now:?}");
            let is_meant =
                |finding: &&String| keys.split(',').any(|key| is_of(finding, key.trim()));
            // The same thing may stand in the live configuration that was brought along.
            let odd: Vec<&&String> = new
                .iter()
                .filter(|finding| !is_meant(finding) && !finding.starts_with("proxy.config "))
                .collect();
            assert!(odd.is_empty() && new.iter().any(is_meant), "{keys}: {new:?}");
            known = now;
        }
    }
}

/// Whether a finding is of a key, in which `*` is any part; `install.requirements` is of each distribution, too.
pub(super) fn is_of(finding: &str, key: &str) -> bool {
    let own: Vec<&str> = finding.split(' ').next().unwrap_or_default().split('.').collect();
    let key: Vec<&str> = key.split('.').collect();
    own.len() >= key.len() && key.iter().zip(&own).all(|(part, own)| *part == "*" || part == own)
}

#[test]
fn supervisord_is_captured_and_rehearsed_within_three_edits() {
    SUPERVISORD.is_captured_and_rehearsed();
}

#[test]
fn nginx_and_gunicorn_are_captured_and_rehearsed_within_three_edits() {
    NGINX_GUNICORN.is_captured_and_rehearsed();
}

#[test]
fn one_of_three_sites_of_apache_is_captured_and_rehearsed_within_three_edits() {
    APACHE.is_captured_and_rehearsed();
}

#[test]
fn a_vassal_of_an_emperor_is_captured_and_rehearsed_within_three_edits() {
    EMPEROR.is_captured_and_rehearsed();
}

#[test]
fn drift_names_each_change_of_supervisord_and_nothing_else() {
    SUPERVISORD.drift_names_what_is_changed();
}

#[test]
fn drift_names_each_change_of_nginx_and_gunicorn_and_nothing_else() {
    NGINX_GUNICORN.drift_names_what_is_changed();
}

#[test]
fn drift_names_each_change_of_apache_and_nothing_else() {
    APACHE.drift_names_what_is_changed();
}

#[test]
fn drift_names_each_change_of_a_vassal_and_nothing_else() {
    EMPEROR.drift_names_what_is_changed();
}

#[test]
fn there_are_twenty_changes() {
    let hosts = [&NGINX_GUNICORN, &APACHE, &EMPEROR, &SUPERVISORD];
    assert_eq!(hosts.iter().map(|case| LiveHost::changes(case.host).len()).sum::<usize>(), 20);
    assert!(repository().join("tests/live-hosts/changes.txt").exists());
}
