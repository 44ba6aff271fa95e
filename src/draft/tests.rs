//! Whole projects, the descriptions made of them, and that each of them is one without a problem.

mod kinds;

use insta::assert_snapshot;

use super::*;
use crate::site::Project;

fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("shop");
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    (folder, root)
}

/// The draft of a project, loaded as a description.
fn drafted(files: &[(&str, &str)]) -> Draft {
    let (_folder, root) = project(files);
    let findings = Findings::of(&root);
    let name = findings.names.first().map_or("www.shop.example", String::as_str);
    let wishes = Wishes {
        site: "site-a".parse().unwrap(),
        name: name.parse().unwrap(),
        debian: findings.debian.clone(),
    };
    let draft = findings.draft(&wishes);
    write(&root, &draft.files).unwrap();
    let loaded = Project::load(&root, |_| None);
    assert!(loaded.is_ok(), "{}\n{}", loaded.unwrap_err(), text(&draft, "defaults"));
    draft
}

fn text(draft: &Draft, name: &str) -> String {
    let file = draft.files.iter().find(|(path, _)| path.contains(name));
    let text = file.map(|(_, text)| text.clone()).unwrap_or_default();
    // The day of today is none of a snapshot's.
    let lines = text.lines().map(|line| match line.split_once("# as_of: ") {
        Some((before, rest)) => format!("{before}# as_of: DAY{}", &rest[10..]),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

const FLASK: &str = "import os\nfrom flask import Flask\n\napp = Flask(__name__)\n\
    app.secret_key = os.environ[\"SECRET_KEY\"]\nTHEME = os.environ.get(\"THEME\", \"paper\")\n\n\
    @app.route(\"/\")\ndef front():\n    return \"hello\"\n";

#[test]
fn what_compose_calls_a_secret_is_in_no_description() {
    let compose = "services:\n  web:\n    build: .\n    environment:\n\
        \x20     DATABASE_URL: postgresql://shop:live-1@db/shop\n      STRIPE_API_KEY: live-2\n\
        \x20     SMTP_PASSWORD: live-3\n      SECRET_KEY: live-4\n      THEME: dark\n\
        \x20 db:\n    image: postgres:15\n    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: live-1}\n";
    let draft = drafted(&[
        ("app.py", FLASK),
        ("requirements.txt", "flask==3.1.2\n"),
        ("compose.yaml", compose),
    ]);
    let all: String = draft.files.iter().map(|(_, text)| text.as_str()).collect();
    assert!(!all.contains("live-"), "{all}");
    for line in [
        "DATABASE_URL: \"postgresql://shop:${secret.db}@db/shop\"",
        "STRIPE_API_KEY: \"${secret.other}\"",
        "SMTP_PASSWORD: \"${secret.other}\"",
        "SECRET_KEY: \"${secret.session}\"",
        "THEME: dark",
    ] {
        assert!(all.contains(line), "{line} is not in\n{all}");
    }
}

#[test]
fn what_all_sites_share_names_none_of_them() {
    let app = FLASK.replace("THEME = ", "HOSTS = os.environ[\"ALLOWED_HOSTS\"]\nTHEME = ");
    let draft = drafted(&[("app.py", &app), ("requirements.txt", "flask==3.1.2\n")]);
    let defaults = text(&draft, "defaults");
    assert!(defaults.contains("ALLOWED_HOSTS: \"${site.host}\""), "{defaults}");
    assert!(!defaults.contains("www.shop.example"), "{defaults}");
}

#[test]
fn a_plain_flask_project() {
    let draft = drafted(&[("app.py", FLASK), ("requirements.txt", "flask==3.1.2\n")]);
    assert_snapshot!(text(&draft, "defaults"), @r#"
    # yaml-language-server: $schema=https://json.schemastore.org/stagectl.json
    # What all sites share; a site's own keys win. Every key: docs/description.md of stagectl,
    # or `stagectl schema` for editors.
    release: .                               # what is deployed: this folder, as it is
    user: shop                               # the app runs as this user, in /srv/shop

    install:
      requirements: ../requirements.txt
      extra: ["gunicorn==23.0.0"]            # what the site adds; the live version
      # as_of: DAY                    # nothing younger is installed: the same tomorrow as today

    wsgi:
      server: gunicorn                       # gunicorn, uwsgi, mod_wsgi or waitress
      application: app:app                   # defined in app.py
      # workers: 2                           # as on the live site; else the server's own number

    env:                                     # what the live process has, and nothing else
      SECRET_KEY: "${secret.session}"        # asked for in app.py:5
      # THEME: ...                           # has a default in app.py:6

    secrets:
      session: {generate: 32}                # made for each run; never a live one

    health: {path: /, status: 200}           # healthy means: this page answers (a route in app.py)

    critical:
      path: ../tests/critical
      requirements: ../tests/critical/requirements.txt
    "#);
    assert_snapshot!(text(&draft, "site-a"), @"
    # yaml-language-server: $schema=https://json.schemastore.org/stagectl.json
    # One live site; its name is the file's. `stagectl site new NAME --like site-a` makes another.
    summary: Debian bookworm, nginx + gunicorn
    order: 10                                # sites run by order, then name

    base:
      debian: bookworm                       # usual, with Python 3.11; nothing here asks for another
      locale: C.UTF-8                        # such as de_DE.UTF-8
      timezone: UTC                          # such as Europe/Berlin

    names: [www.shop.example]                # what the world calls it; the first is its address
    tls:
      certificate: {names: [www.shop.example]}  # as the live one: `\"*.example.org\"`, several, ...
    ");
    assert_snapshot!(text(&draft, "test_shop"), @r#"
    """The critical suite: what has to work after a deploy. Runs in the replica, under the live name."""
    import os

    import requests


    def test_the_site_answers():
        answer = requests.get(os.environ["STAGECTL_URL"], timeout=10)
        assert answer.status_code == 200
    "#);
}

const MANAGE: &str = "import os\ndef main():\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mill.settings')\n";
const SETTINGS: &str = "DEBUG = True\nALLOWED_HOSTS = []\nROOT_URLCONF = 'mill.urls'\nSTATIC_URL = 'static/'\n\
    INSTALLED_APPS = ['django.contrib.staticfiles']\nWSGI_APPLICATION = 'mill.wsgi.application'\n\
    DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'}}\n";
const URLS: &str = "urlpatterns = [path('admin/', admin.site.urls)]\n";

#[test]
fn a_new_django_project_gets_what_its_live_settings_would_say() {
    let draft = drafted(&[
        ("manage.py", MANAGE),
        ("mill/__init__.py", ""),
        ("mill/settings.py", SETTINGS),
        ("mill/wsgi.py", ""),
        ("mill/urls.py", URLS),
        ("requirements.txt", "django==5.2.8\n"),
    ]);
    let defaults = text(&draft, "defaults");
    let shown = defaults.split_once("wsgi:").unwrap().1;
    assert_snapshot!(shown, @r#"

      server: gunicorn                       # gunicorn, uwsgi, mod_wsgi or waitress
      application: mill.wsgi:application     # named in the settings
      # workers: 2                           # as on the live site; else the server's own number

    proxy:
      static: {/static/: static}             # the proxy serves these itself

    env:                                     # what the live process has, and nothing else
      PYTHONPATH: /srv/shop                  # where site_settings.py is
      DJANGO_SETTINGS_MODULE: site_settings

    data: [/srv/shop/data]                   # lives on across releases; the app may write there

    files:
      - {path: /srv/shop/site_settings.py, template: site_settings.py.j2}  # the project's own settings do not allow the site's names

    deploy:
      steps:
        - {name: migrate, run: "cd /srv/shop/app && python manage.py migrate --no-input"}
        - {name: static files, run: "cd /srv/shop/app && python manage.py collectstatic --no-input"}

    health: {path: /admin/login/, status: 200}  # healthy means: this page answers (the admin's log-in: nothing answers at /)

    critical:
      path: ../tests/critical
      requirements: ../tests/critical/requirements.txt
    "#);
    assert_snapshot!(text(&draft, "site_settings"), @r#"
    # What the live site says beyond mill/settings.py. Write what yours has.
    from mill.settings import *

    ALLOWED_HOSTS = [{% for name in names %}"{{ name }}", {% endfor %}]
    DEBUG = False
    STATIC_ROOT = "/srv/shop/static"
    DATABASES["default"]["NAME"] = "/srv/shop/data/db.sqlite3"
    "#);
}

#[test]
fn a_grown_django_project_is_taken_at_its_word() {
    let settings = SETTINGS
        .replace("DEBUG = True\nALLOWED_HOSTS = []", "ALLOWED_HOSTS = ['www.mill.org', 'localhost']\nSTATIC_ROOT = BASE_DIR / 'static'")
        .replace("'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'", "'django.db.backends.postgresql', 'NAME': 'mill', \
            'USER': os.environ.get('DB_USER', 'miller'), 'PASSWORD': os.environ['DB_PASSWORD'], 'HOST': os.environ['DB_HOST']");
    let draft = drafted(&[
        ("web/manage.py", MANAGE),
        ("web/mill/settings.py", &settings),
        ("web/mill/wsgi.py", ""),
        ("web/mill/urls.py", URLS),
        ("requirements.txt", "django==5.2.8\npsycopg2==2.9.10\ngunicorn==23.0.0\n"),
        ("Procfile", "web: gunicorn mill.wsgi --chdir web --workers 5 --timeout 60\n"),
        (".python-version", "3.13.1\n"),
    ]);
    let site = text(&draft, "site-a");
    let shown = site.split_once("base:").unwrap().1;
    assert_snapshot!(shown, @r#"

      debian: trixie                         # it has Python 3.13, and .python-version says ==3.13.*
      packages: [libpq5]                     # as on the live host
      locale: C.UTF-8                        # such as de_DE.UTF-8
      timezone: UTC                          # such as Europe/Berlin

    names: [www.mill.org]                    # what the world calls it; the first is its address
    tls:
      certificate: {names: [www.mill.org]}   # as the live one: `"*.example.org"`, several, ...

    services:
      # PostgreSQL 17, as trixie has it
      db: {postgres: "17", names: [db.internal], database: mill, user: miller, password: "${secret.db}"}
    "#);
    let defaults = text(&draft, "defaults");
    let shown = defaults.split_once("install:").unwrap().1;
    assert_snapshot!(shown.split_once("health:").unwrap().0, @r#"

      requirements: ../requirements.txt
      build_packages: [gcc, libc6-dev, libpq-dev, python3-dev]  # gone after the installation
      # as_of: DAY                    # nothing younger is installed: the same tomorrow as today

    wsgi:
      server: gunicorn                       # gunicorn, uwsgi, mod_wsgi or waitress
      application: mill.wsgi:application     # named in Procfile
      folder: app/web                        # where manage.py is
      workers: 5                             # as on the live site
      options: {timeout: 60}

    proxy:
      static: {/static/: app/web/static}     # the proxy serves these itself

    env:                                     # what the live process has, and nothing else
      DJANGO_SETTINGS_MODULE: mill.settings
      DB_USER: miller
      DB_HOST: db.internal
      DB_PASSWORD: "${secret.db}"

    secrets:
      db: {generate: 32}                     # made for each run; never a live one

    deploy:
      steps:
        - {name: migrate, run: "cd /srv/shop/app/web && python manage.py migrate --no-input"}
        - {name: static files, run: "cd /srv/shop/app/web && python manage.py collectstatic --no-input"}
    "#);
}

#[test]
fn projects_of_every_other_shape_give_a_description_without_a_problem() {
    let package = "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n\
        [project]\nname = 'the-shop'\nversion = '1'\nrequires-python = '>=3.12'\ndependencies = ['flask>=3', 'psycopg[binary]']\n";
    let factory = "def create_app():\n    app = Flask(__name__)\n    app.config['X'] = os.environ['DATABASE_URL']\n    return app\n";
    let list_guesses = |files: &[(&str, &str)]| {
        let draft = drafted(files);
        let guesses = draft.guesses.iter().map(|guess| format!("{} ({})", guess.what, guess.why));
        guesses
            .chain(draft.notes.iter().map(|note| format!("! {note}")))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_snapshot!(list_guesses(&[("pyproject.toml", package), ("shop/__init__.py", factory)]), @r#"
    Debian trixie (it has Python 3.13, and requires-python says >=3.12)
    release: built from this folder (there is a build description, and no wheel in dist)
    server gunicorn (nothing here names a server; this one is usual)
    application shop:create_app() (defined in shop/__init__.py)
    Debian packages libpq5 (psycopg is among the requirements)
    service db: PostgreSQL 17 (DATABASE_URL)
    health page / (no route says more)
    ! setuptools looks for the packages by itself here, and would take `environments` for one: name yours in pyproject.toml, `[tool.setuptools] packages = ["..."]`
    "#);
    // Broken, binary, empty.
    assert_snapshot!(list_guesses(&[("pyproject.toml", "[project\nname = 3"), ("app.py", FLASK), ("uv.lock", "")]), @"
    Debian bookworm (usual, with Python 3.11; nothing here asks for another)
    release: this folder as it is (nothing here says how to build a package)
    server gunicorn (nothing here names a server; this one is usual)
    application app:app (defined in app.py)
    health page / (a route in app.py)
    ! pyproject.toml cannot be read (line 1: unclosed table, expected `]`), so nothing was taken from it
    ! uv.lock is not taken: uv.lock: install.requirements: it is no `uv.lock` of version 1
    ! there is no requirements.txt: name what the app needs in `install.extra`
    ");
    assert_snapshot!(list_guesses(&[("requirements.txt", "-r base.txt\nflask\n")]), @"
    Debian bookworm (usual, with Python 3.11; nothing here asks for another)
    release: this folder as it is (nothing here says how to build a package)
    server gunicorn (nothing here names a server; this one is usual)
    application change_me:app (no WSGI application was found, so this only holds a place: write yours into `wsgi.application`)
    health page / (no route says more)
    ! requirements.txt is not taken, because not all of it comes along: requirements.txt:1:1: install.requirements: there is no file `base.txt`; write `requirements: ../requirements.txt` below `install` when it does
    ");
}

#[test]
fn a_source_that_is_no_text_is_passed_over() {
    let (_folder, root) = project(&[("app.py", FLASK)]);
    std::fs::write(root.join("data.py"), b"\xff\xfe\x00app = Flask(\x80").unwrap();
    std::fs::write(root.join("requirements.txt"), b"fl\xffsk\nflask\n").unwrap();
    let findings = Findings::of(&root);
    let wishes = Wishes {
        site: "site-a".parse().unwrap(),
        name: "www.shop.example".parse().unwrap(),
        debian: findings.debian.clone(),
    };
    let draft = findings.draft(&wishes);
    assert!(text(&draft, "defaults").contains("application: app:app "));
    write(&root, &draft.files).unwrap();
    Project::load(&root, |_| None).unwrap();
}

#[test]
fn nothing_is_written_over_and_nothing_half() {
    let (_folder, root) = project(&[("app.py", FLASK), ("environments/b.yaml", "x")]);
    let file = |path: &str| (path.to_owned(), "new".to_owned());
    let refused = write(&root, &[file("c/d/a.yaml"), file("environments/b.yaml")]).unwrap_err();
    assert_eq!(refused.message, "environments/b.yaml is there already: nothing was written");
    // A file where a folder would have to be.
    let refused = write(&root, &[file("c/d/a.yaml"), file("app.py/x")]).unwrap_err();
    assert_eq!(refused.message, "could not write app.py/x");
    assert!(!root.join("c").exists());
    let written = write(&root, &[file("c/d/a.yaml")]).unwrap();
    assert_eq!(written.files, ["c/d/a.yaml"]);
    written.undo();
    assert!(!root.join("c").exists());
    assert_eq!(std::fs::read_to_string(root.join("environments/b.yaml")).unwrap(), "x");
}
