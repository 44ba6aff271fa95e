//! What a build prints: progress, warnings, and the lines that tell why it failed and whose fault
//! that is.

mod compiler;
mod git;
mod own_words;
mod pip;
mod python;

use self::own_words::{is_of_apt, is_out_of_reach, own_lines};
use super::progress::{Apt, News, of_uv};
use crate::cause::Own;
use crate::failure::{COULD_NOT_BUILD, Failure, Kind};
use crate::provision::blame::with_causes;
use crate::replica::{BUILD_FOLDER, ImageKind, ImageSpec};

/// Lines of a failed build that are shown.
const SHOWN_LINES: usize = 15;
/// Causes of a failed build that are told; the log has the rest.
const TOLD_CAUSES: usize = 5;
/// Bytes of a build's lines that are held; what comes first goes first.
const MOST_HELD: usize = 16 << 20;
/// Warnings, refusals and hints of one script that are taken.
const MOST_SAID: usize = 100;

/// The output of one build. Its script says `::doing`, `::warn`, `::fail` and `::hint` (see
/// `templates/image/run.sh`).
#[derive(Debug, Default)]
pub(in crate::provision) struct BuildLog {
    lines: Vec<String>,
    /// Bytes of them.
    held: usize,
    warnings: Vec<String>,
    refused: Vec<String>,
    hints: Vec<String>,
    apt: Apt,
}

impl BuildLog {
    /// Takes a line; the progress that it tells, if any.
    pub(in crate::provision) fn take(&mut self, line: &str) -> Option<News> {
        if let Some(what) = line.strip_prefix("::doing ") {
            return Some(News::Step(what.to_owned()));
        }
        if let Some(news) = self.apt.take(line) {
            return Some(news);
        }
        if let Some(what) = line.strip_prefix("::warn ") {
            say(&mut self.warnings, what);
        } else if let Some(what) = line.strip_prefix("::fail ") {
            say(&mut self.refused, what);
        } else if let Some(what) = line.strip_prefix("::hint ") {
            say(&mut self.hints, what);
        } else if !line.trim().is_empty() {
            self.hold(line);
            return of_uv(line);
        }
        None
    }

    /// What a build prints is as long as its packages want it to be.
    fn hold(&mut self, line: &str) {
        self.held += line.len();
        self.lines.push(line.to_owned());
        if self.held > MOST_HELD {
            self.lines.drain(..self.lines.len() / 2);
            self.held = self.lines.iter().map(String::len).sum();
        }
    }

    pub(in crate::provision) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Everything that was printed and is held, progress left out.
    pub(in crate::provision) fn lines(&self) -> &[String] {
        &self.lines
    }

    pub(in crate::provision) fn failure(self, spec: &ImageSpec, code: i64) -> Failure {
        let message = format!("{COULD_NOT_BUILD} {}", spec.title);
        if !self.refused.is_empty() {
            let mut failure = Failure::usage(message);
            failure.causes = self.refused;
            failure.hints = self.hints;
            return failure;
        }
        let found = diagnose(spec.kind, &self.lines);
        let mut failure = Failure::new(found.kind, message).hint(found.hint);
        failure.causes = found.causes;
        if failure.causes.is_empty() {
            failure.causes.push(format!("its script ended with code {code}"));
        }
        failure.hints.extend(self.hints);
        // A build backend is a program of Python, which may end as any does.
        if self.lines.iter().any(|line| line.trim_start().starts_with("Traceback (most recent")) {
            failure = with_causes(
                failure,
                &self.lines,
                &Own { home: BUILD_FOLDER.to_owned(), ..Own::default() },
            );
        }
        let skip = self.lines.len().saturating_sub(SHOWN_LINES);
        failure.evidence("build", self.lines.into_iter().skip(skip).collect())
    }
}

/// What a failed build's output says about whose fault it is.
#[derive(Debug, PartialEq, Eq)]
struct Diagnosis {
    kind: Kind,
    causes: Vec<String>,
    hint: String,
}

