//! The same requirements installed by uv and by the site's pip: one verdict, or a difference that
//! `docs/installing.md` says. The files are real ones, and what somebody made of them by hand.

use std::collections::BTreeMap;
use std::fs;

use stagectl::event::Outcome;
use stagectl::report::{Report, SiteReport};

use crate::driver::{endings, repository};
use crate::samples::{tiny, tiny_sites};

/// What `make test` installs, one of each kind; with `STAGECTL_ALL_LOCKS` it is all of them.
const USUAL: [&str; 3] = ["complete", "hashed-constraints-pinned", "other-python"];

/// What became of an installation.
fn verdict(site: &SiteReport) -> &'static str {
    let bad = site.phases.iter().find(|phase| phase.outcome != Outcome::Passed);
    match bad.map(|phase| phase.name.name()) {
        // Nothing is to be deployed: the first step ends it.
        Some("deploy") => "installs",
        Some("images") if site.code == Some(3) => "refuses",
        _ => "neither",
    }
}

/// The rows of the table in the document: file, uv, pip.
fn differences() -> BTreeMap<String, (String, String)> {
    let text = fs::read_to_string(repository().join("docs/installing.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').map(|cell| cell.trim().to_owned()));
    cells
        .map(|mut cells| {
            let mut next = || cells.next().unwrap();
            next();
            (next().trim_matches('`').to_owned(), (next(), next()))
        })
        .collect()
}

fn verdicts(report: &Report) -> BTreeMap<&str, &'static str> {
    report.sites.iter().map(|site| (site.name.as_str(), verdict(site))).collect()
}

#[test]
fn uv_and_pip_agree_on_every_lock_or_the_document_says_so() {
    let expected = fs::read_to_string(repository().join("tests/locks/verdicts.yaml")).unwrap();
    let expected: BTreeMap<String, String> = serde_yaml::from_str(&expected).unwrap();
    let all = std::env::var_os("STAGECTL_ALL_LOCKS").is_some();
    let mut project = tiny_sites("installers").folder("tests/locks", "locks");
    let locks: Vec<&String> =
        expected.keys().filter(|name| all || USUAL.contains(&name.as_str())).collect();
    for name in &locks {
        for with in ["uv", "pip"] {
            let limits = project.path(&format!("locks/{name}/constraints.txt")).exists();
            let limits = if limits {
                format!(", constraints: ../locks/{name}/constraints.txt")
            } else {
                String::new()
            };
            project = project.site(
                &format!("{name}-{with}"),
                &format!(
                    "names: [www.example]\n\
                     install: {{with: {with}, requirements: ../locks/{name}/requirements.txt{limits}, extra: []}}\n\
                     deploy: {{steps: [{{name: no more, run: 'false'}}]}}\n"
                ),
            );
        }
    }
    let release = tiny(&project);
    project.rehearse(&release).exit_code(3);
    let report = project.report();
    let verdicts = verdicts(&report);
    let documented = differences();
    for name in locks {
        let [uv, pip] = ["uv", "pip"].map(|with| verdicts[format!("{name}-{with}").as_str()]);
        let both = match documented.get(name) {
            Some((uv, pip)) => (uv.as_str(), pip.as_str()),
            None => (expected[name].as_str(), expected[name].as_str()),
        };
        assert_eq!((uv, pip), both, "{name}: uv {uv}, pip {pip}\n{}", endings(&report));
    }
    for name in documented.keys() {
        assert!(expected.contains_key(name), "no file shows the difference {name}");
    }
}
