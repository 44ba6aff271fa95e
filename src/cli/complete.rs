//! Completions of shells, with the sites of the project at hand, and the script that asks for them.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use crate::display::print_data;
use crate::failure::{Failure, Verdict};
use crate::session::described_roles;
use crate::site::{Project, site_names};

/// Set by the script while the shell asks for completions.
const ASKED: &str = "STAGECTL_COMPLETE";

/// Print the script with which a shell completes commands and the names of your sites
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  eval \"$(stagectl completions bash)\"                   in ~/.bashrc
  eval \"$(stagectl completions zsh)\"                    in ~/.zshrc, below compinit
  stagectl completions fish > ~/.config/fish/completions/stagectl.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

pub(super) fn completions(args: CompletionsArgs) -> Result<Verdict, Failure> {
    let name = match args.shell {
        Shell::Bash => "bash",
        Shell::Zsh => "zsh",
        Shell::Fish => "fish",
    };
    let shells = Shells::builtins();
    let mut script = Vec::new();
    let made = shells.completer(name).map(|shell| {
        shell.write_registration(ASKED, "stagectl", "stagectl", "stagectl", &mut script)
    });
    if !matches!(made, Some(Ok(()))) {
        return Err(Failure::bug(format!("there is no script for {name}")));
    }
    print_data(&String::from_utf8_lossy(&script))?;
    Ok(Verdict::Passed)
}

/// Answers a shell that asks for completions; true where one did.
#[must_use]
pub(super) fn answer_shell(program: fn() -> clap::Command) -> bool {
    let here = std::env::current_dir().ok();
    let factory = move || with_names(program());
    let environment = CompleteEnv::with_factory(factory).var(ASKED).bin("stagectl");
    // An answer that cannot be given is none: a shell shows no errors while somebody types.
    environment.try_complete(std::env::args_os(), here.as_deref()).unwrap_or(true)
}

/// The program, in which every argument that is a site knows the sites, and each that is a role the roles.
fn with_names(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|argument| {
        let names = argument.get_value_names().unwrap_or_default();
        match names.first().map(clap::builder::Str::as_str) {
            Some("SITE" | "OTHER") => argument.add(ArgValueCompleter::new(sites)),
            Some("ROLE") => argument.add(ArgValueCompleter::new(roles)),
            _ => argument,
        }
    });
    command.mut_subcommands(with_names)
}

/// The sites whose names begin so, with their summaries where all descriptions can be read.
fn sites(begun: &OsStr) -> Vec<CompletionCandidate> {
    let Ok(root) = Project::find(&folder(std::env::args_os())) else { return Vec::new() };
    let loaded = Project::load(&root, |_| None).ok();
    let begun = begun.to_string_lossy();
    let names = site_names(&root);
    let candidates = names.iter().filter(|name| name.as_str().starts_with(&*begun)).map(|name| {
        let summary = loaded.as_ref().and_then(|project| project.site(name).ok()?.summary.clone());
        CompletionCandidate::new(name.as_str()).help(summary.map(Into::into))
    });
    candidates.collect()
}

/// The roles that begin so, of the site that the line names.
fn roles(begun: &OsStr) -> Vec<CompletionCandidate> {
    let Ok(root) = Project::find(&folder(std::env::args_os())) else { return Vec::new() };
    let Ok(project) = Project::load(&root, |_| None) else { return Vec::new() };
    let begun = begun.to_string_lossy();
    let site = typed_words(std::env::args_os())
        .iter()
        .find_map(|word| project.site(&word.to_str()?.parse().ok()?).ok());
    let roles = site.map(described_roles).unwrap_or_default();
    let roles = roles.into_iter().filter(|role| role.starts_with(&*begun));
    roles.map(CompletionCandidate::new).collect()
}

/// The words of the line that is being typed, without the program.
fn typed_words(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    words.skip_while(|word| word != "--").skip(2).collect()
}

/// What `-C` says in the line that is being typed; else the folder at hand.
fn folder(words: impl Iterator<Item = OsString>) -> PathBuf {
    let words = typed_words(words);
    let mut folder = PathBuf::from(".");
    for (index, word) in words.iter().enumerate() {
        let text = word.to_string_lossy();
        let next = words.get(index + 1).map(PathBuf::from);
        let named = match &*text {
            "-C" | "--project" => next,
            "--" => break,
            _ => text
                .strip_prefix("--project=")
                .or_else(|| text.strip_prefix("-C").filter(|rest| !rest.is_empty()))
                .map(PathBuf::from),
        };
        folder = named.unwrap_or(folder);
    }
    match (folder.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => folder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_that_of_the_line_being_typed() {
        let table = [
            ("stagectl -- stagectl up si", "."),
            ("stagectl -- stagectl -C a up si", "a"),
            ("stagectl -- stagectl up --project=a/b si", "a/b"),
            ("stagectl -- stagectl up -Cc si", "c"),
            ("stagectl -- stagectl test site-a -- -C x", "."),
            ("stagectl -- stagectl up -C", "."),
        ];
        for (line, expected) in table {
            let words = line.split(' ').map(OsString::from);
            assert_eq!(folder(words), PathBuf::from(expected), "{line}");
        }
    }
}
