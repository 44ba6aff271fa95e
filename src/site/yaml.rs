//! Reads a YAML file into a tree that remembers every line and column.
//!
//! Bounds keep hostile or broken files from costing more than a moment: size, depth, and the
//! number of values after aliases are followed.

use std::collections::HashMap;
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
const MAX_VALUES: usize = 20_000;

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
    /// Values inside, for the bound on aliases.
    size: usize,
}

enum OpenContent {
    List(Vec<Node>),
    Map { map: Map, key: Option<(String, Place)>, inherited: Vec<Node> },
}

struct Reader {
    file: Arc<Path>,
    open: Vec<Open>,
    /// Finished values that aliases may repeat, with their sizes.
    anchors: HashMap<usize, (Node, usize)>,
    values: usize,
    root: Option<Node>,
    problems: Problems,
}

impl Reader {
    fn new(file: Arc<Path>) -> Self {
        Reader {
            file,
            open: Vec::new(),
            anchors: HashMap::new(),
            values: 0,
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
        self.open.iter().fold(KeyPath::default(), |path, open| match &open.content {
            OpenContent::List(items) => path.key(items.len()),
            OpenContent::Map { key: Some((key, _)), .. } => path.key(key),
            OpenContent::Map { key: None, .. } => path,
        })
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let place = self.place(span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = self.scalar(&place, text.into_owned(), style, tag.as_deref())?;
                self.finish(Node { place, value: Value::Scalar(scalar) }, anchor, 1)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(&place, tag.as_deref(), "seq")?;
                self.begin(place, anchor, OpenContent::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(&place, tag.as_deref(), "map")?;
                let content =
                    OpenContent::Map { map: Map::default(), key: None, inherited: Vec::new() };
                self.begin(place, anchor, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some((node, size)) => self.finish(node, 0, size),
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
        self.open.push(Open { anchor, place, content, size: 1 });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = match open.content {
            OpenContent::List(items) => Value::List(items),
            OpenContent::Map { map, inherited, .. } => Value::Map(self.inherit(map, inherited)?),
        };
        // What is inside has been counted.
        self.values -= open.size - 1;
        self.finish(Node { place: open.place, value }, open.anchor, open.size)
    }

    /// Adds what `<<` brings; the map's own keys win, then the first of several.
    fn inherit(&self, mut map: Map, inherited: Vec<Node>) -> Result<Map, Problem> {
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
                    if map.get(&entry.key).is_none() {
                        map.entries.push(entry);
                    }
                }
            }
        }
        Ok(map)
    }

    /// Puts a finished value where it belongs.
    fn finish(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), Problem> {
        self.values += size;
        if self.values > MAX_VALUES {
            let message = format!("more than {MAX_VALUES} values, aliases followed");
            return Err(self.problem(node.place, message));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let path = self.path();
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.size += size;
        match &mut open.content {
            OpenContent::List(items) => items.push(node),
            OpenContent::Map { map, key, inherited } => match key.take() {
                None => {
                    let Value::Scalar(scalar) = node.value else {
                        let message = "a key is plain text, not a map or a list";
                        return Err(Problem::new(node.place, path, message));
                    };
                    *key = Some((scalar.text, node.place));
                }
                Some((key, _)) if key == "<<" => inherited.push(node),
                Some((key, key_place)) => {
                    if let Some(first) = map.entries.iter().find(|entry| entry.key == key) {
                        let hint = format!("it is there already, in line {}", first.key_place.line);
                        let message = "the key is there twice";
                        self.problems.push(Problem::new(key_place, path, message).hint(hint));
                    } else {
                        map.entries.push(Entry { key, key_place, value: node });
                    }
                }
            },
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    use insta::assert_snapshot;

    fn problems(bytes: impl AsRef<[u8]>) -> String {
        read("e/a.yaml", bytes.as_ref()).unwrap_err().render()
    }

    fn json(text: &str) -> String {
        read("e/a.yaml", text.as_bytes()).unwrap().to_json().to_string()
    }

    #[test]
    fn every_key_and_value_knows_its_place() {
        let tree = read("e/a.yaml", b"a:\n  - b: {c: 1}\n").unwrap();
        let path = KeyPath::from(["a", "0", "b", "c"]);
        assert_eq!(tree.place_of(&path).to_string(), "e/a.yaml:2:12");
        assert_eq!(tree.key_place_of(&path).to_string(), "e/a.yaml:2:9");
    }

    #[test]
    fn anchors_aliases_and_merge_keys_are_followed() {
        assert_eq!(
            json("a: &x {k: 1, l: 2}\nb: *x\nc: {<<: *x, l: 3}"),
            r#"{"a":{"k":1,"l":2},"b":{"k":1,"l":2},"c":{"l":3,"k":1}}"#
        );
        assert_eq!(
            json("a: &x {k: 1}\nb: &y {k: 2, m: 3}\nc: {<<: [*x, *y]}"),
            r#"{"a":{"k":1},"b":{"k":2,"m":3},"c":{"k":1,"m":3}}"#
        );
        assert_eq!(json("v: !!str 15\n"), r#"{"v":"15"}"#);
        assert_eq!(json("# nothing\n"), "{}");
    }

    #[test]
    fn what_cannot_be_read_says_where_and_why() {
        assert_snapshot!(problems("a: 1\nb: {c: 2, c: 3}\na: 2\n"), @r"
        error: e/a.yaml:2:11: b.c: the key is there twice
        hint: it is there already, in line 2
        error: e/a.yaml:3:1: a: the key is there twice
        hint: it is there already, in line 1
        ");
        assert_snapshot!(problems("- a\n"), @r"
        error: e/a.yaml:1:1: the file is not a map of keys
        hint: begin with `names:`, `base:`, `wsgi:`...
        ");
        assert_snapshot!(problems("a: 1\n---\nb: 2\n"), @r"
        error: e/a.yaml:2:1: a second document begins here
        hint: one file describes one site; take out the `---`
        ");
        assert_snapshot!(problems(b"a: 1\nb: \xff\n"), @r"
        error: e/a.yaml:2:1: the file is not UTF-8 text
        hint: save it as UTF-8
        ");
        assert_snapshot!(problems("a: 1\nb: \0\n"), @"error: e/a.yaml:2:1: the file contains a NUL byte");
        assert_snapshot!(problems("a: [1, 2\n"), @"error: e/a.yaml:2:1: a.2: not readable as YAML: while parsing a flow sequence, expected ',' or ']'");
        assert_snapshot!(problems("a: *x\n"), @"error: e/a.yaml:1:4: a: not readable as YAML: while parsing node, found unknown anchor");
        assert_snapshot!(problems("a: &x [*x]\n"), @"error: e/a.yaml:1:8: a.0: the alias stands inside what it repeats");
        assert_snapshot!(problems("a: !secret b\n"), @r"
        error: e/a.yaml:1:4: a: the tag `!secret` means nothing here
        hint: take out the tag
        ");
        assert_snapshot!(problems("[a]: 1\n"), @"error: e/a.yaml:1:1: a key is plain text, not a map or a list");
        assert_snapshot!(problems("a: {<<: 3}\n"), @"error: e/a.yaml:1:9: a: `<<` takes a map, or a list of maps");
        assert_snapshot!(problems(format!("a: {}\n", "x".repeat(MAX_BYTES))), @"error: e/a.yaml: the file is larger than 512 KiB");
    }

    #[test]
    fn hostile_files_are_refused_in_a_moment() {
        let mut laughs = String::from("l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for level in 1..30 {
            let list = vec![format!("*l{}", level - 1); 9].join(", ");
            writeln!(laughs, "l{level}: &l{level} [{list}]").unwrap();
        }
        assert_snapshot!(problems(laughs), @"error: e/a.yaml:4:5: l4.1: more than 20000 values, aliases followed");
        assert_snapshot!(problems(format!("a: {}", "[".repeat(100_000))), @"error: e/a.yaml:1:259: a.0: not readable as YAML: recursion limit exceeded");
        let blocks: Vec<_> = (0..200).map(|depth| " ".repeat(depth) + "a:").collect();
        assert_snapshot!(problems(blocks.join("\n")), @"error: e/a.yaml:33:33: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: more than 32 maps and lists inside each other");
    }
}
