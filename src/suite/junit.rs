//! Reads the JUnit XML that a critical suite wrote.
//!
//! It comes from inside the replica, so nothing in it is trusted: size, depth and numbers are bounded,
//! and no entity but those of XML itself is followed.

mod counts;
mod missed;
mod values;

use self::counts::{Counts, SAID};
pub(super) use self::missed::Missed;
use self::values::{
    Attributes, KEPT_DETAILS, KEPT_NAME, attributes, is_a_red_word, plain_name, resolve_reference,
    shortened, test, unless_blank, value, with_import_error,
};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::event::{Rerun, Test, TestStatus};
use crate::failure::{Failure, Kind};

/// Bytes of a result; a larger one is nobody's critical suite.
pub(super) const LARGEST_RESULT: usize = 16 << 20;
/// Elements inside each other.
const DEEPEST: usize = 64;
const MOST_TESTS: usize = 10_000;
/// Runs of one test that are kept.
const MOST_RERUNS: usize = 10;

/// The property of a test that is judged and shown, and does not fail the site.
const ADVISORY: &str = "stagectl.advisory";
/// The property that holds what the test's runner knows it by.
const ID: &str = "stagectl.id";

/// Every test of the file, in its order. A test that says more than one thing is as red as the
/// reddest of them, and a suite that fails by itself is a red test.
///
/// # Errors
/// `NoResult`: not readable as JUnit XML, more of it than any critical suite writes, or a result that
/// counts failures and shows none.
pub fn read(bytes: &[u8]) -> Result<Vec<Test>, Failure> {
    read_all(bytes).map(|(tests, _)| tests)
}

/// The same, and which tests should have been run beside them, if some were not.
///
/// # Errors
/// As [`read`].
pub(super) fn read_all(bytes: &[u8]) -> Result<(Vec<Test>, Option<Missed>), Failure> {
    let (message, why) = match tests_of(bytes) {
        Ok(read) => return Ok(read),
        Err(Unusable::Unreadable(why)) => ("could not read the suite's JUnit XML", why),
        Err(Unusable::Contradiction(why)) => ("the suite's JUnit XML contradicts itself", why),
    };
    Err(Failure::new(Kind::NoResult, message).cause(why))
}

/// Why there is no result.
enum Unusable {
    Unreadable(String),
    /// It says that tests failed, and shows none.
    Contradiction(String),
}

impl From<String> for Unusable {
    fn from(why: String) -> Self {
        Unusable::Unreadable(why)
    }
}

fn tests_of(bytes: &[u8]) -> Result<(Vec<Test>, Option<Missed>), Unusable> {
    if bytes.len() > LARGEST_RESULT {
        return Err(format!("it has {} bytes, more than {LARGEST_RESULT}", bytes.len()).into());
    }
    let line_of = |offset: usize| bytes[..offset].split(|byte| *byte == b'\n').count();
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("line {}: it is not UTF-8 text", line_of(error.valid_up_to())))?;
    if let Some(offset) = text.find('\0') {
        return Err(format!("line {}: there is a NUL byte", line_of(offset)).into());
    }
    let mut reader = Reader::from_str(text);
    let mut found = Found::default();
    loop {
        let event = reader.read_event();
        let end = match event {
            Ok(_) => reader.buffer_position(),
            Err(_) => reader.error_position(),
        };
        let end = usize::try_from(end).unwrap_or(0).min(bytes.len());
        let taken = match event {
            Ok(Event::Eof) => return found.whole(line_of),
            Ok(event) => found.take(event, end),
            Err(error) => Err(error.to_string()),
        };
        taken.map_err(|why| format!("line {}: {why}", line_of(end)))?;
    }
}

/// What an element is for, so far as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Suites,
    Case,
    /// What a test says of itself.
    Said(Said),
    /// More of that, such as its stack trace.
    Details,
    /// What a test printed or logged.
    Printed,
    /// Nothing in it is read but what is red: nobody knows what else it may be.
    Other,
}

/// What a test says: of its run, or of another one.
/// <https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    This(TestStatus),
    /// `rerunFailure`, `rerunError`: it failed again.
    Again(TestStatus),
    /// `flakyFailure`, `flakyError`: it failed before it passed.
    Before(TestStatus),
}

