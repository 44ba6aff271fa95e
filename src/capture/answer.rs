//! What a host answered: framed lines, of which nothing is believed but that they are text.

use std::collections::BTreeMap;

use crate::failure::Failure;

/// How the answer begins and ends.
const BEGINNING: &str = "stagectl-capture 1";
const END: &str = "stagectl-capture end";
/// The most bytes that are taken of a host's answer.
pub(super) const LARGEST: usize = 48 << 20;
/// The longest line, in characters.
const LONGEST: usize = 16 << 10;
/// The most parts of an answer.
const MOST_PARTS: usize = 4000;

/// One thing that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is of: a path, a number of a process; empty where there is but one.
    pub of: String,
    pub lines: Vec<String>,
    /// The exit code of what read it.
    pub code: i64,
}

/// All that was read, by what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    parts: BTreeMap<String, Vec<Part>>,
    /// Whether it came to its end.
    pub is_whole: bool,
}

impl Answer {
    /// Reads what came back. Control characters are taken out: they are for terminals.
    ///
    /// # Errors
    /// Infrastructure: it is no answer of the script.
    pub fn read(bytes: &[u8]) -> Result<Answer, Failure> {
        let text = String::from_utf8_lossy(bytes);
        // What a login shell says by itself comes before.
        let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
        if !lines.any(|line| line == BEGINNING) {
            let said: Vec<String> = text.lines().take(3).map(plain).collect();
            return Err(Failure::infrastructure("the host did not answer as the script does")
                .cause(if said.is_empty() {
                    "it said nothing".to_owned()
                } else {
                    format!("it said: {}", said.join(" / "))
                })
                .hint("is `sh` of that login a POSIX shell? `stagectl capture --script` prints what is run there"));
        }
        let mut answer = Answer::default();
        let mut open: Option<(String, Part)> = None;
        let mut count = 0;
        for line in lines {
            if line == END {
                answer.is_whole = true;
                break;
            }
            if let (Some(rest), Some((_, part))) = (line.strip_prefix('|'), &mut open) {
                part.lines.push(plain(rest));
            } else if let Some(name) = line.strip_prefix("= ") {
                answer.close(open.take(), -1);
                count += 1;
                let name = plain(name);
                let (name, of) = name.split_once(' ').unwrap_or((&name, ""));
                let part = Part { of: of.to_owned(), lines: Vec::new(), code: 0 };
                open = (count <= MOST_PARTS).then(|| (name.to_owned(), part));
            } else if let Some(code) = line.strip_prefix(". ") {
                answer.close(open.take(), code.trim().parse().unwrap_or(-1));
            }
        }
        answer.close(open.take(), -1);
        Ok(answer)
    }

    fn close(&mut self, open: Option<(String, Part)>, code: i64) {
        if let Some((name, part)) = open {
            self.parts.entry(name).or_default().push(Part { code, ..part });
        }
    }

    /// Whether something was read, whatever came of it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.parts.contains_key(name)
    }

    /// The lines of a part of which there is one; none where it is not there.
    #[must_use]
    pub fn lines(&self, name: &str) -> &[String] {
        self.parts.get(name).and_then(|parts| parts.first()).map_or(&[], |part| &part.lines)
    }

    /// All parts of a name, in the order in which they were read.
    #[must_use]
    pub fn parts(&self, name: &str) -> &[Part] {
        self.parts.get(name).map_or(&[], Vec::as_slice)
    }

    /// The lines of a part of something, such as a file, where they could be read.
    #[must_use]
    pub fn of(&self, name: &str, of: &str) -> Option<&[String]> {
        let part = self.parts(name).iter().find(|part| part.of == of)?;
        (part.code == 0).then_some(&part.lines[..])
    }

    /// The parts that ended early: what was asked hung, or said too much.
    pub fn ended_early(&self) -> impl Iterator<Item = String> + '_ {
        self.parts.iter().flat_map(|(name, parts)| {
            let early = parts.iter().filter(|part| matches!(part.code, -1 | 124 | 137 | 141));
            early.map(move |part| format!("{name} {}", part.of).trim_end().to_owned())
        })
    }

    /// Takes over the parts of another answer that this one does not have, as of another host of the same site.
    pub fn add(&mut self, other: Answer) {
        for (name, parts) in other.parts {
            self.parts.entry(name).or_insert(parts);
        }
        self.is_whole &= other.is_whole;
    }
}

/// A line without what would move a cursor or colour it, of bounded length.
fn plain(line: &str) -> String {
    let is_plain = |c: &char| {
        *c == '\t'
            || !(c.is_control()
                || ('\u{2028}'..='\u{202e}').contains(c)
                || ('\u{2066}'..='\u{2069}').contains(c))
    };
    line.chars().filter(is_plain).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_apart_whatever_they_hold() {
        let text = "Welcome!\nstagectl-capture 1\n= os\n|ID=debian\n|= fake\n|. 0\n\n. 0\n= file /etc/a b\n|x\u{1b}[31m\u{202e}y\n. 124\n\
                    = lost\n|half\nstagectl-capture end\n= late\n|x\n. 0\n";
        let answer = Answer::read(text.as_bytes()).unwrap();
        assert_eq!(answer.lines("os"), ["ID=debian", "= fake", ". 0"]);
        assert_eq!(answer.parts("file")[0].lines, ["x[31my"]);
        assert_eq!(answer.of("file", "/etc/a b"), None);
        assert_eq!(answer.ended_early().collect::<Vec<_>>(), ["file /etc/a b", "lost"]);
        assert!(answer.is_whole && answer.parts("late").is_empty());
    }

    #[test]
    fn what_is_no_answer_is_said_with_what_came() {
        let failure = Answer::read(b"sh: 1: Syntax error\x1b[2J\n").unwrap_err();
        assert_eq!(failure.causes, ["it said: sh: 1: Syntax error[2J"]);
    }

    #[test]
    fn an_answer_without_an_end_is_not_whole() {
        let answer = Answer::read(b"stagectl-capture 1\n= os\n|ID=debian\n").unwrap();
        assert!(!answer.is_whole);
        assert_eq!(answer.parts("os")[0].code, -1);
    }
}
