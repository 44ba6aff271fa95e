//! What a Django project's settings say, as far as their text can be read.

use super::questions::{Asked, find_questions};
use super::sources::{Source, Sources};
use crate::python::{assigned, expression, literal, literals, member, without_comments};

/// A Django project.
#[derive(Debug, Default)]
pub(super) struct Django {
    /// The folder of `manage.py`, from the project's; empty for that itself.
    pub(super) folder: String,
    /// The module of the settings.
    pub(super) settings: String,
    pub(super) shown: String,
    pub(super) application: Option<String>,
    /// Hosts that the settings allow, as they write them.
    pub(super) allowed: Vec<String>,
    /// True where the variables decide which hosts are allowed.
    pub(super) asks_for_hosts: bool,
    pub(super) is_debug: bool,
    pub(super) has_static_files: bool,
    pub(super) static_url: String,
    pub(super) static_root: StaticRoot,
    pub(super) database: Option<Database>,
    /// The page that answers without a log-in, and why it is thought to.
    pub(super) page: (String, String),
}

/// Where static files are collected.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum StaticRoot {
    #[default]
    Unsaid,
    /// Below the folder of `manage.py`.
    Below(String),
    /// Worked out, or somewhere else.
    Elsewhere,
}

/// The default database of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Database {
    /// The last part of `ENGINE`: `postgresql`, `mysql`, `sqlite3`.
    pub(super) engine: String,
    pub(super) name: Written,
    pub(super) user: Written,
    pub(super) password: Written,
    pub(super) host: Written,
}

/// How a setting gets its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    Nothing,
    Literal(String),
    Variable(Asked),
    /// Worked out in a way that text alone does not tell.
    Code,
}

impl Written {
    fn of(dictionary: &str, key: &str) -> Self {
        let Some(code) = member(dictionary, key) else { return Written::Nothing };
        if let Some(text) = literal(code) {
            return Written::Literal(text.to_owned());
        }
        find_questions(code).into_iter().next().map_or(Written::Code, Written::Variable)
    }
}

impl Django {
    pub(super) fn of(sources: &Sources) -> Option<Self> {
        let manage = sources.python.iter().find(|source| {
            source.path.ends_with("manage.py") && source.text.contains("DJANGO_SETTINGS_MODULE")
        })?;
        let at = manage.text.find("DJANGO_SETTINGS_MODULE")?;
        // From the quote before it.
        let begin = manage.text[..at].len().saturating_sub(1);
        let settings =
            literals(manage.text.get(begin..)?.lines().next()?).into_iter().find(|text| {
                text.contains('.') && text.chars().all(|c| c.is_alphanumeric() || "._".contains(c))
            });
        let settings = settings.unwrap_or_else(|| "settings".to_owned());
        let folder =
            manage.path.parent().map(|path| path.display().to_string()).unwrap_or_default();
        let mut django =
            Django { folder, settings, static_url: "/static/".into(), ..Django::default() };
        let text = django.settings_text(sources);
        django.read(&text);
        django.page = django.page(sources, &text);
        Some(django)
    }