/// What was read up to here.
#[derive(Debug, Default)]
struct Found {
    open: Vec<Part>,
    tests: Vec<Test>,
    missed: Option<Missed>,
    /// The tests whose elements are open, by their place.
    cases: Vec<usize>,
    /// The names of the suites that are open.
    suites: Vec<Option<String>>,
    counts: Counts,
    has_root: bool,
    /// What the open element says.
    message: Option<String>,
    details: String,
}

impl Found {
    fn whole(
        self,
        line_of: impl Fn(usize) -> usize,
    ) -> Result<(Vec<Test>, Option<Missed>), Unusable> {
        if !self.open.is_empty() {
            return Err(Unusable::Unreadable("it is cut short".to_owned()));
        }
        if !self.has_root {
            let why = "there is no `testsuites` and no `testsuite` in it";
            return Err(Unusable::Unreadable(why.to_owned()));
        }
        // What is red is red, whatever is counted.
        if !self.tests.iter().any(Test::is_red)
            && let Some((offset, why)) = self.counts.contradiction()
        {
            return Err(Unusable::Contradiction(format!("line {}: {why}", line_of(offset))));
        }
        Ok((self.tests, self.missed))
    }

    fn take(&mut self, event: Event<'_>, offset: usize) -> Result<(), String> {
        match event {
            Event::Start(tag) => self.begin(&tag, offset),
            Event::Empty(tag) => {
                self.begin(&tag, offset)?;
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
                let text = resolve_reference(&reference)?;
                self.add(&text);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, tag: &BytesStart<'_>, offset: usize) -> Result<(), String> {
        if self.open.len() >= DEEPEST {
            return Err(format!("more than {DEEPEST} elements inside each other"));
        }
        let attributes = attributes(tag)?;
        let name = plain_name(tag.name().as_ref());
        let part = self.part(&name);
        match part {
            Part::Suites => {
                self.has_root = true;
                self.suites.push(value(&attributes, "name").map(str::to_owned));
                self.counts.take(&name, &attributes, offset);
            }
            Part::Case => {
                self.cases.push(self.tests.len());
                self.push(test(&attributes))?;
                self.say_status(&attributes);
            }
            // What a run of it printed stands inside what is said of that run.
            Part::Printed if self.open.iter().any(|part| matches!(part, Part::Said(_))) => {}
            Part::Printed => self.details.clear(),
            Part::Said(_) => {
                if self.cases.is_empty() {
                    // The suite itself fails: a fixture, a file that cannot be loaded.
                    let name = self.suites.iter().rev().flatten().next();
                    let name = name.map_or("the suite itself", String::as_str);
                    self.push(test(&vec![("name".to_owned(), name.to_owned())]))?;
                }
                self.details.clear();
                self.message = value(&attributes, "message").map(str::to_owned);
            }
            Part::Details | Part::Other => self.take_property(&name, &attributes),
        }
        self.open.push(part);
        Ok(())
    }

    fn push(&mut self, test: Test) -> Result<(), String> {
        if self.tests.len() >= MOST_TESTS {
            return Err(format!("it has more than {MOST_TESTS} tests"));
        }
        self.tests.push(test);
        Ok(())
    }

    /// The test that is meant by what is read now.
    fn current(&mut self) -> Option<&mut Test> {
        let index = self.cases.last().copied().or(self.tests.len().checked_sub(1))?;
        self.tests.get_mut(index)
    }

    /// What an element of this name is, wherever it stands: a runner that nobody knows may put a
    /// failure anywhere, and what a test printed may look like one.
    fn part(&self, name: &str) -> Part {
        if self.open.contains(&Part::Printed) {
            return Part::Other;
        }
        if self.open.iter().any(|part| matches!(part, Part::Said(_))) {
            return match name {
                "system-out" | "system-err" => Part::Printed,
                _ => Part::Details,
            };
        }
        let is_inside = !self.open.is_empty();
        match name {
            "testsuites" | "testsuite" | "testrun" => Part::Suites,
            "testcase" if is_inside => Part::Case,
            "failure" if is_inside => Part::Said(Said::This(TestStatus::Failed)),
            "error" if is_inside => Part::Said(Said::This(TestStatus::Error)),
            "rerunfailure" if is_inside => Part::Said(Said::Again(TestStatus::Failed)),
            "rerunerror" if is_inside => Part::Said(Said::Again(TestStatus::Error)),
            "flakyfailure" if is_inside => Part::Said(Said::Before(TestStatus::Failed)),
            "flakyerror" if is_inside => Part::Said(Said::Before(TestStatus::Error)),
            "skipped" if self.open.last() == Some(&Part::Case) => {
                Part::Said(Said::This(TestStatus::Skipped))
            }
            "system-out" | "system-err" => Part::Printed,
            _ => Part::Other,
        }
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Part::Said(said)) => self.end_of_saying(said),
            // What is printed while a test says something belongs to that run of it.
            Some(Part::Printed) if !matches!(self.open.last(), Some(Part::Said(_))) => {
                self.end_of_print();
            }
            Some(Part::Case) => {
                let index = self.cases.pop();
                // What a green test printed is of no interest.
                let green = index.and_then(|index| self.tests.get_mut(index));
                let green = green.filter(|test| !test.is_red() && test.status != TestStatus::Flaky);
                if let Some(test) = green {
                    test.captured = None;
                }
            }
            Some(Part::Suites) => {
                self.suites.pop();
            }
            _ => {}
        }
    }

