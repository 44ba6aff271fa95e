//! Values in the forms that programs give them, at every place of a text.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn secrets(values: &[(&str, &str)]) -> Secrets {
    let values = values.iter().map(|(name, value)| (name.parse().unwrap(), (*value).to_owned()));
    Secrets::of(values.collect())
}

fn key(value: &str) -> Secrets {
    secrets(&[("key", value)])
}

fn replaced(text: &str, pairs: &[(char, &str)]) -> String {
    let spelled = |letter: char| {
        let found = pairs.iter().find(|(from, _)| *from == letter);
        found.map_or_else(|| letter.to_string(), |(_, to)| (*to).to_owned())
    };
    text.chars().map(spelled).collect()
}

fn percent(text: &str, kept: &str, upper: bool) -> String {
    let byte = |byte: u8| {
        let letter = char::from(byte);
        if letter.is_ascii_alphanumeric() || kept.contains(letter) {
            letter.to_string()
        } else if upper {
            format!("%{byte:02X}")
        } else {
            format!("%{byte:02x}")
        }
    };
    text.bytes().map(byte).collect()
}

fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let groups = bytes.chunks(3).map(|group| {
        let bits =
            (0..3).fold(0_usize, |bits, n| bits << 8 | usize::from(*group.get(n).unwrap_or(&0)));
        let digits = [18, 12, 6, 0].map(|shift| char::from(alphabet[bits >> shift & 63]));
        let mut digits: String = digits[..=group.len()].iter().collect();
        digits.push_str(&"==="[..3 - group.len()]);
        digits
    });
    groups.collect()
}

const USUAL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const OF_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn hex_digits(byte: u8) -> String {
    format!("{byte:02x}")
}

