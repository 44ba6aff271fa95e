//! JSON held against a JSON Schema by a program that is not ours.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// The problems of JSON documents, one a line, by the schema in a file.
pub(crate) fn problems(schema: &Path, lines: &str) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ci/validate.py");
    let mut python = Command::new("python3");
    python
        .arg(script)
        .arg(schema)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = python.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let (said, error) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    let error = error.unwrap();
    assert!(
        error.is_empty(),
        "these tests need Python's jsonschema (tests/setup.sh tests): {error}"
    );
    said.unwrap().lines().map(str::to_owned).collect()
}

/// The problems of events, one a line, by the program's own schema.
pub(crate) fn problems_of_events(lines: &str) -> Vec<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(stagectl::display::schema().to_string().as_bytes()).unwrap();
    problems(file.path(), lines)
}
