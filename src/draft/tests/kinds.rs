//! Kinds of projects that were red as written once: what is described of each.

use super::*;

const BUILD: &str = "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n\
    [project]\nname = 'shop'\nversion = '1'\n";

/// The lines of a draft's defaults that hold any of the words.
fn lines_with(draft: &Draft, words: &[&str]) -> Vec<String> {
    let defaults = text(draft, "defaults");
    let wanted = |line: &&str| words.iter().any(|word| line.contains(word));
    let code = |line: &str| line.split("  #").next().unwrap_or(line).trim().to_owned();
    defaults.lines().filter(wanted).map(code).collect()
}

#[test]
fn what_a_built_django_project_writes_lies_outside_of_the_release() {
    let settings = SETTINGS.replace(
        "ALLOWED_HOSTS = []",
        "ALLOWED_HOSTS = ['*']\nSTATIC_ROOT = BASE_DIR / 'all'\nMEDIA_ROOT = BASE_DIR / 'media'",
    );
    let draft = drafted(&[
        ("manage.py", MANAGE),
        (
            "pyproject.toml",
            &format!("{BUILD}dependencies = ['django']\n[tool.setuptools]\npackages = ['mill']\n"),
        ),
        ("mill/__init__.py", ""),
        ("mill/settings.py", &settings),
        ("mill/wsgi.py", "application = get_wsgi_application()\n"),
    ]);
    assert_snapshot!(text(&draft, "site_settings"), @r#"
    # What the live site says beyond mill/settings.py. Write what yours has.
    from mill.settings import *

    STATIC_ROOT = "/srv/shop/static"
    DATABASES["default"]["NAME"] = "/srv/shop/data/db.sqlite3"
    MEDIA_ROOT = "/srv/shop/data/media"
    "#);
    assert_eq!(
        lines_with(&draft, &["data:", "static:", "SETTINGS"]),
        [
            "static: {/static/: static}",
            "DJANGO_SETTINGS_MODULE: site_settings",
            "data: [/srv/shop/data]"
        ]
    );
}

#[test]
fn the_extra_that_brings_what_serves_pages_is_installed() {
    let server = "dependencies = ['click']\n[project.optional-dependencies]\nserver = ['Flask>=3']\ndev = ['pytest']\n";
    let always = server.replace("'click'", "'click', 'flask'");
    for (more, expected) in [(server, &["extras: [server]"][..]), (&always, &[])] {
        let draft = drafted(&[
            ("pyproject.toml", &format!("{BUILD}{more}[tool.setuptools]\npackages = ['shop']\n")),
            ("shop/__init__.py", ""),
            ("shop/app.py", FLASK),
        ]);
        assert_eq!(lines_with(&draft, &["extras:"]), expected, "{more}");
    }
}

#[test]
fn a_lock_is_the_requirements_and_tells_what_is_needed() {
    let lock = "version = 1\n[[package]]\nname = 'shop'\nversion = '1'\nsource = { virtual = '.' }\ndependencies = [{ name = 'gunicorn' }]\n\
        [[package]]\nname = 'gunicorn'\nversion = '23.0.0'\nsource = { registry = 'https://index.example/simple' }\n";
    let draft = drafted(&[
        ("app.py", FLASK),
        (
            "pyproject.toml",
            "[project]\nname = 'shop'\nversion = '1'\ndependencies = ['gunicorn']\n",
        ),
        ("uv.lock", lock),
        ("requirements.txt", "flask\n"),
    ]);
    assert_eq!(lines_with(&draft, &["requirements:", "extra:"])[0], "requirements: ../uv.lock");
    assert!(draft.guesses.iter().any(|guess| guess.what == "requirements of uv.lock"));
}

#[test]
fn a_database_beside_the_sources_is_moved_to_where_it_lives_on() {
    let app = FLASK.replace(
        "THEME = os.environ.get(\"THEME\", \"paper\")",
        "DB = os.environ.get(\"DATABASE_URL\", \"sqlite:///shop.db\")\nOTHER = 'sqlite:////var/lib/shop/log.db'",
    );
    let draft = drafted(&[("app.py", &app), ("requirements.txt", "flask==3.1.2\n")]);
    assert_eq!(
        lines_with(&draft, &["DATABASE_URL", "data:"]),
        ["DATABASE_URL: sqlite:////srv/shop/data/shop.db", "data: [/srv/shop/data, /var/lib/shop]"]
    );
}

#[test]
fn a_required_python_is_read_of_every_build_description() {
    let draft = drafted(&[
        (
            "setup.cfg",
            "[metadata]\nname = shop\nversion = 1\n[options]\npackages = shop\npython_requires = >=3.12\n",
        ),
        ("setup.py", "from setuptools import setup\nsetup()\n"),
        ("PKG-INFO", "Metadata-Version: 2.1\nName: shop\nVersion: 1\nRequires-Python: >=3.12\n"),
        ("shop/__init__.py", FLASK),
    ]);
    assert!(text(&draft, "site-a").contains("debian: trixie"), "{}", text(&draft, "site-a"));
}

#[test]
fn user_and_folder_are_those_of_the_dockerfile() {
    let image = "FROM python:3.11-bookworm AS build\nUSER other\nFROM python:3.11-bookworm\nWORKDIR /srv/app\n\
        COPY --chown=miller . .\nWORKDIR web\nUSER miller:miller\nEXPOSE 8000\n";
    let draft = drafted(&[
        ("web/app.py", FLASK),
        ("requirements.txt", "flask==3.1.2\n"),
        ("Dockerfile", image),
    ]);
    assert_eq!(
        lines_with(&draft, &["user:", "folder:", "application:"]),
        ["user: miller", "application: app:app", "folder: app/web"]
    );
}

#[test]
fn an_object_of_a_class_is_made_as_the_project_s_own_server_has_it() {
    let class = "from flask import Flask\n\nclass DoorApplication:\n    def __init__(self, make):\n        self.make = make\n\n\
        \x20   def __call__(self, environ, start_response):\n        return self.make(environ['x'])(environ, start_response)\n\n\
        def make_pages(name): ...\n";
    let server = "from werkzeug.serving import run_simple\nfrom shop.door import (\n    DoorApplication,\n    make_pages,\n)\n\n\
        def main():\n    args = read()\n    app = DoorApplication(make_pages, is_open=True)\n    run_simple(args.host, 80, app)\n";
    let packaged = format!(
        "{BUILD}dependencies = ['werkzeug']\n[project.optional-dependencies]\nserver = ['flask']\n\
         [tool.setuptools]\npackages = ['shop']\n"
    );
    let of = |server: &str| {
        drafted(&[
            ("pyproject.toml", &packaged),
            ("shop/__init__.py", ""),
            ("shop/door.py", class),
            ("shop/server.py", server),
        ])
    };
    let draft = of(server);
    assert_eq!(
        lines_with(&draft, &["application:", "PYTHONPATH", "extras:", "path: /srv/shop"]),
        [
            "extras: [server]",
            "application: site_app:app",
            "PYTHONPATH: /srv/shop",
            "- {path: /srv/shop/site_app.py, template: site_app.py.j2}"
        ]
    );
    assert_snapshot!(text(&draft, "site_app"), @r"
    # The application as shop/server.py makes it for its own server.
    from shop.server import DoorApplication, make_pages

    app = DoorApplication(make_pages, is_open=True)
    ");
    // What only the command knows is in no module of a site.
    let known_inside = server.replace("is_open=True", "is_open=args.open");
    assert_eq!(lines_with(&of(&known_inside), &["application:"]), ["application: change_me:app"]);
    let plain = server.replace("(make_pages, is_open=True)", "()");
    let named = ["application: \"shop.server:DoorApplication()\""];
    assert_eq!(lines_with(&of(&plain), &["application:"]), named);
}

#[test]
fn a_database_in_a_folder_that_is_worked_out_has_that_folder() {
    let settings = "import os, tempfile\n\nclass Default:\n    place = os.path.join(tempfile.gettempdir(), 'shop')\n\
        \x20   BASE = {'uri': 'sqlite:///' + os.path.join(place, 'shop.db'), 'x': 1}\n";
    let draft = drafted(&[
        ("app.py", FLASK),
        ("config.py", settings),
        ("requirements.txt", "flask==3.1.2\n"),
    ]);
    assert_eq!(lines_with(&draft, &["data:"]), ["data: [/tmp/shop]"]);
    let note = "config.py keeps its database in /tmp/shop";
    assert!(draft.notes.iter().any(|known| known.starts_with(note)), "{:?}", draft.notes);
}

#[test]
fn what_rests_for_years_is_installed_as_of_its_day() {
    let files = [
        ("app.py", FLASK),
        ("requirements.txt", "flask>=2\n"),
        (
            "setup.py",
            "from setuptools import setup\nsetup(name='shop', version='1', py_modules=['app'])\n",
        ),
    ];
    let of = |requirements: &str, day: &str| {
        let (_folder, root) = project(&files);
        std::fs::write(root.join("requirements.txt"), requirements).unwrap();
        for (path, _) in files {
            let moment: jiff::Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
            let file = std::fs::File::options().write(true).open(root.join(path)).unwrap();
            let since = std::time::Duration::from_secs(moment.as_second().unsigned_abs());
            file.set_modified(std::time::SystemTime::UNIX_EPOCH + since).unwrap();
        }
        let findings = Findings::of(&root);
        let wishes = Wishes {
            site: "site-a".parse().unwrap(),
            name: "www.shop.example".parse().unwrap(),
            debian: "bookworm".parse().unwrap(),
        };
        let draft = findings.draft(&wishes);
        write(&root, &draft.files).unwrap();
        Project::load(&root, |_| None).unwrap();
        draft
    };
    let rests = of("flask>=2\n", "2023-07-20");
    assert_eq!(
        lines_with(&rests, &["extra:", "as_of:"]),
        ["extra: [gunicorn]", "as_of: 2023-07-20"]
    );
    let locked = of("flask==2.3.2\n", "2023-07-20");
    assert_eq!(lines_with(&locked, &["extra:"]), ["extra: [\"gunicorn==23.0.0\"]"]);
    assert!(text(&locked, "defaults").contains("\n  # as_of: "), "{}", text(&locked, "defaults"));
}
