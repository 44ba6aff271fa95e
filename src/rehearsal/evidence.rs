//! What is saved of a failing site before its teardown: logs with the guilty one first, what
//! Docker says of its containers, the refused names, the rendered files. Secrets are redacted.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use futures_util::future::join_all;
use serde_json::Value;

use crate::docker::Engine;
use crate::failure::{Excerpt, Failure};
use crate::inside::{Replica, tail};
use crate::replica::{GATEWAY, JOURNAL, Labels, OUTSIDE, OVERLAP, PROXY, label, log_files};
use crate::suite::SuiteResult;

/// Lines of a container's own output that are saved.
const SAVED_LINES: usize = 2000;
/// Lines of the app's log that are looked at for its words on a failure.
const SEARCHED_LINES: usize = 200;
const SHOWN_LINES: usize = 8;
/// Bytes of one saved file.
const LARGEST: u64 = 4 << 20;
/// Bytes of a folder of which files are saved.
const LARGEST_FOLDER: usize = 64 << 20;

/// The app's own lines on a failure: those that complain, or else the last ones.
pub(super) async fn app_log<E: Engine>(replica: &Replica<'_, E>) -> Option<Excerpt> {
    let log = log_files(replica.site).into_iter().next()?;
    let lines =
        tail(replica.engine, &replica.handles.host, &log, SEARCHED_LINES, replica.secrets).await;
    let complains = |line: &&String| {
        let line = line.to_lowercase();
        ["error", "critical", "exception", "traceback", "refused", "failed", "warning"]
            .iter()
            .any(|word| line.contains(word))
            // Apache calls everything that an app prints an error.
            && !line.contains(" [notice] ")
    };
    let app_lines: Vec<String> = lines.iter().map(|line| without_apache_prefix(line)).collect();
    let mut chosen: Vec<String> = app_lines.iter().filter(complains).cloned().collect();
    if chosen.is_empty() {
        chosen = app_lines;
    }
    chosen.dedup();
    let skip = chosen.len().saturating_sub(SHOWN_LINES);
    let lines: Vec<String> = chosen.into_iter().skip(skip).collect();
    (!lines.is_empty()).then(|| Excerpt { source: "app".to_owned(), lines })
}

/// `[Mon ...] [wsgi:error] [pid 1] [remote 10.0.0.1:5] text` is `text`.
fn without_apache_prefix(line: &str) -> String {
    let mut rest = line;
    if !line.contains("[wsgi:error]") {
        return line.to_owned();
    }
    while let Some(inner) = rest.strip_prefix('[') {
        let Some((_, after)) = inner.split_once("] ") else { break };
        rest = after;
    }
    rest.to_owned()
}

/// Writes the suite's own XML into the folder; secrets are redacted in it already.
///
/// # Errors
/// Infrastructure: the folder cannot be written.
pub(super) fn save_result(folder: &Path, suite: &SuiteResult) -> Result<(), Failure> {
    let path = folder.join("suite.xml");
    fs::create_dir_all(folder).and_then(|()| fs::write(&path, &suite.xml)).map_err(|error| {
        Failure::infrastructure(format!("could not save {}", path.display())).because(&error)
    })
}

/// Writes the bundle into the folder.
///
/// # Errors
/// Infrastructure: the folder cannot be written. What cannot be collected is left out.
pub(super) async fn save<E: Engine>(
    replica: &Replica<'_, E>,
    folder: &Path,
    failure: &Failure,
    suite: Option<&SuiteResult>,
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
    write("failure.txt", &describe(failure))?;
    if let Some(suite) = suite {
        write("suite.log", &suite.output.join("\n"))?;
    }
    let labels = Labels::from([
        (label::SITE.to_owned(), replica.site.name.to_string()),
        (label::RUN.to_owned(), run_of(&replica.handles.host, replica.site.name.as_str())),
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
    let secrets = replica.secrets;
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

/// The run's part of a container's name.
fn run_of(container: &str, site: &str) -> String {
    let inner = container.strip_prefix("stagectl-").unwrap_or(container);
    inner.strip_suffix(&format!("-{site}-app")).unwrap_or(inner).to_owned()
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
        for path in ["/var/log/stagectl", "/var/log/nginx", "/var/log/apache2"] {
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
        for file in replica.site.files.iter().filter(|_| role == "app") {
            for (name, text) in download(replica, container, &file.path.display().to_string()).await
            {
                files.insert(format!("config/{name}"), text);
            }
        }
    }
    files
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

fn describe(failure: &Failure) -> String {
    let mut text = format!("{}\n", failure.message);
    for cause in &failure.causes {
        text.push_str(&format!("  caused by: {cause}\n"));
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

    #[test]
    fn apache_prefixes_are_taken_off() {
        let line = "[Mon Nov 23 10:00:00.1 2026] [wsgi:error] [pid 7:tid 1] [remote 10.0.0.2:4] board  error  no";
        assert_eq!(without_apache_prefix(line), "board  error  no");
        assert_eq!(without_apache_prefix("[1] x"), "[1] x");
    }
}
