//! Reads the JUnit XML that a critical suite wrote.
//!
//! It comes from inside the replica, so nothing in it is trusted: size, depth and numbers are bounded,
//! and no entity but those of XML itself is followed.

use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::event::{Test, TestStatus};
use crate::failure::{Failure, Kind};

/// Bytes of a result; a larger one is nobody's critical suite.
pub(super) const LARGEST_RESULT: usize = 16 << 20;
/// Elements inside each other.
const DEEPEST: usize = 64;
/// Attributes of one element.
const MOST_ATTRIBUTES: usize = 64;
const MOST_TESTS: usize = 10_000;
/// Bytes of a test's name, its group and its file that are kept.
const KEPT_NAME: usize = 4 << 10;
/// Bytes of a test's message, and of its details, that are kept.
const KEPT_DETAILS: usize = 64 << 10;

/// Every test of the file, in its order. A test that says more than one thing is as red as the
/// reddest of them.
///
/// # Errors
/// `NoResult`: not readable as JUnit XML, or more of it than any critical suite writes.
pub fn read(bytes: &[u8]) -> Result<Vec<Test>, Failure> {
    tests_of(bytes).map_err(|why| {
        Failure::new(Kind::NoResult, "could not read the suite's JUnit XML").cause(why)
    })
}

fn tests_of(bytes: &[u8]) -> Result<Vec<Test>, String> {
    if bytes.len() > LARGEST_RESULT {
        return Err(format!("it has {} bytes, more than {LARGEST_RESULT}", bytes.len()));
    }
    let line_of = |offset: usize| bytes[..offset].split(|byte| *byte == b'\n').count();
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("line {}: it is not UTF-8 text", line_of(error.valid_up_to())))?;
    if let Some(offset) = text.find('\0') {
        return Err(format!("line {}: there is a NUL byte", line_of(offset)));
    }
    let mut reader = Reader::from_str(text);
    let mut found = Found::default();
    loop {
        let event = reader.read_event();
        let end = usize::try_from(match event {
            Ok(_) => reader.buffer_position(),
            Err(_) => reader.error_position(),
        });
        let taken = match event {
            Ok(Event::Eof) => return found.whole(),
            Ok(event) => found.take(event),
            Err(error) => Err(error.to_string()),
        };
        taken
            .map_err(|why| format!("line {}: {why}", line_of(end.unwrap_or(0).min(bytes.len()))))?;
    }
}

/// What an element is for, so far as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Suites,
    Case,
    /// What a test says of itself.
    Said(TestStatus),
    /// What a test printed or logged.
    Printed,
    /// Nothing in it is read.
    Other,
}

/// What was read up to here.
#[derive(Debug, Default)]
struct Found {
    open: Vec<Part>,
    tests: Vec<Test>,
    has_root: bool,
    /// What the open element says.
    message: Option<String>,
    details: String,
}

