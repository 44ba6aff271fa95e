//! The variables of the environment that a Python source asks for.

use std::sync::LazyLock;

use regex::Regex;

use crate::python::{expression, literal, without_comments};

/// A variable of the environment that a source asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) name: String,
    /// False where the source goes on without it.
    pub(super) is_required: bool,
    /// True where its value has to be a list as JSON writes it.
    pub(super) is_list: bool,
    /// The default, where it is a literal text.
    pub(super) default: Option<String>,
    /// Counted from one.
    pub(super) line: usize,
}

/// Every question for a variable of the environment, in the ways of `os`, django-environ, environs
/// and decouple.
pub(super) fn find_questions(text: &str) -> Vec<Asked> {
    static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
        let place = r"(?:os\.)?environ(?P<get>\.get\s*\(|\s*\[)|(?:os\.)?(?P<getenv>getenv)\s*\(";
        let tools = r"\b(?P<tool>env(?:\.\w+)?|config)\s*\(";
        pattern(&format!(r#"(?:{place}|{tools})\s*["'](?P<name>[A-Z][A-Z0-9_]*)["']"#))
    });
    let text = &without_comments(text);
    let mut asked: Vec<Asked> = Vec::new();
    for found in QUESTION.captures_iter(text) {
        let name = found["name"].to_owned();
        let start = found.get(0).map_or(0, |whole| whole.start());
        if is_of_a_request(&name) || !is_of_the_process(text, start) {
            continue;
        }
        let rest = &text[found.get(0).map_or(0, |whole| whole.end())..];
        let is_subscript = found.name("get").is_some_and(|get| get.as_str().ends_with('['));
        let is_tool = found.name("tool").is_some();
        let argument = rest.trim_start().strip_prefix(',').map(|rest| {
            let rest = rest.trim_start();
            expression(rest.strip_prefix("default=").unwrap_or(rest))
        });
        // `environ["X"] = ...` sets it.
        let closes = rest.lines().next().unwrap_or_default();
        let closes = closes.trim_start().trim_start_matches(']').trim_start();
        if is_subscript && closes.starts_with('=') && !closes.starts_with("==") {
            continue;
        }
        // Whoever looks first whether it is there goes on without it.
        let is_looked_for = is_subscript
            && ["\"", "'"].iter().any(|quote| {
                let quoted = format!("{quote}{name}{quote}");
                text.contains(&format!("{quoted} in os.environ"))
                    || text.contains(&format!("{quoted} not in os.environ"))
                    || text.contains(&format!("if os.environ.get({quoted})"))
                    || text.contains(&format!("if os.getenv({quoted})"))
            });
        let is_required = ((is_subscript && !is_looked_for) || (is_tool && argument.is_none()))
            && !is_caught(text, start);
        let default = argument.and_then(literal).map(str::to_owned);
        let line = 1 + text[..start].matches('\n').count();
        match asked.iter_mut().find(|before| before.name == name) {
            Some(before) => before.is_required |= is_required,
            None => asked.push(Asked { name, is_required, is_list: false, default, line }),
        }
    }
    asked
}

/// Keys of the environment of a request: <https://peps.python.org/pep-3333/#environ-variables>, and what
/// servers and middleware add.
fn is_of_a_request(name: &str) -> bool {
    const KEYS: &str = "PATH_INFO SCRIPT_NAME QUERY_STRING REQUEST_METHOD REQUEST_URI REQUEST_SCHEME RAW_URI \
        CONTENT_TYPE CONTENT_LENGTH SERVER_NAME SERVER_PORT SERVER_PROTOCOL SERVER_ADDR REMOTE_ADDR \
        REMOTE_HOST REMOTE_PORT REMOTE_USER REMOTE_IDENT AUTH_TYPE GATEWAY_INTERFACE PATH_TRANSLATED \
        DOCUMENT_ROOT SCRIPT_FILENAME HTTPS";
    KEYS.split_whitespace().any(|key| key == name)
        || name.starts_with("HTTP_")
        || name.starts_with("SSL_CLIENT_")
}