    fn end_of_saying(&mut self, said: Said) {
        let message = self.message.take();
        let message =
            message.as_deref().and_then(unless_blank).map(|text| shortened(text, KEPT_DETAILS));
        let details = std::mem::take(&mut self.details);
        let details = unless_blank(&details).map(|text| shortened(text, KEPT_DETAILS));
        let Some(test) = self.current() else { return };
        let status = match said {
            Said::This(status) if redness(status) < redness(test.status) => return,
            Said::This(status) => status,
            Said::Again(status) if !test.is_red() => status,
            Said::Before(_) if test.status == TestStatus::Passed => TestStatus::Flaky,
            Said::Again(status) | Said::Before(status) => {
                if test.reruns.len() < MOST_RERUNS {
                    test.reruns.push(Rerun { status, message, details });
                }
                return;
            }
        };
        test.status = status;
        test.message = with_import_error(message, details.as_deref());
        // What stands in a skipped test is where it was skipped.
        test.details = if status == TestStatus::Skipped { None } else { details };
    }

    fn end_of_print(&mut self) {
        let printed = std::mem::take(&mut self.details);
        let Some(test) = self.cases.last().and_then(|&index| self.tests.get_mut(index)) else {
            return;
        };
        if let Some(printed) = unless_blank(&printed) {
            let before = test.captured.take().map(|before| before + "\n").unwrap_or_default();
            test.captured = Some(shortened(&(before + printed), KEPT_DETAILS));
        }
    }

    fn add(&mut self, text: &str) {
        let is_read = match self.open.last() {
            Some(Part::Said(_) | Part::Details) => true,
            Some(Part::Printed) => !self.open.iter().any(|part| matches!(part, Part::Said(_))),
            _ => false,
        };
        if is_read {
            self.details.push_str(text);
        }
    }

    /// Some runners say in an attribute what others say in an element.
    fn say_status(&mut self, attributes: &Attributes) {
        let said = SAID.into_iter().find_map(|name| {
            let said = value(attributes, name)?;
            is_a_red_word(said).then(|| format!("its {name} is `{}`", shortened(said, KEPT_NAME)))
        });
        if let (Some(said), Some(test)) = (said, self.current()) {
            (test.status, test.message) = (TestStatus::Failed, Some(said));
        }
    }

    /// What a test, or the whole suite, says of itself to stagectl.
    fn take_property(&mut self, name: &str, attributes: &Attributes) {
        if name != "property" {
            return;
        }
        let said = value(attributes, "value").unwrap_or_default();
        let Some(&index) = self.cases.last() else {
            if value(attributes, "name") == Some(missed::PROPERTY) {
                self.missed = Missed::read(said);
            }
            return;
        };
        match value(attributes, "name") {
            Some(ADVISORY) => self.tests[index].advisory = said != "false",
            Some(ID) => self.tests[index].id = Some(said.to_owned()),
            _ => {}
        }
    }
}

fn redness(status: TestStatus) -> u8 {
    match status {
        TestStatus::Passed => 0,
        TestStatus::Skipped => 1,
        TestStatus::Flaky => 2,
        TestStatus::Failed => 3,
        TestStatus::Error => 4,
    }
}

#[cfg(test)]
mod tests;
