use super::*;

/// What is shown of the line that has a mark, at the mark.
fn at_mark(text: &str) -> Option<String> {
    let at = text.find('^').unwrap();
    let text = text.replacen('^', "", 1);
    let index = text[..at].matches('\n').count();
    let column = at - text[..at].rfind('\n').map_or(0, |end| end + 1);
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let SourceLine { text, before } = redact_line(&lines, index, column)?;
    let split = text.char_indices().nth(before).map_or(text.len(), |(at, _)| at);
    Some(format!("{}^{}", &text[..split], &text[split..]))
}

#[test]
fn the_line_is_shown_with_the_place() {
    for (text, seen) in [
        ("order: ^first", "order: ^first"),
        ("a: b\nbase:\n  debian: ^bookwrm\n", "  debian: ^bookwrm"),
        ("services: {db: {postgres: ^15}}", "services: {db: {postgres: ^15}}"),
        ("names:\n- ^a_b\n", "- ^a_b"),
        ("\tkey: ^x", " key: ^x"),
        ("ends: here^", "ends: here^"),
        ("env: {A: b}\nwsgi:\n  workers: ^many\n", "  workers: ^many"),
        ("env:\n  A: b\nwsgi:\n  workers: ^many\n", "  workers: ^many"),
    ] {
        assert_eq!(at_mark(text).as_deref(), Some(seen), "{text}");
    }
}

#[test]
fn of_a_wrong_key_the_value_is_not_needed() {
    for (text, seen) in [
        ("^evn: {A: hunter2}", "^evn: ***"),
        ("services: {db: {^postgress: hunter2}}", "services: {db: {^postgress: ***"),
        ("- ^'na me': hunter2", "- ^'na me': ***"),
        ("^order:", "^order:"),
    ] {
        assert_eq!(at_mark(text).as_deref(), Some(seen), "{text}");
    }
}

#[test]
fn what_may_be_a_secret_is_in_no_line_that_is_shown() {
    for text in [
        "secrets: {db: ^hunter2}",
        "secrets:\n  db: ^hunter2",
        "secrets:\n  db:\n    value: ^hunter2",
        "secrets:\ndb: ^hunter2",
        "secrets:\n  db:\n^hunter2",
        "secrets: {\n  db: ^hunter2,\n",
        "secrets:\n- ^hunter2",
        "env:\n  DJANGO_KEY: ^hunter2",
        "env: {A: ^hunter2, B: c}",
        "env: {A: b,\nB: ^hunter2}",
        "critical:\n  env:\n    A: >\n      ^hunter2\n",
        "services: {db: {password: hunter2, postgres: ^15}}",
        "services: {db: {password: \"hun,ter2 hunter2\", postgres: ^15}}",
        "services: {db: {password: 'it''s hunter2', postgres: ^15}}",
        "services: {db: {password: 'hunter2, postgres: ^15}}",
        "services:\n  db: {password: \"hunter2\n    hunter2 ^more\"}",
        "files:\n- {path: /a, api-key: hunter2, mode: ^abc}",
        "install:\n  index: ^https://me:hunter2@pypi.example/simple",
        "install:\n  index: ^https://me:hun@ter2 hunter2@pypi.example/simple",
        "install:\n  index: ^https://pypi.example/simple?t=hunter2",
        "wsgi: {options: {stats: ^me:hunter2@host}}",
        "services: {db: {pswd: hunter2, postgres: ^15, psswd: 'hunter2'}}",
        "deploy:\n  steps:\n  - {name: a, run: ^admin --password hunter2}",
        "deploy:\n  steps:\n  - run: ^PGPASSWORD=hunter2 psql\n",
        "deploy:\n  steps:\n  - run: |\n      ^hunter2\n",
        "order: ^first  # was hunter2",
        "# hunter2 ^",
        "summary: [ ^ghp_hunter2a1B2c3D4a1B2c3D4a1B2c3D4a1B2c3D4a1B2",
    ] {
        let seen = at_mark(text).unwrap_or_default();
        assert!(
            !seen.contains("hunter2") && !seen.contains("ter2"),
            "{text:?} is shown as {seen:?}"
        );
    }
}

#[test]
fn what_is_left_out_leaves_the_rest_and_the_place_where_they_are() {
    for (text, seen) in [
        (
            "services: {db: {password: \"hunter2\", postgres: ^15}}",
            "services: {db: {password: ***, postgres: ^15}}",
        ),
        ("env: {A: ^hunter2, B: c}", "env: ^***"),
        (
            "services: {db: {mode: a b, postgres: ^15, c: d}}",
            "services: {db: {mode: ***, postgres: ^15, c: ***}}",
        ),
        ("secrets:\n  db: {from_env: ^KEY}", "  db: ^***"),
        ("index: ^https://me:hunter2@pypi.example/simple", "index: ^***pypi.example/simple"),
    ] {
        assert_eq!(at_mark(text).as_deref(), Some(seen), "{text}");
    }
}

#[test]
fn of_a_long_line_the_part_around_the_place_is_shown() {
    let long = format!("names: [{}^here, {}]", "a, ".repeat(100), "b, ".repeat(100));
    let seen = at_mark(&long).unwrap();
    assert_eq!(seen.chars().count(), MOST_SHOWN + 3);
    assert!(
        seen.starts_with("…") && seen.contains(" a, ^here, b,") && seen.ends_with('…'),
        "{seen}"
    );
    assert_eq!(at_mark(&format!("a: ^{}", "b".repeat(LONGEST_LINE))), None);
}

#[test]
fn a_line_that_holds_a_secret_s_value_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("environments");
    std::fs::create_dir(&path).unwrap();
    let text = "secrets: {key: {from_env: KEY}}\nsummary: [hunter2]\norder: one\n";
    std::fs::write(path.join("shop.yaml"), text).unwrap();
    let variable = |name: &str| (name == "KEY").then(|| "hunter2".to_owned());
    let mut sources = Sources::new(folder.path(), &variable);
    let mut at = |file: &str, line| {
        let place = Place { line, column: 10, ..Place::file(file) };
        sources.line(&place).map(|source| source.text)
    };
    assert_eq!(at("environments/shop.yaml", 2), None);
    assert_eq!(at("environments/shop.yaml", 3).as_deref(), Some("order: one"));
    assert_eq!(at("environments/shop.yaml", 4), None);
    std::fs::write(folder.path().join("shop.env"), "KEY=value\n").unwrap();
    assert_eq!(at("shop.env", 1), None);
}
