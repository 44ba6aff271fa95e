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
    assert_snapshot!(problems(laughs), @"error: e/a.yaml:5:10: l4.0: more than 10000 values, aliases followed");
    assert_snapshot!(problems(format!("a: {}", "[".repeat(100_000))), @"error: e/a.yaml:1:259: a.0: not readable as YAML: recursion limit exceeded");
    let blocks: Vec<_> = (0..200).map(|depth| " ".repeat(depth) + "a:").collect();
    assert_snapshot!(problems(blocks.join("\n")), @"error: e/a.yaml:33:33: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: more than 32 maps and lists inside each other");
}

#[test]
fn what_is_repeated_is_counted_by_its_text_too() {
    let long = "x".repeat(100_000);
    let list = vec!["*x"; 5_000].join(",");
    assert_snapshot!(problems(format!("a: &x {long}\nb: [{list}]\n")), @"error: e/a.yaml:2:32: b.9: more than 1024 KiB of text, aliases followed");
    assert_snapshot!(problems(format!("a: 1\n? {}\n: 2\n", "k".repeat(1025))), @"error: e/a.yaml:2:3: a key is longer than 1024 bytes");
}
