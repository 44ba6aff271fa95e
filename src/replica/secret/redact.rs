//! Texts without the values of secrets: plain ones, lines, JSON and XML.

use serde_json::Value;

use super::Secrets;
use super::matcher::Words;

/// A longer line is cut there.
pub const LONGEST_LINE: usize = 64 << 10;
/// More of a line, or of a file, than is shown: a value that begins before its end is seen as a whole.
pub const OVERLAP: usize = 64 << 10;

/// Bytes of what a site said that are quoted in a line of stagectl's own.
const QUOTED: usize = 300;

impl Secrets {
    /// The text with every value replaced by its name: for all that leaves the replica. See
    /// `docs/trust.md` for the forms in which a value is found.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.redact_within(text, text.len())
    }

    /// The same for the first so many bytes of it. What begins in them is seen as a whole.
    #[must_use]
    pub fn redact_within(&self, text: &str, most: usize) -> String {
        self.replaced(text, most, Words::Also)
    }

    /// Markup or a key, in which a common word is one of a program's own.
    fn redact_code(&self, text: &str) -> String {
        self.replaced(text, text.len(), Words::Not)
    }

    fn replaced(&self, text: &str, most: usize, words: Words) -> String {
        let most = text.floor_char_boundary(most);
        let mut left = String::with_capacity(most);
        let mut done = 0;
        for (range, name) in self.matcher().find(text, words) {
            if range.start >= most {
                break;
            }
            left.push_str(&text[done..range.start]);
            left.push_str(&format!("[secret {name}]"));
            done = range.end;
        }
        if done < most {
            left.push_str(&text[done..most]);
        }
        left
    }

    /// A line, which ends after [`LONGEST_LINE`] bytes.
    #[must_use]
    pub fn redact_line(&self, line: &str) -> String {
        if line.len() <= LONGEST_LINE {
            return self.redact(line);
        }
        let (line, before) = without_note(line);
        let more = line.len().saturating_sub(LONGEST_LINE) + before;
        let line = self.redact_within(line, LONGEST_LINE);
        if more > 0 { format!("{line}{}", cut_note(more)) } else { line }
    }

    /// A short quotation of something longer.
    #[must_use]
    pub fn redact_quoted(&self, text: &str) -> String {
        let shown = self.redact_within(text, QUOTED);
        if text.len() > QUOTED { format!("{shown}...") } else { shown }
    }

    /// Every text in a value of JSON; keys stay.
    pub fn redact_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.redact_line(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_value(item)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.redact_value(member));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Lines of JSON; a line that is none counts as text.
    #[must_use]
    pub fn redact_json_lines(&self, text: &str) -> String {
        let mut left = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            match serde_json::from_str::<Value>(line) {
                Ok(mut value) => {
                    self.redact_value(&mut value);
                    left.push_str(&self.redact_keys(value, Words::Not).to_string());
                    left.push_str(if line.ends_with('\n') { "\n" } else { "" });
                }
                Err(_) => left.push_str(&self.redact(line)),
            }
        }
        left
    }

    /// Keys may hold a value, too, such as a header's name or a field's of a form. Those of the first level are
    /// of the program's own that wrote it.
    fn redact_keys(&self, value: Value, words: Words) -> Value {
        match value {
            Value::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|(key, member)| {
                        let key = self.replaced(&key, key.len(), words);
                        (key, self.redact_keys(member, Words::Also))
                    })
                    .collect(),
            ),
            Value::Array(items) => Value::Array(
                items.into_iter().map(|item| self.redact_keys(item, Words::Also)).collect(),
            ),
            other => other,
        }
    }

    /// XML whose markup stays as it is: what is between it and in its attributes is text.
    #[must_use]
    pub fn redact_xml(&self, xml: &str) -> String {
        let mut left = String::with_capacity(xml.len());
        let mut rest = xml;
        while let Some(open) = rest.find('<') {
            left.push_str(&self.redact(&rest[..open]));
            rest = &rest[open..];
            let special = [("<![CDATA[", "]]>"), ("<!--", "-->")];
            let found = special.iter().find(|(begin, _)| rest.starts_with(begin));
            let length = match found {
                Some((begin, end)) => {
                    let inner = &rest[begin.len()..];
                    let length = inner.find(end).unwrap_or(inner.len());
                    left.push_str(begin);
                    left.push_str(&self.redact(&inner[..length]));
                    begin.len() + length
                }
                None => self.redact_tag(rest, &mut left),
            };
            rest = &rest[length..];
        }
        left.push_str(&self.redact(rest));
        left
    }

    /// Writes a tag with the values of its attributes redacted; how long it is.
    fn redact_tag(&self, text: &str, left: &mut String) -> usize {
        let mut at = 0;
        while let Some(next) = text[at..].find(['"', '\'', '>']) {
            let quote = text[at + next..].chars().next().unwrap_or('>');
            left.push_str(&self.redact_code(&text[at..=at + next]));
            at += next + 1;
            if quote == '>' {
                return at;
            }
            let length = text[at..].find(quote).unwrap_or(text.len() - at);
            left.push_str(&self.redact(&text[at..at + length]));
            at += length;
            if at < text.len() {
                left.push(quote);
                at += 1;
            }
        }
        left.push_str(&self.redact_code(&text[at..]));
        text.len()
    }
}

/// What stands behind a line that was cut.
#[must_use]
pub fn cut_note(bytes: usize) -> String {
    format!(" ... ({bytes} more bytes)")
}

/// A line without that, and how many bytes were cut off.
fn without_note(line: &str) -> (&str, usize) {
    let noted = line.strip_suffix(" more bytes)").and_then(|line| line.rsplit_once(" ... ("));
    let noted = noted.and_then(|(line, bytes)| Some((line, bytes.parse().ok()?)));
    noted.unwrap_or((line, 0))
}
