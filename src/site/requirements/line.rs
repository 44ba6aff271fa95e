//! One line of a requirements file, as pip reads it.
//!
//! <https://pip.pypa.io/en/stable/reference/requirements-file-format/>

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Statement {
    Requirement(Requirement),
    /// `-r other.txt`
    Requirements(String),
    /// `-c other.txt`
    Constraints(String),
    /// `-e .`
    Editable(String),
    /// `--find-links wheels`
    FindLinks(String),
    /// `--require-hashes`
    RequireHashes,
    /// `--pre`
    Pre,
    /// Everything else is the installer's affair.
    Other,
}

/// A requirement, as far as stagectl has to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Requirement {
    /// As written, without its options.
    pub(super) text: String,
    /// Normalised; nothing for a bare address or path.
    pub(super) name: Option<String>,
    /// True where it admits one version alone.
    pub(super) is_pinned: bool,
    /// By `--hash`: the one in an address does not make pip insist on others.
    pub(super) has_hashes: bool,
    /// A path on the machine of whoever installs.
    pub(super) is_local: bool,
}

/// A line with those that continue it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Counted from one.
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) statement: Statement,
}

/// Every line of a file that says something.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut joined = String::new();
    let mut first = 1;
    let mut take = |first: usize, last: usize, joined: &str| {
        let text = without_comment(joined).trim();
        if !text.is_empty() {
            lines.push(Line { first, last, statement: statement(text) });
        }
    };
    let mut count = 0;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        count = index + 1;
        if joined.is_empty() {
            first = count;
        }
        // A comment ends what it stands in.
        let is_comment = line.trim_start().starts_with('#');
        if let Some(start) = line.strip_suffix('\\').filter(|_| !is_comment) {
            joined.push_str(start.trim_start_matches(' '));
            joined.push(' ');
        } else {
            joined.push_str(if is_comment { "" } else { line });
            take(first, count, &joined);
            joined.clear();
        }
    }
    take(first, count, &joined);
    lines
}

/// The text up to a `#` at its start or after a blank.
fn without_comment(text: &str) -> &str {
    let starts = text
        .match_indices('#')
        .find(|(at, _)| text[..*at].chars().next_back().is_none_or(char::is_whitespace));
    starts.map_or(text, |(at, _)| &text[..at])
}

fn statement(text: &str) -> Statement {
    if !text.starts_with('-') {
        return Statement::Requirement(requirement(text));
    }
    let (option, value) = option(text);
    match (option, value) {
        ("-r" | "--requirement", value) => Statement::Requirements(value),
        ("-c" | "--constraint", value) => Statement::Constraints(value),
        ("-e" | "--editable", value) => Statement::Editable(value),
        ("-f" | "--find-links", value) => Statement::FindLinks(value),
        ("--require-hashes", _) => Statement::RequireHashes,
        ("--pre", _) => Statement::Pre,
        _ => Statement::Other,
    }
}

/// `-r x`, `-rx`, `--requirement x` or `--requirement=x`, without the value's quotes.
fn option(text: &str) -> (&str, String) {
    let end = if text.starts_with("--") {
        text.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(text.len())
    } else {
        text.char_indices().nth(2).map_or(text.len(), |(at, _)| at)
    };
    let (option, value) = text.split_at(end);
    let value = value.trim_start_matches('=').trim();
    let quoted =
        ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    (option, quoted.unwrap_or(value).to_owned())
}

fn requirement(line: &str) -> Requirement {
    let mut has_hashes = false;
    let mut words = Vec::new();
    let mut are_options = false;
    for word in line.split_whitespace() {
        are_options |= word.starts_with('-');
        has_hashes |= word == "--hash" || word.starts_with("--hash=");
        if !are_options {
            words.push(word);
        }
    }
    let text = words.join(" ");
    let (before_marker, _) = text.split_once(';').unwrap_or((&text, ""));
    let before_marker = before_marker.trim();
    let name_end = before_marker
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '_'))
        .unwrap_or(before_marker.len());
    let (name, rest) = before_marker.split_at(name_end);
    let rest = without_extras(rest.trim_start());
    let address = rest.strip_prefix('@').map(str::trim);
    let is_named = !name.is_empty()
        && (rest.is_empty()
            || address.is_some()
            || rest.starts_with(['=', '<', '>', '!', '~', '(']))
        && (address.is_some() || !is_an_archive(before_marker));
    let is_local = match address.filter(|_| is_named) {
        Some(address) => is_of_this_machine(address),
        None => !is_named && looks_like_a_path(before_marker),
    };
    let specifier = rest.trim_matches(['(', ')', ' ']);
    let is_one_version =
        (specifier.starts_with("==") && !specifier.contains('*')) && !specifier.contains(',');
    Requirement {
        name: is_named.then(|| normalised(name)),
        is_pinned: if is_named { is_one_version || address.is_some() } else { true },
        has_hashes,
        is_local,
        text,
    }
}

