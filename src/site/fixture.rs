//! A project in a folder of its own, for tests.

use std::fs;
use std::path::PathBuf;

use super::model::Site;
use super::problem::Problems;
use super::project::Project;

/// The least that describes a site.
pub(in crate::site) const LEAST: &str = "base: {debian: bookworm}\nnames: [shop.example]\n\
    wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\ncritical: {path: ../tests/critical}\n";

pub(in crate::site) struct TestProject {
    _folder: tempfile::TempDir,
    pub(in crate::site) root: PathBuf,
}

impl TestProject {
    /// With nothing in it.
    pub(in crate::site) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("notice board");
        fs::create_dir_all(&root).unwrap();
        TestProject { _folder: folder, root }
    }

    /// With the files that descriptions of tests name.
    pub(in crate::site) fn new() -> Self {
        let project = TestProject::empty();
        fs::create_dir_all(project.root.join("environments/sql")).unwrap();
        fs::create_dir_all(project.root.join("templates")).unwrap();
        fs::create_dir_all(project.root.join("tests/critical")).unwrap();
        project
            .file("tests/critical/requirements.txt", "pytest\n")
            .file("environments/sql/grants.sql", "select 1;\n")
            .file("templates/noticeboard.ini.j2", "key = x\n")
    }

    pub(in crate::site) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(in crate::site) fn site(self, name: &str, content: &str) -> Self {
        self.file(&format!("environments/{name}.yaml"), content)
    }

    pub(in crate::site) fn load(&self) -> Result<Project, Problems> {
        Project::load(&self.root, |name| (name == "STAGE_SESSION_KEY").then(|| "x".to_owned()))
    }

    pub(in crate::site) fn one(&self) -> Site {
        self.load().unwrap_or_else(|problems| panic!("{problems}")).sites.remove(0)
    }

    /// A line for each key of a site.
    pub(in crate::site) fn list_keys(&self, site: &Site) -> String {
        let site = serde_json::to_value(site).unwrap();
        let lines =
            site.as_object().unwrap().iter().map(|(key, value)| format!("{key}: {value}\n"));
        lines.collect::<String>().replace(self.root.to_str().unwrap(), "[project]")
    }

    pub(in crate::site) fn problems(&self) -> String {
        self.load().map(|project| project.sites.len()).unwrap_err().render()
    }
}
