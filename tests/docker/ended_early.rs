//! A suite that does not run all of its tests is never green, and one that is killed says what it was at.

use crate::driver::endings;
use crate::samples::{tiny, tiny_sites};

/// What a suite has beside its tests, if it ends early by its own configuration.
const STOPS: &str = "[pytest]\naddopts = -x\n";

/// Advice is red, and the suite stops at it.
const ADVICE: &str = "
import pytest

def test_first():
    pass

@pytest.mark.advisory
def test_advice():
    assert 0, 'only advice'

def test_last():
    assert 0, 'really red'
";

/// Red the first time alone, and the suite stops there.
const FLAKY: &str = "
import pathlib

def test_first():
    pass

def test_flaky():
    seen = pathlib.Path('/tmp/seen')
    if not seen.exists():
        seen.touch()
        assert 0, 'the first time'

def test_last():
    pass
";

/// Somebody gives up, and says that all is well.
const GIVES_UP: &str = "
import pytest

def test_first():
    pass

def test_gives_up():
    pytest.exit('somebody gave up', returncode=0)

def test_last():
    assert 0, 'really red'
";

/// The same, in the words of a failure that advice would explain.
const HIDDEN: &str = "
import pytest

def test_first():
    pass

@pytest.mark.advisory
def test_advice():
    assert 0, 'only advice'

def test_gives_up():
    pytest.exit('enough', returncode=1)

def test_last():
    assert 0, 'really red'
";

/// Red, and then nothing more.
const HANGS: &str = "
import threading

def test_red():
    assert 0, 'I am really red'

def test_waits():
    threading.Event().wait()
";

/// Red by itself: it may stop there.
const RED: &str = "
def test_red():
    assert 0

def test_last():
    pass
";

#[test]
fn a_suite_that_ends_early_is_not_green_and_one_that_hangs_says_where() {
    let sites = [
        ("a-advice", ADVICE, STOPS, "", 5),
        ("b-flaky", FLAKY, STOPS, ", flaky: pass", 5),
        ("c-gives-up", GIVES_UP, "", "", 5),
        ("d-hidden", HIDDEN, "", "", 5),
        ("e-hangs", HANGS, "", ", budget: 15s", 5),
        ("f-red", RED, STOPS, "", 1),
    ];
    let mut project = tiny_sites("ended-early");
    for (name, tests, configuration, more, _) in sites {
        let description =
            format!("names: [{name}.example]\ncritical: {{path: ../{name}, run: null{more}}}\n");
        project = project
            .file(&format!("{name}/test_it.py"), tests)
            .file(&format!("{name}/pytest.ini"), configuration)
            .site(name, &description);
    }
    let outcome = project.rehearse(&tiny(&project)).exit_code(5);
    let report = project.report();
    for (name, .., code) in sites {
        let site = report.sites.iter().find(|site| site.name == name).unwrap();
        assert_eq!(site.code, Some(code), "{}\n{}", endings(&report), outcome.stderr);
        let failure = site.failure.as_ref().unwrap();
        let said = std::iter::once(&failure.message).chain(&failure.causes).cloned();
        let said: Vec<String> = said.collect();
        let log = project.run_folder().join(name).join("suite.log");
        assert!(log.exists(), "{name} has no suite.log");
        match name {
            "e-hangs" => assert_eq!(
                said[1..],
                [
                    "test_it.py::test_waits was running",
                    "before that, test_it.py::test_red failed: AssertionError: I am really red"
                ]
            ),
            "f-red" => assert!(said[0].ends_with("tests of the critical suite failed"), "{said:?}"),
            _ => {
                assert!(
                    said[0].ends_with("tests of the critical suite were not run")
                        || said[0].ends_with("tests of the critical suite was not run"),
                    "{said:?}"
                );
                assert!(said[1].starts_with("the first of them is test_it.py::test_"), "{said:?}");
            }
        }
    }
}
