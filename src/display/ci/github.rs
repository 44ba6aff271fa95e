//! The runner of GitHub reads commands in the log, on stdout and stderr: notes at places in files.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::path::Path;

use crate::event::Test;
use crate::failure::{Failure, Spot};
use crate::report::{Ending, FailureReport, Report, SiteReport, not_green, printable};

/// GitHub shows as many of one kind for a step, and leaves out the rest.
const MOST: usize = 10;
/// Bytes of a message; GitHub cuts at 4 KiB.
const LONGEST: usize = 2000;

/// A note, before it is written as a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Note {
    title: String,
    message: String,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
}

/// The notes of a run, the worst first; `place` says how the repository calls a file.
pub(in crate::display) fn annotations(
    report: &Report,
    place: &dyn Fn(&str) -> String,
) -> Vec<String> {
    let mut sites: Vec<&SiteReport> = report
        .sites
        .iter()
        .filter(|site| !matches!(site.verdict, Ending::Passed | Ending::NotRun))
        .collect();
    sites.sort_by_key(|site| (severity(site.verdict), site.code.map(std::cmp::Reverse)));
    let mut of_sites: Vec<std::vec::IntoIter<Note>> =
        sites.iter().map(|site| of_site(site, place).into_iter()).collect();
    let mut notes = Vec::new();
    // Each site has its first note before any has its second.
    loop {
        let round: Vec<Note> = of_sites.iter_mut().filter_map(Iterator::next).collect();
        if round.is_empty() {
            break;
        }
        notes.extend(round);
    }
    notes.extend(report.left.iter().map(|left| Note {
        title: "left behind".into(),
        message: format!("{} {}: {}", left.kind.name(), left.name, left.error),
        ..Note::default()
    }));
    let mut commands = commands("error", notes);
    let warnings = report.warnings.iter().map(|warning| Note {
        title: warning.sites.join(", "),
        message: warning.message.clone(),
        ..Note::default()
    });
    commands.extend(warnings.map(|note| note.command("warning")));
    commands.truncate(MOST);
    commands
}

/// The notes of a failure that ends the program: one for each problem of a file.
pub(in crate::display) fn of_failure(
    failure: &Failure,
    place: &dyn Fn(&str) -> String,
) -> Vec<String> {
    if failure.problems.is_empty() {
        let report = FailureReport::from(failure);
        let title = "stagectl".to_owned();
        return commands(
            "error",
            vec![Note { title, message: format_failure(&report), ..Note::default() }],
        );
    }
    commands("error", failure.problems.iter().map(|problem| of_problem(problem, place)).collect())
}

fn of_problem(problem: &Spot, place: &dyn Fn(&str) -> String) -> Note {
    let hint = problem.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    Note {
        title: problem.key.clone().unwrap_or_else(|| "description".to_owned()),
        message: format!("{}{hint}", problem.message),
        file: Some(place(&problem.file)),
        line: problem.line,
        column: problem.column,
    }
}

/// At most as many as are shown; the last one says how many there are beside them.
fn commands(kind: &str, mut notes: Vec<Note>) -> Vec<String> {
    if notes.len() > MOST {
        let more = notes.len() - (MOST - 1);
        notes.truncate(MOST - 1);
        notes.push(Note {
            title: "stagectl".into(),
            message: format!("and {more} more: they are in the log and in the report"),
            ..Note::default()
        });
    }
    notes.iter().map(|note| note.command(kind)).collect()
}

/// What we never found out comes before what is bad: nobody can trust the rest.
fn severity(ending: Ending) -> u8 {
    match ending {
        Ending::Error => 0,
        Ending::LeftBehind => 1,
        Ending::Failed => 2,
        Ending::Unfinished | Ending::Interrupted => 3,
        Ending::Passed | Ending::NotRun => 4,
    }
}

