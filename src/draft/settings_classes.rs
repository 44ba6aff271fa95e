//! The variables that a class of pydantic's settings asks for: a field of it each.
//!
//! <https://docs.pydantic.dev/latest/concepts/pydantic_settings/>

use std::sync::LazyLock;

use regex::Regex;

use super::questions::Asked;
use crate::python::{expression, literal, without_comments};

/// Every field of a class that is derived from `BaseSettings`, under the name of its variable.
pub(super) fn find_settings(text: &str) -> Vec<Asked> {
    static CLASS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?m)^class \w+\([^)\n]*\bBaseSettings\b[^)\n]*\):[ \t]*$"));
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?m)^(?: {4}|\t)([A-Za-z]\w*)[ \t]*:[ \t]*([^=\n]+?)[ \t]*(?:=[ \t]*([^\n]+))?$")
    });
    static PREFIX: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"env_prefix["']?\s*[=:]\s*["'](\w*)["']"#));
    if !text.contains("BaseSettings") {
        return Vec::new();
    }
    let text = &without_comments(text);
    let mut asked = Vec::new();
    for class in CLASS.find_iter(text) {
        let body = &text[class.end()..];
        let body = &body[..end_of_class(body)];
        let prefix = PREFIX.captures(body).map_or(String::new(), |found| found[1].to_owned());
        for found in FIELD.captures_iter(body) {
            let name = &found[1];
            let is_constant = found[2].contains("ClassVar") || name == "model_config";
            if is_constant || found[2].trim_end().ends_with('(') {
                continue;
            }
            let from = found.get(3).map(|value| expression(&body[value.start()..]));
            let is_field = |code: &str| code.starts_with("Field(");
            let value = match from {
                Some(code) if is_field(code) => field_default(code),
                other => other,
            };
            let at = class.end() + found.get(0).map_or(0, |whole| whole.start());
            asked.push(Asked {
                name: format!("{prefix}{name}").to_uppercase(),
                is_required: value.is_none(),
                is_list: ["list[", "List[", "set[", "tuple["]
                    .iter()
                    .any(|kind| found[2].contains(kind)),
                default: value.and_then(literal).map(str::to_owned),
                line: 1 + text[..at].matches('\n').count(),
            });
        }
    }
    asked
}

/// Where the next line begins that is no part of the class.
fn end_of_class(body: &str) -> usize {
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if !line.trim().is_empty() && !line.starts_with([' ', '\t', ')']) {
            return at;
        }
        at += line.len();
    }
    body.len()
}

/// `"x"` of `Field("x", ...)` and of `Field(default="x")`; `None` where it has to be given.
fn field_default(code: &str) -> Option<&str> {
    let inside = code.strip_prefix("Field(")?;
    let first = expression(inside);
    if first == "..." {
        return None;
    }
    for key in ["default=", "default_factory="] {
        if let Some(at) = inside.find(key) {
            return Some(expression(&inside[at + key.len()..]));
        }
    }
    (!first.is_empty() && !first.contains('=')).then_some(first)
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_a_variable_and_one_without_a_value_has_to_be_given() {
        let text = "class Inner(BaseModel):\n    NO: str\n\n\nclass Settings(BaseSettings):\n    \
            \"\"\"What the site says.\n\n    FALSE: x\n    \"\"\"\n\n    \
            model_config = SettingsConfigDict(\n        env_prefix=\"SHOP_\",\n    )\n\n    \
            secret_key: str | None = None\n    mail_host: str\n    theme: str = \"paper\"\n    \
            token: str = Field(..., min_length=3)\n    pages: int = Field(default=3)\n    LIMIT: ClassVar[int] = 3\n\n    \
            def x(self):\n        a: int = 3\n\n\nclass Other:\n    y: int\n";
        let found: Vec<_> = find_settings(text)
            .into_iter()
            .map(|asked| (asked.name, asked.is_required, asked.default, asked.line))
            .collect();
        let row = |name: &str, required, default: Option<&str>, line| {
            (name.to_owned(), required, default.map(str::to_owned), line)
        };
        assert_eq!(
            found,
            [
                row("SHOP_SECRET_KEY", false, None, 15),
                row("SHOP_MAIL_HOST", true, None, 16),
                row("SHOP_THEME", false, Some("paper"), 17),
                row("SHOP_TOKEN", true, None, 18),
                row("SHOP_PAGES", false, None, 19),
            ]
        );
    }
}
