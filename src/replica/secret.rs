//! The secrets of one run: made or fetched at its start, never written anywhere.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use rand::RngExt as _;
use rand::distr::Alphanumeric;

use crate::bounded;
use crate::failure::Failure;
use crate::site::{SecretName, SecretSource, Site, Text};

/// Shorter values are not looked for in texts: they would match everywhere.
const SHORTEST_REDACTED: usize = 4;
/// The same for one line of a value that has several.
const SHORTEST_LINE: usize = 8;
/// Bytes of a file that is a secret.
const LARGEST_FILE: u64 = 64 << 10;

/// Values of a site's secrets. Its `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<SecretName, String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl Secrets {
    /// Makes or fetches each of the site's secrets.
    ///
    /// # Errors
    /// Usage: a variable that should hold one is not set, or a file cannot be read.
    pub fn for_site(
        site: &Site,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Secrets, Failure> {
        let mut values = BTreeMap::new();
        for (name, source) in &site.secrets {
            let value = match source {
                SecretSource::Generate(length) => {
                    rand::rng().sample_iter(Alphanumeric).take(*length).map(char::from).collect()
                }
                SecretSource::FromEnv(key) => {
                    variable(key).filter(|v| !v.is_empty()).ok_or_else(|| {
                        Failure::usage(format!(
                            "secret `{name}` of {} comes from ${key}, which is not set",
                            site.name
                        ))
                        .hint(format!("export {key}=... before the call"))
                    })?
                }
                SecretSource::FromFile { file, path } => from_file(path).map_err(|error| {
                    Failure::usage(format!(
                        "secret `{name}` of {} comes from {}, which cannot be read",
                        site.name,
                        file.display()
                    ))
                    .because(&error)
                })?,
            };
            values.insert(name.clone(), value);
        }
        Ok(Secrets(values))
    }

    /// A word in the place of each value, to see what becomes of the places where they stand.
    #[must_use]
    pub fn placeholders(site: &Site) -> Secrets {
        Secrets(site.secrets.keys().map(|name| (name.clone(), "secret".to_owned())).collect())
    }

    /// For the site's own host.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let map: BTreeMap<String, &String> =
            self.0.iter().map(|(name, value)| (name.to_string(), value)).collect();
        serde_json::to_vec(&map).unwrap_or_default()
    }

    /// Reads back what [`Secrets::to_json`] wrote; `None` when it is something else.
    #[must_use]
    pub fn from_json(bytes: &[u8]) -> Option<Secrets> {
        let map: BTreeMap<String, String> = serde_json::from_slice(bytes).ok()?;
        let parsed = map.into_iter().map(|(name, value)| Some((name.parse().ok()?, value)));
        parsed.collect::<Option<_>>().map(Secrets)
    }

    /// The text with the values in place.
    #[must_use]
    pub fn reveal(&self, text: &Text) -> String {
        text.reveal(|name| self.0.get(name).map_or("", String::as_str))
    }

    /// Name and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&SecretName, &str)> {
        self.0.iter().map(|(name, value)| (name, value.as_str()))
    }

    /// The text with every value replaced by its name: for all that leaves the replica. A value is found
    /// as it is, line by line, and in the forms that programs give it in XML, JSON, URLs and Base64.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut found: Vec<(String, &SecretName)> = Vec::new();
        for (name, value) in &self.0 {
            let forms = forms(value).into_iter().filter(|form| text.contains(form.as_str()));
            found.extend(forms.map(|form| (form, name)));
        }
        // One that is a part of another comes later: it would leave the other's rest.
        found.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        found.into_iter().fold(text.to_owned(), |text, (form, name)| {
            text.replace(&form, &format!("[secret {name}]"))
        })
    }
}

/// A file's text without its last line break.
fn from_file(path: &Path) -> io::Result<String> {
    let mut text = bounded::read_text(path, LARGEST_FILE)?;
    if text.ends_with('\n') {
        text.truncate(text.len() - if text.ends_with("\r\n") { 2 } else { 1 });
    }
    if text.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is empty"));
    }
    Ok(text)
}

/// What a value looks like where it is written down.
fn forms(value: &str) -> Vec<String> {
    let mut forms: Vec<String> = Vec::new();
    for part in [value].into_iter().chain(value.lines().map(str::trim)) {
        let is_whole = part.len() == value.len();
        let shortest = if is_whole { SHORTEST_REDACTED } else { SHORTEST_LINE };
        if part.len() < shortest {
            continue;
        }
        let xml = part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let json = serde_json::to_string(part).unwrap_or_default();
        forms.extend([
            part.to_owned(),
            xml.replace('"', "&quot;").replace('\'', "&apos;"),
            xml.replace('"', "&quot;"),
            xml,
            ascii(json.trim_matches('"')),
            json.trim_matches('"').to_owned(),
            // As Python shows a text.
            part.replace('\\', "\\\\").replace('\'', "\\'"),
            percent_encoded(part),
        ]);
        if is_whole {
            forms.push(base64(part.as_bytes()));
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

/// What most programs make of the letters of a JSON text that are not of ASCII.
fn ascii(json: &str) -> String {
    let mut units = [0; 2];
    let mut text = String::new();
    for letter in json.chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            let units = letter.encode_utf16(&mut units).iter();
            text.extend(units.map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

fn percent_encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Without what only depends on the length: the last group, where it is not whole.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks_exact(3).flat_map(|group| {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    });
    digits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_s_last_line_break_is_not_of_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let table = [("a b", "a b"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n")];
        for (content, expected) in table {
            std::fs::write(&path, content).unwrap();
            assert_eq!(from_file(&path).unwrap(), expected, "{content:?}");
        }
        for content in ["", "\n", "a\0b"] {
            std::fs::write(&path, content).unwrap();
            from_file(&path).unwrap_err();
        }
    }

    #[test]
    fn a_value_is_found_in_every_form_that_it_is_written_in() {
        let value = "a&b<c>\"d' e/\u{e9}\nsecond line of it\nx";
        let secrets = Secrets([("key".parse().unwrap(), value.to_owned())].into());
        for text in [
            value.to_owned(),
            "second line of it".to_owned(),
            "a&amp;b&lt;c&gt;\"d' e/\u{e9}\nsecond line of it\nx".to_owned(),
            "a&amp;b&lt;c&gt;&quot;d' e/\u{e9}".to_owned(),
            serde_json::to_string(value).unwrap(),
            r#""a&b<c>\"d' e/\u00e9\nsecond line of it\nx""#.to_owned(),
            r#"'a&b<c>"d\' e/é'"#.to_owned(),
            "a%26b%3Cc%3E%22d%27%20e%2F%C3%A9%0Asecond%20line%20of%20it%0Ax".to_owned(),
            "YSZiPGM+ImQnIGUvw6kKc2Vjb25kIGxpbmUgb2YgaXQKeA==".to_owned(),
        ] {
            let left = secrets.redact(&text);
            assert!(left.contains("[secret key]"), "{text}: {left}");
            for part in ["a&", "a%26", "second", "a&amp;b", "YSZiPGM"] {
                assert!(!left.contains(part), "{text}: {left}");
            }
        }
        assert_eq!(secrets.redact("x second e"), "x second e");
    }

    #[test]
    fn a_value_that_is_a_part_of_another_does_not_leave_the_rest_of_it() {
        let values = [("a", "abcdef"), ("b", "abcdefghij")];
        let values = values.map(|(name, value)| (name.parse().unwrap(), value.to_owned()));
        assert_eq!(Secrets(values.into()).redact("abcdefghij abcdef"), "[secret b] [secret a]");
    }
}
