//! Help, versions, pipes and colours.

use crate::program::{SHOP, Stagectl};

const COMMANDS: [&str; 28] = [
    "init",
    "site",
    "capture",
    "drift",
    "doctor",
    "rehearse",
    "up",
    "why",
    "cover",
    "crucial",
    "live",
    "test",
    "open",
    "logs",
    "shell",
    "exec",
    "redeploy",
    "down",
    "status",
    "gc",
    "check",
    "plan",
    "diff",
    "report",
    "schema",
    "completions",
    "man",
    "version",
];

#[test]
fn help_lists_the_commands_and_the_exit_codes() {
    let help = Stagectl::new().args(["--help"]).stderr("").exit_code(0).out();
    let listed: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // What is longer than a line goes on further in.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(listed, [&COMMANDS[..], &["help"]].concat());
    assert!(help.contains("Exit codes: 0 passed"), "{help}");
    for command in COMMANDS {
        let help = Stagectl::new().args([command, "--help"]).stderr("").exit_code(0).out();
        assert!(help.contains(&format!("Usage: stagectl {command}")), "{help}");
        assert!(help.contains("\nExample"), "no example: {help}");
        // In the short help an argument and its word are on one line.
        let short = Stagectl::new().args([command, "-h"]).stderr("").exit_code(0).out();
        let said_nothing = short.lines().filter(|line| {
            let line = line.trim();
            (line.starts_with('<') || line.starts_with('['))
                && !line.contains("  ")
                && !line.starts_with("[default")
                && !line.starts_with("[possible")
                && line != "[OF]"
        });
        assert_eq!(said_nothing.count(), 0, "an argument without a word: {help}");
    }
}

#[test]
fn without_a_command_there_is_help() {
    let help = Stagectl::new().args(["-h"]).run().out();
    Stagectl::new().args([]).stderr(&help).stdout("").exit_code(2);
}

#[test]
fn the_version_is_the_packages() {
    let version = format!("stagectl {}\n", env!("CARGO_PKG_VERSION"));
    Stagectl::new().args(["--version"]).stdout(&version).stderr("").exit_code(0);
    Stagectl::new().args(["version"]).stdout(&version).stderr("").exit_code(0);
    // Of the commit only a build for release knows: see `tests/dist/built_from.rs`.
    let told = Stagectl::new().args(["version", "--output", "json"]).stderr("").exit_code(0).out();
    let target = told.split("\"target\": ").nth(1).unwrap();
    assert!(target.starts_with('"') && target.contains("linux"), "{told}");
    assert_eq!(
        told.strip_suffix(target).unwrap(),
        format!(
            "{{\n  \"schema\": \"stagectl-version/1\",\n  \"version\": \"{}\",\n  \"commit\": null,\n  \
             \"date\": null,\n  \"target\": ",
            env!("CARGO_PKG_VERSION")
        )
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    for command in ["schema", "schema stub", "schema report", "check", "--help"] {
        let script = format!("stagectl {command} | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}");
        Stagectl::new().site("shop", SHOP).shell(&script).stderr("").stdout("0\n");
    }
    // Nobody reads at all.
    let script = "exec 3> >(exit); sleep 0.1; stagectl schema >&3; echo $?";
    Stagectl::new().shell(script).stderr("").stdout("0\n");
}

#[test]
fn a_full_disk_is_told() {
    Stagectl::new()
        .shell("stagectl schema > /dev/full")
        .stderr(
            "error: could not write to standard output\n  \
             caused by: No space left on device (os error 28)\n",
        )
        .exit_code(75);
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let project = || Stagectl::new().site("shop", SHOP);
    let plain = "error: there is no site `mill`\n";
    let in_terminal = |variables: &str| {
        format!("{variables} script -qec 'stagectl check mill' /dev/null | tr -d '\\r' | head -1")
    };
    project().shell("stagectl check mill 2>&1 | head -1").stdout(plain);
    project().shell(&in_terminal("TERM=xterm NO_COLOR=1")).stdout(plain);
    project().shell(&in_terminal("TERM=dumb")).stdout(plain);
    let coloured = project().shell(&in_terminal("TERM=xterm")).out();
    assert!(coloured.contains("\u{1b}[") && coloured.contains("error:"), "{coloured:?}");
}
