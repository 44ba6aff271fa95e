//! Projects that load, and what the files of one do to each other.

use std::fs;

use insta::assert_snapshot;

use super::*;
pub(super) use crate::site::fixture::{LEAST, TestProject};

/// An annotated example with a key of nearly every kind.
const EXAMPLE: &str = r#"# environments/site-b.yaml
summary: Harbour office, Debian 12, nginx + uWSGI, wildcard certificate
order: 20                                # sites run by order, then name

base:
  debian: bookworm
  packages: [libpq5, gettext-base]       # as on the live host; "name=version" pins
  locale: de_DE.UTF-8
  timezone: Europe/Berlin
python: "3.11"                           # checked against what the base has
install:
  requirements: requirements.lock        # or inside the release; hashes are kept
  as_of: 2026-02-18                      # else: nothing younger than this date is installed
  extra: ["gunicorn==23.0.0"]            # what the site adds to the release
  build_packages: [gcc, libpq-dev]       # there while installing, gone afterwards
user: noticeboard
data: [/srv/noticeboard/data]
names: [www.site-b.example, site-b.example]
tls:
  certificate:
    names: ["*.site-b.example", site-b.example]
    key: ecdsa-p256
    intermediates: 1
  versions: [TLSv1.2, TLSv1.3]
proxy:
  server: nginx
  static: {/static/: static}
wsgi:
  server: uwsgi
  application: noticeboard.wsgi:application
  locale: C
  workers: 2
  options: {harakiri: 20}
env:
  NOTICEBOARD_THEME: harbour
  DATABASE_URL: postgresql://noticeboard:${secret.db}@db.internal/noticeboard
  SECRET_KEY: ${secret.session}
secrets:
  db: {generate: 24}
  session: {from_env: STAGE_SESSION_KEY}
files:
  - {path: /etc/noticeboard.ini, template: noticeboard.ini.j2, owner: app, mode: "0640"}
services:
  db: {postgres: "15", names: [db.internal], database: noticeboard, user: noticeboard,
       password: "${secret.db}", encoding: UTF8, owner: noticeboard, extensions: [pg_trgm],
       init: [sql/grants.sql]}
  cache: {redis: "7"}
deploy:
  steps:
    - {name: first admin, run: "noticeboard-admin create-admin", when: first}
    - {name: migrate, run: "noticeboard-admin migrate", timeout: 5min}
    - {name: static, run: "noticeboard-admin collectstatic"}
health: {path: /healthz, status: 200, json: {database: true}, within: 30s}
critical:
  path: ../tests/critical
  select: critical
  requirements: ../tests/critical/requirements.txt
  budget: 60s
resources: {memory: 512MiB, cpus: 1, pids: 256}
"#;

