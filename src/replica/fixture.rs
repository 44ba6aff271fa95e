//! Small projects for tests: descriptions in a folder of their own, a release that is only named,
//! secrets and labels that are the same every time.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Keys, Ownership, Plan, RunId, RunSpec, Secrets, Subnet, Templates};
use crate::failure::Failure;
use crate::release::{Form, Packing, Release};
use crate::site::{Project, Site, Tls};
use crate::tls::{Authority, Certificates};

/// nginx, gunicorn, PostgreSQL, Redis, three deploy steps; short waits.
pub(crate) const SHOP: &str = r#"
base: {debian: bookworm}
python: "3.11"
install: {as_of: 2026-02-18}
user: shop
names: [www.shop.example, shop.example]
tls: {certificate: {names: [www.shop.example, shop.example], key: ecdsa-p256}}
proxy: {server: nginx, static: {/static/: static}}
wsgi: {server: gunicorn, from: distribution, application: "shop.wsgi:app"}
env: {DATABASE_URL: "postgresql://shop:${secret.db}@db.internal/shop", THEME: plain}
secrets: {db: {generate: 24}}
services:
  db: {postgres: "15", names: [db.internal], database: shop, user: shop, password: "${secret.db}",
       encoding: UTF8, owner: shop, startup: 200ms}
  cache: {redis: "7", names: [cache.internal], startup: 200ms}
deploy:
  steps:
    - {name: migrate, run: shop-admin migrate}
    - {name: static files, run: shop-admin collectstatic}
health: {path: /healthz, status: 200}
critical: {path: ../critical, budget: 2s}
"#;

/// `mod_wsgi` under Apache on another Debian, with a database of its own.
pub(crate) const DESK: &str = r#"
order: 20
base: {debian: bullseye, locale: de_DE.UTF-8, timezone: Europe/Berlin}
python: "3.9"
install: {as_of: 2026-02-18}
user: shop
names: [www.desk.example]
tls: {certificate: {names: ["*.desk.example"], key: ecdsa-p256, intermediates: 1}}
proxy: {server: apache}
wsgi: {server: mod_wsgi, from: distribution, application: "shop.wsgi:app"}
env: {DATABASE_URL: "postgresql://shop:${secret.db}@db.internal/shop"}
secrets: {db: {generate: 24}}
services:
  db: {postgres: "13", names: [db.internal], database: shop, user: shop, password: "${secret.db}",
       encoding: UTF8, owner: shop, startup: 200ms}
deploy: {steps: [{name: migrate, run: shop-admin migrate}]}
critical: {path: ../critical, budget: 2s}
"#;

/// nginx on a host of its own, gunicorn and a cache on another.
pub(crate) const FRONT: &str = r#"
base: {debian: bookworm}
install: {as_of: 2026-02-18, extra: ["gunicorn==23.0.0"]}
user: shop
names: [www.shop.example, shop.example]
tls: {}
proxy: {host: own, static: {/static/: static}}
wsgi: {server: gunicorn, application: "shop.wsgi:app"}
services: {cache: {redis: "7", host: app}}
deploy: {steps: [{name: migrate, run: shop-admin migrate}]}
critical: {path: ../critical}
"#;

/// What every generated secret of these tests is.
pub(crate) const SECRET: &str = "s3cr3t-Value-that-is-nowhere-else";

pub(crate) struct Stand {
    folder: tempfile::TempDir,
    pub(crate) project: Project,
    pub(crate) release: Release,
}

impl Stand {
    /// A project of these sites, each a name and its description.
    pub(crate) fn new(sites: &[(&str, &str)]) -> Stand {
        Stand::with_files(sites, &[])
    }

    /// The same, with more files.
    pub(crate) fn with_files(sites: &[(&str, &str)], files: &[(&str, &str)]) -> Stand {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        write(&root.join("critical/test_critical.py"), "def test_it(): pass\n");
        write(&root.join("requirements.lock"), "flask==3.1.3\n");
        for (name, text) in files {
            write(&root.join(name), text);
        }
        for (name, text) in sites {
            write(&root.join(format!("environments/{name}.yaml")), text);
        }
        Stand { project: load(&root), release: wheel("1.0"), folder }
    }

