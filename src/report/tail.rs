//! Text of others, cut to size and made safe to show: the ends of logs, messages of tests.

/// The last `count` lines of a text, without its trailing blank lines.
#[must_use]
pub fn last_lines(text: &str, count: usize) -> Vec<String> {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].iter().map(|line| printable(line)).collect()
}

/// The text without what a terminal would obey and XML 1.0 forbids: escape sequences and control
/// characters; tabs become spaces. Line ends stay, as `\n`.
///
/// <https://www.w3.org/TR/xml/#charsets>
#[must_use]
pub fn printable(text: &str) -> String {
    console::strip_ansi_codes(text)
        .replace("\r\n", "\n")
        .replace('\t', "    ")
        .chars()
        .filter(|&char| char == '\n' || !(char.is_control() || is_obeyed(char)))
        .collect()
}

/// Non-characters, and the marks that turn the direction of what follows.
fn is_obeyed(char: char) -> bool {
    matches!(char,
        '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// The text in at most `limit` bytes: its beginning and its end, and between them how much is
/// missing. Tracebacks say what happened at their end and where at their beginning.
pub(super) fn bounded(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(limit / 4);
    let tail = text.ceil_char_boundary(text.len() - limit / 2);
    format!("{}\n[... {} bytes left out ...]\n{}", &text[..head], tail - head, &text[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_those_that_say_something() {
        assert_eq!(last_lines("a\nb\r\nc\n\n\n", 2), ["b", "c"]);
        assert_eq!(last_lines("a\n", 5), ["a"]);
        assert!(last_lines("", 5).is_empty());
    }

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        let text =
            "\u{1b}[31mred\u{1b}[0m\u{7}\u{1b}]0;title\u{7} \u{0}\u{9b}x\ty\u{ffff}\u{202e}é";
        assert_eq!(printable(text), "red x    yé");
    }

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        let text = format!("{}{}", "é".repeat(1000), "the end");
        let short = bounded(&text, 64);
        assert!(short.starts_with("éééé") && short.ends_with("the end"), "{short}");
        assert!(short.contains("[... 1960 bytes left out ...]"), "{short}");
    }
}
