//! All lines of an output, within bounds.

use std::collections::VecDeque;

/// Bytes of its beginning and of its end that are kept.
const MOST: usize = 2 << 20;

/// The lines of an output; of a long one, its beginning and its end.
#[derive(Debug, Default)]
pub struct Whole {
    first: Vec<String>,
    last: VecDeque<String>,
    /// Bytes of each of both.
    held: [usize; 2],
    left_out: usize,
}

impl Whole {
    /// Adds a line at the end; of a long output the oldest of its later half makes room.
    pub fn push(&mut self, line: &str) {
        if self.held[0] < MOST {
            self.held[0] += line.len() + 1;
            self.first.push(line.to_owned());
            return;
        }
        self.held[1] += line.len() + 1;
        self.last.push_back(line.to_owned());
        while self.held[1] > MOST {
            let Some(gone) = self.last.pop_front() else { break };
            self.held[1] -= gone.len() + 1;
            self.left_out += 1;
        }
    }

    /// In their order, with a line that says how many are missing.
    #[must_use]
    pub fn into_lines(self) -> Vec<String> {
        let mut lines = self.first;
        if self.left_out > 0 {
            lines.push(format!("[... {} lines left out ...]", self.left_out));
        }
        lines.extend(self.last);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_output_keeps_its_beginning_and_its_end() {
        let mut whole = Whole::default();
        for number in 0..10_000 {
            whole.push(&format!("{number} {}", "x".repeat(1000)));
        }
        let lines = whole.into_lines();
        let bytes: usize = lines.iter().map(String::len).sum();
        assert!(bytes <= 2 * MOST + 2000, "{bytes}");
        assert!(lines[0].starts_with("0 ") && lines.last().unwrap().starts_with("9999 "));
        assert_eq!(lines.iter().filter(|line| line.contains("lines left out")).count(), 1);
    }
}
