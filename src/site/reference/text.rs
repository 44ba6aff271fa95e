//! The letters of a text with references, and what is said of one that leads nowhere.

/// A piece of a text as written.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    Literal(&'a str),
    Reference(&'a str),
}

/// Splits a text at its references; `$${` is a literal `${`.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(literal) = before.strip_suffix('$') {
            pieces.extend([Piece::Literal(literal), Piece::Literal("${")]);
            rest = &from[2..];
            continue;
        }
        let Some((name, after)) = from[2..].split_once('}') else {
            return Err("a `${` is not closed by `}`".to_owned());
        };
        pieces.extend([Piece::Literal(before), Piece::Reference(name)]);
        rest = after;
    }
    pieces.push(Piece::Literal(rest));
    pieces.retain(|piece| *piece != Piece::Literal(""));
    Ok(pieces)
}

/// Why a reference leads nowhere.
#[derive(Debug, Clone)]
pub(super) struct DeadEnd {
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// True where what it leads to is missing or wrong, which is reported already.
    pub(super) is_known: bool,
}

impl DeadEnd {
    pub(super) fn new(message: impl Into<String>) -> Self {
        DeadEnd { message: message.into(), hint: None, is_known: false }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_literals_and_references() {
        let pieces_or_message = |text| match pieces(text) {
            Ok(pieces) => format!("{pieces:?}"),
            Err(message) => message,
        };
        let table = [
            ("", "[]"),
            ("a${b}c", r#"[Literal("a"), Reference("b"), Literal("c")]"#),
            ("$${b}", r#"[Literal("${"), Literal("b}")]"#),
            ("${}", r#"[Reference("")]"#),
            ("$a {b} $", r#"[Literal("$a {b} $")]"#),
            ("${b", "a `${` is not closed by `}`"),
        ];
        for (text, expected) in table {
            assert_eq!(pieces_or_message(text), expected, "{text}");
        }
    }
}
