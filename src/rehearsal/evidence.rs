//! What is saved of a failing site before its teardown: logs with the guilty one first, what
//! Docker says of its containers, the refused names, the rendered files. Secrets are redacted.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use futures_util::future::join_all;
use serde_json::Value;

use super::moment::{app_places, run_of};
use crate::docker::Engine;
use crate::event::{Check, Test};
use crate::failure::{Excerpt, Failure};
use crate::inside::{Replica, log_sizes};
use crate::replica::paths;
use crate::replica::{GATEWAY, JOURNAL, Labels, OUTSIDE, OVERLAP, PROXY, label, log_files};
use crate::suite::SuiteResult;

/// Lines of a container's own output that are saved.
const SAVED_LINES: usize = 2000;
/// Bytes of one saved file.
const LARGEST: u64 = 4 << 20;
/// Bytes of a folder of which files are saved.
const LARGEST_FOLDER: usize = 64 << 20;

/// Writes the suite's own XML into the folder; secrets are redacted in it already.
///
/// # Errors
/// Infrastructure: the folder cannot be written.
pub fn save_result(folder: &Path, suite: &SuiteResult) -> Result<(), Failure> {
    let path = folder.join("suite.xml");
    fs::create_dir_all(folder).and_then(|()| fs::write(&path, &suite.xml)).map_err(|error| {
        Failure::infrastructure(format!("could not save {}", path.display())).because(&error)
    })
}

/// Writes the bundle into the folder.
///
/// # Errors
/// Infrastructure: the folder cannot be written. What cannot be collected is left out.
pub async fn save<E: Engine>(
    replica: &Replica<'_, E>,
    folder: &Path,
    failure: &Failure,
    found: Found<'_>,
) -> Result<(), Failure> {
    let refused = |error: std::io::Error| {
        Failure::infrastructure(format!("could not save evidence in {}", folder.display()))
            .because(&error)
    };
    let write = |name: &str, text: &str| -> Result<(), Failure> {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(refused)?;
        }
        fs::write(path, redacted(replica, name, text)).map_err(refused)
    };
    write("failure.txt", &describe(failure, found))?;
    let output = found.suite.map_or(found.output, |suite| &suite.output);
    if !output.is_empty() {
        write("suite.log", &output.join("\n"))?;
    }
    let labels = Labels::from([
        (label::SITE.to_owned(), replica.site.name.to_string()),
        (label::RUN.to_owned(), run_of(replica)),
    ]);
    let found = replica.engine.inventory(&labels).await.unwrap_or_default();
    let containers = found.iter().filter_map(|found| {
        let role = found.labels.get(label::ROLE)?;
        Some((role.as_str(), found.resource.name.as_str()))
    });
    let collected = join_all(containers.map(|(role, name)| collect(replica, role, name))).await;
    for (name, text) in collected.into_iter().flatten() {
        write(&name, &text)?;
    }
    Ok(())
}

/// A file's text without secrets, in the form that it has.
fn redacted<E>(replica: &Replica<'_, E>, name: &str, text: &str) -> String {
    let secrets = &replica.secrets;
    let most = usize::try_from(LARGEST).unwrap_or(usize::MAX);
    let kind = Path::new(name).extension();
    if kind.is_some_and(|kind| kind == "jsonl") {
        // Of one that is too long, whole lines.
        let end =
            if text.len() > most { text.rfind('\n').map_or(0, |end| end + 1) } else { text.len() };
        return secrets.redact_json_lines(&text[..end]);
    }
    match serde_json::from_str::<Value>(text) {
        Ok(mut value) if kind.is_some_and(|kind| kind == "json") => {
            secrets.redact_value(&mut value);
            serde_json::to_string_pretty(&value).unwrap_or_default()
        }
        _ => secrets.redact_within(text, most),
    }
}

/// What one container has to say, by file name.
async fn collect<E: Engine>(
    replica: &Replica<'_, E>,
    role: &str,
    container: &str,
) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    if let Ok(state) = replica.engine.inspect(container).await
        && let Ok(text) = serde_json::to_string_pretty(&state.raw)
    {
        files.insert(format!("inspect/{role}.json"), text);
    }
    if let Ok(lines) = replica.engine.logs(container, SAVED_LINES).await
        && !lines.is_empty()
    {
        files.insert(format!("logs/{role}.log"), lines.join("\n"));
    }
    if [OUTSIDE, GATEWAY].contains(&role) {
        for (_, text) in download(replica, container, JOURNAL).await {
            files.insert(format!("{role}.jsonl"), text);
        }
    }
    if role == "app" || role == PROXY {
        // The guilty log comes first in the folder's listing.
        let guilty = log_files(replica.site).into_iter().next().unwrap_or_default();
        for path in [paths::LOGS, "/var/log/nginx", "/var/log/apache2"] {
            for (name, text) in download(replica, container, path).await {
                let first = if guilty.ends_with(&name) { "0-" } else { "" };
                files.insert(format!("logs/{first}{}", name.replace('/', "-")), text);
            }
        }
        for path in ["/etc/nginx/sites-enabled", "/etc/apache2/sites-enabled", "/etc/uwsgi"] {
            for (name, text) in download(replica, container, path).await {
                files.insert(format!("config/{name}"), text);
            }
        }
        if role == "app" {
            for path in own_logs(replica, container).await {
                for (_, text) in download(replica, container, &path).await {
                    let name = path.trim_start_matches('/').replace('/', "-");
                    files.insert(format!("logs/{name}"), text);
                }
            }
        }
        for file in replica.site.files.iter().filter(|_| role == "app") {
            for (name, text) in download(replica, container, &file.path.display().to_string()).await
            {
                files.insert(format!("config/{name}"), text);
            }
        }
    }
    files
}

