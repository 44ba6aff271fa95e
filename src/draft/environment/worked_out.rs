//! Paths that a source works out of others, as `os.path.join(tempfile.gettempdir(), "shop")`.

use std::sync::LazyLock;

use regex::Regex;

use crate::python::{expression, literal};

/// How often a name may stand for an expression with other names.
const DEPTH: usize = 8;

/// Returns the path that an expression of the source `text` is on a site whose app has this home; `None`
/// where it takes more than names, joins, the folder for temporary files, and `~`.
pub(super) fn worked_out(text: &str, code: &str, home: &str) -> Option<String> {
    path(text, code, home, DEPTH)
}

fn path(text: &str, code: &str, home: &str, depth: usize) -> Option<String> {
    static CALL: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(?:\w+\.)*(join|gettempdir|expanduser|str|Path)\s*\("));
    static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:\w+\.)*([A-Za-z_]\w*)$"));
    let code = code.trim();
    let depth = depth.checked_sub(1)?;
    if let Some(text) = literal(code) {
        return Some(text.to_owned());
    }
    if let Some(call) = CALL.captures(code) {
        let arguments = arguments(&code[call[0].len()..])?;
        let mut paths = arguments.iter().map(|argument| path(text, argument, home, depth));
        return match &call[1] {
            "gettempdir" => arguments.is_empty().then(|| "/tmp".to_owned()),
            "join" => paths.try_fold(String::new(), |all, next| Some(joined(&all, &next?))),
            "expanduser" => {
                let path = paths.next()??;
                path.strip_prefix('~').map(|rest| format!("{home}{rest}")).or(Some(path))
            }
            _ => paths.next()?,
        };
    }
    let name = NAME.captures(code)?[1].to_owned();
    let assigned = pattern(&format!(r"(?m)^[ \t]*(?:self\.)?{name}[ \t]*(?::[^=\n]+)?=[ \t]*"));
    let from = assigned.find_iter(text).last()?.end();
    path(text, expression(&text[from..]), home, depth)
}

/// The arguments of a call, from behind its bracket; `None` where something follows on it.
fn arguments(code: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut rest = code.trim_start();
    while !rest.starts_with(')') {
        let argument = expression(rest);
        let next = rest[argument.len()..].trim_start();
        rest = next.strip_prefix(',').unwrap_or(next).trim_start();
        if argument.is_empty() {
            return None;
        }
        found.push(argument);
    }
    (rest == ")").then_some(found)
}

fn joined(all: &str, next: &str) -> String {
    if all.is_empty() || next.starts_with('/') {
        return next.to_owned();
    }
    format!("{}/{next}", all.trim_end_matches('/'))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern with names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_worked_out_of_names_and_joins_and_of_nothing_else() {
        let text = "class Settings:\n    tempdir = os.path.join(tempfile.gettempdir(), 'shop')\n\
            HOME = os.path.expanduser('~/.shop')\nLOOP = LOOP\nPLACE = config['place']\n";
        let table = [
            ("os.path.join(tempdir, \"shop.db\")", Some("/tmp/shop/shop.db")),
            ("join(self.tempdir,\n  'data', 'x.db',\n)", Some("/tmp/shop/data/x.db")),
            ("str(path.join(HOME, 'x.db'))", Some("/srv/shop/.shop/x.db")),
            ("os.path.join('/a', '/var/lib/shop', 'x.db')", Some("/var/lib/shop/x.db")),
            ("'x.db'", Some("x.db")),
            ("LOOP", None),
            ("os.path.join(PLACE, 'x.db')", None),
            ("os.path.join(tempdir, 'x') + end", None),
            ("find('x.db')", None),
        ];
        for (code, expected) in table {
            assert_eq!(worked_out(text, code, "/srv/shop").as_deref(), expected, "{code}");
        }
    }
}