/// False for the `environ` of something else, such as `request.environ`, and for a bare one that was not
/// taken from `os`.
fn is_of_the_process(text: &str, start: usize) -> bool {
    static TAKEN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?m)^[ \t]*from os import [^\n]*\b(?:environ|getenv)\b"));
    let before = text[..start].chars().next_back();
    let here = &text[start..];
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.') {
        return false;
    }
    let is_bare = here.starts_with("environ") || here.starts_with("getenv");
    !is_bare || TAKEN.is_match(text)
}

/// True inside a `try` that goes on where the variable is not there.
fn is_caught(text: &str, start: usize) -> bool {
    const CAUGHT: [&str; 6] = [
        "KeyError",
        "EnvError",
        "ImproperlyConfigured",
        "UndefinedValueError",
        "Exception",
        "except:",
    ];
    let indent = |line: &str| line.len() - line.trim_start().len();
    let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let mut depth = indent(text[begin..].lines().next().unwrap_or_default());
    for line in text[..begin].lines().rev().filter(|line| !line.trim().is_empty()) {
        if indent(line) >= depth {
            continue;
        }
        depth = indent(line);
        if line.trim_end() == format!("{}try:", &line[..depth]) {
            let after = text[begin..].lines().skip(1).filter(|line| !line.trim().is_empty());
            let mut own = after.skip_while(|line| indent(line) > depth);
            let except = own.next().filter(|line| line.trim_start().starts_with("except"));
            return except.is_some_and(|line| CAUGHT.iter().any(|word| line.contains(word)));
        }
    }
    false
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_request_and_texts_are_no_variables() {
        let text = "\"\"\"Set os.environ['DOC'] first.\n\"\"\"\nimport os\n# os.environ['OLD']\n\
            def app(environ, start_response):\n    path = environ['PATH_INFO']\n    x = environ['X_KEY']\n\
            \x20   ip = request.environ['IP'] or os.environ['HTTP_X']\n\
            A = os.environ.get('ONE') or os.environ['TWO']\n\
            if 'THREE' in os.environ:\n    B = os.environ['THREE']\nC = env(\n    'FOUR',\n    default='x'\n)\n";
        let found: Vec<_> = find_questions(text)
            .into_iter()
            .map(|asked| (asked.name, asked.is_required, asked.line))
            .collect();
        assert_eq!(
            found,
            [
                ("ONE".into(), false, 9),
                ("TWO".into(), true, 9),
                ("THREE".to_owned(), false, 11),
                ("FOUR".into(), false, 12)
            ]
        );
    }

    #[test]
    fn questions_for_variables_are_told_from_answers() {
        let text = "import os\nA = os.environ['ONE']\nB = os.environ.get(\"TWO\", 'b')\n\
            os.environ['SET'] = 'x'\nC = os.getenv('THREE')\nD = env.bool('FOUR', default=False)\n\
            E = config('FIVE')\nos.environ.setdefault('SIX', 'x')\nF = os.environ['TWO']\n";
        let found: Vec<_> = find_questions(text)
            .into_iter()
            .map(|asked| (asked.name, asked.is_required, asked.default, asked.line))
            .collect();
        let row = |name: &str, required, default: Option<&str>, line| {
            (name.to_owned(), required, default.map(str::to_owned), line)
        };
        assert_eq!(
            found,
            [
                row("ONE", true, None, 2),
                row("TWO", true, Some("b"), 3),
                row("THREE", false, None, 5),
                row("FOUR", false, None, 6),
                row("FIVE", true, None, 7),
            ]
        );
    }

    #[test]
    fn what_the_source_goes_on_without_is_not_required() {
        let text = "import os\nA = float(os.environ['ONE']) if os.environ.get('ONE') else None\ntry:\n    \
            B = env('TWO')\n    if B:\n        C = os.environ['THREE']\nexcept (KeyError, EnvError):\n    B = 1\n\
            try:\n    D = os.environ['FOUR']\nexcept ValueError:\n    D = 1\ndef f():\n    return os.environ['FIVE']\n";
        let found: Vec<_> =
            find_questions(text).into_iter().map(|asked| (asked.name, asked.is_required)).collect();
        let row = |name: &str, required| (name.to_owned(), required);
        assert_eq!(
            found,
            [
                row("ONE", false),
                row("TWO", false),
                row("THREE", false),
                row("FOUR", true),
                row("FIVE", true)
            ]
        );
    }
}
