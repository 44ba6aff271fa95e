//! Every input that fuzzing kept, read again.

use std::path::Path;

use crate::readers;

/// The inputs of a fuzz target, with their names.
pub(crate) fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect();
    inputs.sort();
    assert!(inputs.len() > 50, "only {} inputs in {}", inputs.len(), folder.display());
    inputs
}

fn read_all(target: &str, read: fn(&[u8])) {
    for (name, bytes) in kept(target) {
        let read = std::panic::catch_unwind(|| read(&bytes));
        assert!(read.is_ok(), "fuzz/corpus/{target}/{name}");
    }
}

#[test]
fn the_kept_descriptions_are_read_or_refused() {
    read_all("description", readers::description);
}

#[test]
fn the_kept_results_are_read_or_refused() {
    read_all("junit", readers::junit);
}

#[test]
fn the_kept_archives_are_read_or_refused() {
    read_all("archive", readers::archive);
}
