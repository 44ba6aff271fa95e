//! What can be wrong in one description: each kind with its whole output.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};

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
fn values_that_are_wrong_are_reported_where_they_stand() {
    assert_snapshot!(problems_with(
        "python: '3.12'\nuser: root\ndata: [srv/a, /proc/x, /etc, /srv/b, /srv/b]\n\
         install: {as_of: tomorrow, extra: ['-r x'], build_packages: ['g c'], index: pypi}\n\
         env: {PATH: x, 1A: y, STAGECTL_URL: z}\nresources: {memory: '512'}\n\
         health: {path: healthz, within: 5x}\n"), @r#"
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
    error: environments/shop.yaml:9:16: env.1A: `1A` is not the name of a variable
    hint: write letters, digits and `_`, the first one no digit
    error: environments/shop.yaml:9:23: env.STAGECTL_URL: `STAGECTL_URL` is set by stagectl itself
    hint: no live process has it: variables of this kind are the suite's
    error: environments/shop.yaml:10:21: resources.memory: `512` is not a size
    hint: write a number and its unit: 512MiB, 2GiB
    error: environments/shop.yaml:11:16: health.path: `healthz` is not a path of the site
    hint: such as /healthz
    error: environments/shop.yaml:11:33: health.within: `5x` is not a duration
    hint: write a number and its unit: 500ms, 30s, 5min, 1h
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
    error: environments/shop.yaml:2:52: names.3: `a.example` is there twice
    error: environments/shop.yaml:3:39: wsgi.application: `shop.wsgi` is not an application
    hint: write `shop.wsgi:application`
    ");
}

#[test]
fn what_a_base_starts_from_goes_together() {
    let with = |base: &str| {
        let project = TestProject::new();
        for folder in ["keys", "none"] {
            std::fs::create_dir_all(project.root.join("environments").join(folder)).unwrap();
        }
        project
            .file("environments/base.tar.zst", "")
            .file("environments/keys/private.asc", "-----BEGIN PGP PRIVATE KEY BLOCK-----")
            .file("environments/keys/note.txt", "apt")
            .file("environments/none/README", "")
            .site("shop", &LEAST.replace("debian: bookworm", base))
            .problems()
    };
    let source = |source: &str| format!("debian: bookworm, sources: [{source}]");
    let table = [
        (
            "rootfs: base.tar.zst, snapshot: 2026-02-18".to_owned(),
            "`rootfs` is as it is on every day",
        ),
        ("rootfs: base.zip".to_owned(), "`base.zip` is not the name of an archive"),
        (
            "rootfs: base.tar.zst, debian: bookworm".to_owned(),
            "`debian` and `rootfs` are both there",
        ),
        ("rootfs: base.tar.zst".to_owned(), "the Python of the root file system is not described"),
        ("debian: bookworm, snapshot: yesterday".to_owned(), "`yesterday` is not a day"),
        (source("{}"), "neither `uris` nor `folder` is there"),
        (
            source("{uris: ['ftp://a.example/']}"),
            "`ftp://a.example/` is not the address of a package source",
        ),
        (source("{uris: ['https://me:pw@a.example/x']}"), "the address has a login in it"),
        (source("{uris: ['https://a.example/']}"), "`suites` is not there"),
        (
            source("{uris: ['https://a.example/'], suites: [./], components: [main]}"),
            "a folder has no components",
        ),
        (source("{folder: none}"), "there is no package in the folder"),
        (
            source("{folder: none, uris: ['https://a.example/']}"),
            "`uris` and `folder` are both there",
        ),
        (
            source("{uris: ['https://a.example/'], suites: [x], key: keys/private.asc}"),
            "this is a private key",
        ),
        (
            source("{uris: ['https://a.example/'], suites: [x], key: keys/note.txt}"),
            "this is not an OpenPGP public key",
        ),
    ];
    for (base, expected) in table {
        let text = with(&base);
        assert!(text.contains(&format!(": {expected}\n")), "{base}:\n{text}");
    }
}

#[test]
fn a_package_is_pinned_to_one_version() {
    assert_snapshot!(problems_instead(&[(
        "debian: bookworm",
        "debian: bookworm, packages: [libpq5, nginx=1.22.1-9, libpq5=15.8-0, nginx=1.22.1-10]",
    )]), @r"
    error: environments/shop.yaml:1:76: base.packages.3: `nginx` is wanted as 1.22.1-10 and as 1.22.1-9
    hint: leave one of them out
    ");
}

#[test]
fn the_base_and_its_python_go_together() {
    assert_snapshot!(problems_with("python: '3.13'\n"), @r#"
    error: environments/shop.yaml:5:9: python: bookworm has Python 3.11, not 3.13
    hint: write "3.11", or start from trixie, which has 3.13
    "#);
    assert_snapshot!(problems_instead(&[("debian: bookworm", "debian: '12'")]), @r"
    error: environments/shop.yaml:1:16: base.debian: `12` is no Debian suite that stagectl knows
    hint: write its name: bookworm
    ");
    assert_snapshot!(problems_with("resources: {memory: 4MiB}\n"), @r"
    error: environments/shop.yaml:5:21: resources.memory: `4MiB` is less than 6MiB
    ");
    assert_snapshot!(problems_instead(&[("debian: bookworm", "debian: jammy")]), @r"
    error: environments/shop.yaml:1:16: base.debian: `jammy` is Ubuntu, whose packages and Python are not replicated; the nearest Debian is the one that it was made of, `bookworm`
    ");
    assert_snapshot!(problems_instead(&[("debian: bookworm", "image: 'x:1'")]), @r#"
    error: environments/shop.yaml:1:1: python: the Python of the image is not described
    hint: such as `python: "3.11"`
    "#);
    assert_snapshot!(problems_instead(&[("debian: bookworm", "image: 'x:1', debian: bookworm")]), @r"
    error: environments/shop.yaml:1:7: base: `debian` and `image` are both there
    hint: a site has one base
    ");
    assert_snapshot!(problems_instead(&[("debian: bookworm", "")]), @r"
    error: environments/shop.yaml:1:7: base: none of `debian`, `image` and `rootfs` is there
    hint: such as `debian: bookworm`
    ");
}

#[test]
fn the_certificate_covers_every_public_name() {
    assert_snapshot!(problems_with("tls: {certificate: {names: ['*.shop.example']}}\n"), @r"
    error: environments/shop.yaml:2:9: names.0: the certificate does not cover `shop.example`; it covers `*.shop.example`
    hint: add `shop.example` to tls.certificate.names (`*.` stands for exactly one label); if the live one does not cover it either, say so: `tls: {uncovered: [shop.example]}`
    ");
    assert_snapshot!(problems_with("tls: {certificate: {names: [a.example]}}\n"), @r"
    error: environments/shop.yaml:2:9: names.0: the certificate does not cover `shop.example`; it covers `a.example`
    hint: add `shop.example` to tls.certificate.names; if the live one does not cover it either, say so: `tls: {uncovered: [shop.example]}`
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
    hint: the versions there are: 11 (buster), 13 (bullseye), 15 (bookworm), 17 (trixie); any other one comes from an `image`
    error: environments/shop.yaml:7:18: services.cache.redis: no known Debian has Redis `6.2`
    hint: the versions there are: 5.0 (buster), 6.0 (bullseye), 7.0 (bookworm), 8.0 (trixie); any other one comes from an `image`
    error: environments/shop.yaml:7:25: services.cache.database: `database` goes with postgres and mariadb, not with redis
    hint: take it out
    error: environments/shop.yaml:8:9: services.what: it is not said which service this is
    hint: write one of `postgres`, `mariadb`, `redis`, `valkey`, `memcached`, `rabbitmq`, `pgbouncer`, `smtp`, or `packages` or `image` with a `command`
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
    hint: such as `generate: 24`, `from_env: STAGE_SESSION_KEY` or `from_file: session.key`
    error: environments/shop.yaml:5:40: secrets.c: `generate` and `from_env` are there
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