/// What programs write in the place of a value.
fn forms(value: &str) -> Vec<(&'static str, String)> {
    let json = serde_json::to_string(value).unwrap();
    let ascii = |json: &str| {
        let mut text = String::new();
        let mut units = [0; 2];
        for letter in json.chars() {
            if letter.is_ascii() {
                text.push(letter);
            } else {
                for unit in letter.encode_utf16(&mut units) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
        text
    };
    let xml = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;")];
    let quoted = |quotes: [(char, &'static str); 2]| {
        let pairs: Vec<_> = xml.iter().copied().chain(quotes).collect();
        replaced(value, &pairs)
    };
    let bytes = value.bytes().map(|byte| match byte {
        b'\\' => "\\\\".to_owned(),
        b'\'' => "\\'".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    });
    let quote = percent(value, "-._~", true);
    let html = quoted([('"', "&quot;"), ('\'', "&#x27;")]);
    vec![
        ("as it is", value.to_owned()),
        ("json", json.clone()),
        ("json, ASCII", ascii(&json)),
        ("json with slashes", json.replace('/', "\\/")),
        ("json in json", json!({"k": json}).to_string()),
        ("json three deep", json!({"k": json!({"k": json}).to_string()}).to_string()),
        (
            "json for a page",
            replaced(
                &json,
                &[('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026"), ('\'', "\\u0027")],
            ),
        ),
        ("repr", replaced(value, &[('\\', "\\\\"), ('\'', "\\'"), ('\n', "\\n")])),
        ("repr of bytes", bytes.collect()),
        ("xml", replaced(value, &xml)),
        ("xml with apostrophes", quoted([('"', "&quot;"), ('\'', "&apos;")])),
        ("html.escape", html.clone()),
        ("markupsafe", quoted([('"', "&#34;"), ('\'', "&#39;")])),
        ("html twice", replaced(&html, &xml)),
        ("html in json", serde_json::to_string(&html).unwrap()),
        (
            "json in html",
            replaced(&json, &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;")]),
        ),
        ("quote", quote.clone()),
        ("quote with slashes", percent(value, "-._~/", true)),
        ("quote_plus", percent(value, "-._~ ", true).replace(' ', "+")),
        ("encodeURIComponent", percent(value, "-._~!'()*", true)),
        ("percent in lower case", percent(value, "-._~", false)),
        ("percent twice", percent(&quote, "-._~", true)),
        ("percent of html", percent(&html, "-._~", true)),
        ("percent of json", percent(&json, "-._~", true)),
        ("sql", value.replace('\'', "''")),
        ("csv", value.replace('"', "\"\"")),
        ("shell", value.replace('\'', r"'\''")),
        ("shlex", value.replace('\'', r#"'"'"'"#)),
        ("ini", value.replace('%', "%%")),
        ("hex", value.bytes().map(hex_digits).collect()),
        (
            "nginx",
            value
                .bytes()
                .map(|byte| match byte {
                    b'"' | b'\\' | 0..=31 | 127.. => format!("\\x{byte:02X}"),
                    _ => char::from(byte).to_string(),
                })
                .collect(),
        ),
    ]
}

const AWKWARD: &str = "s3cr/et\"va'l+ue/with<sl&ash=es \\ 100% \u{e9}\u{1f600}#;{}";

#[test]
fn a_value_is_found_in_every_form_that_programs_write() {
    for value in
        [AWKWARD, "s3cr/et\"va'l+ue", "hunter2/", "p&q<r>\"s'", "-----BEGIN\nMIIabcdefgh/+=\n"]
    {
        for (form, text) in forms(value) {
            let left = key(value).redact(&format!("before {text} after"));
            let marked = left.starts_with("before ") && left.ends_with(" after");
            // Quotes around it may stay or go.
            let rest = left.replace("[secret key]", "");
            let rest = rest.trim_start_matches("before").trim_end_matches("after");
            let bare = |letter: char| "\"{}:k\\%25C72,& ampquot;".contains(letter);
            assert!(marked && left.contains("[secret key]"), "{form}: {text}: {left}");
            assert!(rest.chars().all(bare), "{form}: {text}: {left}");
        }
    }
}

#[test]
fn base64_is_found_at_every_offset_and_in_both_alphabets() {
    for value in [AWKWARD, "hunter2/", "abcdef", "\u{ff}\u{fe}\u{fb}>>??"] {
        let secrets = key(value);
        for alphabet in [USUAL, OF_URLS] {
            for before in 0..7 {
                for after in ["", "\"}", ":more of it"] {
                    let whole = format!("{}{value}{after}", &"user:x:"[..before]);
                    let text = base64(whole.as_bytes(), alphabet);
                    let left = secrets.redact(&format!("Basic {text} end"));
                    assert!(
                        left.contains("[secret key]"),
                        "{value} {before} {after}: {text}: {left}"
                    );
                    // Nothing of the value's own digits stays.
                    let room = before.div_ceil(3) * 4 + after.len().div_ceil(3) * 4 + 8;
                    let kept = left.replace("[secret key]", "").len() - "Basic  end".len();
                    assert!(kept <= room, "{value} {before} {after}: {text}: {left}");
                }
            }
        }
    }
}

#[test]
fn what_stands_beside_a_value_stays() {
    let secrets = secrets(&[("a", "abcdef/gh"), ("b", "f/ghijklmn"), ("c", "abcdef/ghij")]);
    assert_eq!(secrets.redact("x abcdef/gh y"), "x [secret a] y");
    assert_eq!(secrets.redact("abcdef/ghij"), "[secret c]");
    assert_eq!(secrets.redact("abcdef/ghijklmn."), "[secret c].");
    assert_eq!(secrets.redact("abcdef/g"), "abcdef/g");
    assert_eq!(Secrets::default().redact("x"), "x");
}

#[test]
fn of_a_value_of_several_lines_each_is_found() {
    let secrets = key("-----BEGIN KEY-----\nMIIEabcdefgh\nx\n-----END KEY-----");
    assert_eq!(secrets.redact("  MIIEabcdefgh"), "  [secret key]");
    assert_eq!(secrets.redact("x marks"), "x marks");
    let json =
        serde_json::to_string("-----BEGIN KEY-----\nMIIEabcdefgh\nx\n-----END KEY-----").unwrap();
    assert_eq!(secrets.redact(&json), "\"[secret key]\"");
    let crlf = "-----BEGIN KEY-----\r\nMIIEabcdefgh\r\nx\r\n-----END KEY-----";
    assert_eq!(secrets.redact(crlf), "[secret key]");
}

#[test]
fn a_long_value_is_found_wherever_it_is_whole() {
    let sign = |n: u32| char::from_u32(u32::from('!') + (n * n * 7 + n / 90) % 90).unwrap();
    let value: String = (0..9000).map(sign).collect();
    let secrets = key(&value);
    assert_eq!(secrets.redact(&format!("a {value} b")), "a [secret key] b");
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(secrets.redact(&json).replace(['"', '\\'], ""), "[secret key]");
}

#[test]
fn a_word_is_found_as_a_whole_word_alone() {
    let secrets = secrets(&[("t", "test"), ("n", "12345"), ("s", "abc")]);
    for (text, expected) in [
        ("test_a.py::test_b tests", "test_a.py::test_b tests"),
        ("a test.", "a [secret t]."),
        ("key=test&x", "key=[secret t]&x"),
        ("%3Dtest \\ntest", "%3D[secret t] \\n[secret t]"),
        ("12345 123456", "[secret n] 123456"),
        ("abc", "abc"),
    ] {
        assert_eq!(secrets.redact(text), expected, "{text}");
    }
    assert_eq!(secrets.weak().len(), 3);
    assert!(key("Qz7#").weak().is_empty());
}

#[test]
fn a_cut_goes_around_a_value_and_not_through_it() {
    let secrets = key("ABCDEFGHIJ/KLMNOP");
    for before in LONGEST_LINE - 20..=LONGEST_LINE {
        let line = format!("{}ABCDEFGHIJ\\/KLMNOP and more", "x".repeat(before));
        let left = secrets.redact_line(&line);
        let shown = left.trim_start_matches('x');
        assert!(!shown.contains("AB") && !shown.contains("MNOP"), "{before}: {shown}");
        assert!(shown.ends_with(" more bytes)"), "{before}: {shown}");
    }
    let line = format!("{}{}", "x".repeat(LONGEST_LINE + 100), cut_note(7));
    assert!(secrets.redact_line(&line).ends_with("x ... (107 more bytes)"));
    assert_eq!(secrets.redact_line("short ... (7 more bytes)"), "short ... (7 more bytes)");
    assert_eq!(secrets.redact_quoted(&format!("{}ABCDEFGHIJ/KLMNOP", "x".repeat(295))).len(), 310);
}

#[test]
fn json_and_xml_stay_what_they_are() {
    let secrets = secrets(&[
        ("a", "true"),
        ("b", "name"),
        ("c", "test"),
        ("d", "p&q/\"rst"),
        ("e", "Zq1xZq2"),
    ]);
    let line = r#"{"name": "name", "ok": true, "list": ["p&q\/\"rst"], "test": {"true": "test"}}"#;
    assert_eq!(
        secrets.redact_json_lines(&format!("{line}\nname {{\n")),
        "{\"name\":\"[secret b]\",\"ok\":true,\"list\":[\"[secret d]\"],\"test\":{\"[secret a]\":\"[secret c]\"}}\n\
         [secret b] {\n"
    );
    let xml = "<?xml version=\"1.0\"?><testsuites name='a name'><!-- test --><test true=\"true\"/>\
               <name>p&amp;q/&quot;rst<![CDATA[p&q/\"rst]]></name></testsuites>";
    assert_eq!(
        secrets.redact_xml(xml),
        "<?xml version=\"1.0\"?><testsuites name='a [secret b]'><!-- [secret c] -->\
         <test true=\"[secret a]\"/><name>[secret d]<![CDATA[[secret d]]]></name></testsuites>"
    );
    assert_eq!(secrets.redact_xml("<Zq1xZq2 true='true'>"), "<[secret e] true='[secret a]'>");
    assert_eq!(secrets.redact_xml("<a b=\"x"), "<a b=\"x");
    assert_eq!(secrets.redact_xml("<a "), "<a ");
}

/// Passwords as machines and people make them.
fn a_value() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9]{12,40}", "[!-~]{12,40}", "[!-~ ]{12,30}\u{e9}[!-~\u{e0}-\u{ff}]{1,9}",]
        .prop_filter("a value is trimmed where it is one of several lines", |value| {
            value.trim() == value
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_form_at_any_place_leaves_the_value(value in a_value(), before in "[ -~]{0,9}", after in "[ -~]{0,9}") {
        // Another value of the run must not hide this one.
        let secrets = secrets(&[("other", "AnotherOne123"), ("key", &value)]);
        for (form, text) in forms(&value) {
            let left = secrets.redact(&format!("{before}{text}{after}"));
            prop_assert!(left.contains("[secret key]"), "{form}: {text:?}: {left:?}");
            // As much as a piece of it that one would know it by.
            for at in 0..value.len().saturating_sub(8) {
                if let Some(piece) = value.get(at..at + 8) {
                    prop_assert!(!left.contains(piece), "{form}: {text:?}: {left:?}");
                }
            }
        }
        for alphabet in [USUAL, OF_URLS] {
            let text = base64(format!("{before}{value}{after}").as_bytes(), alphabet);
            prop_assert!(secrets.redact(&text).contains("[secret key]"), "{text}");
        }
    }

    #[test]
    fn a_text_without_the_value_stays(text in "\\PC{0,200}") {
        prop_assert_eq!(key("Qx7/=&Zp9\"w'v").redact(&text), text);
    }
}
