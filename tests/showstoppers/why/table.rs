//! The table of `docs/why.md`: each test checks its own row, or writes it (`UPDATE=1 cargo test --test showstoppers why`).

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::pairs::PAIRS;
use crate::case::link;
use crate::driver::repository;
use crate::{GALLERY, folder_of};

const BEGIN: &str = "<!-- why: generated -->";
const END: &str = "<!-- why: end -->";
const HEAD: &str = "| case | keys | rehearsals | seconds | because of |\n|---|---|---|---|---|\n";

fn document() -> PathBuf {
    repository().join("docs/why.md")
}

/// A case of the gallery, as its row begins.
pub(super) fn linked(name: &str) -> String {
    format!("[{name}]({})", link(name))
}

/// How the rows begin, in their order.
fn beginnings() -> impl Iterator<Item = String> {
    let cases = GALLERY.iter().map(|test| linked(&folder_of(test)));
    cases.chain(PAIRS.iter().map(|pair| pair.title.to_owned()))
}

/// Compares what is not another in each run with the document, or writes the row there (`UPDATE=1`).
pub(super) fn record(case: &str, said: &Value, keys: &[&str]) {
    let lock = fs::File::create(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("why.lock"));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    let text = fs::read_to_string(document()).unwrap();
    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    let row = format!("| {case} | {} | {} |", said["keys"], said["count"]);
    let rest = format!("{} |", keys.join(" and "));
    if std::env::var_os("UPDATE").is_none() {
        let is_it = |line: &str| line.starts_with(&row) && line.ends_with(&rest);
        assert!(text.lines().any(is_it), "docs/why.md has no row {row} ... {rest}");
        return;
    }
    let (before, rows) = text.split_once(BEGIN).expect("the table's begin");
    let (table, after) = rows.split_once(END).expect("the table's end");
    let seconds = said["seconds"].as_f64().unwrap();
    let rows = beginnings().filter_map(|other| {
        if other == case {
            return Some(format!("{row} {seconds:.0} | {rest}\n"));
        }
        let begin = format!("| {other} |");
        table.lines().find(|line| line.starts_with(&begin)).map(|line| format!("{line}\n"))
    });
    let table: String = rows.collect();
    fs::write(document(), format!("{before}{BEGIN}\n\n{HEAD}{table}\n{END}{after}")).unwrap();
}
