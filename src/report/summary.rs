//! The report as a page of Markdown: the summary of a job on GitHub. The verdict first, then a table,
//! then why each site is not green.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::compared::comparison_in_words;
use super::model::{Ending, FailureReport, Report, SiteReport};
use super::states::upgrade_in_words;
use super::tail::{bounded, printable};
use super::words::{
    count, label_with_remark, not_green, not_green_in_words, sites_in_words, took, verdict_in_words,
};
use crate::event::Outcome;
use crate::failure::Failure;
use crate::replica::Phase;

/// GitHub shows no summary of a step that has more bytes.
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary>
const LARGEST: usize = 1 << 20;
/// What is kept free for the sentence that says what was left out.
const RESERVE: usize = 4096;
/// Bytes of a name, of a message, and of a log; and how many tests of a site are listed.
const NAME: usize = 200;
const MESSAGE: usize = 4 << 10;
const LOG: usize = 16 << 10;
const MOST_TESTS: usize = 20;

const PHASES: [Phase; 7] = [
    Phase::Images,
    Phase::Up,
    Phase::Deploy,
    Phase::Ready,
    Phase::Diagnosis,
    Phase::Suite,
    Phase::Down,
];

/// Adds the summary to the file, which other calls of the same step may have written to.
///
/// # Errors
/// Infrastructure: it cannot be written.
pub fn append_summary(path: &Path, report: &Report) -> Result<(), Failure> {
    let there = path.metadata().map_or(0, |file| usize::try_from(file.len()).unwrap_or(LARGEST));
    let text = summary(report, LARGEST.saturating_sub(there));
    let mut options = OpenOptions::new();
    let written = options
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        Failure::infrastructure(format!("could not write the job's summary to {}", path.display()))
            .because(&error)
    })
}

/// The page in fewer bytes than `limit`, whatever apps and suites wrote.
#[must_use]
pub fn summary(report: &Report, limit: usize) -> String {
    let mut page = Page { text: String::new(), room: limit.saturating_sub(RESERVE), left_out: 0 };
    page.add(&format!("## {}\n\n", verdict(report)));
    page.add(&head());
    report.sites.iter().for_each(|site| page.add(&row(site)));
    let upgraded = report.sites.iter().filter(|site| !site.states.is_empty());
    for site in upgraded {
        let words = upgrade_in_words(report, site).unwrap_or_default();
        page.add(&format!("\n{}: upgrade {}\n", code(&site.name), escape(&words, MESSAGE)));
    }
    let not_green = |site: &&SiteReport| !matches!(site.verdict, Ending::Passed | Ending::NotRun);
    report.sites.iter().filter(not_green).for_each(|site| page.add(&section(site)));
    if !report.left.is_empty() {
        page.add("\n### Left behind\n\n");
        let line = |kind: &str, name: &str| format!("- {kind} {}\n", code(name));
        report.left.iter().for_each(|left| page.add(&line(left.kind.name(), &left.name)));
        page.add("\nRemove it with `stagectl gc`.\n");
    }
    let warnings = report.warnings.iter().map(|warning| {
        let sites =
            if warning.sites.is_empty() { String::new() } else { warning.sites.join(", ") + ": " };
        format!("\n> [!WARNING]\n> {sites}{}\n", escape(&warning.message, MESSAGE))
    });
    warnings.for_each(|warning| page.add(&warning));
    let green = report.sites.iter().filter(|site| site.verdict == Ending::Passed);
    let odd = green.flat_map(not_green_in_words);
    odd.for_each(|line| page.add(&format!("\n> [!WARNING]\n> {}\n", escape(&line, MESSAGE))));
    page.add(&format!("\n<sub>run {} · stagectl {}</sub>\n\n", report.run, report.stagectl));
    page.whole(limit)
}

/// What was written so far, in pieces that come whole or not at all.
struct Page {
    text: String,
    room: usize,
    left_out: usize,
}

