use std::fs;
use std::path::PathBuf;

use insta::assert_snapshot;

use super::*;

/// DESIGN.md's annotated example, without the keys that are not built yet.
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

/// The least that describes a site.
const LEAST: &str = "base: {debian: bookworm}\nnames: [shop.example]\n\
    wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\ncritical: {path: ../tests/critical}\n";

struct TestProject {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

impl TestProject {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("notice board");
        fs::create_dir_all(root.join("environments/sql")).unwrap();
        fs::create_dir_all(root.join("templates")).unwrap();
        fs::create_dir_all(root.join("tests/critical")).unwrap();
        let project = TestProject { _folder: folder, root };
        project
            .file("tests/critical/requirements.txt", "pytest\n")
            .file("environments/sql/grants.sql", "select 1;\n")
            .file("templates/noticeboard.ini.j2", "key = x\n")
    }

    fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.root.join(path), content).unwrap();
        self
    }

    fn site(self, name: &str, content: &str) -> Self {
        self.file(&format!("environments/{name}.yaml"), content)
    }

    fn load(&self) -> Result<Project, Problems> {
        Project::load(&self.root, |name| (name == "STAGE_SESSION_KEY").then(|| "x".to_owned()))
    }

    fn one(&self) -> Site {
        self.load().unwrap_or_else(|problems| panic!("{problems}")).sites.remove(0)
    }

    fn problems(&self) -> String {
        self.load().map(|project| project.sites.len()).unwrap_err().render()
    }
}

/// What is wrong with the least of descriptions and some more.
fn problems_with(more: &str) -> String {
    TestProject::new().site("shop", &format!("{LEAST}{more}")).problems()
}

