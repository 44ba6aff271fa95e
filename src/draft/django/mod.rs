//! What a Django project's settings say, as far as their text can be read.

mod page;

use std::path::PathBuf;

use super::database::{Database, is_beside_sources};
use super::questions::find_questions;
use super::sources::{Source, Sources};
use super::written_folders::folders_beside;
use crate::python::{assigned, literal, literals, without_comments};

/// A Django project.
#[derive(Debug, Default)]
pub(super) struct Django {
    /// The folder of `manage.py`, from the project's; empty for that itself.
    pub(super) folder: String,
    /// The file that names the settings: `manage.py`, or else the `wsgi.py`.
    pub(super) named_in: String,
    /// The module of the settings.
    pub(super) settings: String,
    /// The module that is named, where that is not in the project, and another one is taken.
    pub(super) missing: Option<String>,
    pub(super) shown: String,
    /// The files of the settings.
    pub(super) files: Vec<PathBuf>,
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
    /// Settings that name a folder beside the sources which the app writes to, and the folder's name.
    pub(super) folders: Vec<(String, String)>,
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

impl Django {
    pub(super) fn of(sources: &Sources) -> Option<Self> {
        let is_named = |source: &&Source| source.text.contains("DJANGO_SETTINGS_MODULE");
        let of_file = |name: &'static str| move |source: &&Source| source.path.ends_with(name);
        let manage = sources.python.iter().filter(of_file("manage.py")).find(is_named);
        // Some are managed by a command of their own.
        let manage =
            manage.or_else(|| sources.of_app().filter(of_file("wsgi.py")).find(is_named))?;
        let named: Vec<String> = manage
            .text
            .match_indices("DJANGO_SETTINGS_MODULE")
            .filter_map(|(at, _)| {
                // From the quote before it.
                let line = manage.text.get(at.saturating_sub(1)..)?.lines().next()?;
                literals(line).into_iter().find(|text| {
                    text.contains('.')
                        && text.chars().all(|c| c.is_alphanumeric() || "._".contains(c))
                })
            })
            .collect();
        // Some have other ones for their tests.
        let serves = |name: &&String| !name.split('.').any(|part| part.starts_with("test"));
        let settings = named.iter().find(serves).or(named.first());
        let settings = settings.cloned().unwrap_or_else(|| "settings".to_owned());
        let folder =
            manage.path.parent().map(|path| path.display().to_string()).unwrap_or_default();
        let mut django = Django {
            folder,
            settings,
            named_in: manage.display_path(),
            static_url: "/static/".into(),
            ..Django::default()
        };
        django.find_settings(sources);
        let text = django.settings_text(sources);
        django.read(&text);
        let place = sources.root.join(&django.folder);
        django.folders = folders_beside(&text, |folder| place.join(folder).exists());
        django.page = django.page(sources, &text);
        Some(django)
    }

    /// False for one that is managed by a command of its own.
    pub(super) fn has_manage(&self) -> bool {
        self.named_in.ends_with("manage.py")
    }