#[test]
fn the_annotated_example_loads() {
    let project = TestProject::new().site("site-b", EXAMPLE);
    let site = project.one();
    assert_eq!(site.url(), "https://www.site-b.example/");
    assert_snapshot!(project.list_keys(&site), @r#"
    name: "site-b"
    summary: "Harbour office, Debian 12, nginx + uWSGI, wildcard certificate"
    order: 20
    source: "environments/site-b.yaml"
    base: {"origin":{"debian":"bookworm"},"packages":["libpq5","gettext-base"],"locale":"de_DE.UTF-8","timezone":"Europe/Berlin"}
    python: "3.11"
    install: {"requirements":{"release":"requirements.lock"},"constraints":null,"with":"uv","as_of":"2026-02-18","extras":[],"extra":["gunicorn==23.0.0"],"build_packages":["gcc","libpq-dev"],"index":null,"extra_indexes":[],"wheels":null,"owner":"root"}
    user: "noticeboard"
    data: ["/srv/noticeboard/data"]
    names: ["www.site-b.example","site-b.example"]
    wildcards: []
    tls: {"certificate":{"names":["*.site-b.example","site-b.example"],"key":"ecdsa-p256","intermediates":1},"versions":["TLSv1.2","TLSv1.3"]}
    proxy: {"server":"nginx","static_files":{"/static/":"static"},"media":{},"prefix":"/","plain_http":"redirect","headers":{},"body":null,"timeout":null,"hsts":null,"config":null,"modules":[]}
    wsgi: {"server":"uwsgi","from":"distribution","application":{"callable":{"module":"noticeboard.wsgi","callable":"application"}},"mounts":{},"locale":"C","workers":2,"threads":null,"socket":"tcp","listen":null,"folder":null,"umask":null,"application_group":"own","options":{"harakiri":"20"}}
    processes: {}
    env: {"DATABASE_URL":[{"literal":"postgresql://noticeboard:"},{"secret":"db"},{"literal":"@db.internal/noticeboard"}],"NOTICEBOARD_THEME":[{"literal":"harbour"}],"SECRET_KEY":[{"secret":"session"}]}
    secrets: {"db":{"generate":24},"session":{"from-env":"STAGE_SESSION_KEY"}}
    files: [{"path":"/etc/noticeboard.ini","template":"[project]/templates/noticeboard.ini.j2","owner":"app","mode":416}]
    services: {"cache":{"kind":{"redis":{"version":"7","password":null}},"names":["cache"],"startup":{"secs":60,"nanos":0},"memory":null},"db":{"kind":{"postgres":{"version":"15","database":"noticeboard","user":"noticeboard","password":[{"secret":"db"}],"encoding":"UTF8","locale":"C.UTF-8","owner":"noticeboard","extensions":["pg_trgm"],"init":["[project]/environments/sql/grants.sql"],"settings":{}}},"names":["db.internal"],"startup":{"secs":60,"nanos":0},"memory":null}}
    steps: [{"name":"first admin","run":[{"literal":"noticeboard-admin create-admin"}],"when":"first","timeout":{"secs":300,"nanos":0}},{"name":"migrate","run":[{"literal":"noticeboard-admin migrate"}],"when":"every","timeout":{"secs":300,"nanos":0}},{"name":"static","run":[{"literal":"noticeboard-admin collectstatic"}],"when":"every","timeout":{"secs":300,"nanos":0}}]
    health: {"path":"/healthz","status":200,"json":{"database":true},"within":{"secs":30,"nanos":0}}
    critical: {"suite":{"pytest":{"path":"[project]/tests/critical","file":null,"select":"critical"}},"requirements":"[project]/tests/critical/requirements.txt","env":{},"site_env":[],"retries":1,"flaky":"fail","budget":{"secs":60,"nanos":0}}
    resources: {"memory":536870912,"milli_cpus":1000,"pids":256}
    host: {"hostname":null,"tmp":null,"shm":null,"open_files":null,"limits":{},"read_only_root":false,"writable":[],"clock":null,"resolver":{"families":null,"search":[],"ndots":null,"timeout":null,"attempts":null}}
    "#);
}

#[test]
fn what_is_left_out_has_sensible_values() {
    let project = TestProject::new().site("shop", LEAST);
    let site = project.one();
    assert_snapshot!(project.list_keys(&site), @r#"
    name: "shop"
    summary: null
    order: 0
    source: "environments/shop.yaml"
    base: {"origin":{"debian":"bookworm"},"packages":[],"locale":"C.UTF-8","timezone":"UTC"}
    python: "3.11"
    install: {"requirements":null,"constraints":null,"with":"uv","as_of":null,"extras":[],"extra":[],"build_packages":[],"index":null,"extra_indexes":[],"wheels":null,"owner":"root"}
    user: "app"
    data: []
    names: ["shop.example"]
    wildcards: []
    tls: null
    proxy: {"server":"nginx","static_files":{},"media":{},"prefix":"/","plain_http":"serve","headers":{},"body":null,"timeout":null,"hsts":null,"config":null,"modules":[]}
    wsgi: {"server":"gunicorn","from":"index","application":{"callable":{"module":"shop.wsgi","callable":"app"}},"mounts":{},"locale":"C.UTF-8","workers":null,"threads":null,"socket":"tcp","listen":null,"folder":null,"umask":null,"application_group":"own","options":{}}
    processes: {}
    env: {}
    secrets: {}
    files: []
    services: {}
    steps: []
    health: {"path":"/","status":200,"json":null,"within":{"secs":30,"nanos":0}}
    critical: {"suite":{"pytest":{"path":"[project]/tests/critical","file":null,"select":null}},"requirements":null,"env":{},"site_env":[],"retries":1,"flaky":"fail","budget":{"secs":60,"nanos":0}}
    resources: {"memory":536870912,"milli_cpus":1000,"pids":4096}
    host: {"hostname":null,"tmp":null,"shm":null,"open_files":null,"limits":{},"read_only_root":false,"writable":[],"clock":null,"resolver":{"families":null,"search":[],"ndots":null,"timeout":null,"attempts":null}}
    "#);
}

#[test]
fn defaults_hold_what_sites_leave_out_and_are_blamed_once() {
    let project = TestProject::new()
        .file("environments/defaults.yaml", format!("project: board\nrelease: dist/x.whl\n{LEAST}"))
        .site("b", "order: 1\n")
        .site("a", "order: 1\nbase: {timezone: Europe/Berlin}\n")
        .site("c", "");
    let loaded = project.load().unwrap();
    let names: Vec<_> = loaded.sites.iter().map(|site| site.name.as_str()).collect();
    assert_eq!(names, ["c", "a", "b"]);
    assert_eq!(loaded.name.as_str(), "board");
    assert_eq!(loaded.release, Some(project.root.join("dist/x.whl")));
    assert_eq!(loaded.sites[1].base.timezone, "Europe/Berlin");

    let project = TestProject::new()
        .file("environments/defaults.yaml", format!("{LEAST}user: Root\nhealth: {{within: 5x}}\n"))
        .site("a", "ordre: 1\n")
        .site("b", "project: x\nwsgi: {server: uwsgi, from: pypi}\nbase: null\n");
    assert_snapshot!(project.problems(), @r"
    error: environments/a.yaml:1:1: unknown key `ordre`
    hint: did you mean `order`?
    error: environments/b.yaml:1:1: the key `base` is missing
    hint: add `base:`; what the machine of the site starts from
    error: environments/b.yaml:1:1: project: this holds for the whole project
    hint: move it to environments/defaults.yaml
    error: environments/b.yaml:2:29: wsgi.from: `pypi` is none of distribution, index
    error: environments/defaults.yaml:5:7: user: `Root` is not a login name (lowercase letters, digits, `_`, `-`; at most 32)
    error: environments/defaults.yaml:6:18: health.within: `5x` is not a duration
    hint: write a number and its unit: 500ms, 30s, 5min, 1h
    ");
}

#[test]
fn every_file_is_reported_at_once() {
    let project = TestProject::new()
        .site("shop", "services: {db: {postgress: '15'}}\nnames: [Shop.example]\n")
        .site("lost", "names: [a\n")
        .site("Bad_Name", "")
        .file("environments/twin.yaml", LEAST)
        .file("environments/twin.yml", LEAST)
        .file("environments/.hidden.yaml", "nonsense")
        .file("environments/old.yaml~", "nonsense")
        .file("environments/notes.txt", "nonsense");
    assert_snapshot!(project.problems(), @r"
    error: environments/Bad_Name.yaml: `Bad_Name` is not a site name (lowercase letters, digits, dashes; at most 40)
    hint: give the file another name
    error: environments/lost.yaml:2:1: names.1: not readable as YAML: while parsing a flow sequence, expected ',' or ']'
    error: environments/shop.yaml:1:1: the key `base` is missing
    hint: add `base:`; what the machine of the site starts from
    error: environments/shop.yaml:1:1: the key `critical` is missing
    hint: add `critical:`; the small set of tests that says whether the site works after a deploy; no tests is never green
    error: environments/shop.yaml:1:1: the key `wsgi` is missing
    hint: add `wsgi:`; the WSGI server and the application
    error: environments/shop.yaml:1:17: services.db: unknown key `postgress`
    hint: did you mean `postgres`?
    error: environments/shop.yaml:2:9: names.0: `Shop.example` is not a host name
    hint: write it in lowercase: shop.example
    error: environments/twin.yml: `twin` is described by environments/twin.yaml too
    hint: keep one of the two files
    ");
}

#[test]
fn a_project_without_sites_says_where_to_begin() {
    assert_snapshot!(TestProject::new().problems(), @r"
    error: environments: no site is described here
    hint: describe one in `environments/site-a.yaml`
    ");
    let project = TestProject::new().file("environments/defaults.yaml", LEAST);
    assert_snapshot!(project.problems(), @r"
    error: environments: no site is described here
    hint: describe one in `environments/site-a.yaml`
    ");
}

#[test]
fn sites_are_chosen_by_name_in_the_projects_order() {
    let project = TestProject::new()
        .site("site-a", &format!("{LEAST}order: 2\n"))
        .site(
            "site-b",
            &format!("{LEAST}secrets: {{x: {{from_env: NOT_SET}}}}\nenv: {{A: '${{secret.x}}'}}\n"),
        )
        .site("site-c", LEAST)
        .load()
        .unwrap();
    let choose = |names: &[&str]| {
        let names: Vec<SiteName> = names.iter().map(|name| name.parse().unwrap()).collect();
        match project.choose(&names) {
            Ok(sites) => {
                sites.iter().map(|site| site.name.to_string()).collect::<Vec<_>>().join(" ")
            }
            Err(failure) => format!("{} | {}", failure.message, failure.hints.join(" | ")),
        }
    };
    assert_eq!(choose(&["site-a", "site-c", "site-a"]), "site-c site-a");
    assert_eq!(choose(&["site-d", "x"]), "there is no site `site-d`, `x` | did you mean `site-a`?");
    assert_eq!(
        choose(&["shop"]),
        "there is no site `shop` | the sites are: `site-b`, `site-c`, `site-a`"
    );
    assert_snapshot!(choose(&[]), @"environments/site-b.yaml:5:25: secrets.x.from_env: the variable `NOT_SET` is not set | set it: export NOT_SET=...");
}

#[test]
fn a_file_that_is_a_secret_may_come_later() {
    let yaml =
        format!("{LEAST}secrets: {{x: {{from_file: secrets/key}}}}\nenv: {{A: '${{secret.x}}'}}\n");
    let project = TestProject::new().site("shop", &yaml);
    let choose = |project: &Project| match project.choose(&[]) {
        Ok(sites) => sites[0].digest().unwrap(),
        Err(failure) => format!("{} | {}", failure.message, failure.hints.join(" | ")),
    };
    let loaded = project.load().unwrap();
    assert_snapshot!(choose(&loaded), @"environments/shop.yaml:5:26: secrets.x.from_file: `environments/secrets/key` is not there | put it there; version control should not see it");
    let digest = |value: &str| {
        let path = project.root.join("environments/secrets/key");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, value).unwrap();
        choose(&loaded)
    };
    assert_eq!(digest("one"), digest("two"), "the value is no part of the environment");
}

#[test]
fn the_project_is_found_from_below() {
    let project = TestProject::new();
    let below = project.root.join("tests/critical");
    assert_eq!(Project::find(&below).unwrap(), project.root);
    let failure = Project::find(project.root.parent().unwrap()).unwrap_err();
    assert!(failure.message.starts_with("there is no folder `environments` in "), "{failure}");
    assert_eq!(name_from_folder("Notice Board!").as_str(), "notice-board");
    assert_eq!(name_from_folder("…").as_str(), "project");
}

#[test]
fn sites_with_the_same_digest_are_the_same_environment() {
    let digest = |project: &TestProject| project.one().digest().unwrap();
    let one = TestProject::new().site("one", EXAMPLE);
    let other = TestProject::new().site("other", &EXAMPLE.replace("order: 20", "order: 3"));
    assert_eq!(digest(&one), digest(&other));
    let workers = TestProject::new().site("one", &EXAMPLE.replace("workers: 2", "workers: 3"));
    assert_ne!(digest(&one), digest(&workers));
    let other = other.file("environments/sql/grants.sql", "select 2;\n");
    assert_ne!(digest(&one), digest(&other));
    let one = one.file("environments/sql/grants.sql", "select 2;\n");
    assert_eq!(digest(&one), digest(&other));
    let one = one.file("tests/critical/test_a.py", "");
    assert_ne!(digest(&one), digest(&other));
}

#[test]
fn damaged_descriptions_never_panic_and_always_say_where() {
    let project = TestProject::new();
    let judge = |text: &[u8]| {
        fs::write(project.root.join("environments/a.yaml"), text).unwrap();
        if let Err(problems) = project.load() {
            for problem in &problems {
                assert!(!problem.message.contains("cannot be read"), "{problem}");
            }
        }
    };
    for end in 0..EXAMPLE.len() {
        judge(&EXAMPLE.as_bytes()[..end]);
    }
    let characters = "{[]}:,&*!|>'\"%@`#-? \n\t~$<".bytes().cycle();
    for (index, character) in (0..EXAMPLE.len()).step_by(3).zip(characters) {
        let mut text = EXAMPLE.as_bytes().to_vec();
        text[index] = character;
        judge(&text);
    }
}