    /// The source of a module as `manage.py` would import it.
    fn source<'a>(&self, sources: &'a Sources, module: &str) -> Option<&'a Source> {
        let path = module.replace('.', "/");
        let folder = std::path::Path::new(&self.folder);
        let candidates = [folder.join(format!("{path}.py")), folder.join(path).join("__init__.py")];
        sources.python.iter().find(|source| candidates.contains(&source.path))
    }

    /// The settings, after those that they begin with (`from .base import *`).
    fn settings_text(&mut self, sources: &Sources) -> String {
        let Some(source) = self.source(sources, &self.settings) else { return String::new() };
        self.shown = source.display_path();
        let package = self.settings.rsplit_once('.').map_or("", |(package, _)| package);
        let mut text = String::new();
        for line in source.text.lines() {
            let base = line.strip_prefix("from ").and_then(|rest| rest.strip_suffix(" import *"));
            let Some(base) = base.map(str::trim) else { continue };
            let module = match base.strip_prefix('.') {
                Some(name) => format!("{package}.{name}"),
                None => base.to_owned(),
            };
            if let Some(base) = self.source(sources, &module) {
                text.push_str(&without_comments(&base.text));
                text.push('\n');
            }
        }
        text + &without_comments(&source.text)
    }

    fn read(&mut self, text: &str) {
        self.application =
            assigned(text, "WSGI_APPLICATION").and_then(literal).and_then(|dotted| {
                dotted.rsplit_once('.').map(|(module, object)| format!("{module}:{object}"))
            });
        if let Some(hosts) = assigned(text, "ALLOWED_HOSTS") {
            self.asks_for_hosts = !find_questions(hosts).is_empty() || hosts.contains("env");
            if !self.asks_for_hosts {
                self.allowed = literals(hosts);
            }
        }
        self.is_debug = assigned(text, "DEBUG") == Some("True");
        self.has_static_files = text.contains("django.contrib.staticfiles");
        if let Some(url) = assigned(text, "STATIC_URL").and_then(literal)
            && !url.contains("://")
        {
            self.static_url = format!("/{}/", url.trim_matches('/')).replace("//", "/");
        }
        if let Some(root) = assigned(text, "STATIC_ROOT") {
            let is_below = root.contains("BASE_DIR") && find_questions(root).is_empty();
            let parts = literals(root);
            self.static_root = match parts.join("/") {
                _ if root == "None" => StaticRoot::Unsaid,
                below if is_below && !below.is_empty() => StaticRoot::Below(below),
                _ => StaticRoot::Elsewhere,
            };
        }
        self.database = assigned(text, "DATABASES").and_then(database);
    }

    /// The names that the site may have: those of `ALLOWED_HOSTS` that the world could use.
    pub(super) fn public_names(&self) -> Vec<String> {
        let is_public = |host: &&String| {
            host.contains('.')
                && !host.starts_with(['.', '*'])
                && !host.ends_with("localhost")
                && !host.ends_with(".internal")
                && host.chars().any(char::is_alphabetic)
        };
        self.allowed.iter().filter(is_public).cloned().collect()
    }

    /// True where the settings as they are refuse this name.
    pub(super) fn refuses(&self, name: &str) -> bool {
        !self.asks_for_hosts
            && !self.allowed.iter().any(|host| {
                host == "*"
                    || host == name
                    || host.strip_prefix('.').is_some_and(|domain| {
                        name == domain || name.ends_with(&format!(".{domain}"))
                    })
            })
    }

    fn page(&self, sources: &Sources, settings: &str) -> (String, String) {
        let module = assigned(settings, "ROOT_URLCONF").and_then(literal).unwrap_or_default();
        let Some(urls) = self.source(sources, module) else {
            return ("/".to_owned(), "its URLs are not known".to_owned());
        };
        let routes = routes(&urls.text);
        let names: Vec<(String, String)> = routes
            .iter()
            .flat_map(|(route, view)| match find_included_module(view) {
                None => vec![(route.clone(), urls.display_path())],
                Some(module) => self.source(sources, &module).map_or(Vec::new(), |below| {
                    let inside = self::routes(&below.text);
                    let plain =
                        inside.iter().filter(|(_, view)| find_included_module(view).is_none());
                    plain
                        .map(|(inner, _)| (format!("{route}{inner}"), below.display_path()))
                        .collect()
                }),
            })
            .collect();
        for wanted in ["healthz", "healthz/", "health", "health/", "ping", "ping/", ""] {
            if let Some((route, file)) = names.iter().find(|(route, _)| route == wanted) {
                return (format!("/{route}"), format!("a route in {file}"));
            }
        }
        if let Some((route, _)) = routes.iter().find(|(_, view)| view.contains("admin.site")) {
            return (
                format!("/{route}login/"),
                "the admin's log-in: nothing answers at /".to_owned(),
            );
        }
        let first = names.into_iter().find(|(route, _)| !route.contains(['<', '(', '^']));
        match first {
            Some((route, file)) => (format!("/{route}"), format!("the first route in {file}")),
            None => ("/".to_owned(), format!("no route in {} says more", urls.display_path())),
        }
    }
}

