//! Small pieces of text: durations, counts, colours, lines cut to a width.

use console::{Style, measure_text_width};

use super::mode::Colour;
use crate::event::Inventory;
use crate::report::Ending;

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

/// A time as people say it: `0.8s`, `41.0s`, `1m02s`, `1h05m`.
pub(super) fn took(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{:.1}s", seconds.max(0.0));
    }
    let whole = std::time::Duration::try_from_secs_f64(seconds.round()).unwrap_or_default();
    let (minutes, rest) = (whole.as_secs() / 60, whole.as_secs() % 60);
    if minutes < 60 {
        format!("{minutes}m{rest:02}s")
    } else {
        format!("{}h{:02}m", minutes / 60, minutes % 60)
    }
}

/// `1 site`, `3 sites`.
pub(super) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

pub(super) fn inventory(inventory: Inventory) -> String {
    format!(
        "{}, {}, {}",
        count(inventory.containers, "container"),
        count(inventory.networks, "network"),
        count(inventory.volumes, "volume")
    )
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
    fn times_are_said_as_people_say_them() {
        let table = [
            (0.04, "0.0s"),
            (0.85, "0.8s"),
            (59.94, "59.9s"),
            (59.96, "1m00s"),
            (62.4, "1m02s"),
            (3599.7, "1h00m"),
            (3900.0, "1h05m"),
        ];
        for (seconds, expected) in table {
            assert_eq!(took(seconds), expected);
        }
    }

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
