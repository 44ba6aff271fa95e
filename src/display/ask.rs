//! Questions to a person at the terminal, with an answer for who just presses the return key.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// The most questions of one kind that are asked in vain.
const TRIES: usize = 3;

/// True where somebody can be asked: both ways are a terminal.
#[must_use]
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks until the answer can be read; `None` where nobody answers, or nobody well.
#[must_use]
pub fn ask<T: std::str::FromStr<Err: std::fmt::Display>>(question: &str, usual: &str) -> Option<T> {
    for _ in 0..TRIES {
        let mut out = io::stderr().lock();
        // Nobody reads it when the terminal is gone.
        let _nobody = write!(out, "{question} [{usual}]: ").and_then(|()| out.flush());
        drop(out);
        let mut line = String::new();
        let length = io::stdin().lock().read_line(&mut line).ok()?;
        if length == 0 {
            return None;
        }
        let answer = if line.trim().is_empty() { usual } else { line.trim() };
        match answer.parse() {
            Ok(answer) => return Some(answer),
            Err(error) => super::print::to_stderr(&[format!("  {error}")]),
        }
    }
    None
}
