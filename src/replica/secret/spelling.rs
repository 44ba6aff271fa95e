//! How a value may be written: a regular expression of all its spellings.
//!
//! Each character has its own: as it is, after backslashes, as an entity, in percent, by its number. As
//! these are looked for one by one, it does not matter which program wrote the value, how often it was
//! escaped on the way (JSON in JSON, an HTML page in a URL), or which characters a program left alone.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The introducers of escapes may be escaped themselves.
const BACKSLASHES: &str = r"(?:\\|%(?:25)*5[Cc])+";
const PERCENT: &str = "%(?:25)*";
const AMPERSAND: &str = r"(?:&|\\+u0026|%(?:25)*26)(?:amp(?:;|%(?:25)*3[Bb]))*";
const HASH: &str = "(?:#|%(?:25)*23)";
const SEMICOLON: &str = "(?:;|%(?:25)*3[Bb])";

/// What a text looks like wherever it is written down, as an expression of bytes.
pub(super) fn spellings(text: &str) -> String {
    let mut pattern = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        // A line's end is one, whichever system's it is.
        let is_pair = rest.starts_with("\r\n");
        let taken = if is_pair { 2 } else { character.len_utf8() };
        if character.is_ascii_alphanumeric() {
            pattern.push(character);
        } else if is_pair || character == '\n' {
            pattern.push_str(&line_end());
        } else {
            pattern.push_str(&character_spellings(character));
        }
        rest = &rest[taken..];
    }
    pattern
}

/// The commonest of them alone, for what is long, or hardly ever written in another way.
pub(super) fn plain_spellings(text: &str) -> String {
    let spelled = |character: char| {
        if character.is_ascii_alphanumeric() {
            return character.to_string();
        }
        let mut utf8 = [0; 4];
        let utf8 = character.encode_utf8(&mut utf8).bytes();
        let percent = each(utf8, |byte| format!("%{}", hex(byte.into(), 2)));
        format!("(?:\\\\*(?:{}|u{})|{percent})", bytes(character), hex(character.into(), 4))
    };
    text.chars().map(spelled).collect()
}

fn character_spellings(character: char) -> String {
    let mut ways = Vec::new();
    match character {
        '\\' => ways.push(BACKSLASHES.to_owned()),
        '&' => ways.push(AMPERSAND.to_owned()),
        ' ' => ways.extend([" ", r"\+", "%(?:25)*2[Bb]"].map(str::to_owned)),
        // Doubled in SQL, YAML and CSV; in a shell's word it ends the word and begins the next one.
        '\'' => ways.push(format!(r#"'(?:{BACKSLASHES}''|"'"'|')?"#)),
        '"' => ways.push(format!(r#""(?:(?:{BACKSLASHES})?")?"#)),
        // Configuration files with references in percent double it.
        '%' => ways.push("%%?".to_owned()),
        '\t' => ways.extend(["\t".to_owned(), format!("{BACKSLASHES}t")]),
        '\r' => ways.extend(["\r".to_owned(), format!("{BACKSLASHES}r")]),
        other => ways.push(bytes(other)),
    }
    let number = u32::from(character);
    let names = match character {
        '&' => &["amp"][..],
        '<' => &["lt"],
        '>' => &["gt"],
        '"' => &["quot"],
        '\'' => &["apos"],
        _ => &[],
    };
    let mut entity = format!("{HASH}0*{number}|{HASH}[xX]0*{}", hex(number, 0));
    for name in names {
        let _infallible = write!(entity, "|{name}");
    }
    ways.push(format!("{AMPERSAND}(?:{entity}){SEMICOLON}"));
    let mut units = [0; 2];
    let units = character.encode_utf16(&mut units).iter();
    ways.push(each(units, |unit| format!("{BACKSLASHES}u{}", hex((*unit).into(), 4))));
    ways.push(format!("{BACKSLASHES}(?:U{}|u\\{{0*{}\\}})", hex(number, 8), hex(number, 0)));
    if (0x80..0x100).contains(&number) {
        // As Python shows a text in ASCII.
        ways.push(format!("{BACKSLASHES}x{}", hex(number, 2)));
    }
    let mut utf8 = [0; 4];
    let utf8 = character.encode_utf8(&mut utf8).bytes();
    ways.push(each(utf8.clone(), |byte| format!("{PERCENT}{}", hex(byte.into(), 2))));
    ways.push(each(utf8, |byte| format!("{BACKSLASHES}x{}", hex(byte.into(), 2))));
    // Whatever it is, an escape of it may be escaped.
    format!("(?:(?:{BACKSLASHES})?(?:{}))", ways.join("|"))
}

fn line_end() -> String {
    let feed = [
        "\\n".to_owned(),
        format!("{BACKSLASHES}n"),
        format!("{PERCENT}0[Aa]"),
        format!("{AMPERSAND}{HASH}(?:0*10|[xX]0*[Aa]){SEMICOLON}"),
        format!("{BACKSLASHES}(?:u000|x0)[Aa]"),
    ];
    let back = [
        r"\r".to_owned(),
        format!("{BACKSLASHES}r"),
        format!("{PERCENT}0[Dd]"),
        format!("{AMPERSAND}{HASH}(?:0*13|[xX]0*[Dd]){SEMICOLON}"),
    ];
    // An attribute of XML has a blank in its place.
    format!("(?:(?:{})?(?:{})| )", back.join("|"), feed.join("|"))
}

/// The parts of a character one after the other, each in its spelling.
fn each<T>(parts: impl Iterator<Item = T>, spelled: impl Fn(T) -> String) -> String {
    parts.fold(String::new(), |text, part| text + &spelled(part))
}

/// The bytes of a character, each as one of the expression.
fn bytes(character: char) -> String {
    let mut utf8 = [0; 4];
    let utf8 = character.encode_utf8(&mut utf8).bytes();
    each(utf8, |byte| format!("\\x{byte:02X}"))
}

/// Digits in either case, as an expression.
fn hex(number: u32, digits: usize) -> String {
    let digits = format!("{number:0digits$X}");
    let either = digits.chars().map(|digit| match digit {
        'A'..='F' => format!("[{digit}{}]", digit.to_ascii_lowercase()),
        _ => digit.to_string(),
    });
    either.collect()
}

/// The digits that a value surely has in Base64, wherever in the text that was encoded it stands: at each
/// of the three alignments, in both alphabets.
pub(super) fn base64_spellings(value: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for offset in 0..3 {
        let shifted = [&[0; 3][..offset], value].concat();
        // Digits that hold a bit of what is before or behind it are not the value's alone.
        let own = (offset * 8).div_ceil(6)..shifted.len() * 8 / 6;
        found.extend([
            STANDARD_NO_PAD.encode(&shifted)[own.clone()].to_owned(),
            URL_SAFE_NO_PAD.encode(&shifted)[own].to_owned(),
        ]);
    }
    found.dedup();
    found
}