    /// The project's folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.project.root.clone()
    }

    /// A folder outside the project, for what a run writes.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn site(&self) -> &Site {
        &self.project.sites[0]
    }

    /// The plan of the first site.
    pub(crate) fn plan(&self) -> Plan {
        plan(self.site(), &self.release).unwrap()
    }

    /// The project's root of certificates.
    pub(crate) fn authority(&self) -> Authority {
        authority(&self.scratch("tls"), &self.project.sites)
    }
}

/// The sample sites of this repository.
pub(crate) fn sample_project() -> Project {
    load(Path::new(env!("CARGO_MANIFEST_DIR")))
}

pub(crate) fn plan(site: &Site, release: &Release) -> Result<Plan, Failure> {
    let keys = Keys { secrets: secrets(site), certificates: certificates(site), further: vec![] };
    Plan::new(&run_spec(release), site, &keys, (Subnet::nth(0), &[]))
}

/// What is the same in all plans of a run without a way in.
pub(crate) fn run_spec(release: &Release) -> RunSpec {
    RunSpec {
        release: release.clone(),
        ownership: ownership(),
        templates: Templates::default(),
        suite: None,
        has_door: false,
        gives_way: false,
        observes: false,
    }
}

fn certificates(site: &Site) -> Option<Certificates> {
    let tls = site.tls.as_ref()?;
    let folder = tempfile::tempdir().unwrap();
    let authority = authority(folder.path(), std::slice::from_ref(site));
    Some(authority.issue_all(tls, jiff::Timestamp::now()).unwrap())
}

fn authority(folder: &Path, sites: &[Site]) -> Authority {
    let public = sites.iter().flat_map(|site| site.names.iter().chain(&site.wildcards));
    let certified = sites.iter().flat_map(|site| &site.tls).flat_map(Tls::said_names);
    let names: Vec<String> =
        public.map(ToString::to_string).chain(certified.map(str::to_owned)).collect();
    Authority::load_or_create(folder, "test", &names).unwrap()
}

/// The same value for each secret of a site.
pub(crate) fn secrets(site: &Site) -> Secrets {
    let values: std::collections::BTreeMap<String, &str> =
        site.secrets.keys().map(|name| (name.to_string(), SECRET)).collect();
    Secrets::from_json(&serde_json::to_vec(&values).unwrap()).unwrap()
}

pub(crate) fn ownership() -> Ownership {
    Ownership {
        project: "test".to_owned(),
        folder: String::new(),
        run: RunId::named("r1"),
        owner: "nobody".to_owned(),
        process: None,
        lease: i64::MAX,
        release: "shop 1.0".to_owned(),
    }
}

/// A wheel as its metadata would tell; there is no such file.
pub(crate) fn wheel(version: &str) -> Release {
    let digest = crate::digest::Digest::of("wheel").with(version).key();
    Release {
        path: PathBuf::from(format!("/nowhere/shop-{version}-py3-none-any.whl")),
        form: Form::Wheel,
        digest: format!("{digest}{digest}"),
        name: "shop".to_owned(),
        version: Some(version.to_owned()),
        requires_python: Some(">=3.9".to_owned()),
        requires_dist: Some(vec!["flask>=3".to_owned()]),
        extras: Vec::new(),
        history: None,
        left_out: Vec::new(),
    }
}

/// A source folder below this one, to be built with the site's own Python.
pub(crate) fn source(folder: &Path) -> Release {
    let path = folder.join("source");
    write(&path.join("pyproject.toml"), "[project]\nname = \"shop\"\nversion = \"1.0\"\n");
    write(&path.join("shop.py"), "app = None\n");
    Release { path, form: Form::Source(Packing::Folder), requires_dist: None, ..wheel("1.0") }
}

/// # Panics
/// With all problems of the descriptions.
fn load(root: &Path) -> Project {
    match Project::load(root, |_| Some("from-the-environment".to_owned())) {
        Ok(project) => project,
        Err(problems) => panic!("{}", problems.render()),
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
