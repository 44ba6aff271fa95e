//! A description names no file beyond its project, whichever key it does it by.

use std::fs;
use std::os::unix::fs::symlink;

use crate::program::{SHOP, Stagectl};

/// Each key that takes the path of a file or folder of this machine: what stands for the path is `PATH`.
const KEYS: [(&str, &str); 15] = [
    ("files.0.template", "files: [{path: /etc/x, template: PATH}]\n"),
    ("outside.\"api.example\".stub", "outside: {api.example: {stub: PATH}}\n"),
    ("services.db.seed", "services: {db: {postgres: '15', seed: PATH}}\n"),
    ("services.db.init.0", "services: {db: {postgres: '15', init: [PATH]}}\n"),
    ("tls.certificate.like", "tls: {certificate: {like: PATH}}\n"),
    ("env_file", "env_file: PATH\n"),
    ("secrets.x.from_file", "secrets: {x: {from_file: PATH}}\n"),
    ("install.requirements", "install: {requirements: PATH}\n"),
    ("proxy.config", "proxy: {server: nginx, config: PATH}\n"),
    ("base.rootfs", "base: {rootfs: PATH.tar}\npython: '3.11'\n"),
    (
        "base.sources.0.key",
        "base: {debian: bookworm, sources: [{uris: [https://a.example/d], suites: [x], key: PATH}]}\n",
    ),
    ("base.sources.0.folder", "base: {debian: bookworm, sources: [{folder: PATH}]}\n"),
    ("critical.path", "critical: {path: PATH}\n"),
    ("critical.requirements", "critical: {path: ../tests/critical, requirements: PATH}\n"),
    ("critical.path", "critical: {path: PATH, run: ./x.sh}\n"),
];

/// How a path may lead out, and the words for it.
const WAYS: [(&str, &str); 5] = [
    ("/etc/passwd", "is an absolute path"),
    ("../../../../../../etc/passwd", "leads out of the project"),
    ("sub/../../../etc/passwd", "leads out of the project"),
    ("link", "is a link that leads out of the project"),
    ("folder/passwd", "is a link that leads out of the project"),
];

#[test]
fn no_key_names_a_file_beyond_the_project() {
    for (key, yaml) in KEYS {
        for (path, words) in WAYS {
            let first = yaml.split(':').next().unwrap();
            let rest: String = SHOP
                .split_inclusive('\n')
                .filter(|line| !line.starts_with(&format!("{first}:")))
                .collect();
            let lines = rest.lines().count();
            let project = Stagectl::new().site("shop", &(rest + &yaml.replace("PATH", path)));
            let (root, beyond) = (project.root(), project.root().join("../beyond"));
            fs::create_dir_all(&beyond).unwrap();
            for name in ["passwd", "passwd.tar"] {
                fs::write(beyond.join(name), "").unwrap();
                symlink(
                    beyond.join(name),
                    root.join("environments").join(name.replace("passwd", "link")),
                )
                .unwrap();
            }
            symlink(&beyond, root.join("environments/folder")).unwrap();
            let answer = project.args(["check"]).run().exit_code(2).made_nothing();
            let said = answer.error();
            let line = said.lines().find(|line| line.contains(words));
            let line = line.unwrap_or_else(|| panic!("{key} may be {path}: {said}"));
            let place = format!("error: environments/shop.yaml:{}:", lines + 1);
            assert!(line.starts_with(&place) && line.contains(&format!(": {key}: ")), "{line}");
        }
    }
}

#[test]
fn a_release_is_not_looked_for_beyond_the_project() {
    for (path, words) in
        [("/etc/passwd", "is an absolute path"), ("../../x.whl", "leads out of the project")]
    {
        let project = Stagectl::new()
            .site("shop", SHOP)
            .file("environments/defaults.yaml", format!("release: {path}\n"));
        let answer = project.args(["check"]).run().exit_code(2).made_nothing();
        let said = answer.error();
        assert!(
            said.starts_with("error: environments/defaults.yaml:1:") && said.contains(words),
            "{said}"
        );
    }
}
