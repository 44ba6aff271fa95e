//! The driver: a project of its own for each test, the binary as a user runs it, and what came of
//! it. Dropping a project proves that nothing with its name remains in Docker.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use stagectl::docker::{Docker, Engine as _, Found};
use stagectl::replica::Labels;
use stagectl::replica::label;
use stagectl::report::{Report, SiteReport};

/// As many tests use Docker at once; `cargo nextest` has the same bound in `.config/nextest.toml`.
static FREE_SLOTS: Mutex<u8> = Mutex::new(3);
static SLOT_FREED: Condvar = Condvar::new();

/// A folder with descriptions, and everything that Docker holds under its name.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    pub(crate) name: String,
    variables: Vec<(String, String)>,
}

impl Project {
    /// An empty one; its name is this process's alone.
    pub(crate) fn new(test: &str) -> Self {
        let mut free = slots();
        while *free == 0 {
            free = SLOT_FREED.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Project {
            folder: tempfile::tempdir().unwrap(),
            name: format!("{test}-{}", std::process::id()),
            variables: Vec::new(),
        }
    }

    /// What all its sites share.
    pub(crate) fn defaults(self, yaml: &str) -> Self {
        // What the text says of its project gives way to the name of this test's own.
        let rest: String =
            yaml.split_inclusive('\n').filter(|line| !line.starts_with("project:")).collect();
        let yaml = format!("project: {}\n{rest}", self.name);
        self.file("environments/defaults.yaml", &yaml)
    }

    pub(crate) fn site(self, name: &str, yaml: &str) -> Self {
        self.file(&format!("environments/{name}.yaml"), yaml)
    }

    pub(crate) fn file(self, path: &str, content: &str) -> Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// A folder of this repository, at a place in the project.
    pub(crate) fn folder(self, source: &str, path: &str) -> Self {
        let source = repository().join(source);
        for entry in walkdir::WalkDir::new(&source) {
            let entry = entry.unwrap();
            let target = self.path(path).join(entry.path().strip_prefix(&source).unwrap());
            if entry.file_type().is_file() && !entry.path().to_string_lossy().contains(".pyc") {
                std::fs::create_dir_all(target.parent().unwrap()).unwrap();
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
        self
    }

    /// A variable of the environment that stagectl runs in.
    pub(crate) fn variable(mut self, key: &str, value: &str) -> Self {
        self.variables.push((key.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The command, ready to be started.
    pub(crate) fn command<A: AsRef<std::ffi::OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagectl"));
        command.current_dir(self.folder.path()).arg("-C").arg(self.folder.path());
        // Of the server that runs these tests.
        command.env_remove("GITHUB_ACTIONS").env_remove("GITLAB_CI");
        // As people see it, and as the documents show it.
        command.env("COLUMNS", "100");
        command.args(arguments).envs(self.variables.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run<A: AsRef<std::ffi::OsStr>>(&self, arguments: &[A]) -> Outcome {
        let begin = Instant::now();
        Outcome::of(self.command(arguments).output().unwrap(), begin)
    }

    pub(crate) fn rehearse(&self, release: &Path) -> Outcome {
        self.run(&["rehearse".as_ref(), "--release".as_ref(), release.as_os_str()])
    }

    /// The folder of the only run, or of the last one.
    pub(crate) fn run_folder(&self) -> PathBuf {
        let runs = std::fs::read_dir(self.path(".stagectl/runs")).unwrap();
        let mut runs: Vec<PathBuf> = runs.map(|entry| entry.unwrap().path()).collect();
        runs.retain(|path| !path.is_symlink() && path.is_dir());
        runs.sort_by_key(|path| path.metadata().unwrap().modified().unwrap());
        runs.pop().expect("a run has a folder")
    }

    pub(crate) fn report(&self) -> Report {
        let json = std::fs::read(self.run_folder().join("report.json")).unwrap();
        serde_json::from_slice(&json).unwrap()
    }

    /// Fails if what was said, or a file of a run, holds the value of a variable.
    pub(crate) fn assert_secrets_are_kept(&self, outcome: &Outcome) {
        let mut texts = vec![("what it said".to_owned(), format!("{outcome:?}"))];
        for file in files(&self.path(".stagectl")) {
            let bytes = std::fs::read(&file).unwrap();
            texts.push((file.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
        }
        for (key, value) in &self.variables {
            let telling = texts.iter().filter(|(_, text)| text.contains(value));
            let telling: Vec<&str> = telling.map(|(name, _)| name.as_str()).collect();
            assert_eq!(telling, [""; 0], "the value of {key} is in there");
        }
    }

    /// What Docker holds of this project now.
    pub(crate) fn resources(&self) -> Vec<Found> {
        let filter = Labels::from([(label::PROJECT.to_owned(), self.name.clone())]);
        with_docker(async |docker| docker.inventory(&filter).await.unwrap())
    }

    /// The names of what Docker holds of this project now.
    pub(crate) fn resource_names(&self) -> Vec<String> {
        self.resources().into_iter().map(|found| found.resource.name).collect()
    }

    /// The ids of what Docker holds of this project now.
    pub(crate) fn resource_ids(&self) -> Vec<String> {
        self.resources().into_iter().map(|found| found.id).collect()
    }

    /// Looks until there is something in Docker, or nothing, for at most so long.
    pub(crate) fn await_resources(&self, wanted: Presence, within: Duration) -> Duration {
        let begin = Instant::now();
        loop {
            let names = self.resource_names();
            if names.is_empty() == (wanted == Presence::None) {
                return begin.elapsed();
            }
            assert!(
                begin.elapsed() < within,
                "wanted {wanted:?} after {within:?}, found {names:?}"
            );
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    None,
    Some,
}

impl Drop for Project {
    fn drop(&mut self) {
        let left = self.resources();
        with_docker(async |docker| {
            for found in &left {
                docker.remove_container(&found.resource.name).await.ok();
            }
            for found in &left {
                docker.remove_network(&found.resource.name).await.ok();
                docker.remove_volume(&found.resource.name).await.ok();
            }
        });
        *slots() += 1;
        SLOT_FREED.notify_one();
        if !std::thread::panicking() {
            let left: Vec<String> = left.into_iter().map(|found| found.resource.name).collect();
            assert_eq!(left, [""; 0], "left behind in Docker by {}", self.name);
        }
    }
}

/// Every file in a folder and below.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.unwrap());
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

fn slots() -> MutexGuard<'static, u8> {
    FREE_SLOTS.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn with_docker<T>(work: impl AsyncFnOnce(&Docker) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let docker = Docker::connect().await.expect("these tests need Docker");
        work(&docker).await
    })
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a call of stagectl came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Outcome {
    pub(crate) fn of(output: std::process::Output, begin: Instant) -> Self {
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            took: begin.elapsed(),
        }
    }

    pub(crate) fn code(&self) -> Option<i32> {
        self.code
    }

    #[track_caller]
    pub(crate) fn exit_code(self, expected: i32) -> Self {
        assert_eq!(self.code, Some(expected), "\n{}{}", self.stdout, self.stderr);
        self
    }

    /// All that it said contains this.
    #[track_caller]
    pub(crate) fn says(self, expected: &str) -> Self {
        let said = format!("{}{}", self.stdout, self.stderr);
        assert!(said.contains(expected), "it does not say {expected:?}:\n{said}");
        self
    }

    #[track_caller]
    pub(crate) fn within(self, limit: Duration) -> Self {
        assert!(self.took < limit, "it took {:?}\n{}{}", self.took, self.stdout, self.stderr);
        self
    }
}

/// How a site ended, in a few lines: the code, the phase, the failure, the line of the log that
/// says most. Measured times are left out.
pub(crate) fn ending(site: &SiteReport) -> String {
    let mut text = format!("{} {}", site.name, site.code.map_or(-1, i32::from));
    for refused in &site.refused {
        text.push_str(&format!("\n  tried {}", refused.name));
    }
    let Some(failure) = &site.failure else { return text };
    let bad = site.phases.iter().find(|phase| phase.outcome != stagectl::event::Outcome::Passed);
    let phase = bad.map(|phase| serde_json::to_value(phase.name).unwrap());
    let phase = phase.as_ref().and_then(|phase| phase.as_str()).unwrap_or("-");
    text.push_str(&format!(" in {phase}: {}", failure.message));
    for check in site.checks.iter().filter(|check| !check.passed) {
        text.push_str(&format!("\n  {}: {}", check.name, check.detail));
    }
    for cause in &failure.causes {
        let timeless = match cause.split_once("s: ") {
            Some((_, seen)) if cause.starts_with("last seen after ") => {
                format!("last seen: {seen}")
            }
            _ => cause.clone(),
        };
        text.push_str(&format!("\n  {timeless}"));
    }
    if let Some(log) = &failure.log {
        text.push_str(&format!("\n  {}: {}", log.source, find_error_line(&log.lines)));
    }
    text
}

/// The line of a log that names an error, or else the last one.
fn find_error_line(lines: &[String]) -> &str {
    let names_error = |line: &&String| line.contains("Error: ");
    let last = || lines.iter().rev().find(|line| !line.trim().is_empty());
    let line = lines.iter().rev().find(names_error).or_else(last).map_or("", |line| line.trim());
    // pytest's last line is framed, and ends with its time.
    line.trim_matches(['=', ' ']).split(" in 0.").next().unwrap_or_default()
}

/// The endings of all sites, in their order.
pub(crate) fn endings(report: &Report) -> String {
    report.sites.iter().map(ending).collect::<Vec<_>>().join("\n")
}

/// What a site's turn took apart from its images.
pub(crate) fn seconds_without_images(site: &SiteReport) -> f64 {
    let images = site.phases.iter().filter(|phase| phase.name == stagectl::replica::Phase::Images);
    site.seconds - images.map(|phase| phase.seconds).sum::<f64>()
}
