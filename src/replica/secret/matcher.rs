//! Finds the values of secrets in texts: one automaton for all of them and all of their forms.

use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

use super::spelling::{base64_spellings, plain_spellings, spellings};
use crate::site::SecretName;

/// Shorter values are not looked for in texts: they would match everywhere.
pub(super) const SHORTEST: usize = 4;
/// A longer word, or number, is not met by chance.
const LONGEST_WORD: usize = 12;
/// The same for one line of a value that has several.
const SHORTEST_LINE: usize = 8;
/// Shorter pieces of Base64 stand in any text.
const SHORTEST_BASE64: usize = 6;
/// Bytes of a value that are looked for in each of its spellings; of a longer one the pieces of this length.
const PIECE: usize = 256;
/// Bytes of a value that is looked for in Base64 and hex: a longer one is a file.
const LONGEST_ENCODED: usize = 2048;
/// Characters of a value, other than letters and digits, of which all spellings are looked for.
const MOST_ODD: usize = 500;
/// Bytes that the automaton may take.
const MOST_MEMORY: usize = 1 << 30;
/// Bytes of what it remembers of the texts that it has seen.
const CACHE: usize = 16 << 20;

/// All forms of all values. It cannot be shown: it is made of them.
pub(super) struct Matcher {
    regex: Option<Regex>,
    /// What each of the expressions stands for.
    forms: Vec<Form>,
}

struct Form {
    name: SecretName,
    pattern: String,
    kind: FormKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FormKind {
    Text,
    /// A word that texts have anyway: found as a whole word alone.
    Word,
    /// The digits before and after it have some of its bits.
    Base64,
}

/// Whether values that are common words are looked for, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    Also,
    /// In what has to stay readable for programs: markup, keys.
    Not,
}

impl Matcher {
    pub(super) fn new<'a>(values: impl Iterator<Item = (&'a SecretName, &'a str)>) -> Self {
        let mut forms: Vec<(usize, Form)> = Vec::new();
        for (name, value) in values {
            let form = |pattern, kind| Form { name: name.clone(), pattern, kind };
            let kind = if is_weak(value) { FormKind::Word } else { FormKind::Text };
            let odd = value.chars().filter(|letter| !letter.is_ascii_alphanumeric()).count();
            let spelled = if odd > MOST_ODD { plain_spellings } else { spellings };
            for part in parts(value) {
                forms.push((part.len(), form(spelled(part), kind)));
            }
            if (SHORTEST..=LONGEST_ENCODED).contains(&value.len()) {
                let json = serde_json::to_string(value).unwrap_or_default();
                let inside = [value, json.trim_matches('"')];
                let mut digits: Vec<String> =
                    inside.iter().flat_map(|text| base64_spellings(text.as_bytes())).collect();
                digits.sort();
                digits.dedup();
                digits.retain(|digits| digits.len() >= SHORTEST_BASE64);
                // Whole lines of Base64 are found piece by piece, as long values are.
                let pieces = digits.iter().flat_map(|digits| pieces_of(digits));
                let base64 =
                    |piece: &str| (piece.len(), form(plain_spellings(piece), FormKind::Base64));
                forms.extend(pieces.map(base64));
                for digits in [hex(value, false), hex(value, true)] {
                    let text = |piece: &str| (piece.len(), form(piece.to_owned(), FormKind::Text));
                    forms.extend(pieces_of(&digits).into_iter().map(text));
                }
            }
        }
        // Where two begin at one place, the longer one is what stands there.
        forms.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        let forms: Vec<Form> = forms.into_iter().map(|(_, form)| form).collect();
        Matcher { regex: compiled(&forms), forms }
    }

    /// Where values stand, in order, and no place twice.
    pub(super) fn find(&self, text: &str, words: Words) -> Vec<(Range<usize>, &SecretName)> {
        let mut found: Vec<(Range<usize>, &SecretName)> = Vec::new();
        let Some(regex) = &self.regex else { return found };
        let mut input = Input::new(text).anchored(Anchored::No);
        while let Some(matched) = regex.search(&input) {
            // The next may begin in the middle of this one.
            let next = text.ceil_char_boundary(matched.start() + 1);
            input.set_start(next);
            let form = &self.forms[matched.pattern().as_usize()];
            if words == Words::Not && form.kind == FormKind::Word {
                continue;
            }
            let Some(range) = form.range(text, matched.range()) else { continue };
            match found.last_mut() {
                Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
                // Pieces of one value.
                Some((last, name)) if range.start == last.end && **name == form.name => {
                    last.end = range.end;
                }
                _ => found.push((range, &form.name)),
            }
        }
        found
    }
}

