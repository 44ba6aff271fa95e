//! From a site as written to a site as meant: every value judged, every rule between values held.

mod amount;
mod apt;
mod base;
mod files;
mod host;
mod host_names;
mod intended;
mod known;
mod live;
mod locks;
mod outside;
mod path;
mod pins;
mod releases;
mod requirements;
mod running;
mod service;
mod serving;
mod stub;
mod tls;
mod user;
mod value;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::file::SiteFile;
use super::model::{Host, ProxyHost, Service, Site, app_host_name};
use super::problem::{KeyPath, Place, Problem, Problems};
use super::reference::Followed;
use super::tree::{Node, Value};
use super::value::{HostName, Role, SiteName, Text};

pub use amount::parse_size;
pub(super) use intended::plain;
use known::Elsewhere;
use known::Insiders;
use known::SiteFacts;
pub(super) use path::Folders;
use path::Wanted;
use value::{Complaint, Judged};

/// A merged tree, its references followed, and what is known beside it.
pub(super) struct Written<'a> {
    pub(super) tree: &'a Node,
    pub(super) followed: Followed,
    pub(super) name: SiteName,
    /// The site's file, from the project's root.
    pub(super) source: PathBuf,
    pub(super) folders: &'a Folders,
}

/// What became of a description.
pub(super) struct Resolved {
    /// Absent where a problem leaves a gap.
    pub(super) site: Option<Site>,
    /// Every secret that something refers to, templates included.
    pub(super) secrets: BTreeSet<String>,
    pub(super) problems: Problems,
}

/// Judges a whole site.
pub(super) fn resolve(written: Written<'_>) -> Resolved {
    let mut resolver = Resolver {
        tree: written.tree,
        folders: written.folders,
        texts: written.followed.texts,
        broken: written.followed.broken,
        secrets: written.followed.secrets,
        elsewhere: Vec::new(),
        problems: written.followed.problems,
    };
    let site = match serde_yaml::from_value::<SiteFile>(written.tree.to_yaml()) {
        Ok(file) => resolver.site(&file, written.name, written.source),
        Err(error) => {
            let message = format!("the description cannot be read: {error}");
            resolver.complain(&KeyPath::default(), Complaint::new(message));
            None
        }
    };
    Resolved { site, secrets: resolver.secrets, problems: resolver.problems }
}

struct Resolver<'a> {
    tree: &'a Node,
    folders: &'a Folders,
    texts: BTreeMap<KeyPath, Text>,
    broken: BTreeSet<KeyPath>,
    secrets: BTreeSet<String>,
    /// Texts of other files, which are judged as the description's own.
    elsewhere: Vec<Elsewhere>,
    problems: Problems,
}

