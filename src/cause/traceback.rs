//! Tracebacks of Python: chains, groups, syntax errors, messages of several lines.

use super::found::{Cause, MOST_LINES, cut};
use super::own::Own;
use super::record::Record;
use super::weight::Weight;

const HEADER: &str = "Traceback (most recent call last):";
const GROUP_HEADER: &str = "Exception Group Traceback (most recent call last):";
/// What stands between two tracebacks of a chain.
const LINKS: [&str; 2] = [
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
];
/// Frames of the app's own code that are told.
const MOST_FRAMES: usize = 2;
/// Bytes of a line of code in a frame.
const LONGEST_CODE: usize = 90;
/// How far below an exception's line the link to the next one may stand: its message lies between.
const FARTHEST_LINK: usize = 400;

#[derive(Debug)]
struct Frame {
    path: String,
    line: String,
    function: Option<String>,
    code: Option<String>,
}

/// One traceback with the line of its exception.
#[derive(Debug)]
struct Block {
    frames: Vec<Frame>,
    text: String,
    /// It holds other exceptions, which come after it.
    is_group: bool,
}

/// Tracebacks of which each came of the one before.
#[derive(Debug)]
pub(super) struct Chain {
    blocks: Vec<Block>,
    /// The record after it.
    pub end: usize,
}

/// The text without the lines that Python draws beside the exceptions of a group.
fn undrawn(text: &str) -> &str {
    let inner = text.trim_start();
    match inner
        .strip_prefix("| ")
        .or_else(|| inner.strip_prefix("+ ").filter(|rest| rest.starts_with("Exception Group")))
    {
        Some(rest) => rest,
        None if inner == "|" || inner.starts_with("+-") => "",
        None => text,
    }
}

fn is_drawn(text: &str) -> bool {
    let inner = text.trim_start();
    inner.starts_with('|') || inner.starts_with("+-") || inner.starts_with("+ Exception Group")
}

fn frame(text: &str) -> Option<Frame> {
    // Loguru marks the frame that caught it.
    let text = text.trim_start();
    let rest = text.strip_prefix("> ").unwrap_or(text).strip_prefix("File \"")?;
    let (path, rest) = rest.split_once("\", line ")?;
    let (line, function) = match rest.split_once(", in ") {
        Some((line, function)) => (line, Some(function.trim().to_owned())),
        None => (rest, None),
    };
    Some(Frame { path: path.to_owned(), line: line.trim().to_owned(), function, code: None })
}

impl Chain {
    /// True for a line with which a traceback begins.
    pub(super) fn begins(record: &Record) -> bool {
        let text = undrawn(&record.text).trim_start();
        text == HEADER || text == GROUP_HEADER || text.ends_with(HEADER)
    }

    /// The chain that begins here; a syntax error of the program itself has no header.
    pub(super) fn at(records: &[Record], index: usize) -> Option<Chain> {
        let record = &records[index];
        let bare = !Chain::begins(record) && frame(&record.text).is_some() && !record.begins;
        if !(bare || Chain::begins(record)) {
            return None;
        }
        let (block, mut end) = block(records, index, bare)?;
        let mut blocks = vec![block];
        while let Some(next) = find_linked(records, end) {
            let Some((block, after)) = self::block(records, next, false) else {
                break;
            };
            blocks.push(block);
            end = after;
        }
        if blocks.iter().any(|block| block.is_group) {
            end = members(records, end, &mut blocks);
        }
        Some(Chain { blocks, end })
    }

    /// The root of it; each of the exceptions that a group holds.
    pub(super) fn causes(&self, own: &Own) -> Vec<Cause> {
        let group = self.blocks.iter().position(|block| block.is_group);
        let (chain, members) = match group {
            Some(index) => self.blocks.split_at(index + 1),
            None => (self.blocks.as_slice(), &[][..]),
        };
        let Some(last) = chain.last() else { return Vec::new() };
        let first = |text: &str| cut(text.lines().next().unwrap_or_default());
        let cause = |root: &Block, outer: &[Block], then: Option<String>| Cause {
            text: root.text.clone(),
            warned: None,
            frames: std::iter::once(root)
                .chain(outer.iter().rev())
                .map(|block| own_frames(block, own))
                .find(|frames| !frames.is_empty())
                .unwrap_or_default(),
            // Libraries wrap what a driver says in one of their own. A key alone says nothing.
            then: then.filter(|then| {
                let root = first(&root.text);
                let (kind, said) = root.split_once(": ").unwrap_or(("", &root));
                *then != root && (kind == "KeyError" || !then.contains(said))
            }),
            weight: Weight::Exception,
        };
        if members.is_empty() {
            let then = (chain.len() > 1).then(|| first(&last.text));
            return vec![cause(&chain[0], &chain[1..], then)];
        }
        members.iter().map(|member| cause(member, chain, Some(first(&last.text)))).collect()
    }
}

