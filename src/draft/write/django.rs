//! A Django project on its site: settings, steps, static files, and where its modules lie.

use super::{Extra, Parts};
use crate::draft::application::{Application, NOBODY_S};
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
        let mut settings = django.settings.clone();
        if refused {
            let mut template = format!(
                "# What the live site says beyond {}. Write what yours has.\nfrom {settings} import *\n\n\
                 ALLOWED_HOSTS = [{{% for name in names %}}\"{{{{ name }}}}\", {{% endfor %}}]\n",
                django.shown
            );
            if django.is_debug {
                template.push_str("DEBUG = False\n");
            }
            if is_served && django.static_root == StaticRoot::Unsaid {
                template.push_str(&format!("STATIC_ROOT = \"{}/static\"\n", self.home()));
                extra.static_files = Some((django.static_url.clone(), "static".to_owned()));
            }
            extra.variables.push(("PYTHONPATH", self.search_path(), "where site_settings.py is"));
            "site_settings".clone_into(&mut settings);
            extra.file = Some((
                "site_settings.py",
                "the project's own settings do not allow the site's names",
                template,
            ));
        }
        if let Some(folder) = self.package_folder().filter(|_| !refused) {
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
            let program = if self.packages.is_tree { "python manage.py" } else { "django-admin" };
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
