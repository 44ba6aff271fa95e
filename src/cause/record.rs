//! Lines of logs without what servers write before them: times, levels, processes, clients.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// How bad the writer of a line says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Of no interest: it works, or is told for the record.
    Quiet,
    Warning,
    Error,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// With its indentation.
    pub text: String,
    pub level: Option<Level>,
    /// It has a time or a level: it is not the rest of a message.
    pub begins: bool,
}

/// `2026-11-28 13:00:00,123 +0000`, `2026/11/28 13:00:00`, `Sat Nov 28 13:00:00.1 2026`, `Nov 28 13:00:00 host x[1]:`.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    let clock = r"\d\d:\d\d:\d\d(?:[.,]\d+)?";
    let zone = r"(?: ?(?:Z|UTC|GMT|CET|CEST|[A-Z]{3,4}|[+-]\d\d:?\d\d))?";
    compile(&format!(
        r"^(?:\d{{4}}[-/]\d\d[-/]\d\d[ T]{clock}{zone}|\d\d/[A-Z][a-z]{{2}}/\d{{4}}:{clock}{zone}|(?:[A-Z][a-z]{{2}} )?[A-Z][a-z]{{2}} +\d\d? {clock}(?: \d{{4}})?(?: [\w.-]+ [\w./-]+\[\d+\]:)?|{clock})(?: -| \|)? ?"
    ))
});
/// `[error]`, `[wsgi:error]`, `[pid 7:tid 1]`, `[client 10.0.0.1:5]`, `[7]`, and a time in brackets.
static BRACKETS: LazyLock<Regex> = LazyLock::new(|| compile(r"^\[([^\[\]]{1,120})\]:? ?"));
/// `31#31: *4`, as nginx writes it.
static OF_NGINX: LazyLock<Regex> = LazyLock::new(|| compile(r"^\d+#\d+: (?:\*\d+ )?"));
/// `ERROR:`, `ERROR:shop.prices:`, `ERROR    |`, `FATAL:`.
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:(DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|PANIC|EMERGENCY|ALERT)(?::[A-Za-z_][\w.]*:|:| *\||  +| -| )|(LOG|HINT|DETAIL|STATEMENT|CONTEXT|SUCCESS):)\s?",
    )
});
/// What follows the line's own words in the error logs of nginx and Apache.
static REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r#"(?:, client: [^,]*)?(?:, server: [^,]*)?, request: "([^"]*)".*$|, client: .*$|, referer: .*$"#,
    )
});

fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of ours")
}

/// The lines as records; one that is JSON is the lines that it holds.
pub(super) fn records<S: AsRef<str>>(lines: &[S]) -> Vec<Record> {
    let mut records = Vec::new();
    for line in lines {
        let line = line.as_ref().trim_end();
        match of_json(line) {
            Some(more) => records.extend(more),
            None => records.push(record(line)),
        }
    }
    records
}

fn record(line: &str) -> Record {
    let mut rest = line;
    let (mut level, mut begins, mut is_of_wsgi) = (None, false, false);
    loop {
        if let Some(found) = TIME.find(rest) {
            rest = &rest[found.end()..];
        } else if let Some(found) = BRACKETS.captures(rest) {
            let inner = &found[1];
            let word = inner.rsplit(':').next().unwrap_or(inner);
            if let Some(said) = level_of(word.trim()) {
                // Apache calls everything that an app prints an error.
                is_of_wsgi |= inner.starts_with("wsgi:");
                level = (!is_of_wsgi).then_some(said).or(level);
            } else if !is_before_a_message(inner) {
                break;
            }
            rest = &rest[found[0].len()..];
        } else if let Some(found) = OF_NGINX.find(rest).filter(|_| begins) {
            rest = &rest[found.end()..];
        } else if let Some(found) = WORD.captures(rest).filter(|_| level.is_none()) {
            level = found.get(1).or(found.get(2)).and_then(|word| level_of(word.as_str()));
            let text = rest[found[0].len()..].trim_start().to_owned();
            return Record { text, level, begins: true };
        } else {
            break;
        }
        begins = true;
    }
    if level.is_none() && !is_of_wsgi {
        level = level_among(rest, begins);
    }
    if is_of_wsgi && level.is_none() {
        // What an app prints may have a time and a level of its own.
        let inner = record(rest);
        return Record { begins: inner.begins || !inner.text.starts_with([' ', '\t']), ..inner };
    }
    Record { text: with_request(rest), level, begins }
}