impl Found {
    fn whole(self) -> Result<Vec<Test>, String> {
        if !self.open.is_empty() {
            return Err("it is cut short".to_owned());
        }
        if !self.has_root {
            return Err("there is no `testsuites` and no `testsuite` in it".to_owned());
        }
        Ok(self.tests)
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(tag) => self.begin(&tag),
            Event::Empty(tag) => {
                self.begin(&tag)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => {
                self.add(&text);
                Ok(())
            }
            Event::CData(text) => {
                self.add(&text);
                Ok(())
            }
            Event::GeneralRef(reference) => {
                let text = referred(&reference)?;
                self.add(&text);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() >= DEEPEST {
            return Err(format!("more than {DEEPEST} elements inside each other"));
        }
        let attributes = attributes(tag)?;
        let part = self.part(tag.name().as_ref());
        match part {
            Part::Suites => self.has_root = true,
            Part::Case => {
                if self.tests.len() >= MOST_TESTS {
                    return Err(format!("it has more than {MOST_TESTS} tests"));
                }
                self.tests.push(test(attributes));
            }
            Part::Printed => self.details.clear(),
            Part::Said(_) => {
                self.details.clear();
                self.message = value(&attributes, "message").map(str::to_owned);
            }
            Part::Other => {}
        }
        self.open.push(part);
        Ok(())
    }

    fn part(&self, name: &str) -> Part {
        match (self.open.last(), name) {
            (None | Some(Part::Suites), "testsuites" | "testsuite" | "testrun") => Part::Suites,
            (Some(Part::Suites), "testcase") => Part::Case,
            (Some(Part::Case), "failure") => Part::Said(TestStatus::Failed),
            (Some(Part::Case), "error") => Part::Said(TestStatus::Error),
            (Some(Part::Case), "skipped") => Part::Said(TestStatus::Skipped),
            (Some(Part::Case), "system-out" | "system-err") => Part::Printed,
            _ => Part::Other,
        }
    }

    fn end(&mut self) {
        let status = match self.open.pop() {
            Some(Part::Said(status)) => status,
            Some(Part::Printed) => return self.end_of_print(),
            Some(Part::Case) => {
                // What a green test printed is of no interest.
                let green = self.tests.last_mut().filter(|test| !test.is_red());
                return green.into_iter().for_each(|test| test.captured = None);
            }
            _ => return,
        };
        let message = self.message.take();
        let details = std::mem::take(&mut self.details);
        let Some(test) = self.tests.last_mut() else { return };
        if redness(status) < redness(test.status) {
            return;
        }
        test.status = status;
        test.message =
            message.as_deref().and_then(filled).map(|text| shortened(text, KEPT_DETAILS));
        // What stands in a skipped test is where it was skipped.
        let details = if status == TestStatus::Skipped { None } else { filled(&details) };
        test.details = details.map(|text| shortened(text, KEPT_DETAILS));
    }

    fn end_of_print(&mut self) {
        let printed = std::mem::take(&mut self.details);
        let Some(test) = self.tests.last_mut() else { return };
        if let Some(printed) = filled(&printed) {
            let before = test.captured.take().map(|before| before + "\n").unwrap_or_default();
            test.captured = Some(shortened(&(before + printed), KEPT_DETAILS));
        }
    }

    fn add(&mut self, text: &str) {
        if matches!(self.open.last(), Some(Part::Said(_) | Part::Printed)) {
            self.details.push_str(text);
        }
    }
}

fn redness(status: TestStatus) -> u8 {
    match status {
        TestStatus::Passed => 0,
        TestStatus::Skipped => 1,
        TestStatus::Failed => 2,
        TestStatus::Error => 3,
    }
}

type Attributes = Vec<(String, String)>;

fn attributes(tag: &BytesStart<'_>) -> Result<Attributes, String> {
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

fn value<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// What `&lt;`, `&#38;` and the like stand for.
fn referred(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(char) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(char.to_string());
    }
    let known = resolve_xml_entity(reference).map(str::to_owned);
    known.ok_or_else(|| format!("nothing is known as `&{};`", &**reference))
}

/// A test that says nothing of itself has passed.
fn test(attributes: Attributes) -> Test {
    let text = |name| value(&attributes, name).map(|text| shortened(text, KEPT_NAME));
    let group = text("classname").unwrap_or_default();
    let seconds = value(&attributes, "time").and_then(|time| time.trim().parse::<f64>().ok());
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
    }
}

/// `tests.test_own_api.TestBoard` stands for `tests/test_own_api.py`; `None` for other runners.
fn file_of(class: &str) -> Option<String> {
    let parts: Vec<&str> = class.split('.').collect();
    let module =
        parts.iter().rposition(|part| part.starts_with("test_") || part.ends_with("_test"))?;
    Some(format!("{}.py", parts[..=module].join("/")))
}

fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The end of a text that is longer than so many bytes: tracebacks say there what happened.
fn shortened(text: &str, kept: usize) -> String {
    if text.len() <= kept {
        return text.to_owned();
    }
    let cut = text.ceil_char_boundary(text.len() - kept);
    format!("[the first {cut} bytes are left out]\n{}", &text[cut..])
}

#[cfg(test)]
mod tests;
