//! What the last stage of a Dockerfile starts from, and what it installs of Debian.

use std::collections::BTreeMap;

use super::examples::says_something;
use crate::site::{DebianSuite, PythonVersion, suite_meant};

#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::draft) struct Image {
    /// The Debian that its name says.
    pub(in crate::draft) debian: Option<DebianSuite>,
    pub(in crate::draft) python: Option<PythonVersion>,
    /// Debian packages of it, and those that look as if only the build needed them.
    pub(in crate::draft) packages: Vec<String>,
    pub(in crate::draft) build_packages: Vec<String>,
    pub(in crate::draft) variables: Vec<(String, String)>,
    /// Whom the app runs as, by name; `None` for root and for a number.
    pub(in crate::draft) user: Option<String>,
    /// Where the server works, below the place that the whole project is copied to.
    pub(in crate::draft) folder: Option<String>,
    /// The last `WORKDIR`, and what `COPY . PLACE` named.
    place: String,
    copied_to: Option<String>,
}

/// Packages that an image needs and a host does not.
const OF_THE_IMAGE: [&str; 18] = [
    "curl",
    "wget",
    "gnupg",
    "gnupg2",
    "ca-certificates",
    "lsb-release",
    "apt-transport-https",
    "apt-utils",
    "sudo",
    "vim",
    "nano",
    "procps",
    "tini",
    "gosu",
    "dumb-init",
    "software-properties-common",
    "locales",
    "netcat",
];

impl Image {
    pub(super) fn of(text: &str) -> Self {
        let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
        let lines: Vec<&str> =
            joined.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
        let mut arguments: BTreeMap<&str, &str> = BTreeMap::new();
        let (mut image, mut stages) = (Image::default(), BTreeMap::new());
        for line in lines {
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            match word.to_uppercase().as_str() {
                "ARG" => {
                    if let Some((name, value)) = rest.trim().split_once('=') {
                        arguments.insert(name, value.trim_matches(['"', '\'']));
                    }
                }
                "FROM" => {
                    let mut words = rest.split_whitespace().filter(|word| !word.starts_with("--"));
                    let from = replaced(words.next().unwrap_or_default(), &arguments);
                    image = match stages.get(&from) {
                        Some((debian, python)) => Image {
                            debian: Option::clone(debian),
                            python: *python,
                            ..Image::default()
                        },
                        None => Image::named(&from),
                    };
                    if let Some(name) = words.nth(1) {
                        stages.insert(name.to_owned(), (image.debian.clone(), image.python));
                    }
                }
                "RUN" => image.add_packages(rest),
                "ENV" => image.add_variables(rest),
                "USER" => image.user = named_user(rest),
                "WORKDIR" => image.place = joined_path(&image.place, rest.trim()),
                "COPY" | "ADD" => image.copy(rest),
                _ => {}
            }
        }
        let below = image.copied_to.as_ref().and_then(|to| {
            let rest = image.place.strip_prefix(to.as_str())?.strip_prefix('/')?;
            Some(rest.to_owned())
        });
        image.folder = below.filter(|folder| !folder.is_empty());
        image
    }

    /// `COPY . /app`: the whole project; `--chown` and the like say nothing of the place.
    fn copy(&mut self, rest: &str) {
        let words: Vec<&str> =
            rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        let is_of_a_stage = rest.contains("--from");
        if let ["." | "./", to] = words[..]
            && !is_of_a_stage
        {
            self.copied_to = Some(joined_path(&self.place, to));
        }
    }

    /// `python:3.11-slim-bookworm`, `debian:12`.
    fn named(name: &str) -> Self {
        let (path, tag) = name.rsplit_once(':').unwrap_or((name, ""));
        let program = path.rsplit('/').next().unwrap_or(path);
        let parts: Vec<&str> = tag.split('-').collect();
        let mut image = Image::default();
        if program == "python" {
            let mut numbers = parts[0].split('.').map(str::parse::<u8>);
            if let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) {
                image.python = Some(PythonVersion { major, minor });
            }
            image.debian = parts.iter().skip(1).find_map(|part| suite_meant(part).ok());
        } else if program == "debian" {
            image.debian = suite_meant(parts[0]).ok();
        }
        image
    }

    fn add_packages(&mut self, command: &str) {
        // Sources beyond Debian's have packages that Debian has not.
        if command.contains("sources.list") {
            return;
        }
        for part in command.split([';', '&', '|']) {
            let words: Vec<&str> = part.split_whitespace().collect();
            let is_apt = words.first().is_some_and(|word| word.starts_with("apt"));
            let Some(at) = words.iter().position(|word| *word == "install").filter(|_| is_apt)
            else {
                continue;
            };
            for word in &words[at + 1..] {
                let name = word.split('=').next().unwrap_or(word);
                let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
                    && name
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c));
                if !is_name || OF_THE_IMAGE.contains(&name) || name.starts_with("python3") {
                    continue;
                }
                let is_for_builds = name.ends_with("-dev")
                    || ["gcc", "g++", "make", "build-essential", "pkg-config", "cmake", "git"]
                        .contains(&name);
                let list =
                    if is_for_builds { &mut self.build_packages } else { &mut self.packages };
                if !list.iter().any(|known| known == name) {
                    list.push(name.to_owned());
                }
            }
        }
    }

    fn add_variables(&mut self, text: &str) {
        let pairs: Vec<(String, String)> = if text.contains('=') {
            let words = text.split_whitespace().filter_map(|word| word.split_once('='));
            words
                .map(|(name, value)| (name.to_owned(), value.trim_matches(['"', '\'']).to_owned()))
                .collect()
        } else {
            let pair = text.split_once(char::is_whitespace);
            pair.map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .into_iter()
                .collect()
        };
        self.variables.extend(pairs.into_iter().filter(|(_, value)| says_something(value)));
    }
}

/// `shop` of `shop:shop`.
fn named_user(text: &str) -> Option<String> {
    let name = text.trim().split(':').next()?;
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase()) && name != "root";
    is_name.then(|| name.to_owned())
}

/// A path as a Dockerfile goes on from the one before; without a slash at its end.
fn joined_path(before: &str, path: &str) -> String {
    let path = path.trim_matches(['"', '\'']);
    let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
    let begin = if path.starts_with('/') { "" } else { before };
    parts.fold(begin.to_owned(), |all, part| format!("{all}/{part}"))
}

/// `python:${VERSION}-slim` with what `ARG` says.
fn replaced(text: &str, arguments: &BTreeMap<&str, &str>) -> String {
    // A name may begin with another one: of `$PYTHON`, `PY` is no part. Longer ones sort behind.
    arguments.iter().rev().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
    })
}
