//! Which object is the WSGI application, and a page that a plain one answers.

use std::sync::LazyLock;

use regex::Regex;

use super::guess::Guess;
use super::sources::{Source, Sources};

/// What the server loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Application {
    /// `shop.wsgi:application`
    Object(String),
    /// `shop:create_app`, which makes one when it is called.
    Factory { module: String, name: String },
}

/// Pages that say whether an app is well, the best first.
const HEALTH_PAGES: [&str; 8] =
    ["/healthz", "/health", "/health/", "/_health", "/livez", "/ping", "/status", "/"];

impl Application {
    /// What a command line names, or what the sources define.
    pub(super) fn of(sources: &Sources, named: Option<(String, String)>) -> (Option<Self>, Guess) {
        if let Some((named, file)) = named {
            let guess =
                Guess { what: format!("application {named}"), why: format!("named in {file}") };
            let factory = named.strip_suffix("()").and_then(|text| text.split_once(':'));
            let application = if let Some((module, name)) = factory {
                Application::Factory { module: module.to_owned(), name: name.to_owned() }
            } else {
                Application::Object(named)
            };
            return (Some(application), guess);
        }
        if let Some((application, source)) = Application::find_definition(sources) {
            let what = match &application {
                Application::Object(name) => format!("application {name}"),
                Application::Factory { module, name } => format!("application {module}:{name}()"),
            };
            let why = format!("defined in {}", source.display_path());
            return (Some(application), Guess { what, why });
        }
        let guess = Guess {
            what: "application app:app".to_owned(),
            why: "no WSGI application was found, so this is a mere example: write yours into \
                  `wsgi.application`"
                .to_owned(),
        };
        (None, guess)
    }

    fn find_definition(sources: &Sources) -> Option<(Self, &Source)> {
        static OBJECT: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r"(?m)^(?:(application|app|wsgi_app|wsgi)[ \t]*(?::[^=\n]+)?=[ \t]*[^=\s]|def (application|app)\(\s*\w+\s*,\s*\w+\s*\))",
            )
            .expect("a constant pattern")
        });
        let pattern = |text: &str| Regex::new(text).expect("a constant pattern");
        let made = pattern(r"(?m)^(\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:flask\.)?(?:Flask|Bottle)\(");
        let factory =
            pattern(r"(?m)^def (create_app|make_app|create_application|build_app)\(([^)]*)\)");
        let mut sorted: Vec<&Source> = sources.python.iter().collect();
        // `wsgi.py` is there for the server, whatever else defines an `app`.
        let rank = |source: &Source| match source
            .path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default()
        {
            "wsgi.py" => 0,
            "app.py" | "application.py" | "main.py" | "__init__.py" => 1,
            _ => 2,
        };
        sorted.sort_by_key(|source| rank(source));
        for source in &sorted {
            let Some(module) = source.module() else { continue };
            let is_wsgi = rank(source) == 0
                || [
                    "Flask(",
                    "create_app(",
                    "make_wsgi_app(",
                    "default_app(",
                    "falcon.",
                    "environ",
                ]
                .iter()
                .any(|sign| source.text.contains(sign));
            let object = made.captures(&source.text).and_then(|found| found.get(1));
            let object = object.or_else(|| {
                let found = OBJECT.captures(&source.text).filter(|_| is_wsgi)?;
                found.get(1).or(found.get(2))
            });
            if let Some(object) = object {
                return Some((
                    Application::Object(format!("{module}:{}", object.as_str())),
                    source,
                ));
            }
        }
        sorted.iter().find_map(|source| {
            let found = factory.captures(&source.text)?;
            // One that has to be given something cannot be called by a server.
            let is_free = found[2].split(',').all(|argument| {
                let argument = argument.trim();
                argument.is_empty() || argument.contains('=') || argument.starts_with('*')
            });
            let module = source.module().filter(|_| is_free)?;
            Some((Application::Factory { module, name: found[1].to_owned() }, *source))
        })
    }
}

/// The page of a Flask-like app that says most, if its routes can be read.
pub(super) fn health_page(sources: &Sources) -> Option<(String, String)> {
    static ROUTE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?m)^[ \t]*@\w+(?:\.\w+)?\.(?:route|get)\(\s*["']([^"'<>\s]+)["']([^\n]*)"#)
            .expect("a constant pattern")
    });
    static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"url_prefix\s*=\s*["']([^"'<>\s]*)["']"#).expect("a constant pattern")
    });
    let mut routes: Vec<(String, String)> = Vec::new();
    for source in &sources.python {
        let prefix =
            PREFIX.captures(&source.text).map_or(String::new(), |found| found[1].to_owned());
        for found in ROUTE.captures_iter(&source.text) {
            let methods = &found[2];
            if !methods.contains("methods") || methods.contains("GET") {
                routes.push((format!("{prefix}{}", &found[1]), source.display_path()));
            }
        }
    }
    let best = HEALTH_PAGES.iter().find_map(|page| routes.iter().find(|(route, _)| route == page));
    best.or_else(|| routes.iter().find(|(route, _)| route.starts_with('/'))).cloned()
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
        let (_, guess) = Application::of(&sources, None);
        let page = health_page(&sources).map_or(String::new(), |(page, _)| format!(" {page}"));
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
        assert_eq!(found(&[("a/__init__.py", "def create_app(config): ...\n")]), "app:app");
        let wsgi = "from shop import create_app\napplication = create_app()\n";
        assert_eq!(
            found(&[("src/shop/__init__.py", factory), ("src/shop/wsgi.py", wsgi)]),
            "shop.wsgi:application"
        );
        let plain = "def application(environ, start_response):\n    ...\n";
        assert_eq!(found(&[("hello.py", plain)]), "hello:application");
        assert_eq!(found(&[("tests/app.py", flask), ("x.py", "application = 3\n")]), "app:app");
    }
}