    /// The source of a module as `manage.py` would import it.
    fn source<'a>(&self, sources: &'a Sources, module: &str) -> Option<&'a Source> {
        let path = module.replace('.', "/");
        let folder = std::path::Path::new(&self.folder);
        let candidates = [folder.join(format!("{path}.py")), folder.join(path).join("__init__.py")];
        sources.python.iter().find(|source| candidates.contains(&source.path))
    }

    /// Those that are named; the live host's own may be nowhere else, and then those that they usually begin with.
    fn find_settings(&mut self, sources: &Sources) {
        const USUAL: [&str; 7] =
            ["production", "prod", "live", "base", "common", "defaults", "settings"];
        self.go_up_to_settings(sources);
        let named = self.settings.clone();
        let Some((package, _)) = named.rsplit_once('.') else { return };
        if self.source(sources, &named).is_some() {
            return;
        }
        for name in USUAL {
            self.settings = format!("{package}.{name}");
            self.go_up_to_settings(sources);
            if self.source(sources, &self.settings).is_some() {
                self.missing = Some(named);
                return;
            }
        }
        self.settings = named;
    }

    /// Why these settings.
    pub(super) fn why_settings(&self) -> String {
        match &self.missing {
            Some(missing) => {
                format!("{missing}, which {} names, is not in the project", self.named_in)
            }
            None => format!("{} says so", self.named_in),
        }
    }

    /// A `manage.py` in a package may be what another one, above it, imports.
    fn go_up_to_settings(&mut self, sources: &Sources) {
        let named = PathBuf::from(&self.folder);
        for folder in named.ancestors() {
            self.folder = folder.display().to_string();
            if self.source(sources, &self.settings).is_some() {
                return;
            }
        }
        self.folder = named.display().to_string();
    }

    /// The settings, after those that they begin with (`from .base import *`).
    fn settings_text(&mut self, sources: &Sources) -> String {
        let Some(source) = self.source(sources, &self.settings) else { return String::new() };
        self.shown = source.display_path();
        self.files.clear();
        let mut text = String::new();
        self.add_settings(sources, &self.settings.clone(), &mut text);
        text
    }

    fn add_settings(&mut self, sources: &Sources, module: &str, text: &mut String) {
        let Some(source) = self.source(sources, module) else { return };
        if self.files.contains(&source.path) {
            return;
        }
        self.files.push(source.path.clone());
        let package = if source.path.ends_with("__init__.py") {
            module
        } else {
            module.rsplit_once('.').map_or("", |(package, _)| package)
        };
        let code = without_comments(&source.text);
        for line in code.lines() {
            let base = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import "));
            let Some((base, _)) = base.filter(|(_, names)| names.trim() == "*") else { continue };
            let base = match base.trim().strip_prefix('.') {
                Some(name) => format!("{package}.{name}"),
                None => base.trim().to_owned(),
            };
            self.add_settings(sources, &base, text);
        }
        text.push_str(&code);
        text.push('\n');
    }

    /// True for settings that lie beside the site's own and are those of other sites.
    pub(super) fn is_of_others(&self, source: &Source) -> bool {
        let is_beside = |own: &PathBuf| {
            let folder = own.parent().filter(|folder| folder.ends_with("settings"));
            folder.is_some() && folder == source.path.parent()
        };
        self.files.iter().any(is_beside) && !self.files.contains(&source.path)
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
            let is_below = is_beside_sources(text, root) && find_questions(root).is_empty();
            let parts = literals(root);
            self.static_root = match parts.join("/") {
                _ if root == "None" => StaticRoot::Unsaid,
                below if is_below && !below.is_empty() => StaticRoot::Below(below),
                _ => StaticRoot::Elsewhere,
            };
        }
        self.database = assigned(text, "DATABASES").and_then(|code| Database::of(text, code));
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::database::Written;

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

    #[test]
    fn settings_that_are_nowhere_have_those_that_they_begin_with_in_their_place() {
        let manage = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.local')\n";
        let with = |files: &[(&str, &str)]| {
            let found = django(&[&[("manage.py", manage)], files].concat());
            (found.settings.clone(), found.why_settings())
        };
        let base = ("shop/settings/base.py", "DEBUG = False\n");
        let missing = "shop.settings.local, which manage.py names, is not in the project";
        assert_eq!(with(&[base]), ("shop.settings.base".to_owned(), missing.to_owned()));
        let named = ("shop.settings.local".to_owned(), "manage.py says so".to_owned());
        assert_eq!(with(&[base, ("shop/settings/local.py", "from .base import *\n")]), named);
        assert_eq!(with(&[]), named);
    }

    #[test]
    fn the_settings_of_tests_and_of_other_sites_are_not_the_sites() {
        let manage = "def main():\n    if 'test' in sys.argv:\n        os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'test.settings')\n    \
            else:\n        os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mill.settings.live')\n";
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("manage.py", "from mill.manage import main\nmain()\n"),
            ("mill/manage.py", manage),
            ("mill/settings/base.py", "A = 1\n"),
            ("mill/settings/more.py", "from .base import *\n"),
            ("mill/settings/live.py", "from .more import *\n"),
            ("mill/settings/cloud.py", "from .base import *\n"),
            ("mill/views.py", "B = 1\n"),
        ];
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let sources = Sources::of(folder.path());
        let found = Django::of(&sources).unwrap();
        assert_eq!((found.settings.as_str(), found.folder.as_str()), ("mill.settings.live", ""));
        let others: Vec<String> = sources
            .python
            .iter()
            .filter(|source| found.is_of_others(source))
            .map(Source::display_path)
            .collect();
        assert_eq!(others, ["mill/settings/cloud.py"]);
    }

    #[test]
    fn a_project_without_a_manage_py_is_known_by_its_wsgi_module() {
        let folder = tempfile::tempdir().unwrap();
        let wsgi = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mill.server.settings')\n";
        for (path, text) in [
            ("mill/server/wsgi.py", wsgi),
            ("mill/server/settings.py", "ALLOWED_HOSTS = ['::1']\n"),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let found = Django::of(&Sources::of(folder.path())).unwrap();
        assert!(!found.has_manage() && found.refuses("www.mill.example"));
        assert_eq!(
            (found.named_in.as_str(), found.shown.as_str(), found.folder.as_str()),
            ("mill/server/wsgi.py", "mill/server/settings.py", "")
        );
    }
}
