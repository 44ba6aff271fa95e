//! Whether a shell command hands a variable's value over as an argument of a program, where `ps` shows it.

/// What a shell does itself: arguments of these are seen by nobody.
const BUILTINS: [&str; 15] = [
    ":", "[", "[[", "case", "cd", "echo", "export", "for", "local", "printf", "read", "readonly",
    "set", "test", "unset",
];
/// What stands before a command and is none.
const BEFORE: [&str; 12] =
    ["!", "{", "command", "do", "elif", "else", "exec", "if", "then", "time", "until", "while"];

/// True where `$variable` is an argument of a program that is started. A command substitution is not looked into,
/// nor what comes after the beginning of a here-document.
pub(in crate::site) fn hands_over(command: &str, variable: &str) -> bool {
    let command = match here_document(command) {
        Some(at) => &command[..at],
        None => command,
    };
    commands(command).iter().any(|words| {
        let mut words =
            words.iter().skip_while(|word| BEFORE.contains(&word.as_str()) || is_assignment(word));
        let is_program = words.next().is_some_and(|first| !BUILTINS.contains(&first.as_str()));
        let mut is_target = false;
        is_program
            && words.any(|word| {
                let is_file = std::mem::replace(
                    &mut is_target,
                    is_redirection(word) && word.ends_with(['<', '>']),
                );
                !is_file && !is_redirection(word) && mentions(word, variable)
            })
    })
}

fn here_document(command: &str) -> Option<usize> {
    let found = command.match_indices("<<").map(|(at, _)| at);
    let mut beginnings = found.filter(|at| !command[*at..].starts_with("<<<"));
    beginnings.find(|at| !command[..*at].ends_with('<'))
}

/// The words of each simple command, with their quotes.
fn commands(text: &str) -> Vec<Vec<String>> {
    let (mut commands, mut words, mut word) = (Vec::new(), Vec::new(), String::new());
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) => {
                word.push(letter);
                if letter == open {
                    quote = None;
                }
            }
            (None, '\'' | '"') => {
                word.push(letter);
                quote = Some(letter);
            }
            (None, '\\') => {
                word.push(letter);
                word.extend(letters.next());
            }
            (None, ';' | '|' | '&' | '\n' | '(' | ')' | '`') => {
                words.push(std::mem::take(&mut word));
                commands.push(std::mem::take(&mut words));
            }
            (None, _) if letter.is_whitespace() => words.push(std::mem::take(&mut word)),
            (None, _) => word.push(letter),
        }
    }
    words.push(word);
    commands.push(words);
    for words in &mut commands {
        words.retain(|word| !word.is_empty());
    }
    commands
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

fn is_redirection(word: &str) -> bool {
    word.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['<', '>'])
}

/// `$NAME` or `${NAME...`.
fn mentions(word: &str, variable: &str) -> bool {
    word.match_indices('$').any(|(at, _)| {
        let after = &word[at + 1..];
        let after = after.strip_prefix('{').unwrap_or(after);
        after
            .strip_prefix(variable)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_of_a_program_is_handed_over_and_nothing_else_is() {
        for command in [
            "worker --key $KEY",
            "worker --key=\"${KEY}\"",
            "cd /srv && exec worker \"$KEY\" > log",
            "A=1 worker ${KEY:-none}",
            "if true; then worker $KEY; fi",
            "sh -c 'worker $KEY'",
            "echo x | worker $KEY",
        ] {
            assert!(hands_over(command, "KEY"), "{command}");
        }
        for command in [
            "worker",
            "worker --key $KEYS",
            "echo \"$KEY\" | worker -",
            "printf %s $KEY > key",
            "test -n \"$KEY\" && worker",
            "OTHER=$KEY worker",
            "worker <<< $KEY",
            "worker <<<\"$KEY\"",
            "worker << END\nkey $KEY\nEND",
            "worker > $KEY",
            "worker KEY",
        ] {
            assert!(!hands_over(command, "KEY"), "{command}");
        }
    }
}
