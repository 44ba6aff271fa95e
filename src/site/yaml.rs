//! Reads a YAML file into a tree that remembers every line and column.
//!
//! Bounds keep hostile or broken files from costing more than a moment: size, depth, and what there
//! is of values and text after aliases are followed.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

use super::problem::{KeyPath, Place, Problem, Problems};
use super::scalar::Scalar;
use super::tree::{Entry, Map, Node, Value};

/// The most bytes of a file.
pub(super) const MAX_BYTES: usize = 512 * 1024;
/// The most maps and lists inside each other.
const MAX_DEPTH: usize = 32;
/// The most values of a file, those that aliases repeat included.
const MAX_VALUES: usize = 10_000;
/// The most bytes of text in them, what aliases repeat included.
const MAX_TEXT: usize = 2 * MAX_BYTES;
/// The most bytes of a key: it stands in every message about what is below it.
const MAX_KEY: usize = 1024;

/// Reads one file; its top is always a map, and an empty file is an empty one.
///
/// # Errors
/// Every duplicate key, or the first thing after which the rest cannot be read.
pub(super) fn read(file: impl AsRef<Path>, bytes: &[u8]) -> Result<Node, Problems> {
    let place = Place::file(file);
    let mut problems = Problems::default();
    let tree = text_of(&place, bytes).and_then(|text| {
        let mut reader = Reader::new(Arc::clone(&place.file));
        let tree = reader.read(text);
        problems.extend(reader.problems);
        tree
    });
    match tree {
        Ok(tree) if problems.is_empty() => Ok(tree),
        Ok(_) => Err(problems),
        Err(problem) => {
            problems.push(problem);
            Err(problems)
        }
    }
}

