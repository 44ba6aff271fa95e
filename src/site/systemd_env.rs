//! Files of variables as systemd reads them for `EnvironmentFile=`: the states of its own reader
//! (`src/basic/env-file.c`, version 252), character by character.

use std::path::Path;

use super::dotenv::Variable;
use super::problem::Place;

/// What the reader is in the middle of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    BeforeKey,
    Key,
    BeforeValue,
    Value,
    EscapeInValue,
    SingleQuotes,
    DoubleQuotes,
    EscapeInDoubleQuotes,
    Remark,
    EscapeInRemark,
}

/// A variable that is being read.
#[derive(Default)]
struct Entry {
    key: String,
    value: String,
    /// The length of the value without the blanks at its end, if it ends with some.
    trimmed: Option<usize>,
    line: usize,
}

/// Reads a file. Nothing is wrong to systemd: a line without `=`, and a name that no variable may have
/// (`export A` is one), are passed over; a name that comes twice has its last value.
pub(super) fn read(file: &Path, text: &str) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::new();
    let mut take = |entry: &mut Entry| {
        let Entry { key, mut value, trimmed, line } = std::mem::take(entry);
        if let Some(length) = trimmed {
            value.truncate(length);
        }
        let name = key.trim_end_matches(is_blank).to_owned();
        if !is_name(&name) || value.chars().any(|c| c.is_control() && !"\t\n".contains(c)) {
            return;
        }
        variables.retain(|other| other.name != name);
        let place = Place { line, column: 1, ..Place::file(file) };
        variables.push(Variable { name, value, place });
    };
    let (mut state, mut entry, mut line) = (State::BeforeKey, Entry::default(), 1);
    for letter in text.chars() {
        let ends_line = matches!(letter, '\n' | '\r');
        state = match state {
            State::BeforeKey if matches!(letter, '#' | ';') => State::Remark,
            State::BeforeKey if is_blank(letter) => State::BeforeKey,
            State::BeforeKey => {
                entry = Entry { key: letter.to_string(), line, ..Entry::default() };
                State::Key
            }
            State::Key if ends_line => State::BeforeKey,
            State::Key if letter == '=' => State::BeforeValue,
            State::Key => {
                entry.key.push(letter);
                State::Key
            }
            State::BeforeValue | State::Value if ends_line => {
                take(&mut entry);
                State::BeforeKey
            }
            State::BeforeValue if letter == '\'' => State::SingleQuotes,
            State::BeforeValue if letter == '"' => State::DoubleQuotes,
            State::BeforeValue | State::Value if letter == '\\' => {
                entry.trimmed = None;
                State::EscapeInValue
            }
            State::BeforeValue if is_blank(letter) => State::BeforeValue,
            State::BeforeValue | State::Value => {
                entry.trimmed =
                    is_blank(letter).then(|| entry.trimmed.unwrap_or(entry.value.len()));
                entry.value.push(letter);
                State::Value
            }
            State::EscapeInValue => {
                // The end of a line behind a backslash is none.
                entry.value.extend((!ends_line).then_some(letter));
                State::Value
            }
            State::SingleQuotes if letter == '\'' => State::BeforeValue,
            State::DoubleQuotes if letter == '"' => State::BeforeValue,
            State::DoubleQuotes if letter == '\\' => State::EscapeInDoubleQuotes,
            State::SingleQuotes | State::DoubleQuotes => {
                entry.value.push(letter);
                state
            }
            State::EscapeInDoubleQuotes => {
                match letter {
                    '"' | '\\' | '`' | '$' => entry.value.push(letter),
                    '\n' => {}
                    other => entry.value.extend(['\\', other]),
                }
                State::DoubleQuotes
            }
            State::Remark if letter == '\\' => State::EscapeInRemark,
            State::Remark if ends_line => State::BeforeKey,
            // Up to version 253 a remark goes on behind a backslash.
            State::Remark | State::EscapeInRemark => State::Remark,
        };
        line += usize::from(letter == '\n');
    }
    if !matches!(state, State::BeforeKey | State::Key | State::Remark | State::EscapeInRemark) {
        take(&mut entry);
    }
    variables
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r')
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every rule of the reader once.
    const FILE: &str = include_str!("systemd_env/rules.env");
    /// What systemd 252 (Debian's 252.38-1~deb12u1) reads in it. Its reader is also that of `environment.d`,
    /// whose program says what it has read; that one alone passes over empty values.
    const READ: &str = include_str!("systemd_env/read.txt");
    const PROGRAM: &str =
        "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";

    fn as_systemd_prints(text: &str) -> String {
        let variables = read(Path::new("site.env"), text);
        let lines = variables.iter().filter(|variable| !variable.value.is_empty());
        let lines = lines.map(|variable| format!("{}={}", variable.name, quoted(&variable.value)));
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    /// As systemd's program writes a value.
    fn quoted(value: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_#=".contains(c) || !c.is_ascii();
        if value.chars().all(is_plain) {
            return value.to_owned();
        }
        let escaped: String = value
            .chars()
            .map(|c| match c {
                '\n' => "\\n".to_owned(),
                '\t' => "\\t".to_owned(),
                '"' | '\\' | '`' | '$' => format!("\\{c}"),
                other => other.to_string(),
            })
            .collect();
        format!("\"{escaped}\"")
    }

    #[test]
    fn a_file_is_read_as_systemd_reads_it() {
        assert_eq!(as_systemd_prints(FILE), READ);
        let empty: Vec<String> = read(Path::new("site.env"), FILE)
            .into_iter()
            .filter(|variable| variable.value.is_empty())
            .map(|variable| variable.name)
            .collect();
        assert_eq!(empty, ["EMPTY", "EMPTY2"]);
    }

    /// Where systemd is installed, it is asked.
    #[test]
    fn what_is_recorded_is_what_systemd_says() {
        if !Path::new(PROGRAM).exists() {
            return;
        }
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("environment.d");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("site.conf"), FILE).unwrap();
        let mut program = std::process::Command::new(PROGRAM);
        let said = program.env_clear().env("XDG_CONFIG_HOME", home.path()).output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        // Those of the machine come with it.
        let own =
            |line: &&str| READ.lines().any(|read| read.split('=').next() == line.split('=').next());
        let said: Vec<&str> = said.lines().filter(own).collect();
        assert_eq!(said.join("\n") + "\n", READ);
    }
}