/// `shop - ERROR - text`, `shop.api  error  text`: among the first words.
fn level_among(text: &str, after_a_time: bool) -> Option<Level> {
    if text.starts_with([' ', '\t']) {
        return None;
    }
    let most = if after_a_time { 6 } else { 2 };
    let words = text.split_whitespace().take(most);
    let mut words = words.map(|word| word.trim_matches(['[', ']', ':', '-', '|', '(', ')']));
    words.find_map(|word| level_of(word).filter(|_| word.len() > 2 && is_alone(text, word)))
}

/// A level stands between wide gaps, dashes, bars or brackets, or in capitals: "error" in a sentence is none.
fn is_alone(text: &str, word: &str) -> bool {
    let is_loud = word.chars().all(|char| char.is_ascii_uppercase());
    let Some(at) = text.find(word) else { return false };
    let (before, after) = (&text[..at], &text[at + word.len()..]);
    is_loud
        || (before.ends_with("  ") || before.ends_with('['))
            && (after.starts_with("  ") || after.starts_with(']'))
}

fn level_of(word: &str) -> Option<Level> {
    Some(match word.to_ascii_lowercase().as_str() {
        "trace1" | "trace" | "debug" | "info" | "notice" | "note" | "log" | "hint" | "detail"
        | "statement" | "context" | "success" | "system" => Level::Quiet,
        "warn" | "warning" => Level::Warning,
        "error" | "err" | "critical" | "crit" | "fatal" | "panic" | "emerg" | "emergency"
        | "alert" => Level::Error,
        _ => return None,
    })
}

/// Brackets that stand before a message, as opposed to those of a message: `[SQL: ...`.
fn is_before_a_message(inner: &str) -> bool {
    let numbers = |text: &str| {
        !text.is_empty() && text.chars().all(|char| char.is_ascii_digit() || char == ':')
    };
    TIME.is_match(inner)
        || numbers(inner)
        || ["pid ", "client ", "remote ", "tid "].iter().any(|word| inner.starts_with(word))
        || inner.starts_with("MY-") // MySQL's numbers of errors
}

/// Without client and server; which request it was is told in short.
fn with_request(text: &str) -> String {
    let Some(found) = REQUEST.captures(text) else { return text.to_owned() };
    let said = &text[..found.get(0).map_or(text.len(), |whole| whole.start())];
    let request = found.get(1).map(|request| request.as_str().trim_end_matches(" HTTP/1.1"));
    let request =
        request.map(|request| request.trim_end_matches(" HTTP/2.0").trim_end_matches(" HTTP/1.0"));
    request.map_or_else(|| said.to_owned(), |request| format!("{said} ({request})"))
}

/// What is the same for all requests.
pub(super) fn without_request(text: &str) -> &str {
    match text.rfind(" (") {
        Some(at) if text[at..].contains(" /") && text.ends_with(')') => &text[..at],
        _ => text,
    }
}

/// A line of structured logging: its level, its message, and the lines of its exception.
fn of_json(line: &str) -> Option<Vec<Record>> {
    let line = line.trim_start();
    if !line.starts_with('{') || !line.ends_with('}') {
        return None;
    }
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(line) else { return None };
    let text = |keys: &[&str]| keys.iter().find_map(|&key| members.get(key)?.as_str());
    let message = text(&["message", "msg", "event", "text"])?;
    let level = text(&["level", "levelname", "severity", "log.level", "lvl"]).and_then(level_of);
    let mut records = Vec::new();
    for (number, line) in message.lines().enumerate() {
        records.push(Record { text: line.to_owned(), level, begins: number == 0 });
    }
    let exception =
        text(&["exception", "exc_info", "exc_text", "traceback", "stack_trace", "stack"]);
    records.extend(exception.unwrap_or_default().lines().map(record));
    Some(records)
}
