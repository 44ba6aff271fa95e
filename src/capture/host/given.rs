//! What gunicorn is given beside the options of its command: variables of `--env`, and `GUNICORN_CMD_ARGS`.

use super::super::answer::Answer;
use super::unit::Unit;
use super::variable::{self, Variable};

/// Settings of a unit that the script adds to those of its file.
const OF_COMMAND: &str = "X-Given";
const ARGUMENTS: &str = "X-Arguments";
const OF_ARGUMENTS: &str = "X-Given-By-Arguments";

/// What a gunicorn is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The words of `GUNICORN_CMD_ARGS`.
    pub arguments: Vec<String>,
    /// Variables of the command's `--env`.
    by_command: Vec<Variable>,
    /// Variables of the `--env` in `GUNICORN_CMD_ARGS`.
    by_arguments: Vec<Variable>,
}

impl Given {
    /// What is said of a process, by its number, or of a file, by its path.
    pub(super) fn of(answer: &Answer, what: &str) -> Given {
        let lines = |name: &str| answer.of(name, what).unwrap_or_default();
        Given {
            arguments: lines("arguments").to_vec(),
            by_command: variable::of(lines("given")),
            by_arguments: variable::of(lines("given-by-arguments")),
        }
    }

    /// What a unit says.
    #[must_use]
    pub fn of_unit(unit: &Unit) -> Given {
        let lines =
            |key: &str| -> Vec<String> { unit.all(key).into_iter().map(str::to_owned).collect() };
        Given {
            arguments: lines(ARGUMENTS),
            by_command: variable::of(&lines(OF_COMMAND)),
            by_arguments: variable::of(&lines(OF_ARGUMENTS)),
        }
    }

    /// The same with the `GUNICORN_CMD_ARGS` of another place.
    #[must_use]
    pub fn with_arguments_of(self, other: Given) -> Given {
        Given { arguments: other.arguments, by_arguments: other.by_arguments, ..self }
    }

    /// The variables that hold: a command that gives any takes those of `GUNICORN_CMD_ARGS` back.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        if self.by_command.is_empty() { &self.by_arguments } else { &self.by_command }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_stands_over_the_arguments() {
        let text = "stagectl-capture 1\n= given 10\n|THEME=v:paper\n. 0\n= arguments 10\n|--workers\n|5\n. 0\n\
                    = given-by-arguments 10\n|THEME=v:night\n|DOOR=f: 0123456789abcdef0123  -\n. 0\n\
                    = arguments /etc/default/shop\n|--threads\n|2\n. 0\nstagectl-capture end\n";
        let answer = Answer::read(text.as_bytes()).unwrap();
        let given = Given::of(&answer, "10");
        let names = |given: &Given| {
            given.variables().iter().map(Variable::mark).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(
            (names(&given).as_str(), &given.arguments[..]),
            ("paper", &["--workers".to_owned(), "5".to_owned()][..])
        );
        let of_file = Given::of(&answer, "/etc/default/shop");
        assert_eq!(Given { by_command: Vec::new(), ..given.clone() }.variables().len(), 2);
        assert_eq!(given.with_arguments_of(of_file).arguments, ["--threads", "2"]);
    }
}
