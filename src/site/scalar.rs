//! What a plain YAML scalar is, by the core schema of YAML 1.2 (<https://yaml.org/spec/1.2.2/#103-core-schema>),
//! and which words other readers take for something else.

/// A scalar with its meaning and its own letters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scalar {
    pub(super) kind: ScalarKind,
    /// The letters, without quotes.
    pub(super) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ScalarKind {
    /// Nothing at all after the colon.
    Empty,
    /// `null` or `~`: takes away what the defaults say.
    Null,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text,
    /// `no`, `on` and the like, unquoted: text here, a flag for readers of YAML 1.1.
    Ambiguous,
}

impl Scalar {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Scalar { kind: ScalarKind::Text, text: text.into() }
    }

    /// Reads what stands there without quotes.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Scalar { kind: kind(&text), text }
    }

    /// Said of it in a message: "the number 15".
    pub(super) fn describe(&self) -> String {
        match self.kind {
            ScalarKind::Empty => "nothing".to_owned(),
            ScalarKind::Null => "null".to_owned(),
            ScalarKind::Flag(_) => format!("the flag {}", self.text),
            ScalarKind::Integer(_) | ScalarKind::Number(_) => format!("the number {}", self.text),
            ScalarKind::Text | ScalarKind::Ambiguous => format!("the text `{}`", self.text),
        }
    }
}

fn kind(text: &str) -> ScalarKind {
    match text {
        "" => ScalarKind::Empty,
        "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
        "true" | "True" | "TRUE" => ScalarKind::Flag(true),
        "false" | "False" | "FALSE" => ScalarKind::Flag(false),
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF" => {
            ScalarKind::Ambiguous
        }
        _ => number(text).unwrap_or(ScalarKind::Text),
    }
}

fn number(text: &str) -> Option<ScalarKind> {
    let radix = [("0o", 8), ("0x", 16)]
        .into_iter()
        .find_map(|(prefix, radix)| text.strip_prefix(prefix).map(|digits| (digits, radix)));
    if let Some((digits, radix)) = radix {
        let unsigned = digits.starts_with(|c: char| c.is_ascii_hexdigit());
        return i64::from_str_radix(digits, radix)
            .ok()
            .filter(|_| unsigned)
            .map(ScalarKind::Integer);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || !unsigned.contains(|c: char| c.is_ascii_digit())
        || !unsigned.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b))
    {
        return None;
    }
    let integer = text.parse().ok().map(ScalarKind::Integer);
    integer.or_else(|| text.parse().ok().map(ScalarKind::Number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_the_core_schema_says() {
        let table = [
            ("", ScalarKind::Empty),
            ("~", ScalarKind::Null),
            ("true", ScalarKind::Flag(true)),
            ("no", ScalarKind::Ambiguous),
            ("15", ScalarKind::Integer(15)),
            ("-3", ScalarKind::Integer(-3)),
            ("0640", ScalarKind::Integer(640)),
            ("0o17", ScalarKind::Integer(15)),
            ("3.10", ScalarKind::Number(3.1)),
            ("1e3", ScalarKind::Number(1000.0)),
            ("30s", ScalarKind::Text),
            ("2026-02-18", ScalarKind::Text),
            ("1.2.3", ScalarKind::Text),
            ("nan", ScalarKind::Text),
            ("e", ScalarKind::Text),
            ("0x+1", ScalarKind::Text),
        ];
        for (text, expected) in table {
            assert_eq!(Scalar::plain(text).kind, expected, "{text}");
        }
    }
}