impl Resolver<'_> {
    fn site(&mut self, file: &SiteFile, name: SiteName, source: PathBuf) -> Option<Site> {
        let root = KeyPath::default();
        // Everything is judged before the first gap ends it.
        let summary =
            file.summary.as_deref().map(|text| self.take(&root.key("summary"), value::line(text)));
        let login = self.login(&file.login);
        let base = file.base.as_ref().and_then(|base| self.base(base));
        let python = self.python(file.python.as_deref(), file.base.as_ref());
        let install = self.install(&file.install);
        let (user, account) = self.user(&file.user).unzip();
        let data = self.data(&file.data);
        let logs = self.logs(&file.logs);
        let (names, wildcards) = file.names.as_ref().and_then(|names| self.names(names)).unzip();
        let tls = file.tls.as_ref().map(|tls| self.tls(tls, names.as_deref(), file));
        let proxy = self.proxy(&file.proxy, file.tls.is_some());
        let locale = file.base.as_ref().map_or("C.UTF-8", |base| &base.locale);
        let wsgi = file.wsgi.as_ref().and_then(|wsgi| self.wsgi(wsgi, locale));
        let processes = self.processes(&file.processes, locale);
        let timers = self.timers(&file.timers, &file.processes);
        self.serving_rules(file);
        if let Some(Some(tls)) = &tls {
            self.tls_rules(file, tls);
        }
        let (env, filed) = self.variables(file).unzip();
        let secrets = self.secret_sources(&file.secrets);
        let files = self.files(&file.files);
        let suite = file.base.as_ref().and_then(|base| base.debian.as_deref());
        let facts = SiteFacts { user: file.user.name(), suite };
        let services = self.services(&file.services, facts);
        let insiders = Insiders {
            names: names.as_deref().unwrap_or_default(),
            wildcards: wildcards.as_deref().unwrap_or_default(),
            services: &services,
        };
        let outside = self.outside(&file.outside, &insiders);
        self.intended(file, name.as_str(), &insiders);
        let live = self.live(file);
        let steps = self.steps(&file.deploy.steps);
        let backup = self.backup(file.deploy.backup.as_ref());
        self.lock_timeouts(file, &services);
        let rollback = self.rollback(&file.deploy.rollback);
        let downtime = self.downtime(&file.deploy.downtime);
        let releases = self.releases(file);
        let health = self.health(&file.health);
        let critical =
            file.critical.as_ref().and_then(|critical| self.critical(critical, env.as_ref()));
        let resources = self.resources(&file.resources);
        let host = self.host(file, base.as_ref(), resources.as_ref());
        self.on_one_network(file, names.as_deref(), host.as_ref(), &services);
        Some(Site {
            name,
            summary: match summary {
                Some(summary) => Some(summary?),
                None => None,
            },
            login: login?,
            order: file.order,
            advisory: file.advisory,
            source,
            root: self.folders.root.clone(),
            base: base?,
            python: python?,
            install: install?,
            user: user?,
            account: account?,
            data: data?,
            logs: logs?,
            names: names?,
            wildcards: wildcards?,
            tls: match tls {
                Some(tls) => Some(tls?),
                None => None,
            },
            proxy: proxy?,
            wsgi: wsgi?,
            processes: processes?,
            timers: timers?,
            env: env?,
            filed: filed?,
            settings: Vec::new(),
            secrets: secrets?,
            files: files?,
            services: services
                .into_iter()
                .map(|(role, service)| Some((role, service?)))
                .collect::<Option<_>>()?,
            outside: outside?,
            live: live?,
            steps: steps?,
            strategy: file.deploy.strategy,
            releases,
            runs_from: None,
            backup,
            rollback: rollback?,
            downtime: downtime?,
            lock_watch: file.deploy.lock_watch,
            health: health?,
            critical: critical?,
            resources: resources?,
            host: host?,
        })
    }

    /// What names, hosts and services have to be to each other.
    fn on_one_network(
        &mut self,
        file: &SiteFile,
        names: Option<&[HostName]>,
        host: Option<&Host>,
        services: &BTreeMap<Role, Option<Service>>,
    ) {
        let own = file.proxy.host == ProxyHost::Own;
        let app = host.filter(|_| own).map(|host| app_host_name(host.hostname.as_ref()));
        self.network_names(names.unwrap_or_default(), app.as_ref(), services);
        self.service_ports(services);
        self.access_to_databases(services);
    }

    /// Lines with their secrets in place.
    fn login(&mut self, lines: &[String]) -> Option<Vec<Text>> {
        let path = KeyPath::from(["login"]);
        let judged = self.take_all(&path, lines, value::line);
        let texts = (0..lines.len()).map(|index| self.text(&path.key(index))).collect();
        judged.and(texts)
    }

    /// Reports what is wrong with a value, unless its references are what is wrong.
    fn complain(&mut self, path: &KeyPath, complaint: Complaint) {
        if !self.broken.contains(path) {
            let place = self.tree.place_of(path).clone();
            let problem = Problem::new(place, path.clone(), complaint.message);
            self.problems.push(problem.maybe_hint(complaint.hint));
        }
    }

    /// Reports keys of a map that exclude each other: at the map, or at the last of them where the map and they
    /// are of different files.
    fn complain_where(&mut self, path: &KeyPath, keys: &[&str], complaint: Complaint) {
        let file = |place: &Place| place.file.clone();
        let places = keys.iter().map(|key| self.tree.key_place_of(&path.key(key)));
        let place = self.tree.place_of(path);
        let place = if places.clone().any(|other| file(other) == file(place)) {
            place.clone()
        } else {
            places.max().unwrap_or(place).clone()
        };
        let problem = Problem::new(place, path.clone(), complaint.message);
        self.problems.push(problem.maybe_hint(complaint.hint));
    }

    /// Reports that a key should not be there, at the key.
    fn complain_of_key(&mut self, path: &KeyPath, complaint: Complaint) {
        let place = self.tree.key_place_of(path).clone();
        let problem = Problem::new(place, path.clone(), complaint.message);
        self.problems.push(problem.maybe_hint(complaint.hint));
    }

    /// The value, or nothing and a problem.
    fn take<T>(&mut self, path: &KeyPath, judged: Judged<T>) -> Option<T> {
        match judged {
            Ok(value) => Some(value),
            Err(complaint) => {
                self.complain(path, complaint);
                None
            }
        }
    }

    /// Every value of a list, or nothing and all problems.
    fn take_all<T>(
        &mut self,
        path: &KeyPath,
        texts: &[String],
        judge: impl Fn(&str) -> Judged<T>,
    ) -> Option<Vec<T>> {
        let taken: Vec<_> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| self.take(&path.key(index), judge(text)))
            .collect();
        taken.into_iter().collect()
    }

    /// A value that may be left out: absent, or judged.
    #[expect(
        clippy::option_option,
        reason = "the outer one is the judgement, the inner one the key"
    )]
    fn take_some<T>(
        &mut self,
        path: &KeyPath,
        text: Option<&str>,
        judge: impl Fn(&str) -> Judged<T>,
    ) -> Option<Option<T>> {
        text.map_or(Some(None), |text| self.take(path, judge(text)).map(Some))
    }

    /// A file of the project, if one is named.
    #[expect(
        clippy::option_option,
        reason = "the outer one is the judgement, the inner one the key"
    )]
    fn take_path(
        &mut self,
        path: &KeyPath,
        text: Option<&str>,
        wanted: Wanted,
    ) -> Option<Option<PathBuf>> {
        let folders = self.folders;
        self.take_some(path, text, |text| folders.find(text, wanted))
    }

    /// A text in which secrets may stand.
    fn text(&self, path: &KeyPath) -> Option<Text> {
        self.texts.get(path).cloned()
    }

    /// True where the description has the key, or had it and it is reported already.
    fn has_or_had(&self, path: &KeyPath, key: &str) -> bool {
        self.tree.find(&path.key(key)).is_some() || self.tree.is_spoiled(path, key)
    }

    /// True where something that stood at the path is reported already.
    fn had(&self, path: &KeyPath) -> bool {
        match &self.tree.find(path).map(|node| &node.value) {
            Some(Value::Map(map)) => !map.spoiled.is_empty(),
            _ => false,
        }
    }

    /// Reports values of a list that are there twice.
    fn no_twins(&mut self, path: &KeyPath, values: &[String]) {
        for (index, value) in values.iter().enumerate() {
            if values[..index].contains(value) {
                self.complain(
                    &path.key(index),
                    Complaint::new(format!("`{value}` is there twice")),
                );
            }
        }
    }
}
