//! Which keys of a description were touched, made of what was seen inside.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::answer::Observed;
use crate::site::{HostName, ProxyServer, Site};

/// Keys that every process of a site has a part of.
const OF_EVERY_PROCESS: [(&str, &str); 9] = [
    ("base", "every process runs on it"),
    ("python", "every process runs in it"),
    ("install", "every process is installed by it"),
    ("user", "every process runs as it"),
    ("wsgi", "the app is served by it"),
    ("host.clock", "every process has the time"),
    ("host.limits", "every process has them"),
    ("host.open_files", "every process has them"),
    ("resources", "every process shares them"),
];

/// The servers of sites take all variables for themselves, and read none of the app's.
const SERVERS: [&str; 3] = ["gunicorn/", "waitress/", "uwsgi"];

/// Whether code is none of Python's own.
fn is_of_somebody(shown: &str) -> bool {
    !shown.starts_with("python3") && shown != NOBODY
}

/// Who reads where there is no code of Python.
const NOBODY: &str = "the server";

/// A line of what was seen.
#[derive(Debug, Deserialize)]
struct Seen {
    kind: String,
    what: String,
    by: String,
    #[serde(default)]
    port: u16,
}

impl Observed {
    /// What was seen of a site, from the lines of its rehearsal. `variables` are those of all sites: what is asked for and
    /// not there is touched, too.
    #[must_use]
    pub fn of(site: &Site, variables: &BTreeSet<String>, lines: &str) -> Observed {
        let seen = lines.lines().filter_map(|line| serde_json::from_str::<Seen>(line).ok());
        let mut touches = Touches::of(site, variables);
        seen.for_each(|seen| touches.take(&seen));
        if !touches.is_of_the_app {
            let why = "the release's Python wrote nothing down: older than 3.8, or under a root that is read-only";
            return Observed { missing: Some(why.to_owned()), ..Observed::default() };
        }
        touches.of_serving();
        let touched =
            touches.touched.into_iter().map(|(key, how)| (key, how.into_iter().collect()));
        let copied_by = touches.copied_by.into_iter().collect();
        Observed { missing: None, touched: touched.collect(), copied_by }
    }
}

/// What is behind a fact of an earlier study.
const EARLIER: &str = ", in an earlier study";

impl Observed {
    /// With what was seen of the same release before: the app touches it, whether a test of today leads there or not.
    #[must_use]
    pub fn and_earlier(mut self, earlier: &Observed) -> Observed {
        for (key, how) in &earlier.touched {
            let earlier = |fact: &String| format!("{}{EARLIER}", fact.trim_end_matches(EARLIER));
            self.touched.entry(key.clone()).or_insert_with(|| how.iter().map(earlier).collect());
        }
        self
    }
}

struct Touches<'s> {
    site: &'s Site,
    /// Of all sites.
    variables: &'s BTreeSet<String>,
    touched: BTreeMap<String, BTreeSet<String>>,
    copied_by: BTreeSet<String>,
    is_of_the_app: bool,
}

impl Touches<'_> {
    fn of<'s>(site: &'s Site, variables: &'s BTreeSet<String>) -> Touches<'s> {
        let (touched, copied_by) = (BTreeMap::new(), BTreeSet::new());
        Touches { site, variables, touched, copied_by, is_of_the_app: false }
    }

    fn add(&mut self, key: impl Into<String>, how: impl Into<String>) {
        self.touched.entry(key.into()).or_default().insert(how.into());
    }

    fn take(&mut self, seen: &Seen) {
        let by = self.short_name(&seen.by);
        self.is_of_the_app |= seen.kind != "connection";
        match seen.kind.as_str() {
            "variable" if self.site.env.contains_key(&seen.what) => {
                self.add(format!("env.{}", seen.what), format!("read by {by}"));
            }
            "variable" if self.variables.contains(&seen.what) => {
                self.add(format!("env.{}", seen.what), format!("asked for by {by}, and not there"));
            }
            "copy"
                if !SERVERS.iter().any(|server| by.starts_with(server)) && is_of_somebody(&by) =>
            {
                self.copied_by.insert(by);
            }
            "host" => self.host(&seen.what, &by),
            "connection" if self.site.services.keys().any(|role| role.as_str() == seen.what) => {
                let how = format!("connected on port {}", seen.port);
                self.add(format!("services.{}", seen.what), how);
            }
            "file" => self.file(&seen.what, &by),
            _ => {}
        }
    }

    fn host(&mut self, name: &str, by: &str) {
        let is_it = |host: &HostName| host.as_str() == name;
        let how = format!("{name} looked up by {by}");
        self.add("host.resolver", how.clone());
        let site = self.site;
        let services = site.services.iter().filter(|(_, one)| one.names.iter().any(is_it));
        for (role, _) in services {
            self.add(format!("services.{role}"), how.clone());
        }
        if site.outside.keys().any(is_it) {
            self.add(format!("outside.{name}"), how.clone());
        }
        if site.names.iter().any(is_it) {
            self.add("names", how);
        }
    }

    fn file(&mut self, path: &str, by: &str) {
        let how = format!("{path} opened by {by}");
        let site = self.site;
        let is_below = |folder: &std::path::Path| std::path::Path::new(path).starts_with(folder);
        if site.files.iter().any(|file| is_below(&file.path)) {
            self.add("files", how.clone());
        }
        if site.data.iter().any(|folder| is_below(&folder.path)) {
            self.add("data", format!("a file opened by {by}"));
        }
        if path.starts_with("/tmp/") {
            self.add("host.tmp", format!("a file opened by {by}"));
        }
        let sockets = site.services.iter().filter(|_| path.starts_with("/run/"));
        for (role, service) in sockets {
            if service.is_on_the_app_s_host() {
                self.add(format!("services.{role}"), how.clone());
            }
        }
    }

    /// What a request meets on its way, and what every process has.
    fn of_serving(&mut self) {
        for (key, how) in OF_EVERY_PROCESS {
            self.add(key, how);
        }
        if self.site.tls.is_some() {
            self.add("tls", "every request of the suite comes over it");
        }
        if self.site.proxy.server != ProxyServer::None {
            self.add("proxy", "every request of the suite comes through it");
        }
    }

    /// A file of code as a person knows it: within its package.
    fn short_name(&self, file: &str) -> String {
        let home = self.site.home().display().to_string();
        let begins = ["/site-packages/", "/dist-packages/"];
        let short = begins.iter().find_map(|begin| file.split_once(begin)).map(|(_, rest)| rest);
        let short =
            short.or_else(|| file.strip_prefix(&home).map(|rest| rest.trim_start_matches('/')));
        let short = short.or_else(|| file.rsplit_once("/lib/").map(|(_, rest)| rest));
        let short = short.unwrap_or(file);
        if short.is_empty() { NOBODY.to_owned() } else { short.to_owned() }
    }
}
