//! The text of a captured description: every key with where it comes from, and what is left to do beside its section.

use serde_json::Value;

use super::description::{Description, Key};
use crate::draft::yaml::{line, scalar, with_schema};
use crate::site::flow;

/// Top-level keys in the order in which a description reads best.
const ORDER: [&str; 21] = [
    "summary",
    "order",
    "base",
    "python",
    "install",
    "user",
    "data",
    "names",
    "tls",
    "proxy",
    "wsgi",
    "processes",
    "timers",
    "env",
    "secrets",
    "files",
    "services",
    "outside",
    "deploy",
    "health",
    "host",
];
/// The widest flow of values on one line.
const WIDEST: usize = 100;

/// The description's text.
#[must_use]
pub fn text_of(description: &Description, head: &[String]) -> String {
    let mut text = String::new();
    text.extend(head.iter().map(|line| format!("# {line}\n")));
    let mut sections: Vec<String> = ORDER.iter().map(|key| (*key).to_owned()).collect();
    let named = description.keys.iter().filter_map(|key| key.path.first());
    let todos = description.todos.iter().map(|todo| todo.section);
    for key in named.map(String::as_str).chain(todos) {
        if !sections.iter().any(|own| own == key) {
            sections.push(key.to_owned());
        }
    }
    for section in sections {
        let keys: Vec<&Key> =
            description.keys.iter().filter(|key| key.path.first() == Some(&section)).collect();
        let todos: Vec<&str> = description
            .todos
            .iter()
            .filter(|todo| todo.section == section)
            .map(|todo| todo.text.as_str())
            .collect();
        if keys.is_empty() && todos.is_empty() {
            continue;
        }
        text.push('\n');
        write_keys(&keys, 0, 0, &mut text);
        for todo in todos {
            text.push_str(&format!("# TODO {section}: {todo}\n"));
        }
    }
    for (title, lines) in
        [("not readable", &description.not_readable), ("to be known", &description.notes)]
    {
        if !lines.is_empty() {
            text.push_str(&format!("\n# {title}\n"));
            text.extend(lines.iter().map(|line| format!("#   {line}\n")));
        }
    }
    with_schema(text)
}

/// Keys that share their first parts, as nested maps.
fn write_keys(keys: &[&Key], depth: usize, level: usize, text: &mut String) {
    let mut done: Vec<&String> = Vec::new();
    let indent = "  ".repeat(depth);
    for key in keys {
        let Some(part) = key.path.get(level) else { continue };
        if done.contains(&part) {
            continue;
        }
        done.push(part);
        let same: Vec<&Key> =
            keys.iter().filter(|other| other.path.get(level) == Some(part)).copied().collect();
        if key.path.len() == level + 1 {
            write_value(&indent, part, &key.value, &key.from, text);
        } else {
            text.push_str(&format!("{indent}{}:\n", scalar(part)));
            write_keys(&same, depth + 1, level + 1, text);
        }
    }
}

fn write_value(indent: &str, name: &str, value: &Value, from: &str, text: &mut String) {
    let name = scalar(name);
    let on_one_line = flow(value);
    if indent.len() + name.len() + on_one_line.len() <= WIDEST
        || !matches!(value, Value::Array(items) if items.len() > 1)
    {
        text.push_str(&line(&format!("{indent}{name}: {on_one_line}"), from));
        return;
    }
    text.push_str(&line(&format!("{indent}{name}:"), from));
    for item in value.as_array().into_iter().flatten() {
        text.push_str(&format!("{indent}  - {}\n", flow(item)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_key_says_where_it_comes_from_and_each_todo_stands_by_its_section() {
        let mut description = Description::default();
        description.set("base.debian", "bookworm", "os-release: Debian 12");
        description.set("names", json!(["www.x.example"]), "nginx");
        description.set_at(&["env", "THEME"], "yes", "");
        description.set_at(&["services", "db", "postgres"], "15", "it says 15.20");
        description.todo("deploy", "steps");
        description.notes.push("two".to_owned());
        insta::assert_snapshot!(text_of(&description, &["Captured.".to_owned()]), @r#"
        # yaml-language-server: $schema=https://json.schemastore.org/stagectl.json
        # Captured.

        base:
          debian: bookworm                       # os-release: Debian 12

        names: [www.x.example]                   # nginx

        env:
          THEME: "yes"

        services:
          db:
            postgres: "15"                       # it says 15.20

        # TODO deploy: steps

        # to be known
        #   two
        "#);
    }
}
