//! The headers of `METADATA` and `PKG-INFO`, read as the format says: as Python's `email` does under
//! its policy `compat32`, which pip and `importlib.metadata` read them with.
//!
//! <https://packaging.python.org/en/latest/specifications/core-metadata/>

/// The fields in their order, each with its value unfolded; what is below the headers says nothing.
///
/// A value may go on in lines that begin with a blank, and such a line may hold blanks alone: only
/// an empty line, or one that is no header, ends them (`email.feedparser`).
pub(super) fn headers(text: &str) -> Vec<(&str, String)> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    let mut goes_on = false;
    for line in lines(text) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut().filter(|_| goes_on) {
                value.push(' ');
                value.push_str(line.trim());
            }
            continue;
        }
        let Some((name, value)) = line.split_once(':').filter(|(name, _)| is_name(name)) else {
            // The envelope of a mailbox may stand before the headers, or among them.
            if line.starts_with("From ") {
                goes_on = false;
                continue;
            }
            break;
        };
        goes_on = !name.is_empty();
        if goes_on {
            fields.push((name, value.trim().to_owned()));
        }
    }
    for (_, value) in &mut fields {
        value.truncate(value.trim_end().len());
    }
    fields
}

/// Lines that end as in any system's text files; `str::lines` does not know a lone `\r`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.filter(|text| !text.is_empty())?;
        let Some(end) = text.find(['\r', '\n']) else {
            rest = None;
            return Some(text);
        };
        let after = &text[end..];
        rest = Some(after.strip_prefix("\r\n").unwrap_or(&after[1..]));
        Some(&text[..end])
    })
}

/// Printable ASCII without blanks, as RFC 5322 has it.
fn is_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let fields = headers(text);
        let shown: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={value}|")).collect();
        shown.concat()
    }

    #[test]
    fn headers_end_at_an_empty_line_and_at_nothing_else_that_is_blank() {
        let table = [
            // setuptools before 77, and hatchling, of a licence with paragraphs.
            (
                "License: A.\n        \n        B.\nRequires-Dist: flask\n",
                "License=A.  B.|Requires-Dist=flask|",
            ),
            ("License: A.\n\t\n \t \nName: a\n\nName: b\n", "License=A.|Name=a|"),
            (
                "Name: a\r\nRequires-Dist: b\r\n  >=1\r\n\r\nName: c\r\n",
                "Name=a|Requires-Dist=b >=1|",
            ),
            ("Name: a\rVersion: 1\r\rName: c", "Name=a|Version=1|"),
            (" of nothing\nName: a\n", "Name=a|"),
            ("Name:a\nversion :1\nEmpty:\n", "Name=a|"),
            ("Name: a\nno header\nVersion: 1\n", "Name=a|"),
            ("Keywords: x: y\nName : z\n", "Keywords=x: y|"),
            (
                "From somebody\nName: a\nFrom x\n no value\n: y\n no value\nVersion: 1",
                "Name=a|Version=1|",
            ),
            (
                "Description:\n        |text\n        Name: b\nVersion: 1",
                "Description= |text Name: b|Version=1|",
            ),
            ("Näme: a\nVersion: 1", ""),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
