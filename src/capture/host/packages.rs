//! Debian's packages of a host, and where they come from.

use std::collections::{BTreeMap, BTreeSet};

use super::super::answer::Answer;

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub version: String,
    /// Asked for by somebody, and not brought along by another.
    pub is_manual: bool,
    /// What every Debian of this kind has.
    pub is_of_every_system: bool,
}

/// The packages of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packages {
    pub installed: BTreeMap<String, Package>,
    pub sources: Vec<Source>,
    /// Public keys of sources, as base64, by their paths.
    pub keys: BTreeMap<String, String>,
    /// Whether it is known which were asked for.
    pub knows_manual: bool,
}

/// A source of packages, without who logs in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub uris: Vec<String>,
    pub suites: Vec<String>,
    pub components: Vec<String>,
    /// The file of its key, where it names one.
    pub key: Option<String>,
}

impl Packages {
    pub(super) fn of(answer: &Answer) -> Packages {
        let automatic: BTreeSet<&str> =
            answer.lines("automatic").iter().map(String::as_str).collect();
        let installed = answer.lines("packages").iter().filter_map(|line| {
            let mut words = line.split('\t');
            let (name, version) = (words.next()?, words.next()?);
            let (priority, essential) = (words.next()?, words.next().unwrap_or_default());
            let is_of_every_system =
                matches!(priority, "required" | "important" | "standard") || essential == "yes";
            let package = Package {
                version: version.to_owned(),
                is_manual: !automatic.contains(name),
                is_of_every_system,
            };
            Some((name.to_owned(), package))
        });
        Packages {
            installed: installed.collect(),
            sources: sources(answer.lines("sources")),
            keys: keys(answer.lines("keys")),
            knows_manual: answer.parts("automatic").iter().any(|part| part.code == 0),
        }
    }

    /// The installed version of a package.
    #[must_use]
    pub fn version(&self, name: &str) -> Option<&str> {
        self.installed.get(name).map(|package| package.version.as_str())
    }
}

/// Lines of `sources.list`, and paragraphs of `.sources`.
fn sources(lines: &[String]) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut paragraph: BTreeMap<String, String> = BTreeMap::new();
    for line in lines.iter().map(|line| line.trim()).chain([""]) {
        if let Some(rest) = line.strip_prefix("deb ") {
            sources.extend(one_line(rest));
        } else if let Some((key, value)) = line.split_once(':').filter(|(key, _)| is_field(key)) {
            paragraph.insert(key.to_lowercase(), value.trim().to_owned());
        } else if line.is_empty() || line.starts_with('#') {
            sources.extend(of_paragraph(&std::mem::take(&mut paragraph)));
        }
    }
    sources
}

fn is_field(key: &str) -> bool {
    key.chars().all(|c| c.is_ascii_alphabetic() || c == '-') && !key.is_empty()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn one_line(rest: &str) -> Option<Source> {
    let rest = rest.trim();
    let (options, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((options, rest)) => (options, rest),
        None => ("", rest),
    };
    let mut fields = words(rest).into_iter();
    let (uri, suite) = (fields.next()?, fields.next()?);
    let key = words(options)
        .iter()
        .find_map(|option| Some(option.strip_prefix("signed-by=")?.to_owned()));
    Some(Source { uris: vec![uri], suites: vec![suite], components: fields.collect(), key })
}

fn of_paragraph(fields: &BTreeMap<String, String>) -> Option<Source> {
    let is_off = fields.get("enabled").is_some_and(|value| value == "no");
    let has_binaries =
        fields.get("types").is_some_and(|types| types.split_whitespace().any(|kind| kind == "deb"));
    if is_off || !has_binaries {
        return None;
    }
    let list = |key: &str| fields.get(key).map(|text| words(text)).unwrap_or_default();
    Some(Source {
        uris: list("uris"),
        suites: list("suites"),
        components: list("components"),
        key: fields.get("signed-by").filter(|key| key.starts_with('/')).cloned(),
    })
}

fn keys(lines: &[String]) -> BTreeMap<String, String> {
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    let mut path = String::new();
    for line in lines {
        if let Some(name) = line.strip_prefix("# ") {
            name.clone_into(&mut path);
        } else if !path.is_empty() {
            keys.entry(path.clone()).or_default().push_str(line.trim());
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_source_are_read() {
        let text = "# /etc/apt/sources.list\ndeb [arch=amd64 signed-by=/etc/apt/keyrings/x.gpg] https://apt.example/debian bookworm main contrib\n\
                    deb-src https://apt.example/debian bookworm main\n# /etc/apt/sources.list.d/debian.sources\nTypes: deb deb-src\n\
                    URIs: http://deb.debian.org/debian\nSuites: bookworm bookworm-updates\nComponents: main\n\nTypes: deb\nEnabled: no\n\
                    URIs: http://off.example\nSuites: x\n";
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let sources = sources(&lines);
        assert_eq!(sources.len(), 2);
        assert_eq!(sources[0].key.as_deref(), Some("/etc/apt/keyrings/x.gpg"));
        assert_eq!(sources[0].components, ["main", "contrib"]);
        assert_eq!(sources[1].suites, ["bookworm", "bookworm-updates"]);
    }
}