fn own_frames(block: &Block, own: &Own) -> Vec<String> {
    let describe_frame = |frame: &Frame| {
        let path = own.shorten(&frame.path)?;
        let function = frame.function.as_ref().map(|function| format!(" in {function}"));
        let code = frame.code.as_ref().map(|code| {
            let end = code.floor_char_boundary(LONGEST_CODE);
            format!(": {}{}", &code[..end], if end < code.len() { " ..." } else { "" })
        });
        let (function, code) = (function.unwrap_or_default(), code.unwrap_or_default());
        Some(format!("{path}:{}{function}{code}", frame.line))
    };
    let mut frames: Vec<String> = block.frames.iter().rev().filter_map(describe_frame).collect();
    frames.dedup();
    frames.truncate(MOST_FRAMES);
    frames
}

/// The traceback that begins here, and where to go on. `None` where its end is missing.
fn block(records: &[Record], index: usize, bare: bool) -> Option<(Block, usize)> {
    let is_group = undrawn(&records[index].text).trim_start() == GROUP_HEADER;
    let mut frames: Vec<Frame> = Vec::new();
    let mut at = if bare { index } else { index + 1 };
    // Whoever logs a traceback may indent all of it.
    let indent = if bare { 0 } else { indent_of(undrawn(&records[index].text)) };
    // Loguru leaves lines between the frames empty.
    let is_loose = records.get(index + 1).is_some_and(|next| next.text.is_empty());
    while at < records.len() {
        let text = undrawn(&records[at].text);
        if let Some(frame) = frame(text) {
            frames.push(frame);
        } else if text.trim().is_empty() && !is_drawn(&records[at].text) {
            if !is_loose {
                return None;
            }
        } else if indent_of(text) <= indent && !text.trim().is_empty() {
            let (text, end) = message(records, at);
            return Some((Block { frames, text, is_group }, end));
        } else if let Some(frame) = frames.last_mut() {
            let is_mark = text.trim().chars().all(|char| "^~ ".contains(char));
            if frame.code.is_none() && !is_mark {
                frame.code = Some(text.trim().to_owned());
            }
        }
        at += 1;
    }
    None
}

fn indent_of(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// The exceptions that a group holds: what is drawn below it.
fn members(records: &[Record], from: usize, blocks: &mut Vec<Block>) -> usize {
    let mut at = from;
    while at < records.len() && is_drawn(&records[at].text) {
        let text = undrawn(&records[at].text);
        if Chain::begins(&records[at]) {
            if let Some((block, end)) = block(records, at, false) {
                // A group in a group is told by what it holds.
                if !block.is_group {
                    blocks.push(block);
                }
                at = end;
                continue;
            }
        } else if !text.trim().is_empty() && Weight::of(&bare(text)).is_some() {
            // One that was never raised has no traceback.
            let text = cut(text.trim());
            blocks.push(Block { frames: Vec::new(), text, is_group: false });
        }
        at += 1;
    }
    at
}

fn bare(text: &str) -> Record {
    Record { text: text.to_owned(), level: None, begins: false }
}

/// Where the traceback that came of the one before begins, if it does.
fn find_linked(records: &[Record], from: usize) -> Option<usize> {
    let until = records.len().min(from + FARTHEST_LINK);
    let link = (from..until)
        .take_while(|&at| !Chain::begins(&records[at]))
        .find(|&at| LINKS.contains(&undrawn(&records[at].text).trim()))?;
    (link + 1..until)
        .find(|&at| !undrawn(&records[at].text).trim().is_empty())
        .filter(|&at| Chain::begins(&records[at]))
}

/// What a line says, with those further lines of its message that matter; and the record after them.
pub(super) fn message(records: &[Record], index: usize) -> (String, usize) {
    let drawn = is_drawn(&records[index].text);
    let first = undrawn(&records[index].text).trim();
    let mut lines = vec![cut(first)];
    let mut at = index + 1;
    // `Settings has 2 validation errors:`, and the like, say what only below it.
    let is_open = first.ends_with(':') || first.contains(" validation error");
    while at < records.len() && lines.len() < MOST_LINES {
        let record = &records[at];
        if is_drawn(&record.text) != drawn || Chain::begins(record) {
            break;
        }
        let text = undrawn(&record.text);
        let word = text.trim();
        let is_detail =
            ["DETAIL:", "HINT:", "LINE ", "CONTEXT:"].iter().any(|label| word.starts_with(label));
        // PostgreSQL's server gives each of them a time, its client does not.
        let goes_on = is_open && !record.begins && !word.starts_with("[SQL:");
        if word.is_empty() && is_open && !record.begins {
            at += 1;
            continue;
        }
        if word.is_empty() || LINKS.contains(&word) || !(goes_on || is_detail && !record.begins) {
            break;
        }
        if !word.starts_with("For further information visit") {
            lines.push(cut(text.trim_end()));
        }
        at += 1;
    }
    (lines.join("\n"), at)
}
