//! Environments of Python on a host, by the names of what is installed in them: nothing of them is run.

use std::collections::BTreeMap;

use super::super::answer::Answer;

/// A virtual environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PythonEnvironment {
    pub folder: String,
    /// `3.11.2`
    pub version: Option<String>,
    pub has_system_packages: bool,
    pub distributions: Vec<Distribution>,
}

/// An installed distribution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    pub name: String,
    pub version: String,
    /// Modules that it brings.
    pub modules: Vec<String>,
    /// Whether it was installed from a file, a folder or a repository, and not from an index.
    pub is_direct: bool,
}

impl PythonEnvironment {
    /// The distribution that brings a module.
    #[must_use]
    pub fn with_module(&self, module: &str) -> Option<&Distribution> {
        let root = module.split('.').next().unwrap_or(module);
        self.distributions.iter().find(|one| one.modules.iter().any(|own| own == root))
    }

    /// `3.11`
    #[must_use]
    pub fn minor(&self) -> Option<String> {
        let version = self.version.as_ref()?;
        let mut parts = version.split('.');
        Some(format!("{}.{}", parts.next()?, parts.next()?))
    }
}

/// A name as the index compares it.
#[must_use]
pub(super) fn normal(name: &str) -> String {
    let mut normal = String::new();
    for c in name.to_lowercase().chars() {
        let c = if matches!(c, '_' | '.') { '-' } else { c };
        if c != '-' || !normal.ends_with('-') {
            normal.push(c);
        }
    }
    normal
}

pub(super) fn of(answer: &Answer) -> Vec<PythonEnvironment> {
    answer.parts("python").iter().map(|part| of_lines(&part.of, &part.lines)).collect()
}

fn of_lines(folder: &str, lines: &[String]) -> PythonEnvironment {
    let mut environment =
        PythonEnvironment { folder: folder.to_owned(), ..PythonEnvironment::default() };
    // By the folders of what is known of each.
    let mut found: BTreeMap<&str, Distribution> = BTreeMap::new();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["distribution", python, info, name, version] => {
                if environment.version.is_none() {
                    environment.version = python.strip_prefix("python").map(str::to_owned);
                }
                let distribution = found.entry(info).or_default();
                distribution.name = normal(name);
                version.clone_into(&mut distribution.version);
            }
            ["modules", info, ref modules @ ..] => {
                found.entry(info).or_default().modules =
                    modules.iter().map(|one| (*one).to_owned()).collect();
            }
            ["direct", info, _] => found.entry(info).or_default().is_direct = true,
            _ => {
                if let Some((key, value)) = line.split_once('=') {
                    match key.trim() {
                        "version" | "version_info" => {
                            environment.version = Some(value.trim().to_owned());
                        }
                        "include-system-site-packages" => {
                            environment.has_system_packages = value.trim() == "true";
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    environment.distributions = found.into_values().filter(|one| !one.name.is_empty()).collect();
    environment.distributions.sort_by(|one, two| one.name.cmp(&two.name));
    environment.distributions.dedup_by(|one, two| one.name == two.name);
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_what_is_installed_in_it() {
        let lines = [
            "home = /usr/bin",
            "include-system-site-packages = false",
            "version = 3.11.2",
            "distribution python3.11 noticeboard-1.1.dist-info Noticeboard 1.1",
            "distribution python3.11 psycopg2_binary-2.9.9.dist-info psycopg2_binary 2.9.9",
            "modules psycopg2_binary-2.9.9.dist-info psycopg2",
            "modules noticeboard-1.1.dist-info noticeboard",
            "direct noticeboard-1.1.dist-info direct_url.json",
        ]
        .map(str::to_owned);
        let environment = of_lines("/srv/app/venv", &lines);
        assert_eq!(environment.minor().as_deref(), Some("3.11"));
        let own = environment.with_module("noticeboard.wsgi").unwrap();
        assert_eq!((own.name.as_str(), own.is_direct), ("noticeboard", true));
        assert_eq!(environment.distributions[1].name, "psycopg2-binary");
    }
}
