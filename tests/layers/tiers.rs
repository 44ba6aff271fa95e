//! The two tiers of the tests, held: what `tests/second-tier.txt` and `.config/nextest.toml` name is there.

use std::collections::BTreeSet;
use std::process::Command;

use super::*;

fn read(path: &str) -> String {
    std::fs::read_to_string(at_home(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The binaries of tests, by the manifest, with their first files.
fn binaries() -> Vec<(String, String)> {
    let manifest: toml::Table = read("Cargo.toml").parse().expect("the manifest is TOML");
    let text = |test: &toml::Value, key| test.get(key)?.as_str().map(str::to_owned);
    let named = manifest["test"].as_array().into_iter().flatten();
    let named =
        named.map(|test| text(test, "name").zip(text(test, "path")).expect("both stand there"));
    named.chain([("layers".to_owned(), "tests/layers.rs".to_owned())]).collect()
}

#[test]
fn every_folder_with_a_main_file_is_a_binary() {
    let named: BTreeSet<String> = binaries().into_iter().map(|(_, path)| path).collect();
    let mut there = BTreeSet::from(["tests/layers.rs".to_owned()]);
    for entry in std::fs::read_dir(at_home("tests")).expect("there are tests") {
        let main = entry.expect("it is readable").path().join("main.rs");
        if main.is_file() {
            let path = main.strip_prefix(at_home("")).expect("it was found there");
            there.insert(path.to_string_lossy().into_owned());
        }
    }
    assert_eq!(named, there);
}

/// Whether a binary has a test of this name: as a function of the module's file, or as a name in the list that
/// a macro makes functions of, there or in the main file.
fn has_test(binary: &str, name: &str) -> bool {
    let folder = at_home("tests").join(binary);
    let (modules, function) = name.rsplit_once("::").unwrap_or(("", name));
    let module = modules.replace("::", "/");
    let files = [format!("{module}.rs"), format!("{module}/mod.rs"), "main.rs".to_owned()];
    let files = files.iter().filter(|file| modules.is_empty() || *file != "main.rs");
    let is_listed = |text: &str| text.lines().any(|line| line.trim() == function);
    files.filter_map(|file| std::fs::read_to_string(folder.join(file)).ok()).any(|text| {
        text.contains(&format!("#[test]\nfn {function}()"))
            || ((modules.is_empty() || text.contains("macro_rules!")) && is_listed(&text))
            || (text.contains("for_each_case!(")
                && is_listed(&std::fs::read_to_string(folder.join("main.rs")).unwrap_or_default()))
    })
}

#[test]
fn the_second_tier_names_tests_that_exist_each_once() {
    let list = read("tests/second-tier.txt");
    let lines = list.lines().map(|line| line.split('#').next().unwrap_or_default());
    let mut known = BTreeSet::new();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let [binary, name] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("`{line}` is no binary and a test");
        };
        assert!(has_test(binary, name), "`{line}`: there is no such test");
        assert!(known.insert(line.trim().to_owned()), "`{line}` stands there twice");
    }
    assert!(known.len() > 50, "only {} tests were found", known.len());
}

#[test]
fn a_name_that_is_no_test_is_found() {
    assert!(has_test("docker", "stops::ctrl_c_and_sigterm_end_in_an_orderly_teardown"));
    assert!(has_test("showstoppers", "wildcard_certificate"));
    assert!(has_test("showstoppers", "why::wildcard_certificate"));
    for (binary, name) in [
        ("docker", "stops::ctrl_c_and_sigterm"),
        ("docker", "ctrl_c_and_sigterm_end_in_an_orderly_teardown"),
        ("docker", "stops::waiting_site"),
        ("truth", "wildcard_certificate"),
        ("showstoppers", "why::wildcard"),
        ("dokcer", "stops::ctrl_c_and_sigterm_end_in_an_orderly_teardown"),
    ] {
        assert!(!has_test(binary, name), "{binary} {name}");
    }
}

/// What stands in brackets behind a word of a filter: `binary(docker)`.
fn arguments(filter: &str, word: &str) -> Vec<String> {
    let word = format!("{word}(");
    let behind = filter.split(&word).skip(1);
    behind.filter_map(|rest| rest.split_once(')')).map(|(inner, _)| inner.to_owned()).collect()
}

#[test]
fn every_filter_of_the_runner_names_what_is_there() {
    let text = read(".config/nextest.toml");
    let tests: String = sources("tests/docker").into_iter().map(|(_, text)| text).collect();
    let filters: Vec<&str> = text.lines().filter(|line| line.starts_with("filter = ")).collect();
    assert!(filters.len() >= 2, "{filters:?}");
    for filter in filters {
        for binary in arguments(filter, "binary") {
            let is_there = binaries().iter().any(|(name, _)| *name == binary);
            assert!(is_there, "{filter}: there is no binary `{binary}`");
        }
        for test in arguments(filter, "test") {
            let wanted = match test.strip_prefix("/^").and_then(|name| name.strip_suffix("::/")) {
                Some(module) => format!("mod {module};"),
                None => format!("fn {test}"),
            };
            assert!(tests.contains(&wanted), "{filter}: there is no `{wanted}`");
        }
    }
}

#[test]
fn the_runner_of_the_tiers_does_what_it_says() {
    let mut python = Command::new("python3");
    python.args(["-W", "error", "tests/layers/test_tiers.py"]).current_dir(at_home(""));
    let output = python.env("PYTHONDONTWRITEBYTECODE", "1").output().expect("there is a Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
