//! Every command line in the documents is one that the program, or the Makefile, takes.

use clap::CommandFactory as _;
use stagectl::cli::Cli;

use crate::document::{Document, root};

/// The words of a command line up to what is the shell's: a pipe, a list, a redirection, a comment.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('|' | '&' | ';' | '>' | '#', None) => break,
            (' ', None) => words.push(String::new()),
            (c, _) => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Command lines in blocks: after `$ ` in a console, every line of a script.
fn command_lines() -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for block in Document::all().iter().flat_map(Document::blocks) {
        for line in block.code.lines() {
            let line = line.trim();
            let command = match block.language.as_str() {
                "console" => line.strip_prefix("$ "),
                "sh" => Some(line),
                // `- run: stagectl rehearse` of a pipeline.
                "yaml" if line.starts_with('#') => None,
                "yaml" | "groovy" => {
                    line.find("stagectl ").map(|at| line[at..].trim_end_matches('\''))
                }
                _ => None,
            };
            // What the server fills in.
            let filled = |command: &str| command.replace("$CI_NODE_INDEX/$CI_NODE_TOTAL", "1/2");
            lines.extend(command.map(|command| (block.place.clone(), filled(command))));
        }
    }
    lines
}

#[test]
fn every_command_line_is_one_that_stagectl_takes() {
    let mut parsed = 0;
    for (place, line) in command_lines() {
        let words = words(&line);
        let Some(at) =
            words.iter().position(|word| word == "stagectl" || word.ends_with("/stagectl"))
        else {
            continue;
        };
        // Another program's argument: `pipx install stagectl`.
        if at > 0 && ["install", "remove", "uninstall"].contains(&words[at - 1].as_str()) {
            continue;
        }
        if let Err(error) = Cli::command().try_get_matches_from(&words[at..]) {
            let asked = matches!(
                error.kind(),
                clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion
            );
            assert!(asked, "{place}: {line}\n{error}");
        }
        parsed += 1;
    }
    assert!(parsed >= 10, "only {parsed} command lines were found");
}

/// In the text a command may be cut short; what it names has to exist.
#[test]
fn the_text_names_commands_and_options_that_exist() {
    let program = Cli::command();
    for document in Document::all() {
        for span in document.spans() {
            let words = words(&span);
            if words.first().is_none_or(|word| word != "stagectl") || words.len() < 2 {
                continue;
            }
            let path = document.path.display();
            let command = words[1..].iter().find(|word| !word.starts_with('-')).map(|name| {
                program.find_subcommand(name).unwrap_or_else(|| panic!("{path}: {span}"))
            });
            // `stagectl site new`: the second word of a command that has several.
            let inner = command.and_then(|command| {
                words[2..].iter().find_map(|word| command.find_subcommand(word))
            });
            let known = |option: &str| {
                let commands = command.into_iter().chain(inner).chain([&program]);
                let arguments = commands.flat_map(clap::Command::get_arguments);
                let mut names = arguments.filter_map(clap::Arg::get_long);
                names.any(|name| name == option) || ["help", "version"].contains(&option)
            };
            for option in words.iter().filter_map(|word| word.strip_prefix("--")) {
                let option = option.split('=').next().unwrap_or(option);
                assert!(option.is_empty() || known(option), "{path}: `{span}`: no --{option}");
            }
        }
    }
}

#[test]
fn every_make_target_that_is_named_exists() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    let lines = command_lines().into_iter().map(|(_, line)| line);
    let spans = Document::all().into_iter().flat_map(|document| document.spans());
    let mut targets: Vec<String> = lines
        .chain(spans)
        .filter_map(|text| text.strip_prefix("make ")?.split(' ').next().map(str::to_owned))
        .collect();
    targets.sort();
    targets.dedup();
    assert!(targets.contains(&"rehearse".to_owned()) && targets.contains(&"test".to_owned()));
    for target in targets {
        assert!(makefile.contains(&format!("\n{target}:")), "the Makefile has no `{target}`");
    }
}
