//! A red suite is repeated before it is believed: by pytest's own node ids, whatever is in them.

use stagectl::event::{Test, TestStatus};

use crate::driver::{Project, endings};
use crate::samples::tiny_sites;

/// Red in its first run, by a file that it leaves in the suite's container.
const RANDOM: &str = r#"
import pathlib
import pytest

def test_first():
    assert __debug__

@pytest.mark.parametrize("word", ["a b", "[x]::y", "über/'\"", "plain"])
def test_word(word):
    seen = pathlib.Path("/tmp/seen")
    if word != "plain" and len(seen.read_text() if seen.exists() else "") < 3:
        with seen.open("a") as file:
            file.write(".")
        pytest.fail("the first time")
"#;

/// Green alone, red after the other.
const ORDER: &str = "
KEPT = []

def test_before():
    KEPT.append(1)

def test_after():
    assert not KEPT, 'something is left'
";

/// Red whenever it is run; and advice beside it.
const RED: &str = "
import pytest

class TestIt:
    def test_always(self):
        assert 1 == 2

@pytest.mark.advisory
def test_advice():
    assert 3 == 4

def test_green():
    pass
";

const ADVICE: &str = "
import pytest

@pytest.mark.advisory
def test_advice():
    assert 3 == 4

def test_green():
    pass
";

fn list_tests(project: &Project, site: &str) -> Vec<String> {
    let report = project.report();
    let site = report.sites.iter().find(|found| found.name == site).unwrap();
    let mut lines: Vec<String> = site
        .tests
        .iter()
        .filter(|test| test.is_notable())
        .map(|test: &Test| {
            let word = if test.status == TestStatus::Flaky { "~" } else { "x" };
            format!("{word} {}: {}", test.label(), test.remark().unwrap_or_default())
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn a_flaky_test_is_called_flaky_a_real_red_stays_red_and_advice_fails_nothing() {
    let suite = |name: &str, more: &str| {
        format!("names: [{name}.example]\ncritical: {{path: ../{name}, run: null}}\n{more}")
    };
    let project = tiny_sites("repeated")
        .file("a-random/test_random.py", RANDOM)
        .file("b-order/test_order.py", ORDER)
        .file("c-red/test_red.py", RED)
        .file("d-advice/test_advice.py", ADVICE)
        .file("e-passes/test_random.py", RANDOM)
        .file("f-advisory/test_red.py", RED)
        .site("a-random", &suite("a-random", ""))
        .site("b-order", &suite("b-order", ""))
        .site("c-red", &suite("c-red", ""))
        .site("d-advice", &suite("d-advice", ""))
        .site(
            "e-passes",
            "names: [e.example]\ncritical: {path: ../e-passes, run: null, flaky: pass}\n",
        )
        .site("f-advisory", &suite("f-advisory", "advisory: true\n"));
    let outcome = project.rehearse(&crate::samples::tiny(&project)).exit_code(1);
    let codes: Vec<(String, Option<u8>)> =
        project.report().sites.iter().map(|site| (site.name.clone(), site.code)).collect();
    let expected = [
        ("a-random", 1),
        ("b-order", 1),
        ("c-red", 1),
        ("d-advice", 0),
        ("e-passes", 0),
        ("f-advisory", 1),
    ];
    let expected: Vec<(String, Option<u8>)> =
        expected.iter().map(|(name, code)| ((*name).to_owned(), Some(*code))).collect();
    assert_eq!(codes, expected, "{}\n{}", endings(&project.report()), outcome.stderr);
    let flaky = "flaky: green when repeated, alone and in order";
    let words = ["[x]::y", "\\xfcber/'\"", "a b"];
    let words: Vec<String> =
        words.iter().map(|word| format!("~ test_random.py::test_word[{word}]: {flaky}")).collect();
    assert_eq!(list_tests(&project, "a-random"), words);
    assert_eq!(list_tests(&project, "e-passes"), words);
    assert_eq!(
        list_tests(&project, "b-order"),
        [
            "~ test_order.py::test_after: flaky: green when repeated alone, red again in order: it depends on the tests before it"
        ]
    );
    let again = "again red on repetition";
    let red = [
        "x test_red.py::TestIt::test_always: again red on repetition",
        "x test_red.py::test_advice: advisory",
    ];
    assert_eq!(list_tests(&project, "c-red"), red);
    assert_eq!(list_tests(&project, "d-advice"), ["x test_advice.py::test_advice: advisory"]);
    let read = |file: &str| std::fs::read_to_string(project.run_folder().join(file)).unwrap();
    assert!(read("a-random/junit.xml").contains("<flakyFailure"), "{}", read("a-random/junit.xml"));
    assert!(read("c-red/junit.xml").contains("<rerunFailure"), "{}", read("c-red/junit.xml"));
    assert!(read("report.html").contains("it depends on the tests before it"));
    outcome
        .says("3 of 6 sites, 2 passed, 1 advisory failed")
        .says("3 of 5 tests of the critical suite are flaky")
        .says(&format!("test_red.py::TestIt::test_always ({again})"))
        .says("f-advisory (advisory) failed in the critical suite");
}
