//! Lists of which each item stands on a line of its own.

use serde_json::Value;

use super::flow::flow;
use super::line::{byte_of, end_on_line, is_last};
use crate::site::tree::Node;

/// The line of each item, from 0; nothing where something else than items, remarks and empty lines stands there.
pub(super) fn places_of(lines: &[String], items: &[Node]) -> Option<Vec<usize>> {
    let mut places: Vec<usize> = Vec::new();
    for item in items {
        let at = item.place.line.checked_sub(1)?;
        let line = lines.get(at)?;
        let is_alone = line[..byte_of(line, item.place.column)].trim() == "-"
            && is_last(line, end_on_line(line, item).ok()?);
        if !is_alone || places.last().is_some_and(|last| *last >= at) {
            return None;
        }
        places.push(at);
    }
    let (first, last) = (*places.first()?, *places.last()?);
    let is_remark = |line: &String| line.trim().is_empty() || line.trim_start().starts_with('#');
    let others = (first..=last).filter(|at| !places.contains(at));
    others.into_iter().all(|at| is_remark(&lines[at])).then_some(places)
}

/// An item that is there.
struct Item {
    value: Value,
    /// Remarks on lines of their own.
    above: String,
    line: String,
    is_kept: bool,
}

/// The lines with other items: those that stay have their remarks, and what stands above one that goes stands above the next.
pub(super) fn rewritten(lines: &[String], items: &[Node], new: &[Value]) -> Option<Vec<String>> {
    let places = places_of(lines, items)?;
    if new.is_empty() {
        return None;
    }
    let (first, last) = (places[0], *places.last()?);
    let mut next = first;
    let mut old: Vec<Item> = Vec::new();
    for (at, item) in places.iter().zip(items) {
        let value = serde_json::to_value(item.to_yaml()).ok()?;
        let is_kept = new.contains(&value);
        old.push(Item {
            value,
            above: lines[next..*at].concat(),
            line: lines[*at].clone(),
            is_kept,
        });
        next = at + 1;
    }
    let start = |line: &str, item: &Node| byte_of(line, item.place.column);
    let before = lines[first][..start(&lines[first], &items[0])].to_owned();
    // One for one: a line has another value, and its remark.
    if old.len() == new.len() {
        for (at, item) in old.iter_mut().enumerate().filter(|(_, item)| !item.is_kept) {
            if places.len() == new.len() && !items_have(items, &new[at]) {
                let (start, end) =
                    (start(&item.line, &items[at]), end_on_line(&item.line, &items[at]).ok()?);
                item.line.replace_range(start..end, &flow(&new[at]));
                item.value = new[at].clone();
                item.is_kept = true;
            }
        }
    }
    let mut homeless = String::new();
    for item in &mut old {
        let above = std::mem::take(&mut homeless) + &item.above;
        if item.is_kept { item.above = above } else { homeless = above }
    }
    let mut text: Vec<String> = lines[..first].to_vec();
    for value in new {
        if let Some(at) = old.iter().position(|item| item.is_kept && item.value == *value) {
            let item = old.remove(at);
            text.extend([item.above, item.line]);
        } else {
            text.push(format!("{before}{}\n", flow(value)));
        }
        if let Some(line) = text.last_mut().filter(|line| !line.ends_with('\n')) {
            line.push('\n');
        }
    }
    text.push(homeless);
    text.extend_from_slice(&lines[last + 1..]);
    Some(text)
}

fn items_have(items: &[Node], value: &Value) -> bool {
    items.iter().any(|item| serde_json::to_value(item.to_yaml()).ok().as_ref() == Some(value))
}
