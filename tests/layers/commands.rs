//! The files of `cli`: each is a command, or what several share.

use super::*;

/// What the commands share; every other file of `cli` is a command.
const SHARED_BY_COMMANDS: &[&str] = &[
    "accept",
    "asked",
    "beforehand",
    "captured",
    "context",
    "covering",
    "explain",
    "found",
    "fresh",
    "live",
    "only_failed",
    "output",
    "picked",
    "room",
    "show",
    "signals",
    "terminal",
];

#[test]
fn commands_do_not_import_each_other() {
    let complaints: Vec<Complaint> = sources("src/cli")
        .iter()
        .filter(|(file, _)| !file.ends_with("cli/mod.rs"))
        .flat_map(|(file, text)| circles::siblings(file, text).map(|name| (file.clone(), name)))
        .filter(|(_, name)| !SHARED_BY_COMMANDS.contains(&name.as_str()))
        .map(|(file, name)| Complaint {
            file,
            line: 1,
            text: format!("imports the command `{name}`"),
        })
        .collect();
    assert_none(&complaints);
}
