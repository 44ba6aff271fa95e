//! The table of the gallery in `docs/showstoppers.md`: each case checks its own row, or writes it.

use std::fs;
use std::fs::File;
use std::path::PathBuf;

use crate::case::{Case, link};
use crate::driver::repository;
use crate::{GALLERY, folder_of};

const BEGIN: &str = "<!-- gallery: generated -->";
const END: &str = "<!-- gallery: end -->";
const HEAD: &str = "| part | show-stopper | differs in | red in, code | what it says | seconds |\n\
                    |---|---|---|---|---|---|\n";

fn document() -> PathBuf {
    repository().join("docs/showstoppers.md")
}

/// The row of a case without its time, which is not the same twice.
fn row(name: &str, case: &Case) -> String {
    let Case { part, title, differs, state, phase, code, message, why, .. } = case;
    let state = state.map_or_else(String::new, |state| format!("{}: ", state.name()));
    let cell = |text: &str| text.trim().replace('\n', " ").replace('|', "\\|");
    format!(
        "| {} | [{}]({}): {} | `{differs}` | {state}{phase}, {code} | `{}` |",
        cell(part),
        cell(title),
        link(name),
        cell(why),
        cell(message)
    )
}

/// Compares the case's row with the document, or writes it there (`UPDATE=1`).
pub(crate) fn record(name: &str, case: &Case, seconds: f64) {
    let lock = File::create(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("gallery.lock"));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    let text = fs::read_to_string(document()).unwrap();
    let row = row(name, case);
    if std::env::var_os("UPDATE").is_none() {
        assert!(
            text.lines().any(|line| line.starts_with(&row)),
            "docs/showstoppers.md has no row\n{row}\nwrite it: UPDATE=1 cargo test --test showstoppers"
        );
        return;
    }
    let (before, rest) = text.split_once(BEGIN).expect("the table's begin");
    let (table, after) = rest.split_once(END).expect("the table's end");
    let rows = GALLERY.iter().map(|test| folder_of(test)).filter_map(|other| {
        if other == name {
            return Some(format!("{row} {seconds:.1} |\n"));
        }
        let link = format!("]({})", link(&other));
        table.lines().find(|line| line.contains(&link)).map(|line| format!("{line}\n"))
    });
    let table: String = rows.collect();
    fs::write(document(), format!("{before}{BEGIN}\n\n{HEAD}{table}\n{END}{after}")).unwrap();
}

/// Fails unless the table has a row for each of these, and no others.
pub(crate) fn assert_lists(names: impl Iterator<Item = String>) {
    if std::env::var_os("UPDATE").is_some() {
        return;
    }
    let text = fs::read_to_string(document()).unwrap();
    let expected: Vec<String> = names.map(|name| link(&name)).collect();
    let listed: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| ") && !HEAD.contains(line))
        .filter_map(|line| line.split_once("](")?.1.split_once(')').map(|(link, _)| link))
        .collect();
    assert_eq!(listed, expected, "docs/showstoppers.md");
}