/// What is wrong with the least of descriptions when one text stands for another.
fn problems_instead(replace: &[(&str, &str)]) -> String {
    let text = replace.iter().fold(LEAST.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    TestProject::new().site("shop", &text).problems()
}

#[test]
fn the_annotated_example_loads() {
    let project = TestProject::new().site("site-b", EXAMPLE);
    let site = project.one();
    assert_eq!(site.url(), "https://www.site-b.example/");
    let text = serde_json::to_string_pretty(&site).unwrap();
    let root = project.root.to_str().unwrap();
    assert_snapshot!(text.replace(root, "[project]"), @r#"
    {
      "name": "site-b",
      "summary": "Harbour office, Debian 12, nginx + uWSGI, wildcard certificate",
      "order": 20,
      "source": "environments/site-b.yaml",
      "base": {
        "origin": {
          "debian": "bookworm"
        },
        "packages": [
          "libpq5",
          "gettext-base"
        ],
        "locale": "de_DE.UTF-8",
        "timezone": "Europe/Berlin"
      },
      "python": "3.11",
      "install": {
        "requirements": {
          "release": "requirements.lock"
        },
        "constraints": null,
        "as_of": "2026-02-18",
        "extra": [
          "gunicorn==23.0.0"
        ],
        "build_packages": [
          "gcc",
          "libpq-dev"
        ],
        "index": null,
        "extra_indexes": [],
        "wheels": null
      },
      "user": "noticeboard",
      "data": [
        "/srv/noticeboard/data"
      ],
      "names": [
        "www.site-b.example",
        "site-b.example"
      ],
      "tls": {
        "certificate": {
          "names": [
            "*.site-b.example",
            "site-b.example"
          ],
          "key": "ecdsa-p256",
          "intermediates": 1
        },
        "versions": [
          "TLSv1.2",
          "TLSv1.3"
        ]
      },
      "proxy": {
        "server": "nginx",
        "static_files": {
          "/static/": "static"
        },
        "prefix": "/",
        "plain_http": "redirect"
      },
      "wsgi": {
        "server": "uwsgi",
        "from": "distribution",
        "application": {
          "callable": {
            "module": "noticeboard.wsgi",
            "callable": "application"
          }
        },
        "locale": "C",
        "workers": 2,
        "threads": 1,
        "socket": "tcp",
        "options": {
          "harakiri": "20"
        }
      },
      "env": {
        "DATABASE_URL": [
          {
            "literal": "postgresql://noticeboard:"
          },
          {
            "secret": "db"
          },
          {
            "literal": "@db.internal/noticeboard"
          }
        ],
        "NOTICEBOARD_THEME": [
          {
            "literal": "harbour"
          }
        ],
        "SECRET_KEY": [
          {
            "secret": "session"
          }
        ]
      },
      "secrets": {
        "db": {
          "generate": 24
        },
        "session": {
          "from-env": "STAGE_SESSION_KEY"
        }
      },
      "files": [
        {
          "path": "/etc/noticeboard.ini",
          "template": "[project]/templates/noticeboard.ini.j2",
          "owner": "app",
          "mode": 416
        }
      ],
      "services": {
        "cache": {
          "kind": {
            "redis": {
              "version": "7",
              "password": null
            }
          },
          "names": [
            "cache"
          ],
          "startup": {
            "secs": 60,
            "nanos": 0
          },
          "memory": null
        },
        "db": {
          "kind": {
            "postgres": {
              "version": "15",
              "database": "noticeboard",
              "user": "noticeboard",
              "password": [
                {
                  "secret": "db"
                }
              ],
              "encoding": "UTF8",
              "locale": "C.UTF-8",
              "owner": "noticeboard",
              "extensions": [
                "pg_trgm"
              ],
              "init": [
                "[project]/environments/sql/grants.sql"
              ],
              "settings": {}
            }
          },
          "names": [
            "db.internal"
          ],
          "startup": {
            "secs": 60,
            "nanos": 0
          },
          "memory": null
        }
      },
      "steps": [
        {
          "name": "first admin",
          "run": [
            {
              "literal": "noticeboard-admin create-admin"
            }
          ],
          "when": "first",
          "timeout": {
            "secs": 300,
            "nanos": 0
          }
        },
        {
          "name": "migrate",
          "run": [
            {
              "literal": "noticeboard-admin migrate"
            }
          ],
          "when": "every",
          "timeout": {
            "secs": 300,
            "nanos": 0
          }
        },
        {
          "name": "static",
          "run": [
            {
              "literal": "noticeboard-admin collectstatic"
            }
          ],
          "when": "every",
          "timeout": {
            "secs": 300,
            "nanos": 0
          }
        }
      ],
      "health": {
        "path": "/healthz",
        "status": 200,
        "json": {
          "database": true
        },
        "within": {
          "secs": 30,
          "nanos": 0
        }
      },
      "critical": {
        "suite": {
          "pytest": {
            "path": "[project]/tests/critical",
            "select": "critical"
          }
        },
        "requirements": "[project]/tests/critical/requirements.txt",
        "budget": {
          "secs": 60,
          "nanos": 0
        }
      },
      "resources": {
        "memory": 536870912,
        "milli_cpus": 1000,
        "pids": 256
      }
    }
    "#);
}

#[test]
fn what_is_left_out_has_sensible_values() {
    let project = TestProject::new().site("shop", LEAST);
    let site = project.one();
    let text = serde_json::to_string(&site).unwrap();
    let root = project.root.to_str().unwrap();
    assert_snapshot!(text.replace(root, "[project]"), @r#"{"name":"shop","summary":null,"order":0,"source":"environments/shop.yaml","base":{"origin":{"debian":"bookworm"},"packages":[],"locale":"C.UTF-8","timezone":"UTC"},"python":"3.11","install":{"requirements":null,"constraints":null,"as_of":null,"extra":[],"build_packages":[],"index":null,"extra_indexes":[],"wheels":null},"user":"app","data":[],"names":["shop.example"],"tls":null,"proxy":{"server":"nginx","static_files":{},"prefix":"/","plain_http":"serve"},"wsgi":{"server":"gunicorn","from":"index","application":{"callable":{"module":"shop.wsgi","callable":"app"}},"locale":"C.UTF-8","workers":2,"threads":1,"socket":"tcp","options":{}},"env":{},"secrets":{},"files":[],"services":{},"steps":[],"health":{"path":"/","status":200,"json":null,"within":{"secs":30,"nanos":0}},"critical":{"suite":{"pytest":{"path":"[project]/tests/critical","select":null}},"requirements":null,"budget":{"secs":60,"nanos":0}},"resources":{"memory":536870912,"milli_cpus":1000,"pids":256}}"#);
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
        .file("environments/defaults.yaml", format!("{LEAST}user: Root\nhealth: {{within: 5m}}\n"))
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
    error: environments/defaults.yaml:6:18: health.within: `5m` is not a duration
    hint: write `5min`
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
fn values_that_are_wrong_are_reported_where_they_stand() {
    assert_snapshot!(problems_with(
        "python: '3.12'\nuser: root\ndata: [srv/a, /proc/x, /etc, /srv/b, /srv/b]\n\
         install: {as_of: tomorrow, extra: ['-r x'], build_packages: ['g c'], index: pypi}\n\
         env: {PATH: x, 1A: y, STAGECTL_URL: z}\nresources: {memory: '512'}\n\
         health: {path: healthz, within: 5m}\n"), @r#"
    error: environments/shop.yaml:5:9: python: bookworm has Python 3.11, not 3.12
    hint: write "3.11"
    error: environments/shop.yaml:6:7: user: the app cannot run as root
    hint: such as `user: app`
    error: environments/shop.yaml:7:8: data.0: `srv/a` is not an absolute path on the site
    hint: write it from `/`, without `..`
    error: environments/shop.yaml:7:15: data.1: nothing may be put below `/proc`
    error: environments/shop.yaml:7:24: data.2: `/etc` belongs to the system
    hint: name a folder of the app's own below it
    error: environments/shop.yaml:7:38: data.4: `/srv/b` is there twice
    error: environments/shop.yaml:8:18: install.as_of: `tomorrow` is not a day
    hint: write it as 2026-02-18
    error: environments/shop.yaml:8:36: install.extra.0: `-r x` is not a requirement
    hint: such as gunicorn==23.0.0
    error: environments/shop.yaml:8:62: install.build_packages.0: `g c` is not a Debian package
    hint: write its name, or `name=version`
    error: environments/shop.yaml:8:77: install.index: `pypi` is not the address of a package index
    hint: such as https://pypi.example/simple
    error: environments/shop.yaml:9:7: env.PATH: `PATH` is set by stagectl itself
    error: environments/shop.yaml:9:16: env.1A: `1A` is not the name of a variable
    hint: write letters, digits and `_`, the first one no digit
    error: environments/shop.yaml:9:23: env.STAGECTL_URL: `STAGECTL_URL` is set by stagectl itself
    error: environments/shop.yaml:10:21: resources.memory: `512` is not a size
    hint: write a number and its unit: 512MiB, 2GiB
    error: environments/shop.yaml:11:16: health.path: `healthz` is not a path of the site
    hint: such as /healthz
    error: environments/shop.yaml:11:33: health.within: `5m` is not a duration
    hint: write `5min`
    "#);
    assert_snapshot!(problems_instead(&[
        ("debian: bookworm", "debian: bookwrm, locale: de, timezone: Europe/Berln, packages: ['a b']"),
        ("[shop.example]", "[Shop.example, '*.shop.example', a.example, a.example]"),
        ("shop.wsgi:app", "shop.wsgi"),
    ]), @r"
    error: environments/shop.yaml:1:16: base.debian: `bookwrm` is no Debian suite that stagectl knows
    hint: did you mean `bookworm`?
    error: environments/shop.yaml:1:33: base.locale: `de` is not a locale
    hint: write it as `locale -a` shows it: C.UTF-8, de_DE.UTF-8
    error: environments/shop.yaml:1:47: base.timezone: `Europe/Berln` is not a time zone
    hint: did you mean `Europe/Berlin`?
    error: environments/shop.yaml:1:72: base.packages.0: `a b` is not a Debian package
    hint: write its name, or `name=version`
    error: environments/shop.yaml:2:9: names.0: `Shop.example` is not a host name
    hint: write it in lowercase: shop.example
    error: environments/shop.yaml:2:23: names.1: `*.shop.example` is not a host name
    hint: wildcards belong into tls.certificate.names
    error: environments/shop.yaml:2:52: names.3: `a.example` is there twice
    error: environments/shop.yaml:3:39: wsgi.application: `shop.wsgi` is not an application
    hint: write `shop.wsgi:application`
    ");
}

#[test]
fn the_base_and_its_python_go_together() {
    assert_snapshot!(problems_with("python: '3.13'\n"), @r#"
    error: environments/shop.yaml:5:9: python: bookworm has Python 3.11, not 3.13
    hint: write "3.11", or start from trixie, which has 3.13
    "#);
    assert_snapshot!(problems_instead(&[("debian: bookworm", "image: 'x:1'")]), @r#"
    error: environments/shop.yaml:1:1: python: the Python of the image is not described
    hint: such as `python: "3.11"`
    "#);
    assert_snapshot!(problems_instead(&[("debian: bookworm", "image: 'x:1', debian: bookworm")]), @r"
    error: environments/shop.yaml:1:7: base: `debian` and `image` are both there
    hint: a site has one base
    ");
    assert_snapshot!(problems_instead(&[("debian: bookworm", "")]), @r"
    error: environments/shop.yaml:1:7: base: neither `debian` nor `image` is there
    hint: such as `debian: bookworm`
    ");
}

#[test]
fn the_certificate_covers_every_public_name() {
    assert_snapshot!(problems_with("tls: {certificate: {names: ['*.shop.example']}}\n"), @r"
    error: environments/shop.yaml:2:9: names.0: the certificate does not cover `shop.example`; it covers `*.shop.example`
    hint: add `shop.example` to tls.certificate.names (`*.` stands for exactly one label)
    ");
    assert_snapshot!(problems_with("tls: {certificate: {names: [a.example]}}\n"), @r"
    error: environments/shop.yaml:2:9: names.0: the certificate does not cover `shop.example`; it covers `a.example`
    hint: add `shop.example` to tls.certificate.names
    ");
    assert_snapshot!(problems_with("tls: {versions: [], certificate: {names: ['a.*']}}\n"), @r"
    error: environments/shop.yaml:5:17: tls.versions: a site with TLS accepts at least one version of it
    error: environments/shop.yaml:5:43: tls.certificate.names.0: `a.*` is not a certificate's name
    hint: a wildcard is the whole first label: *.example.org
    ");
    let site = TestProject::new().site("shop", &format!("{LEAST}tls: {{}}\n")).one();
    assert_eq!(site.tls.unwrap().certificate.names, ["shop.example"]);
}

#[test]
fn the_server_and_the_proxy_go_together() {
    assert_snapshot!(problems_instead(&[("server: gunicorn", "server: mod_wsgi")]), @r"
    error: environments/shop.yaml:3:16: wsgi.server: mod_wsgi runs inside Apache, and the proxy is another
    hint: write `proxy: {server: apache}`, or take gunicorn, uwsgi or waitress
    ");
    assert_snapshot!(problems_with("proxy: {http: redirect, prefix: board, static: {a: ../b}}\n"), @r"
    error: environments/shop.yaml:5:15: proxy.http: a site without TLS serves plain HTTP
    hint: describe `tls`, or write `http: serve`
    error: environments/shop.yaml:5:33: proxy.prefix: `board` is not a URL prefix
    hint: write it with slashes at both ends: /board/
    error: environments/shop.yaml:5:52: proxy.static.a: `../b` is not a path below
    hint: write it without a slash in front, and without `..`
    error: environments/shop.yaml:5:52: proxy.static.a: `a` is not a URL prefix
    hint: write it with slashes at both ends: /board/
    ");
    assert_snapshot!(problems_instead(&[
        ("gunicorn,", "waitress, socket: unix,"),
        ("critical:", "proxy: {server: none, http: redirect, static: {/static/: static}}\ntls: {}\ncritical:"),
    ]), @r"
    error: environments/shop.yaml:3:34: wsgi.socket: the WSGI server answers itself (`proxy: {server: none}`), so nobody reaches a unix socket
    hint: write `socket: tcp`
    error: environments/shop.yaml:4:29: proxy.http: the WSGI server answers itself (`proxy: {server: none}`), and it listens on one port only
    hint: write `http: closed`
    error: environments/shop.yaml:4:47: proxy.static: the WSGI server answers itself (`proxy: {server: none}`), so nobody serves these folders
    hint: take `static` out, or put nginx or apache in front
    error: environments/shop.yaml:5:6: tls: the WSGI server answers itself (`proxy: {server: none}`), and waitress does not speak TLS
    hint: put nginx or apache in front, or take `tls` out
    ");
    assert_snapshot!(problems_instead(&[("application: 'shop.wsgi:app'", "file: shop.wsgi")]), @r"
    error: environments/shop.yaml:3:32: wsgi.file: gunicorn and waitress do not take a script
    hint: name the application: `application: package.module:callable`
    ");
    assert_snapshot!(problems_instead(&[(", application: 'shop.wsgi:app'", "")]), @r"
    error: environments/shop.yaml:3:7: wsgi: neither `application` nor `file` is there
    hint: such as `application: noticeboard.wsgi:application`
    ");
}

#[test]
fn services_are_ones_that_some_debian_has() {
    assert_snapshot!(problems_with(
        "services:\n  db: {postgres: fifteen}\n  cache: {redis: '6.2', database: x}\n  \
         what: {names: [x]}\n  two: {redis: '7', memcached: '1.6'}\n  \
         again: {memcached: '1.6', names: [cache]}\n  own: {redis: '7', names: [shop.example]}\n  \
         My_DB: {redis: '7'}\n"), @r#"
    error: environments/shop.yaml:6:7: services.db: the key `password` is missing
    hint: such as `password: "${secret.db}"`, with `secrets: {db: {generate: 24}}`
    error: environments/shop.yaml:6:18: services.db.postgres: no known Debian has PostgreSQL `fifteen`
    hint: the versions there are: 11 (buster), 13 (bullseye), 15 (bookworm), 17 (trixie)
    error: environments/shop.yaml:7:18: services.cache.redis: no known Debian has Redis `6.2`
    hint: the versions there are: 5.0 (buster), 6.0 (bullseye), 7.0 (bookworm), 8.0 (trixie)
    error: environments/shop.yaml:7:25: services.cache.database: `database` goes with postgres, not with redis
    hint: take it out
    error: environments/shop.yaml:8:9: services.what: it is not said which service this is
    hint: write one of `postgres`, `redis`, `memcached` with its version
    error: environments/shop.yaml:9:8: services.two: `redis` and `memcached` are both there
    hint: make two services of it
    error: environments/shop.yaml:11:29: services.own.names.0: the name `shop.example` leads to the site itself already
    error: environments/shop.yaml:12:3: services.My_DB: `My_DB` is not a name (lowercase letters, digits, dashes; at most 40)
    "#);
}

#[test]
fn files_of_the_description_exist_and_stay_inside() {
    assert_snapshot!(problems_with(
        "secrets: {db: {generate: 24}}\nservices:\n  db: {postgres: '15', password: '${secret.db}', \
         init: [sql/grant.sql, ../../outside.sql, /etc/passwd]}\n\
         install: {constraints: sql, wheels: sql/grants.sql, requirements: ../nothing.lock}\n\
         files:\n  - {path: /proc/a, template: noticeboard.ini}\n  \
         - {path: /opt/stagectl/a, template: noticeboard.ini.j2, mode: '9'}\n  \
         - {path: /etc/a, template: noticeboard.ini.j2}\n  - {path: /etc/a, template: noticeboard.ini.j2}\n"), @r#"
    error: environments/shop.yaml:7:57: services.db.init.0: there is no file `environments/sql/grant.sql`
    hint: did you mean `grants.sql`?
    error: environments/shop.yaml:7:72: services.db.init.1: `../../outside.sql` leads out of the project
    hint: copy what is needed into the project
    error: environments/shop.yaml:7:91: services.db.init.2: `/etc/passwd` is an absolute path
    hint: write a path from environments
    error: environments/shop.yaml:8:24: install.constraints: `environments/sql` is a folder, not a file
    error: environments/shop.yaml:8:37: install.wheels: `environments/sql/grants.sql` is a file, not a folder
    error: environments/shop.yaml:8:67: install.requirements: there is no file `nothing.lock`
    error: environments/shop.yaml:10:12: files.0.path: nothing may be put below `/proc`
    error: environments/shop.yaml:10:31: files.0.template: there is no file `templates/noticeboard.ini` or `environments/noticeboard.ini`
    hint: did you mean `noticeboard.ini.j2`?
    error: environments/shop.yaml:11:12: files.1.path: nothing may be put below `/opt/stagectl`
    error: environments/shop.yaml:11:65: files.1.mode: `9` is not a file mode
    hint: write three or four octal digits in quotes: "0640"
    error: environments/shop.yaml:13:12: files.3.path: `/etc/a` is described twice
    "#);
}

#[test]
fn no_tests_is_never_green() {
    assert_snapshot!(problems_instead(&[("critical: {path: ../tests/critical}\n", "")]), @r"
    error: environments/shop.yaml:1:1: the key `critical` is missing
    hint: add `critical:`; the small set of tests that says whether the site works after a deploy; no tests is never green
    ");
    assert_snapshot!(problems_instead(&[("path: ../tests/critical", "")]), @r"
    error: environments/shop.yaml:4:11: critical: neither `path` nor `run` is there
    hint: no tests is never green: such as `path: ../tests/critical`
    ");
    assert_snapshot!(problems_instead(&[("path: ../tests/critical", "run: x, select: y, budget: 0s")]), @r"
    error: environments/shop.yaml:4:20: critical.select: `select` goes with pytest, not with `run`
    hint: take it out
    error: environments/shop.yaml:4:39: critical.budget: `0s` is not between 1ms and 24h
    ");
}

#[test]
fn secrets_are_defined_once_and_used() {
    assert_snapshot!(problems_with(
        "secrets: {a: {generate: 24}, b: {}, c: {generate: 8, from_env: X}, d: {generate: 1}, e f: {generate: 8}}\n"), @r#"
    error: environments/shop.yaml:5:33: secrets.b: it is not said where the secret comes from
    hint: such as `generate: 24`, or `from_env: STAGE_SESSION_KEY`
    error: environments/shop.yaml:5:40: secrets.c: `generate` and `from_env` are both there
    hint: a secret comes from one place
    error: environments/shop.yaml:5:82: secrets.d.generate: 1 is not between 8 and 4096
    error: environments/shop.yaml:5:86: secrets."e f": `e f` is not a secret's name (letters, digits, `_`, `-`)
    "#);
    assert_snapshot!(problems_with("secrets: {a: {generate: 24}}\n"), @r"
    error: environments/shop.yaml:5:11: secrets.a: nothing refers to the secret `a`
    hint: take it out, or refer to it: ${secret.a}
    ");
    let project = TestProject::new()
        .file(
            "environments/defaults.yaml",
            format!("{LEAST}secrets: {{a: {{generate: 24}}, b: {{generate: 24}}}}\n"),
        )
        .site("one", "env: {A: '${secret.a}'}\n")
        .site("two", "");
    assert_snapshot!(project.problems(), @r"
    error: environments/defaults.yaml:5:30: secrets.b: nothing refers to the secret `b`
    hint: take it out, or refer to it: ${secret.b}
    ");
    let in_template = TestProject::new().file("templates/x.j2", "{{ secret.in_file }}").site(
        "shop",
        &format!("{LEAST}secrets: {{in_file: {{generate: 9}}}}\nfiles: [{{path: /etc/x, template: x.j2}}]\n"),
    );
    assert!(in_template.load().is_ok());
}

#[test]
fn steps_have_names_of_their_own() {
    assert_snapshot!(problems_with(
        "deploy: {steps: [{name: a, run: x}, {name: a, run: ' '}, {name: '', run: 'echo ${HOME}'}]}\n"), @r"
    error: environments/shop.yaml:5:44: deploy.steps.1.name: another step is called `a` already
    error: environments/shop.yaml:5:52: deploy.steps.1.run: the command is empty
    error: environments/shop.yaml:5:65: deploy.steps.2.name: the text is empty
    error: environments/shop.yaml:5:74: deploy.steps.2.run: nothing is known as `${HOME}`
    hint: for a literal `${HOME}`, write `$${HOME}`; what can be referred to: `site.name`, `site.url`, `site.host`, `names.0`
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
fn damaged_descriptions_never_panic() {
    let project = TestProject::new();
    for end in 0..EXAMPLE.len() {
        let project_file = project.root.join("environments/a.yaml");
        fs::write(project_file, &EXAMPLE.as_bytes()[..end]).unwrap();
        if let Err(problems) = project.load() {
            assert!(!problems.render().is_empty());
        }
    }
    for (index, replacement) in
        (0..EXAMPLE.len()).zip("{[]}:,&*!|>'\"%@`#-? \n\t~$<".chars().cycle())
    {
        let mut text = EXAMPLE.as_bytes().to_vec();
        text[index] = u8::try_from(replacement).unwrap();
        fs::write(project.root.join("environments/a.yaml"), text).unwrap();
        let _either = project.load();
    }
}
