//! Small pieces of text: durations, counts, colours, lines cut to a width.

use console::{Style, measure_text_width};

use super::mode::Colour;
use crate::report::Ending;

pub(super) use crate::report::{count, took};

impl Colour {
    fn style(self) -> Style {
        Style::new().force_styling(self == Colour::Yes)
    }

    pub(super) fn red(self, text: &str) -> String {
        self.style().red().bold().apply_to(text).to_string()
    }

    pub(super) fn green(self, text: &str) -> String {
        self.style().green().bold().apply_to(text).to_string()
    }

    pub(super) fn yellow(self, text: &str) -> String {
        self.style().yellow().bold().apply_to(text).to_string()
    }

    pub(super) fn cyan(self, text: &str) -> String {
        self.style().cyan().apply_to(text).to_string()
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.style().bold().apply_to(text).to_string()
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.style().dim().apply_to(text).to_string()
    }

    /// Red is the app's fault, yellow is ours or nobody's.
    pub(super) fn of_ending(self, ending: Ending, text: &str) -> String {
        match ending {
            Ending::Passed => self.green(text),
            Ending::Failed => self.red(text),
            _ => self.yellow(text),
        }
    }
}

/// Text to the left in a column of this width.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(measure_text_width(text))))
}

/// Breaks a line between words. Every line begins with `indent` spaces, those after the first
/// with two more. A word that is longer than a line stays whole.
pub(super) fn wrap(text: &str, indent: usize, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = " ".repeat(indent);
    let mut empty = true;
    for word in text.split_whitespace() {
        let next = measure_text_width(&line) + usize::from(!empty) + measure_text_width(word);
        if !empty && next > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    if !empty {
        lines.push(line);
    }
    lines
}

/// As many items as fit into the rest of a line, at least one, then `...`.
pub(super) fn list_to_fit(items: &[String], room: usize) -> String {
    let whole = items.join(", ");
    if measure_text_width(&whole) <= room {
        return whole;
    }
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        let longer = if index == 0 { item.clone() } else { format!("{text}, {item}") };
        if index > 0 && measure_text_width(&longer) + ", ...".len() > room {
            break;
        }
        text = longer;
    }
    format!("{text}, ...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 2, 9), ["  one two", "    three"]);
        assert_eq!(wrap("unbreakable", 2, 5), ["  unbreakable"]);
        assert!(wrap("  ", 2, 5).is_empty());
    }

    #[test]
    fn a_list_names_what_fits() {
        let keys = ["base.debian", "wsgi.server", "locale"].map(str::to_owned);
        assert_eq!(list_to_fit(&keys, 40), "base.debian, wsgi.server, locale");
        assert_eq!(list_to_fit(&keys, 30), "base.debian, wsgi.server, ...");
        assert_eq!(list_to_fit(&keys, 5), "base.debian, ...");
    }
}