/// The app's own files of logs: as many as `said.py` lists.
async fn own_logs<E: Engine>(replica: &Replica<'_, E>, container: &str) -> Vec<String> {
    if replica.stop.is_requested() {
        return Vec::new();
    }
    let sizes = log_sizes(replica, container, &app_places(replica)).await.unwrap_or_default();
    sizes.into_keys().collect()
}

/// The text files below a path inside a container; none when it is not there.
pub(super) async fn download<E: Engine>(
    replica: &Replica<'_, E>,
    container: &str,
    path: &str,
) -> Vec<(String, String)> {
    let found = replica.engine.download_within(container, path, LARGEST_FOLDER).await;
    let Ok(found) = found else { return Vec::new() };
    let mut files = Vec::new();
    let mut archive = tar::Archive::new(found.tar.as_slice());
    let Ok(entries) = archive.entries() else { return files };
    // Of a folder that is too large, the first files are saved.
    for entry in entries.map_while(Result::ok) {
        let name = entry.path().map(|path| path.display().to_string()).unwrap_or_default();
        // Names come from inside the replica: none may lead out of the folder.
        if !entry.header().entry_type().is_file() || name.split('/').any(|part| part == "..") {
            continue;
        }
        let mut bytes = Vec::new();
        if entry.take(LARGEST + OVERLAP as u64).read_to_end(&mut bytes).is_ok() && !bytes.is_empty()
        {
            files.push((
                name.trim_start_matches('/').to_owned(),
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
    }
    files
}

/// What an examination found, for the evidence.
#[derive(Debug, Clone, Copy, Default)]
pub struct Found<'a> {
    pub checks: &'a [Check],
    pub suite: Option<&'a SuiteResult>,
    /// What the suite printed, where it came to no result.
    pub output: &'a [String],
    /// What the logs said at that moment.
    pub said: &'a [Excerpt],
}

fn describe(failure: &Failure, found: Found<'_>) -> String {
    let mut text = format!("{}\n", failure.message);
    let below = |text: &str| text.trim().replace('\n', "\n    ");
    for cause in &failure.causes {
        text.push_str(&format!("  caused by: {}\n", below(cause)));
    }
    for check in found.checks.iter().filter(|check| !check.passed) {
        text.push_str(&format!("check `{}` failed: {}\n", check.name, below(&check.detail)));
    }
    for test in found.suite.iter().flat_map(|suite| &suite.tests).filter(|test| Test::is_red(test))
    {
        let message = test.message.as_deref().unwrap_or_default();
        text.push_str(&format!("test {} failed: {}\n", test.label(), below(message)));
    }
    for excerpt in found.said {
        text.push_str(&format!("{}, at that moment:\n", excerpt.source));
        excerpt.lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
    }
    if let Some(excerpt) = &failure.evidence {
        text.push_str(&format!("last lines of {}:\n", excerpt.source));
        for line in &excerpt.lines {
            text.push_str(&format!("  {line}\n"));
        }
    }
    for hint in &failure.hints {
        text.push_str(&format!("hint: {hint}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    #[test]
    fn a_failure_is_described_with_what_failed_and_what_was_said_of_it() {
        let check = |name: &str, passed: bool| Check {
            name: name.to_owned(),
            passed,
            detail: "C, described de_DE.UTF-8".to_owned(),
            took: 0.1,
        };
        let checks = [check("health", true), check("locale", false)];
        let said =
            [Excerpt { source: "nginx".to_owned(), lines: vec!["open() failed".to_owned()] }];
        let failure = Failure::new(Kind::Unfit, "1 of 2 checks of the diagnosis failed");
        let found = Found { checks: &checks, said: &said, ..Found::default() };
        insta::assert_snapshot!(describe(&failure, found), @r"
        1 of 2 checks of the diagnosis failed
        check `locale` failed: C, described de_DE.UTF-8
        nginx, at that moment:
          open() failed
        ");
    }
}
