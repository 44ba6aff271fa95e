//! Data in columns, for stdout: rows of cells as wide as they are, and names with texts that are broken
//! between words.

use console::measure_text_width;

use super::text::{pad, wrap};
use crate::report::printable;

/// Columns as wide as their widest cell, the last one as it is.
#[must_use]
pub fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or(0)).collect();
    rows.iter().fold(String::new(), |mut text, row| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
        text
    })
}

/// Lines of a name and its text; a line without a name goes on below the one before it.
#[must_use]
pub fn pairs(rows: &[(String, String)], width: usize) -> String {
    let names = rows.iter().map(|(name, _)| measure_text_width(name)).max().unwrap_or_default() + 2;
    let mut text = String::new();
    for (name, value) in rows {
        let room = width.max(names + 20);
        let lines = wrap(&printable(value), names, room);
        for (index, line) in lines.iter().enumerate() {
            let begin = if index == 0 { pad(name, names) } else { String::new() };
            let rest = if index == 0 { line.trim_start() } else { line };
            text.push_str(format!("{begin}{rest}").trim_end());
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_go_on_below_their_beginning() {
        let rows = [("a", "one two three four five six"), ("bcd", "x"), ("", "-> y")]
            .map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(
            pairs(&rows, 25),
            "a    one two three four\n       five six\nbcd  x\n     -> y\n"
        );
    }
}