fn say(said: &mut Vec<String>, what: &str) {
    if said.len() < MOST_SAID {
        said.push(what.to_owned());
    }
}

/// The output's own causes may tell of nothing but what it was writing just then.
fn full_disk(lines: &[String]) -> Diagnosis {
    let full = "no space left on Docker's disk".to_owned();
    Diagnosis {
        kind: Kind::Infrastructure,
        causes: std::iter::once(full).chain(causes(lines)).collect(),
        hint: "free some space on Docker's disk: `docker system df` shows who uses it".to_owned(),
    }
}

/// Whether a script of ours, and not the build of some package, missed apt.
fn has_no_apt(line: &str) -> bool {
    line.contains("script.sh: line") && line.contains("apt-get: command not found")
}

fn diagnose(image: ImageKind, lines: &[String]) -> Diagnosis {
    let says =
        |texts: &[&str]| lines.iter().any(|line| texts.iter().any(|text| line.contains(text)));
    let blame = |kind, hint: &str| Diagnosis { kind, causes: causes(lines), hint: hint.to_owned() };
    if says(&["No space left on device"]) {
        return full_disk(lines);
    }
    if lines.iter().any(|line| has_no_apt(line)) {
        return Diagnosis {
            causes: vec!["the base has no `apt-get`".to_owned()],
            ..blame(Kind::Usage, "start from a Debian, or from something made of one")
        };
    }
    let own = own_lines(lines);
    let of_apt = |texts: &[&str]| -> Vec<String> {
        let said = own.iter().filter(|line| is_of_apt(line));
        let said = said.filter(|line| texts.iter().any(|text| line.contains(text)));
        few(said.map(|line| line.trim().to_owned()))
    };
    let unverified = of_apt(&UNVERIFIED);
    if !unverified.is_empty() {
        return Diagnosis {
            causes: unverified,
            ..blame(
                Kind::Usage,
                "check the `key` of the source in `base.sources`: it is the public one that signs the repository now",
            )
        };
    }
    // Lists that could not be fetched look as if their packages did not exist.
    let reach_index = "check the network, the package mirror and the package index, and try again";
    // pip ends with what looks as if the index had no such distribution.
    let found_none = own.iter().any(|line| line.contains("(from versions: none)"));
    if let (Some(why), true) = (pip::unreachable(&own), found_none) {
        let mut network = blame(Kind::Infrastructure, reach_index);
        network.causes.insert(0, format!("pip could not reach the package index: {why}"));
        return network;
    }
    if is_out_of_reach(&own) {
        return blame(Kind::Infrastructure, reach_index);
    }
    let no_package = ["Unable to locate package", "has no installation candidate", "was not found"];
    let is_missing = |line: &&String| {
        line.starts_with("E: ") && no_package.iter().any(|text| line.contains(text))
    };
    if lines.iter().any(|line| is_missing(&line)) {
        return Diagnosis {
            causes: few(lines.iter().filter(is_missing).map(|line| line.trim().to_owned())),
            ..blame(
                Kind::Usage,
                "look the package's name and version up for this Debian release: `apt-cache policy NAME`",
            )
        };
    }
    let unmet = unmet_dependencies(lines);
    if !unmet.is_empty() {
        return Diagnosis {
            causes: unmet,
            ..blame(
                Kind::Usage,
                "pin what a pinned package depends on as well, as the live host has it: `dpkg -l`",
            )
        };
    }
    if !of_apt(&["does not have a Release file"]).is_empty() {
        return blame(Kind::Usage, "check `uris` and `suites` of `base.sources`");
    }
    let wants_git = few(git::wanted(lines));
    if !wants_git.is_empty() {
        return Diagnosis { causes: wants_git, ..blame(Kind::Usage, git::HINT) };
    }
    let wrong_python = python::unsupported(lines);
    if !wrong_python.is_empty() {
        let kind = if image == ImageKind::Suite { Kind::NoResult } else { Kind::Deploy };
        return Diagnosis {
            causes: few(wrong_python),
            ..blame(kind, "require a version that supports the site's Python, or correct `python`")
        };
    }
    if matches!(image, ImageKind::Dependencies | ImageKind::Release)
        && let Some((what, hint)) = compiler::missed(lines)
    {
        let causes = std::iter::once(what).chain(causes(lines)).collect();
        return Diagnosis { kind: Kind::Deploy, causes, hint };
    }
    of_image(image, lines)
}