/// The routes of a URL configuration and what answers there, both as they are written.
fn routes(text: &str) -> Vec<(String, String)> {
    let text = without_comments(text);
    let calls = text.match_indices("path(").map(|(at, _)| &text[at + "path(".len()..]);
    let found = calls.filter_map(|call| {
        let route = expression(call);
        let view = expression(call.trim_start()[route.len()..].trim_start().strip_prefix(',')?);
        let route = route.trim_start_matches('r');
        let route = literal(route)?.trim_start_matches('^').trim_end_matches('$').to_owned();
        Some((route, view.to_owned()))
    });
    found.collect()
}

/// The module whose routes are taken in: of `include("shop.urls")`.
fn find_included_module(view: &str) -> Option<String> {
    let inside = view.trim().strip_prefix("include(")?;
    literals(inside).into_iter().next().or(Some(String::new()))
}

fn database(text: &str) -> Option<Database> {
    let default = member(text, "default").unwrap_or(text);
    let engine = member(default, "ENGINE").map(literals)?.into_iter().next()?;
    Some(Database {
        engine: engine.rsplit('.').next().unwrap_or_default().to_owned(),
        name: Written::of(default, "NAME"),
        user: Written::of(default, "USER"),
        password: Written::of(default, "PASSWORD"),
        host: Written::of(default, "HOST"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANAGE: &str = "import os\ndef main():\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mill.settings')\n";

    fn django(files: &[(&str, &str)]) -> Django {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [("manage.py", MANAGE)].iter().chain(files) {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Django::of(&Sources::of(folder.path())).unwrap()
    }

    #[test]
    fn the_settings_of_a_new_project_refuse_every_public_name() {
        let found = django(&[
            (
                "mill/settings.py",
                "DEBUG = True\nALLOWED_HOSTS = []\nROOT_URLCONF = 'mill.urls'\nSTATIC_URL = 'static/'\n\
                 INSTALLED_APPS = [\n    'django.contrib.staticfiles',\n]\n\
                 WSGI_APPLICATION = 'mill.wsgi.application'\n\
                 DATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.sqlite3',\n        \
                 'NAME': BASE_DIR / 'db.sqlite3',\n    }\n}\n",
            ),
            (
                "mill/urls.py",
                "\"\"\"path('', views.home)\"\"\"\nurlpatterns = [\n    path('admin/', admin.site.urls),\n]\n",
            ),
        ]);
        assert!(found.refuses("www.mill.example") && found.is_debug && found.has_static_files);
        assert_eq!(found.application.as_deref(), Some("mill.wsgi:application"));
        assert_eq!(
            (found.static_url.as_str(), found.static_root),
            ("/static/", StaticRoot::Unsaid)
        );
        let database = found.database.unwrap();
        assert_eq!((database.engine.as_str(), database.name), ("sqlite3", Written::Code));
    }

    #[test]
    fn settings_in_layers_are_read_together() {
        let found = django(&[
            (
                "mill/base.py",
                "STATIC_ROOT = BASE_DIR / 'static' / 'all'\nALLOWED_HOSTS = ['*']\nDATABASES = {'default': {\n\
                 'ENGINE': 'django.db.backends.postgresql', 'NAME': 'mill', 'USER': 'miller',\n\
                 'PASSWORD': os.environ['DB_PASSWORD'], 'HOST': os.environ.get('DB_HOST', 'db')}}\n",
            ),
            (
                "mill/settings.py",
                "from .base import *\nALLOWED_HOSTS = ['www.mill.org', '.mill.org', 'localhost']\n\
                 ROOT_URLCONF = 'mill.urls'\n",
            ),
            ("mill/urls.py", "urlpatterns = [path('', include('flour.urls'))]\n"),
            ("flour/urls.py", "urlpatterns = [path('<int:n>/', x), path('', views.all)]\n"),
        ]);
        assert_eq!(found.public_names(), ["www.mill.org"]);
        assert!(!found.refuses("a.mill.org") && found.refuses("mill.example"));
        assert_eq!(found.static_root, StaticRoot::Below("static/all".into()));
        assert_eq!(found.page, ("/".to_owned(), "a route in flour/urls.py".to_owned()));
        let database = found.database.unwrap();
        assert_eq!(database.user, Written::Literal("miller".into()));
        assert!(matches!(database.password, Written::Variable(asked) if asked.is_required));
        assert!(
            matches!(database.host, Written::Variable(asked) if asked.default.as_deref() == Some("db"))
        );
    }
}
