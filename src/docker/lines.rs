//! Bytes of a command's output, put together to lines.

use std::collections::VecDeque;

use crate::replica::{LONGEST_LINE, OVERLAP, cut_note};

/// A longer line is cut here; what was cut off is counted. Whoever shows one shows less of it, when the
/// secrets in it are gone.
const LONGEST: usize = LONGEST_LINE + OVERLAP;

/// Bytes of all lines of one answer that are held at once.
const MOST_HELD: usize = 16 << 20;

/// A line in the making, of one stream.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
    cut: usize,
}

impl Lines {
    /// Takes the next bytes and hands over each line that they end.
    pub(super) fn push(&mut self, bytes: &[u8], line: &mut dyn FnMut(String)) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.keep(&rest[..end]);
            line(self.take());
            rest = &rest[end + 1..];
        }
        self.keep(rest);
    }

    /// Hands over a last line that no line feed ended.
    pub(super) fn finish(&mut self, line: &mut dyn FnMut(String)) {
        if !self.begun.is_empty() || self.cut > 0 {
            line(self.take());
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = LONGEST.saturating_sub(self.begun.len()).min(bytes.len());
        self.begun.extend_from_slice(&bytes[..room]);
        self.cut += bytes.len() - room;
    }

    fn take(&mut self) -> String {
        let bytes = std::mem::take(&mut self.begun);
        let cut = std::mem::take(&mut self.cut);
        let bytes = match bytes.strip_suffix(b"\r") {
            Some(shorter) if cut == 0 => shorter,
            _ => &bytes,
        };
        let text = String::from_utf8_lossy(bytes);
        if cut > 0 { format!("{text}{}", cut_note(cut)) } else { text.into_owned() }
    }
}

/// The last lines of an output, of which only so much is held.
#[derive(Debug, Default)]
pub(super) struct LastLines {
    lines: VecDeque<String>,
    bytes: usize,
}

impl LastLines {
    pub(super) fn push(&mut self, line: String) {
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.bytes > MOST_HELD && self.lines.len() > 1 {
            self.bytes -= self.lines.pop_front().map_or(0, |first| first.len());
        }
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.lines.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut found = Vec::new();
        let mut lines = Lines::default();
        for piece in pieces {
            lines.push(piece, &mut |line| found.push(line));
        }
        lines.finish(&mut |line| found.push(line));
        found
    }

    #[test]
    fn lines_are_put_together_from_any_pieces() {
        assert_eq!(lines(&[b"one\ntw", b"o\r\n\nla", b"st"]), ["one", "two", "", "last"]);
        assert_eq!(lines(&[]), [""; 0]);
        assert_eq!(lines(&["\u{fc}".as_bytes(), b"\xff\n"]), ["\u{fc}\u{fffd}"]);
        let split = "\u{fc}\n".as_bytes();
        assert_eq!(lines(&[&split[..1], &split[1..]]), ["\u{fc}"]);
    }

    #[test]
    fn of_very_much_the_last_lines_are_held() {
        let mut last = LastLines::default();
        for number in 0..1000 {
            last.push(format!("{number}{}", "x".repeat(LONGEST)));
        }
        let lines = last.into_lines();
        assert_eq!(lines.len(), 127);
        assert!(lines[126].starts_with("999x"));
    }

    #[test]
    fn a_very_long_line_is_cut_and_says_so() {
        let long = vec![b'x'; LONGEST + 5];
        let found = lines(&[&long, b"yy\nnext\n"]);
        assert_eq!(found[0].len(), LONGEST + " ... (7 more bytes)".len());
        assert!(found[0].ends_with("x ... (7 more bytes)"));
        assert_eq!(found[1], "next");
    }
}
