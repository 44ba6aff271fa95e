//! Which object is the WSGI application, and the page that says whether it is well.

mod candidates;
mod health;
mod made;
mod served;

use super::guess::Guess;
use super::sources::Sources;
use crate::release::Modules;
pub(super) use health::{HealthPage, health_page};
pub(super) use served::Application;

use candidates::{Candidate, candidates, speaks_asgi};
use made::{Class, class, made};

/// What is written where none was found: `check` warns of it.
pub(super) const NOBODY_S: &str = "change_me:app";

impl Application {
    /// What a command line names, or what the sources define; what a person should know of it.
    pub(super) fn of(
        sources: &Sources,
        named: Option<(String, String)>,
    ) -> (Option<Self>, Guess, Vec<String>) {
        let mut notes = Vec::new();
        if let Some((named, file)) = named {
            let (module, callable) = named.split_once(':').unwrap_or((&named, "application"));
            if sources.may_import(module) || sources.is_in_a_package(module) {
                let guess =
                    Guess { what: format!("application {named}"), why: format!("named in {file}") };
                let application = match callable.strip_suffix("()") {
                    Some(name) => {
                        Application::Factory { module: module.to_owned(), name: name.to_owned() }
                    }
                    None => Application::Object(named),
                };
                return (Some(application), guess, notes);
            }
            notes.push(format!(
                "{file} names `{named}`, but the build does not package `{module}`: package it, or write \
                 another application into `wsgi.application`"
            ));
        }
        if let Some(Candidate { application, source, .. }) = candidates(sources).into_iter().next()
        {
            let what = format!("application {}", application.written());
            let why = format!("defined in {}", source.display_path());
            return (Some(application), Guess { what, why }, notes);
        }
        let class = class(sources);
        let made = class.as_ref().and_then(|class| made(sources, class));
        if let Some((application, place)) = made.filter(|_| !speaks_asgi(sources)) {
            let what = format!("application {}", application.written());
            return (Some(application), Guess { what, why: format!("made as in {place}") }, notes);
        }
        let why = if speaks_asgi(sources) {
            "only ASGI applications were found, and stagectl rehearses WSGI: write one into \
             `wsgi.application`, if there is one"
                .to_owned()
        } else if let Some(Class { module, name, file }) = class {
            format!(
                "{module}:{name} ({file}) has to be made with arguments: write a module of the site that does, \
                 below `files`, and name it in `wsgi.application`"
            )
        } else if sources.modules.as_ref().is_some_and(Modules::are_known) {
            "no WSGI application is in what the build packages, so it may be a library: write yours into \
             `wsgi.application`, or rehearse an app that uses it"
                .to_owned()
        } else {
            "no WSGI application was found, so this only holds a place: write yours into \
             `wsgi.application`"
                .to_owned()
        };
        (None, Guess { what: format!("application {NOBODY_S}"), why }, notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> String {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let sources = Sources::of(folder.path());
        let (_, guess, _) = Application::of(&sources, None);
        let page = health_page(&sources).map_or(String::new(), |page| format!(" {}", page.path));
        format!("{}{page}", guess.what.trim_start_matches("application "))
    }

    #[test]
    fn the_application_is_found_in_its_usual_places() {
        let flask = "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef a(): ...\n\
                     @app.get(\"/healthz\")\ndef b(): ...\n@app.route('/<int:n>')\ndef c(n): ...\n";
        assert_eq!(found(&[("app.py", flask)]), "app:app /healthz");
        assert_eq!(found(&[("shop/__init__.py", flask)]), "shop:app /healthz");
        let factory =
            "def create_app(test_config=None):\n    app = Flask(__name__)\n    return app\n";
        let blog = "bp = Blueprint('auth', __name__, url_prefix='/auth')\n@bp.route('/login')\ndef x(): ...\n";
        assert_eq!(
            found(&[("flaskr/__init__.py", factory), ("flaskr/auth.py", blog)]),
            "flaskr:create_app() /auth/login"
        );
        assert_eq!(found(&[("a/__init__.py", "def create_app(config): ...\n")]), "change_me:app");
        let wsgi = "from shop import create_app\napplication = create_app()\n";
        assert_eq!(
            found(&[("src/shop/__init__.py", factory), ("src/shop/wsgi.py", wsgi)]),
            "shop.wsgi:application"
        );
        let guarded = "app = Flask(__name__)\n@app.route('/')\ndef a():\n    return redirect('/login')\n\n\n\
            @app.route('/login')\ndef b():\n    return redirect('/')\n";
        assert_eq!(found(&[("app.py", guarded)]), "app:app /login");
        let plain = "def application(environ, start_response):\n    ...\n";
        assert_eq!(found(&[("hello.py", plain)]), "hello:application");
        assert_eq!(
            found(&[("tests/app.py", flask), ("x.py", "application = 3\n")]),
            "change_me:app"
        );
    }
    const BUILD: &str =
        "[build-system]\nbuild-backend = 'hatchling.build'\n[project]\nname = 'shop'\n";

    #[test]
    fn what_serves_in_production_is_preferred_and_what_is_not_packaged_is_out() {
        let object = "application = Flask(__name__)\n";
        let free = "def create_app(\n    config: dict[str, int] = {},\n    *, debug: bool = False,\n) -> Flask:\n    ...\n";
        let table = [
            // The build packages `shop` alone.
            (
                vec![("pyproject.toml", BUILD), ("wsgi.py", object), ("shop/__init__.py", free)],
                "shop:create_app()",
            ),
            (
                vec![
                    ("wsgi.py", "from shop import make\napplication = make()\n"),
                    ("celery_worker.py", object),
                ],
                "wsgi:application",
            ),
            (
                vec![
                    ("examples/app.py", object),
                    ("benchmarks/app.py", object),
                    ("shop/site.py", free),
                ],
                "shop.site:create_app()",
            ),
            (
                vec![
                    ("shop/contrib/wsgi.py", object),
                    ("shop/views.py", "app = Flask(__name__)\n"),
                ],
                "shop.views:app",
            ),
            (vec![("shop/celery.py", "app = Celery('shop')\n")], "change_me:app"),
            (
                vec![(
                    "shop/__init__.py",
                    "def application(environ: Environ, start_response: Start) -> Any:\n    ...\n",
                )],
                "shop:application",
            ),
            (
                vec![("shop/web.py", "def dispatch(environ, start_response):\n    ...\n")],
                "shop.web:dispatch",
            ),
            (
                vec![("shop/__init__.py", "def app(**settings: Any) -> Bottle:\n    ...\n")],
                "shop:app()",
            ),
            (
                vec![(
                    "shop/app.py",
                    "from shop.core import get_app\napp = get_app()\n@app.route('/x')\ndef x(): ...\n",
                )],
                "shop.app:app /x",
            ),
            // A part of it is none.
            (
                vec![(
                    "shop/wsgi.py",
                    "plain = get_wsgi_application()\n\ndef by_host(environ, start_response):\n    ...\n\n\
                     application = by_host if settings.BY_HOST else plain\n",
                )],
                "shop.wsgi:application",
            ),
        ];
        for (files, expected) in table {
            assert_eq!(found(&files), expected, "{files:?}");
        }
    }

    #[test]
    fn where_none_is_found_the_reason_is_said() {
        let why = |files: &[(&str, &str)]| {
            let folder = tempfile::tempdir().unwrap();
            for (path, text) in files {
                let path = folder.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            let (_, guess, notes) = Application::of(
                &Sources::of(folder.path()),
                Some(("wsgi:app".into(), "Procfile".into())),
            );
            (guess.why.split(&[',', ':'][..]).next().unwrap().to_owned(), notes.len())
        };
        assert_eq!(
            why(&[
                ("pyproject.toml", BUILD),
                ("wsgi.py", "app = 1"),
                ("shop/__init__.py", "app = FastAPI()\n")
            ]),
            ("only ASGI applications were found".to_owned(), 1)
        );
        assert_eq!(
            why(&[("pyproject.toml", BUILD), ("shop/__init__.py", "x = 1\n")]),
            ("no WSGI application is in what the build packages".to_owned(), 1)
        );
        let class = "class ShopApp:\n    def __init__(self, config):\n        ...\n\n    def __call__(self, environ, start_response):\n        ...\n";
        let hints = class.replace("environ,", "environ: dict[str, Any],");
        for class in [class, &hints] {
            assert!(
                why(&[("pyproject.toml", BUILD), ("shop/__init__.py", class)])
                    .0
                    .starts_with("shop")
            );
        }
    }
}
