//! What is asked of a server, and answered, as bytes: `forkserver.py` says the same of them.

use crate::docker::engine::Output;

/// What becomes of a program.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Begun,
    Said(Output, Vec<u8>),
    Ended(i64),
}

/// A request as the server reads it.
pub(super) fn frame(number: u32, program: &str, stdin: &[u8]) -> Vec<u8> {
    let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    let header = [number.to_be_bytes(), size(program.as_bytes()), size(stdin)].concat();
    [header.as_slice(), program.as_bytes(), stdin].concat()
}

/// Answers in the making.
#[derive(Debug, Default)]
pub(super) struct Frames(Vec<u8>);

impl Frames {
    /// Number, kind and length.
    const HEADER: usize = 9;

    /// Takes the next bytes, and hands over each answer that they end.
    pub(super) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(u32, Answer)) {
        self.0.extend_from_slice(bytes);
        let mut rest = self.0.as_slice();
        while let Some((number, kind, content, after)) = split(rest) {
            rest = after;
            let answer = match kind {
                0 => Answer::Begun,
                1 => Answer::Said(Output::Stdout, content.to_vec()),
                2 => Answer::Said(Output::Stderr, content.to_vec()),
                _ => Answer::Ended(String::from_utf8_lossy(content).parse().unwrap_or(-1)),
            };
            take(number, answer);
        }
        let read = self.0.len() - rest.len();
        self.0.drain(..read);
    }
}

/// The first answer: its number, its kind, its content, and what follows.
fn split(bytes: &[u8]) -> Option<(u32, u8, &[u8], &[u8])> {
    let (header, rest) = bytes.split_at_checked(Frames::HEADER)?;
    let word = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    let (content, after) = rest.split_at_checked(word(5)? as usize)?;
    Some((word(0)?, header[4], content, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(number: u32, kind: u8, content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&number.to_be_bytes()[..], &[kind], &size, content].concat()
    }

    #[test]
    fn answers_are_put_together_from_any_pieces() {
        let whole =
            [answer(1, 0, b""), answer(2, 1, b"hello\n"), answer(1, 2, b"oh"), answer(2, 3, b"-9")]
                .concat();
        let wanted = vec![
            (1, Answer::Begun),
            (2, Answer::Said(Output::Stdout, b"hello\n".to_vec())),
            (1, Answer::Said(Output::Stderr, b"oh".to_vec())),
            (2, Answer::Ended(-9)),
        ];
        for size in 1..=whole.len() {
            let (mut frames, mut found) = (Frames::default(), Vec::new());
            for piece in whole.chunks(size) {
                frames.push(piece, |number, answer| found.push((number, answer)));
            }
            assert_eq!(found, wanted, "in pieces of {size}");
            assert!(frames.0.is_empty());
        }
    }

    #[test]
    fn a_request_says_how_long_its_parts_are() {
        let expected = [&[0, 0, 0, 7, 0, 0, 0, 4, 0, 0, 0, 2][..], b"/a/b{}"].concat();
        assert_eq!(frame(7, "/a/b", b"{}"), expected);
    }
}