impl Page {
    fn add(&mut self, piece: &str) {
        // After the first that has no room there is none for others: the order says what matters.
        if self.left_out > 0 || self.text.len() + piece.len() > self.room {
            self.left_out += 1;
        } else {
            self.text.push_str(piece);
        }
    }

    fn whole(mut self, limit: usize) -> String {
        if self.left_out > 0 {
            let note = "\n*There is no room for the rest: it is in the log, and in `report.json` of \
                        the run's folder.*\n";
            if self.text.len() + note.len() < limit {
                self.text.push_str(note);
            }
        }
        self.text
    }
}

fn verdict(report: &Report) -> String {
    let release = report.release.as_ref().map_or_else(
        || escape(&report.project, NAME),
        |release| {
            let title = format!("{} {}", release.name, release.version);
            format!("{} ({})", escape(title.trim_end(), NAME), short(&release.digest))
        },
    );
    let counted = match report.verdict {
        Ending::Failed => sites_in_words(report, Ending::Failed, " failed"),
        Ending::Error => verdict_in_words(report).1,
        _ => sites_in_words(report, Ending::Passed, " passed"),
    };
    format!("{} {release}: {counted}", sign(report.verdict))
}

fn sign(ending: Ending) -> &'static str {
    match ending {
        Ending::Passed => "✅",
        Ending::Failed => "❌",
        Ending::NotRun => "⏭️",
        Ending::Error | Ending::LeftBehind | Ending::Interrupted | Ending::Unfinished => "⚠️",
    }
}

fn short(digest: &str) -> String {
    digest.chars().take(8).collect()
}

fn head() -> String {
    let names = PHASES.map(Phase::name).join(" | ");
    format!(
        "| site | verdict | {names} | total |\n|---|---|{}---:|\n",
        "---:|".repeat(PHASES.len())
    )
}

fn row(site: &SiteReport) -> String {
    let cells = PHASES.map(|phase| match site.phase(phase) {
        None => "–".to_owned(),
        Some(phase) if phase.outcome == Outcome::Passed => took(phase.seconds),
        Some(phase) => format!("**{} {}**", took(phase.seconds), sign_of(phase.outcome)),
    });
    format!(
        "| {} | {} {} | {} | {} |\n",
        escape(&site.name, NAME),
        sign(site.verdict),
        site.verdict.name(),
        cells.join(" | "),
        took(site.seconds)
    )
}

fn sign_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "",
        Outcome::Failed => "❌",
        Outcome::Error => "⚠️",
    }
}

/// Why a site is not green.
fn section(site: &SiteReport) -> String {
    let phase = site.broken_phase().map(|phase| format!(" in {}", phase.name.name()));
    let mut text =
        format!("\n### {}: {}{}\n\n", site.name, site.verdict.name(), phase.unwrap_or_default());
    for check in site.checks.iter().filter(|check| !check.passed).take(MOST_TESTS) {
        text.push_str(&item(&check.name, &check.detail));
    }
    let red = not_green(site);
    for test in red.iter().take(MOST_TESTS) {
        text.push_str(&item(&label_with_remark(test), test.message.as_deref().unwrap_or_default()));
    }
    if red.len() > MOST_TESTS {
        text.push_str(&format!("- and {} tests more\n", red.len() - MOST_TESTS));
    }
    if let Some(failure) = &site.failure {
        text.push_str(&format_failure(failure));
    }
    for log in site.logs_at_failure() {
        text.push_str(&fold_log(&format!("{}, at that moment", log.source), &log.lines));
    }
    if let Some(log) = site.log_of_failure() {
        text.push_str(&fold_log(&format!("last lines of {}", log.source), &log.lines));
    }
    for line in comparison_in_words(site) {
        text.push_str(&format!("\n{}\n", escape(&line, MESSAGE)));
    }
    if let Some(differs) = site.differs.as_ref().filter(|differs| !differs.keys.is_empty()) {
        let keys: Vec<String> = differs.keys.iter().take(MOST_TESTS).map(|key| code(key)).collect();
        let more = if differs.keys.len() > MOST_TESTS { ", …" } else { "" };
        let count = count(differs.keys.len(), "key");
        let (passed, keys) = (&differs.passed, keys.join(", "));
        text.push_str(&format!(
            "\n{passed} passed; {} differs from it in {count}: {keys}{more}\n",
            site.name
        ));
    }
    if let Some(why) = &site.why {
        text.push_str(&fold_log("why", &why.words));
    }
    if let Some(folder) = &site.evidence {
        text.push_str(&format!("\nEvidence, in the run's artifact: {}\n", code(folder)));
    }
    if let Some(command) = &site.again {
        text.push_str(&format!("\nTo look at it: {}\n", code(command)));
    }
    text
}