fn without_extras(text: &str) -> &str {
    match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, rest)) => rest.trim_start(),
        None => text,
    }
}

fn is_an_archive(text: &str) -> bool {
    let name = text.split('[').next().unwrap_or(text).to_ascii_lowercase();
    [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// As pip sees it: a word without a slash is a name that is wrong.
fn looks_like_a_path(text: &str) -> bool {
    is_of_this_machine(text)
        && (text.starts_with(['.', '~']) || text.contains('/') || is_an_archive(text))
        || text.starts_with("file:")
}

/// True for a path, and for `file:`.
pub(super) fn is_of_this_machine(address: &str) -> bool {
    address.starts_with("file:") || !address.contains("://")
}

/// As the index knows a distribution.
///
/// <https://packaging.python.org/en/latest/specifications/name-normalization/>
#[must_use]
pub fn normalised(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name pinned hashed local` of a requirement.
    fn format_requirement(line: &str) -> String {
        let Statement::Requirement(of) = statement(line) else { panic!("{line}") };
        let flags =
            [(of.is_pinned, " pinned"), (of.has_hashes, " hashed"), (of.is_local, " local")];
        let flags: String = flags.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        format!("{}{flags}", of.name.unwrap_or("-".to_owned()))
    }

    #[test]
    fn requirements_are_told_by_name_pin_and_hash() {
        let table = [
            ("flask", "flask"),
            ("Flask_Login==1.0 ; python_version < '3.9'", "flask-login pinned"),
            ("flask[async] == 3.0", "flask pinned"),
            ("flask (==3.0)", "flask pinned"),
            ("flask===3.0", "flask pinned"),
            ("flask==3.*", "flask"),
            ("flask==3.0,>=2", "flask"),
            ("flask>=3", "flask"),
            ("flask~=3.0 --hash=sha256:00 --hash sha256:11", "flask hashed"),
            ("flask==3.0  --config-settings=a=b", "flask pinned"),
            ("flask @ https://x.example/flask.whl#sha256=00", "flask pinned"),
            ("flask@git+ssh://git@x.example/flask.git@v1", "flask pinned"),
            ("https://x.example/flask-3.0-py3-none-any.whl", "- pinned"),
            ("git+https://x.example/flask.git#egg=flask", "- pinned"),
            ("flask @ https://x.example/flask.whl", "flask pinned"),
            ("flask @ file:///home/me/flask", "flask pinned local"),
            ("flask @ ./flask", "flask pinned local"),
            ("./flask", "- pinned local"),
            ("lib/flask[async]", "- pinned local"),
            ("flask-3.0-py3-none-any.whl", "- pinned local"),
            ("file:lib", "- pinned local"),
            ("/srv/lib", "- pinned local"),
            ("fl\u{fffd}sk", "- pinned"),
        ];
        for (line, expected) in table {
            assert_eq!(format_requirement(line), expected, "{line}");
        }
    }

    #[test]
    fn lines_are_joined_and_comments_end() {
        let text = "# a\nflask==1 \\\n    --hash=sha256:00 \\\n    # more\nredis  # why\n\
                    x @ https://x.example/x#egg=x\n  -r 'my base.txt' # why\n-cc.txt\n\
                    --constraint=c.txt\n-e .[dev]\n-f wheels\n--pre\n--require-hashes\n\
                    -i https://x.example \\";
        let lines_found: Vec<String> = lines(text)
            .iter()
            .map(|line| {
                let what = match &line.statement {
                    Statement::Requirement(of) => format!("{} {}", of.text, of.has_hashes),
                    other => format!("{other:?}"),
                };
                format!("{}-{} {what}", line.first, line.last)
            })
            .collect();
        insta::assert_snapshot!(lines_found.join("\n"), @r#"
        2-4 flask==1 true
        5-5 redis false
        6-6 x @ https://x.example/x#egg=x false
        7-7 Requirements("my base.txt")
        8-8 Constraints("c.txt")
        9-9 Constraints("c.txt")
        10-10 Editable(".[dev]")
        11-11 FindLinks("wheels")
        12-12 Pre
        13-13 RequireHashes
        14-14 Other
        "#);
    }

    #[test]
    fn names_are_normalised_as_the_index_does() {
        assert_eq!(normalised("My__Shop.-x"), "my-shop-x");
    }
}
