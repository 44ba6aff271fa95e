//! A Django project on its site: settings, steps, static files, and where its modules lie.

use super::{Extra, Parts};
use crate::draft::application::{Application, NOBODY_S};
use crate::draft::database::SqliteFile;
use crate::draft::django::{Django, StaticRoot};
use crate::site::suite_python;

impl Parts<'_> {
    pub(super) fn written_application(&self) -> String {
        let written = self.application.as_ref().map(Application::written);
        let written = written.unwrap_or_else(|| NOBODY_S.to_owned());
        // Its modules call each other as from the folder of `manage.py`.
        let package = self.package_folder().and_then(|folder| {
            let (_, package) = folder.split_once("/site-packages/")?;
            Some(format!("{}.", package.replace('/', ".")))
        });
        // And those of a tree from the folder that the server works in.
        let below = self.folder.filter(|_| self.packages.is_tree && self.django.is_none());
        let package = package.or(below.map(|folder| format!("{}.", folder.replace('/', "."))));
        let own = package.and_then(|package| written.strip_prefix(&package).map(str::to_owned));
        own.unwrap_or(written)
    }

    /// Where `site_settings.py` is, and the folder of `manage.py` where that is itself a package.
    fn search_path(&self) -> String {
        match self.package_folder() {
            Some(folder) => format!("{}:{folder}", self.home()),
            None => self.home(),
        }
    }

    /// The folder of `manage.py` as it is installed, where it is a package that the app's modules lie in.
    fn package_folder(&self) -> Option<String> {
        let folder = self.django.map(|django| django.folder.as_str())?;
        let package = folder.strip_prefix("src/").unwrap_or(folder).replace('/', ".");
        let modules = self.sources.modules.as_ref()?;
        let settings = &self.django?.settings;
        let is_one = !self.packages.is_tree
            && !package.is_empty()
            && !modules.has(settings)
            && modules.has(&format!("{package}.{settings}"));
        let python = suite_python(&self.wishes.debian)?;
        is_one.then(|| {
            let packages = format!("{}/venv/lib/python{python}/site-packages", self.home());
            format!("{packages}/{}", package.replace('.', "/"))
        })
    }

    pub(super) fn extra_of_django(&self, django: &Django, extra: &mut Extra) {
        let is_served = django.has_static_files && !self.packages.needs("whitenoise");
        let refused = django.refuses(self.wishes.name.as_str());
        let database = django.database.as_ref().filter(|database| database.engine == "sqlite3");
        let file = database.and_then(|database| database.file.as_ref());
        if let Some(SqliteFile::In(folder)) = file {
            extra.data.insert(folder.clone());
        }
        // What is built is installed where the app may not write.
        let moved = match file {
            Some(SqliteFile::InProject(file)) if refused || !self.packages.is_tree => Some(file),
            _ => None,
        };
        let collects = django.has_static_files
            && match &django.static_root {
                StaticRoot::Unsaid => is_served && refused,
                StaticRoot::Below(_) => !self.packages.is_tree,
                StaticRoot::Elsewhere => false,
            };
        let written: &[(String, String)] =
            if self.packages.is_tree { &[] } else { &django.folders };
        let is_written = refused || moved.is_some() || collects || !written.is_empty();
        let mut settings = django.settings.clone();
        if is_written {
            let mut template = format!(
                "# What the live site says beyond {}. Write what yours has.\nfrom {settings} import *\n\n",
                django.shown
            );
            if refused {
                template.push_str(
                    "ALLOWED_HOSTS = [{% for name in names %}\"{{ name }}\", {% endfor %}]\n",
                );
                if django.is_debug {
                    template.push_str("DEBUG = False\n");
                }
            }
            if collects {
                template.push_str(&format!("STATIC_ROOT = \"{}/static\"\n", self.home()));
                extra.static_files =
                    is_served.then(|| (django.static_url.clone(), "static".to_owned()));
            }
            if let Some(file) = moved {
                let folder = format!("{}/data", self.home());
                template
                    .push_str(&format!("DATABASES[\"default\"][\"NAME\"] = \"{folder}/{file}\"\n"));
                extra.data.insert(folder);
            }
            for (setting, below) in written {
                let folder = format!("{}/data", self.home());
                template.push_str(&format!("{setting} = \"{folder}/{below}\"\n"));
                extra.data.insert(folder);
            }
            extra.variables.push(("PYTHONPATH", self.search_path(), "where site_settings.py is"));
            "site_settings".clone_into(&mut settings);
            let why = if refused {
                "the project's own settings do not allow the site's names"
            } else {
                "the project's own settings write into the release"
            };
            extra.file = Some(("site_settings.py".to_owned(), why, template));
        }
        if let Some(folder) = self.package_folder().filter(|_| !is_written) {
            extra.variables.push(("PYTHONPATH", folder, "the app's modules lie in a package"));
        }
        extra.variables.push(("DJANGO_SETTINGS_MODULE", settings, ""));
        if let (true, StaticRoot::Below(root), true) =
            (is_served, &django.static_root, self.packages.is_tree)
        {
            let folder = self.folder().unwrap_or_else(|| "app".to_owned());
            extra.static_files = Some((django.static_url.clone(), format!("{folder}/{root}")));
        }
        let manage = |command: &str| {
            let program = if self.packages.is_tree && django.has_manage() {
                "python manage.py"
            } else {
                "django-admin"
            };
            self.in_the_tree(&format!("{program} {command} --no-input"))
        };
        extra.steps.push(("migrate", manage("migrate")));
        if django.has_static_files
            && (extra.static_files.is_some() || django.static_root != StaticRoot::Unsaid)
        {
            extra.steps.push(("static files", manage("collectstatic")));
        }
    }
}