fn item(name: &str, message: &str) -> String {
    let message = escape(message, MESSAGE);
    format!("- {}{}{message}\n", code(name), if message.is_empty() { "" } else { "<br>" })
}

fn format_failure(failure: &FailureReport) -> String {
    let mut text = format!("\n{}\n", escape(&failure.message, MESSAGE));
    for cause in &failure.causes {
        text.push_str(&format!("- caused by: {}\n", escape(cause, MESSAGE)));
    }
    for hint in &failure.hints {
        text.push_str(&format!("\n**Hint:** {}\n", escape(hint, MESSAGE)));
    }
    text
}

/// Lines of a log, folded; the fence is longer than any in them.
fn fold_log(title: &str, lines: &[String]) -> String {
    let text = bounded(&printable(&lines.join("\n")), LOG);
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let title = escape(title, NAME);
    format!("\n<details><summary>{title}</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>\n")
}

/// A name as code, on one line.
fn code(text: &str) -> String {
    let text = bounded(&printable(text), MESSAGE).replace('\n', " ").replace('`', "'");
    format!("`{}`", text.replace('|', "¦"))
}

/// Text that is no Markdown and no HTML, on one line.
fn escape(text: &str, limit: usize) -> String {
    let text = bounded(&printable(text), limit);
    let mut line = String::new();
    for char in text.trim().chars() {
        match char {
            '\n' => line.push_str("<br>"),
            '<' => line.push_str("&lt;"),
            '>' => line.push_str("&gt;"),
            '&' => line.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '@' => {
                line.push('\\');
                line.push(char);
            }
            char => line.push(char),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::event::{Goal, TestStatus};
    use crate::failure::{Excerpt, Kind, Verdict};
    use crate::report::sample::{self, Script};

    #[test]
    fn a_red_run_says_what_is_red_and_why() {
        let mut report = Report::fold(&sample::red_suite());
        report.stagectl = "VERSION".into();
        assert_snapshot!(summary(&report, LARGEST), @r"
        ## ❌ noticeboard 1.2 (3f9c21ab): 1 of 3 sites failed

        | site | verdict | images | up | deploy | ready | diagnosis | suite | down | total |
        |---|---|---:|---:|---:|---:|---:|---:|---:|---:|
        | site-a | ✅ passed | 0.0s | 1.1s | 0.9s | 0.2s | 0.3s | 0.8s | 0.2s | 3.5s |
        | site-b | ❌ failed | 41.0s | 1.3s | 1.2s | 0.3s | 0.3s | **0.9s ❌** | 0.2s | 45.1s |
        | site-c | ✅ passed | 0.0s | 1.1s | 0.9s | 0.2s | 0.3s | 0.8s | 0.2s | 3.5s |

        ### site-b: failed in suite

        - `test_own_api.py::test_board_is_reachable_by_its_own_address`<br>NameMismatch: www.site-b.example is none of \['\*.site-b.example', 'site-b.example'\]

        1 of 12 critical tests failed

        <details><summary>app, at that moment</summary>

        ```text
        noticeboard.api  error  GET https://www.site-b.example/api/notices: certificate refused
        ```

        </details>

        site-a passed; site-b differs from it in 5 keys: `tls.certificate.names`, `base.debian`, `locale`, `proxy.server`, `wsgi.server`

        Evidence, in the run's artifact: `.stagectl/runs/20261123-1014-3f9c/site-b/`

        To look at it: `stagectl up site-b --release dist/noticeboard-1.2-py3-none-any.whl`

        > [!WARNING]
        > site-b: no lock and no \`as\_of\`: today's index decided what was installed

        <sub>run 20261123-1014-3f9c · stagectl VERSION</sub>
        ");
    }

    #[test]
    fn a_green_run_is_a_verdict_and_a_table() {
        let mut report = Report::fold(&sample::green());
        report.stagectl = "VERSION".into();
        assert_snapshot!(summary(&report, LARGEST), @"
        ## ✅ noticeboard 1.2 (3f9c21ab): 3 of 3 sites passed

        | site | verdict | images | up | deploy | ready | diagnosis | suite | down | total |
        |---|---|---:|---:|---:|---:|---:|---:|---:|---:|
        | site-a | ✅ passed | 0.0s | 1.1s | 0.9s | 0.2s | 0.3s | 0.8s | 0.2s | 3.5s |
        | site-b | ✅ passed | 41.0s | 1.3s | 1.2s | 0.3s | 0.3s | 0.9s | 0.2s | 45.2s |
        | site-c | ✅ passed | 0.0s | 1.1s | 0.9s | 0.2s | 0.3s | 0.8s | 0.2s | 3.5s |

        <sub>run 20261123-1014-3f9c · stagectl VERSION</sub>
        ");
    }

    /// Many sites, many tests, long lines full of marks.
    fn monster() -> Report {
        let names: Vec<String> = (0..10).map(|number| format!("site-{number}")).collect();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut script = Script::new(Goal::Rehearse, &all);
        for name in &all {
            script = script.start(name);
            for number in 0..22 {
                let message = "<b>`|*_[\u{1b}[31m\n".repeat(300);
                let name = format!("test_{number}");
                script = script.test(&name, TestStatus::Failed, Some(&message));
            }
            let lines = vec!["```` | </details>".repeat(1000)];
            let excerpt = Excerpt { source: "app".into(), lines };
            script = script.emit(crate::event::What::AppLog { excerpt });
            script = script.finish(Verdict::Not(Kind::Unfit), 1, None);
        }
        Report::fold(&script.clean(Verdict::Not(Kind::Unfit)))
    }

    #[test]
    fn it_is_never_larger_than_what_is_shown() {
        let report = monster();
        for limit in [0, 10, RESERVE, 5000, 100_000, LARGEST] {
            let text = summary(&report, limit);
            assert!(text.len() <= limit, "{} of {limit} bytes", text.len());
            assert_eq!(text.contains("There is no room"), limit >= RESERVE, "{limit}");
        }
        assert!(summary(&report, LARGEST).len() > LARGEST / 2);
    }

    #[test]
    fn what_was_there_before_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("summary.md");
        let report = monster();
        for _ in 0..3 {
            append_summary(&file, &report).unwrap();
            assert!(file.metadata().unwrap().len() <= LARGEST as u64);
        }
        assert!(std::fs::read_to_string(&file).unwrap().starts_with("## ❌ "));
    }

    #[test]
    fn what_others_wrote_is_no_markup() {
        assert_eq!(escape("<b> a|b *c* `d`\n@x", 100), r"&lt;b&gt; a\|b \*c\* \`d\`<br>\@x");
        assert_eq!(code("a`b|c\nd"), "`a'b¦c d`");
        let folded = fold_log("app", &["a".to_owned(), "````".to_owned()]);
        assert!(folded.contains("\n`````text\na\n````\n`````\n"), "{folded}");
    }
}