impl Form {
    /// What of the text is to go, for what was matched of it; `None` where it is something else.
    fn range(&self, text: &str, matched: Range<usize>) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let before = matched.start.checked_sub(1).map(|at| bytes[at]);
        let after = bytes.get(matched.end).copied();
        match self.kind {
            FormKind::Text => Some(matched),
            FormKind::Word => {
                let is_word = |byte: Option<u8>| {
                    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                };
                let begins_inside = is_word(before)
                    && is_word(Some(bytes[matched.start]))
                    && !ends_with_an_escape(&bytes[..matched.start]);
                let ends_inside = is_word(after) && is_word(Some(bytes[matched.end - 1]));
                (!begins_inside && !ends_inside).then_some(matched)
            }
            FormKind::Base64 => {
                let is_digit = |byte: Option<u8>| {
                    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte))
                };
                let start = matched.start - usize::from(is_digit(before));
                Some(start..matched.end + usize::from(is_digit(after)))
            }
        }
    }
}

/// Whether a text ends with a character that is written as letters and digits: `%3D`, `\n`, `\u0026`.
fn ends_with_an_escape(before: &[u8]) -> bool {
    let is_escape = |introducer: &[u8], digits: usize| {
        let Some(start) = before.len().checked_sub(digits) else { return false };
        before[..start].ends_with(introducer) && before[start..].iter().all(u8::is_ascii_hexdigit)
    };
    let letter = matches!(before, [.., b'\\', b'n' | b'r' | b't']);
    letter || is_escape(b"%", 2) || is_escape(b"\\x", 2) || is_escape(b"\\u", 4)
}

/// A value that texts have anyway: a word, or a small number, or a few letters.
#[must_use]
pub(super) fn is_weak(value: &str) -> bool {
    let after_first = value.get(1..).unwrap_or_default();
    let is_word = value.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-".contains(&byte))
        && (after_first.bytes().all(|byte| !byte.is_ascii_uppercase())
            || value.bytes().all(|byte| !byte.is_ascii_lowercase()));
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    value.len() < SHORTEST || value.len() < LONGEST_WORD && (is_word || is_number)
}

/// The value as a whole, if it is not too long for that, and each of its lines, in pieces.
fn parts(value: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    if value.len() >= SHORTEST && value.len() <= PIECE {
        parts.push(value);
    }
    let is_one = !value.contains('\n');
    let shortest = if is_one { SHORTEST } else { SHORTEST_LINE };
    let lines = value.lines().map(str::trim).filter(|line| line.len() >= shortest);
    parts.extend(lines.flat_map(pieces_of));
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// A text in pieces that are each too long to stand anywhere by chance.
fn pieces_of(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > 2 * PIECE {
        let (piece, other) = rest.split_at(rest.ceil_char_boundary(PIECE));
        pieces.push(piece);
        rest = other;
    }
    pieces.push(rest);
    pieces
}

fn hex(value: &str, upper: bool) -> String {
    let digit = |byte: u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
    value.bytes().map(digit).collect()
}

fn compiled(forms: &[Form]) -> Option<Regex> {
    if forms.is_empty() {
        return None;
    }
    let patterns: Vec<&str> = forms.iter().map(|form| form.pattern.as_str()).collect();
    let config = Regex::config()
        .utf8_empty(false)
        .nfa_size_limit(Some(MOST_MEMORY))
        .hybrid_cache_capacity(CACHE);
    let built = Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(config)
        .build_many(&patterns);
    // No text may be shown unread: values have 64 KiB at most, for which there is room.
    Some(built.expect("the forms of all values fit into memory"))
}