/// What only the image tells, where its output says nothing more.
fn of_image(image: ImageKind, lines: &[String]) -> Diagnosis {
    let says =
        |texts: &[&str]| lines.iter().any(|line| texts.iter().any(|text| line.contains(text)));
    let blame = |kind, hint: &str| Diagnosis { kind, causes: causes(lines), hint: hint.to_owned() };
    match image {
        ImageKind::Dependencies | ImageKind::Release if says(&INCOMPLETE) => blame(
            Kind::Deploy,
            "complete the lock with the site's own Python: `uv pip compile --generate-hashes \
             --python-version X.Y`, or `pip-compile --generate-hashes` there",
        ),
        ImageKind::Dependencies | ImageKind::Release => {
            blame(Kind::Deploy, "the release cannot be installed on this site: see the lines above")
        }
        ImageKind::Suite => blame(Kind::NoResult, "check `critical.requirements`"),
        // "extension "postgis" is not available"; servers before 13 speak of its control file.
        ImageKind::Service if says(&["extension control file", "\" is not available"]) => blame(
            Kind::Usage,
            "name the Debian package that brings the extension beside `postgres`, such as \
             `packages: [postgresql-15-postgis-3]`; with an `image`, the image has to bring it",
        ),
        ImageKind::Service => {
            blame(Kind::Usage, "check the service's keys, its seed and its init files")
        }
        _ => blame(Kind::Infrastructure, "see the lines above"),
    }
}

/// What apt says of a repository whose signature it cannot trust.
const UNVERIFIED: [&str; 6] = [
    "NO_PUBKEY",
    "EXPKEYSIG",
    "BADSIG",
    "is not signed",
    "couldn't be verified",
    "could not be verified",
];

/// What uv and pip say of a lock with hashes that leaves something out.
const INCOMPLETE: [&str; 2] = ["--require-hashes", "Hash-checking is required"];

/// The first error, and what it says of its own cause.
fn causes(lines: &[String]) -> Vec<String> {
    let is_error = |line: &String| {
        line.starts_with("E: ")
            || ["error:", "ERROR:", ": ERROR "].iter().any(|word| line.contains(word))
    };
    let Some(first) = lines.iter().position(is_error) else { return Vec::new() };
    if let Some(cause) = pip::with_subject(&lines[first..]) {
        return vec![cause];
    }
    let mut causes = vec![lines[first].trim().to_owned()];
    // uv tells a cause, its further lines indented, directly below the error.
    let mut below = lines[first + 1..].iter();
    if let Some(cause) = below.next().and_then(|line| line.trim().strip_prefix("cause: ")) {
        let mut text = cause.to_owned();
        for line in below.take_while(|line| line.starts_with("     ")) {
            text.push(' ');
            text.push_str(line.trim());
        }
        causes.push(text);
    }
    causes
}

/// `nginx : Depends: nginx-common (= 1.22.1-9) but 1.22.1-9+deb12u1 is to be installed`, without
/// apt's columns; further dependencies of the same package stand on lines of their own.
fn unmet_dependencies(lines: &[String]) -> Vec<String> {
    let Some(begin) = lines.iter().position(|line| line.contains("have unmet dependencies")) else {
        return Vec::new();
    };
    let below = lines[begin + 1..].iter().take_while(|line| line.starts_with(' '));
    few(below.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// The first of them, none twice.
fn few(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut few: Vec<String> = Vec::new();
    for text in texts {
        if few.len() < TOLD_CAUSES && !few.contains(&text) {
            few.push(text);
        }
    }
    few
}

#[cfg(test)]
mod tests;
