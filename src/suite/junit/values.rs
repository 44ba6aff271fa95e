//! The values of a result: attributes, what an entity stands for, and the texts that are kept.

use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart};

use crate::event::{Test, TestStatus};

/// Attributes of one element.
const MOST_ATTRIBUTES: usize = 64;
/// Bytes of a test's name, its group and its file that are kept.
pub(super) const KEPT_NAME: usize = 4 << 10;
/// Bytes of a test's message, and of its details, that are kept.
pub(super) const KEPT_DETAILS: usize = 64 << 10;

/// A name without its namespace's prefix; nobody tells `Failure` from `failure`.
pub(super) fn plain_name(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase()
}

/// Words by which runners say that a test is red: ctest, behave, Robot, `NUnit`, Google's.
pub(super) fn is_a_red_word(text: &str) -> bool {
    const RED: [&str; 12] = [
        "fail", "failed", "failure", "failing", "error", "errored", "broken", "crashed", "timeout",
        "timedout", "aborted", "killed",
    ];
    RED.contains(&text.trim().to_ascii_lowercase().as_str())
}

/// What pytest says of a module that cannot be collected; why is in the details alone.
const COLLECTION: &str = "collection failure";

/// The message of a module that pytest could not collect, with the error that its details end with.
pub(super) fn with_import_error(message: Option<String>, details: Option<&str>) -> Option<String> {
    let is_collection = message.as_deref() == Some(COLLECTION);
    // pytest marks the lines of an error so.
    let error = details.and_then(|details| {
        details.lines().rev().find_map(|line| line.strip_prefix("E ").map(str::trim))
    });
    match error.filter(|error| is_collection && !error.is_empty()) {
        Some(error) => Some(format!("{COLLECTION}: {error}")),
        None => message,
    }
}

pub(super) type Attributes = Vec<(String, String)>;

pub(super) fn attributes(tag: &BytesStart<'_>) -> Result<Attributes, String> {
    let mut found = Attributes::new();
    // Looking for twins takes the square of their number.
    for attribute in tag.attributes().with_checks(false) {
        if found.len() >= MOST_ATTRIBUTES {
            return Err(format!("an element with more than {MOST_ATTRIBUTES} attributes"));
        }
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = unescape(&attribute.value).map_err(|error| error.to_string())?;
        found.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(found)
}

pub(super) fn value<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    attributes
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// What `&lt;`, `&#38;` and the like stand for.
pub(super) fn resolve_reference(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(char) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(char.to_string());
    }
    let known = resolve_xml_entity(reference).map(str::to_owned);
    known.ok_or_else(|| format!("nothing is known as `&{};`", &**reference))
}

/// A test that says nothing of itself has passed.
pub(super) fn test(attributes: &Attributes) -> Test {
    let text = |name| value(attributes, name).map(|text| shortened(text, KEPT_NAME));
    let group = text("classname").unwrap_or_default();
    let seconds = value(attributes, "time").and_then(|time| time.trim().parse::<f64>().ok());
    Test {
        // pytest writes the file only in its older format; the class says it, too: `a.test_b.TestC`.
        file: text("file").or_else(|| file_of(&group)),
        group,
        name: text("name").unwrap_or_default(),
        status: TestStatus::Passed,
        took: seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0).unwrap_or(0.0),
        message: None,
        details: None,
        captured: None,
        reruns: Vec::new(),
        repetition: None,
        advisory: false,
        id: None,
    }
}

/// `tests.test_own_api.TestBoard` stands for `tests/test_own_api.py`; `None` for other runners.
fn file_of(class: &str) -> Option<String> {
    let parts: Vec<&str> = class.split('.').collect();
    let module =
        parts.iter().rposition(|part| part.starts_with("test_") || part.ends_with("_test"))?;
    Some(format!("{}.py", parts[..=module].join("/")))
}

pub(super) fn unless_blank(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The end of a text that is longer than so many bytes: tracebacks say there what happened.
pub(super) fn shortened(text: &str, kept: usize) -> String {
    if text.len() <= kept {
        return text.to_owned();
    }
    let cut = text.ceil_char_boundary(text.len() - kept);
    format!("[the first {cut} bytes are left out]\n{}", &text[cut..])
}