fn text_of<'a>(place: &Place, bytes: &'a [u8]) -> Result<&'a str, Problem> {
    let problem = |line, message: String| {
        let place = Place { line, column: usize::from(line > 0), ..place.clone() };
        Problem::new(place, KeyPath::default(), message)
    };
    let line_of = |offset: usize| bytes[..offset].split(|byte| *byte == b'\n').count();
    if bytes.len() > MAX_BYTES {
        return Err(problem(0, format!("the file is larger than {} KiB", MAX_BYTES / 1024)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        problem(line_of(error.valid_up_to()), "the file is not UTF-8 text".to_owned())
            .hint("save it as UTF-8")
    })?;
    if let Some(offset) = text.find('\0') {
        return Err(problem(line_of(offset), "the file contains a NUL byte".to_owned()));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A map or a list that is not finished.
struct Open {
    anchor: usize,
    place: Place,
    content: OpenContent,
    /// What is inside, for the bounds on aliases.
    size: Size,
}

enum OpenContent {
    List(Vec<Node>),
    Map {
        map: Map,
        key: Option<(String, Place)>,
        /// The line of each key that is there.
        lines: HashMap<String, usize>,
        inherited: Vec<Node>,
    },
}

/// How much there is of a value.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    values: usize,
    /// Bytes, of keys too.
    text: usize,
}

impl Size {
    fn of(text: &str) -> Size {
        Size { values: 1, text: text.len() }
    }

    fn add(&mut self, other: Size) {
        self.values += other.values;
        self.text += other.text;
    }
}

struct Reader {
    file: Arc<Path>,
    open: Vec<Open>,
    /// Finished values that aliases may repeat, with their sizes.
    anchors: HashMap<usize, (Node, Size)>,
    size: Size,
    root: Option<Node>,
    problems: Problems,
}

impl Reader {
    fn new(file: Arc<Path>) -> Self {
        Reader {
            file,
            open: Vec::new(),
            anchors: HashMap::new(),
            size: Size::default(),
            root: None,
            problems: Problems::default(),
        }
    }

    fn read(&mut self, text: &str) -> Result<Node, Problem> {
        let mut parser = Parser::new_from_str(text);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let what = error.info().trim_end_matches('.');
                self.problem(self.place(*error.marker()), format!("not readable as YAML: {what}"))
            })?;
            if matches!(event, Event::DocumentStart(_)) {
                documents += 1;
                if documents > 1 {
                    let place = self.place(span.start);
                    return Err(self
                        .problem(place, "a second document begins here")
                        .hint("one file describes one site; take out the `---`"));
                }
            }
            self.take(event, span)?;
        }
        let top = Place { file: Arc::clone(&self.file), line: 1, column: 1 };
        let Some(root) = self.root.take() else { return Ok(Node::empty_map(top)) };
        match &root.value {
            Value::Map(_) => Ok(root),
            Value::Scalar(scalar) if scalar.text.is_empty() => Ok(Node::empty_map(top)),
            _ => Err(self
                .problem(root.place, "the file is not a map of keys")
                .hint("begin with `names:`, `base:`, `wsgi:`...")),
        }
    }

    fn place(&self, marker: Marker) -> Place {
        Place { file: Arc::clone(&self.file), line: marker.line(), column: marker.col() + 1 }
    }

    fn problem(&self, place: Place, message: impl Into<String>) -> Problem {
        Problem::new(place, self.path(), message)
    }

    /// The keys that lead to where the reader is.
    fn path(&self) -> KeyPath {
        let keys = self.open.iter().filter_map(|open| match &open.content {
            OpenContent::List(items) => Some(items.len().to_string()),
            OpenContent::Map { key, .. } => key.as_ref().map(|(key, _)| key.clone()),
        });
        KeyPath::of(keys)
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let place = self.place(span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = self.scalar(&place, text.into_owned(), style, tag.as_deref())?;
                let size = Size::of(&scalar.text);
                self.finish(Node { place, value: Value::Scalar(scalar) }, anchor, size)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(&place, tag.as_deref(), "seq")?;
                self.begin(place, anchor, OpenContent::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(&place, tag.as_deref(), "map")?;
                let content = OpenContent::Map {
                    map: Map::default(),
                    key: None,
                    lines: HashMap::new(),
                    inherited: Vec::new(),
                };
                self.begin(place, anchor, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some((node, size)) => {
                    self.count(&place, size)?;
                    self.put(node, 0, size)
                }
                None => Err(self.problem(place, "the alias stands inside what it repeats")),
            },
            _ => Ok(()),
        }
    }

    fn scalar(
        &self,
        place: &Place,
        text: String,
        style: ScalarStyle,
        tag: Option<&Tag>,
    ) -> Result<Scalar, Problem> {
        match tag {
            None if style == ScalarStyle::Plain => Ok(Scalar::plain(text)),
            None => Ok(Scalar::text(text)),
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => Ok(Scalar::text(text)),
            Some(tag) => Err(self.tag_problem(place, tag)),
        }
    }

    fn refuse_tag(&self, place: &Place, tag: Option<&Tag>, own: &str) -> Result<(), Problem> {
        match tag {
            Some(tag) if !tag.is_yaml_core_schema() || tag.suffix != own => {
                Err(self.tag_problem(place, tag))
            }
            _ => Ok(()),
        }
    }

    fn tag_problem(&self, place: &Place, tag: &Tag) -> Problem {
        self.problem(place.clone(), format!("the tag `{tag}` means nothing here"))
            .hint("take out the tag")
    }

    fn begin(&mut self, place: Place, anchor: usize, content: OpenContent) -> Result<(), Problem> {
        if let Some(Open { content: OpenContent::Map { key: None, .. }, .. }) = self.open.last() {
            return Err(self.problem(place, "a key is plain text, not a map or a list"));
        }
        if self.open.len() >= MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} maps and lists inside each other");
            return Err(self.problem(place, message));
        }
        self.open.push(Open { anchor, place, content, size: Size::default() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = match open.content {
            OpenContent::List(items) => Value::List(items),
            OpenContent::Map { map, inherited, .. } => Value::Map(self.inherit(map, inherited)?),
        };
        // What is inside has been counted, and is counted again with the whole.
        self.size.values -= open.size.values;
        self.size.text -= open.size.text;
        let size = Size { values: open.size.values + 1, ..open.size };
        self.finish(Node { place: open.place, value }, open.anchor, size)
    }

    /// Adds what `<<` brings; the map's own keys win, then the first of several.
    fn inherit(&self, mut map: Map, inherited: Vec<Node>) -> Result<Map, Problem> {
        if inherited.is_empty() {
            return Ok(map);
        }
        let mut keys: HashSet<String> = map.entries.iter().map(|entry| entry.key.clone()).collect();
        for node in inherited {
            let place = node.place.clone();
            let sources = match node.value {
                Value::List(items) => items,
                _ => vec![node],
            };
            for source in sources {
                let Value::Map(source) = source.value else {
                    return Err(self.problem(place, "`<<` takes a map, or a list of maps"));
                };
                for entry in source.entries {
                    if keys.insert(entry.key.clone()) {
                        map.entries.push(entry);
                    }
                }
            }
        }
        Ok(map)
    }

    /// Holds what there is up to this place against the bounds.
    fn count(&mut self, place: &Place, size: Size) -> Result<(), Problem> {
        self.size.add(size);
        if self.size.values > MAX_VALUES {
            let message = format!("more than {MAX_VALUES} values, aliases followed");
            return Err(self.problem(place.clone(), message));
        }
        if self.size.text > MAX_TEXT {
            let message = format!("more than {} KiB of text, aliases followed", MAX_TEXT / 1024);
            return Err(self.problem(place.clone(), message));
        }
        Ok(())
    }

    fn finish(&mut self, node: Node, anchor: usize, size: Size) -> Result<(), Problem> {
        self.count(&node.place, size)?;
        self.put(node, anchor, size)
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, node: Node, anchor: usize, size: Size) -> Result<(), Problem> {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let path = self.path();
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.size.add(size);
        match &mut open.content {
            OpenContent::List(items) => items.push(node),
            OpenContent::Map { map, key, lines, inherited } => match key.take() {
                None => *key = Some(key_of(node, path)?),
                Some((key, _)) if key == "<<" => inherited.push(node),
                Some((key, key_place)) => {
                    if let Some(line) = lines.get(&key) {
                        let hint = format!("it is there already, in line {line}");
                        let message = "the key is there twice";
                        self.problems.push(Problem::new(key_place, path, message).hint(hint));
                    } else {
                        lines.insert(key.clone(), key_place.line);
                        map.entries.push(Entry { key, key_place, value: node });
                    }
                }
            },
        }
        Ok(())
    }
}

/// A key and its place; the path is that of its map.
fn key_of(node: Node, path: KeyPath) -> Result<(String, Place), Problem> {
    match node.value {
        Value::Scalar(scalar) if scalar.text.len() > MAX_KEY => {
            let message = format!("a key is longer than {MAX_KEY} bytes");
            Err(Problem::new(node.place, path, message))
        }
        Value::Scalar(scalar) => Ok((scalar.text, node.place)),
        _ => Err(Problem::new(node.place, path, "a key is plain text, not a map or a list")),
    }
}

#[cfg(test)]
mod tests;