fn of_site(site: &SiteReport, place: &dyn Fn(&str) -> String) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    let name = &site.name;
    for test in not_green(site) {
        let folder = site.suite.as_deref();
        let file = test.file.as_ref().zip(folder).map(|(file, folder)| format!("{folder}/{file}"));
        let remark = test.remark().map(|remark| format!(" ({remark})")).unwrap_or_default();
        notes.push(Note {
            title: format!("{name}: {}{remark}", test.name),
            message: test.message.clone().unwrap_or_else(|| "it failed".to_owned()),
            line: file.is_some().then(|| line_of(test)).flatten(),
            file: file.map(|file| place(&file)),
            column: None,
        });
    }
    for check in site.checks.iter().filter(|check| !check.passed) {
        let title = format!("{name}: {}", check.name);
        notes.push(Note { title, message: check.detail.clone(), ..Note::default() });
    }
    if let Some(failure) = site.failure.as_ref().filter(|_| notes.is_empty()) {
        let phase = site.broken_phase().map(|phase| format!(" in {}", phase.name.name()));
        let title = format!("{name} {}{}", site.verdict.name(), phase.unwrap_or_default());
        notes.push(Note { title, message: format_failure(failure), ..Note::default() });
    }
    notes
}

fn format_failure(failure: &FailureReport) -> String {
    let causes = failure.causes.iter().map(|cause| format!("\ncaused by: {cause}"));
    let hints = failure.hints.iter().map(|hint| format!("\nhint: {hint}"));
    std::iter::once(failure.message.clone()).chain(causes).chain(hints).collect()
}

/// The line of the test's file in which it failed: pytest writes `test_own_api.py:12: AssertionError`
/// for each call, the outermost first.
fn line_of(test: &Test) -> Option<usize> {
    let file = test.file.as_ref()?;
    test.details.as_ref()?.lines().find_map(|line| {
        let rest = line.trim().strip_prefix(file.as_str())?.strip_prefix(':')?;
        rest.split(':').next()?.parse().ok()
    })
}

impl Note {
    fn command(&self, kind: &str) -> String {
        let properties = [
            ("file", self.file.clone()),
            ("line", self.line.map(|line| line.to_string())),
            ("col", self.column.map(|column| column.to_string())),
            ("title", Some(self.title.clone()).filter(|title| !title.is_empty())),
        ];
        let properties: Vec<String> = properties
            .into_iter()
            .filter_map(|(key, value)| Some(format!("{key}={}", property(&value?))))
            .collect();
        let space = if properties.is_empty() { "" } else { " " };
        format!("::{kind}{space}{}::{}", properties.join(","), data(&self.message))
    }
}

/// As the runner reads the text of a command.
fn data(text: &str) -> String {
    let text = printable(text);
    let text = &text[..text.floor_char_boundary(LONGEST)];
    text.trim().replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As the runner reads a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The line, in which the runner finds no command: what apps and tests say is printed, not obeyed.
pub(in crate::display) fn harmless(line: &str) -> String {
    let of_line = |line: &str| {
        let begin = line.len() - line.trim_start().len();
        let mark = if line[begin..].starts_with("::") { "> " } else { "" };
        format!("{}{mark}{}", &line[..begin], &line[begin..]).replace("##[", "## [")
    };
    line.split('\n').map(of_line).collect::<Vec<_>>().join("\n")
}

/// How the repository calls a file that is named from the current folder.
pub(in crate::display) fn from_workspace(file: &str) -> String {
    let named = std::env::current_dir().map(|here| here.join(file));
    let whole = named.and_then(|path| path.canonicalize());
    let workspace = std::env::var_os("GITHUB_WORKSPACE")
        .and_then(|workspace| Path::new(&workspace).canonicalize().ok());
    let inside = whole.ok().zip(workspace).and_then(|(whole, workspace)| {
        whole.strip_prefix(workspace).map(|path| path.display().to_string()).ok()
    });
    inside.unwrap_or_else(|| file.to_owned())
}
