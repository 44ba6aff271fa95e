//! What is written by the types: the commands in `docs/commands.md`, the keys in `docs/description.md`.

use std::fmt::Write as _;
use std::fs;

use clap::CommandFactory as _;
use serde_json::Value;
use stagectl::cli::Cli;

use crate::document::{Document, root};
use crate::examples::{load, on_top_of_least};

/// Compares what stands between the marks of a document, or writes it with `UPDATE=1`.
fn compare(path: &str, mark: &str, generated: &str) {
    let document = Document::read(path);
    let (begin, end) = (format!("<!-- {mark}: generated -->\n"), format!("<!-- {mark}: end -->\n"));
    let (before, rest) = document.text.split_once(&begin).expect("the document has the marks");
    let (there, after) = rest.split_once(&end).expect("the document has the marks");
    let wanted = format!("\n{}\n\n", generated.trim());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(root().join(path), format!("{before}{begin}{wanted}{end}{after}")).unwrap();
    } else {
        assert!(
            there == wanted,
            "{path} is behind the program: `UPDATE=1 cargo test --test readme` writes it"
        );
    }
}

#[test]
fn what_is_added_is_the_table_that_the_program_takes_it_from() {
    let mut text = String::new();
    for added in stagectl::replica::ADDED {
        let place = added.place;
        // A program's name keeps its letters.
        let programs = ["gunicorn", "waitress", "uWSGI", "mod_wsgi", "nginx"];
        let title = if programs.iter().any(|program| place.starts_with(program)) {
            place.to_owned()
        } else {
            place[..1].to_uppercase() + &place[1..]
        };
        writeln!(text, "## {title}\n\n| added | why | keys |\n|---|---|---|").unwrap();
        for addition in added.additions {
            assert!(!addition.why.is_empty(), "{}", addition.text);
            let (what, why, keys) = (addition.text, addition.why, addition.keys);
            writeln!(text, "| `{what}` | {why} | {keys} |").unwrap();
        }
        text.push('\n');
    }
    compare("docs/what-is-added.md", "additions", &text);
}

#[test]
fn every_command_stands_in_the_document_with_its_options() {
    let mut text = String::new();
    let program = Cli::command();
    for (name, command) in leaves(&program, "stagectl") {
        let mut command = command.clone().bin_name(name);
        let about = command.get_about().unwrap().to_string();
        let usage = command.render_usage().to_string();
        let usage = usage.strip_prefix("Usage: ").unwrap().to_owned();
        writeln!(text, "**`{usage}`**<br>\n{about}.\n").unwrap();
        let mut rows = String::new();
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            if ["help", "version", "project"].contains(&argument.get_id().as_str()) {
                continue;
            }
            let value = argument.get_value_names().map(|names| names[0].to_string());
            let name = match (argument.get_long(), argument.get_short()) {
                (Some(long), short) => {
                    let short = short.map(|short| format!("-{short}, ")).unwrap_or_default();
                    let takes = argument.get_action().takes_values();
                    let value =
                        value.filter(|_| takes).map(|v| format!(" {v}")).unwrap_or_default();
                    format!("{short}--{long}{value}")
                }
                _ => value.unwrap(),
            };
            let mut help = argument.get_help().unwrap().to_string();
            let possible: Vec<String> = argument
                .get_possible_values()
                .iter()
                .filter(|_| argument.get_action().takes_values())
                .map(|value| match value.get_help() {
                    Some(help) => format!("`{}` ({help})", value.get_name()),
                    None => format!("`{}`", value.get_name()),
                })
                .collect();
            if !possible.is_empty() {
                write!(help, ": {}", possible.join(", ")).unwrap();
            }
            if let ([default], true) =
                (argument.get_default_values(), argument.get_action().takes_values())
            {
                write!(help, " (`{}` if left out)", default.to_string_lossy()).unwrap();
            }
            writeln!(rows, "| `{name}` | {help} |").unwrap();
        }
        if !rows.is_empty() {
            writeln!(text, "| argument | meaning |\n|---|---|\n{rows}").unwrap();
        }
    }
    compare("docs/commands.md", "commands", &text);
}

/// The commands that do something, by all their words: `stagectl site new`.
fn leaves(command: &clap::Command, name: &str) -> Vec<(String, clap::Command)> {
    let below = command.get_subcommands().filter(|command| !command.is_hide_set());
    let below: Vec<_> = below
        .flat_map(|command| leaves(command, &format!("{name} {}", command.get_name())))
        .collect();
    if below.is_empty() { vec![(name.to_owned(), command.clone())] } else { below }
}

/// A part of the schema with its reference followed and the choice of nothing taken away.
struct Part<'a> {
    schema: &'a Value,
    /// What the reference leads to.
    meant: &'a Value,
}

impl<'a> Part<'a> {
    fn new(all: &'a Value, schema: &'a Value) -> Self {
        let or_nothing = schema["anyOf"]
            .as_array()
            .and_then(|choices| choices.iter().find(|choice| choice["type"] != "null"));
        let refers = or_nothing.unwrap_or(schema);
        let meant = match refers["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
            Some(name) => &all["$defs"][name],
            None => refers,
        };
        Part { schema, meant }
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.schema[key].as_str().or(self.meant[key].as_str())
    }

    fn choices(&self) -> Vec<String> {
        let single = |value: &Value| value.as_str().map(str::to_owned);
        let list = |value: &Value| -> Vec<String> {
            value["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .chain(value.get("const"))
                .filter_map(single)
                .collect()
        };
        let alternatives = self.meant["oneOf"].as_array().into_iter().flatten();
        list(self.meant).into_iter().chain(alternatives.flat_map(list)).collect()
    }

    fn kinds(&self) -> Vec<&'a str> {
        match &self.meant["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => {
                kinds.iter().filter_map(Value::as_str).filter(|k| *k != "null").collect()
            }
            _ => Vec::new(),
        }
    }

    fn type_name(&self, all: &Value) -> String {
        let choices = self.choices();
        if !choices.is_empty() {
            let quoted: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
            return quoted.join(", ");
        }
        let range = match (self.meant["minimum"].as_f64(), self.meant["maximum"].as_f64()) {
            (Some(least), Some(most)) => format!(", {least} to {most}"),
            _ => String::new(),
        };
        let shown = self.schema["default"].as_str().or(self.schema["examples"][0].as_str());
        match self.kinds()[..] {
            ["string"] if shown.is_some_and(is_duration) => "duration".to_owned(),
            ["string"] if shown.is_some_and(|text| text.ends_with("iB")) => "size".to_owned(),
            ["string"] => "text".to_owned(),
            ["integer"] => format!("whole number{range}"),
            ["number"] => format!("number{range}"),
            ["boolean"] => "true or false".to_owned(),
            ["array"] => format!("list of {}", Part::new(all, &self.meant["items"]).type_name(all)),
            ["object"] if self.meant["additionalProperties"].is_object() => {
                let of = Part::new(all, &self.meant["additionalProperties"]).type_name(all);
                format!("map of {of}")
            }
            ["object"] => "map".to_owned(),
            ["object", "string"] | ["string", "object"] => "text or map".to_owned(),
            _ => "value".to_owned(),
        }
    }
}

fn is_duration(text: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    digits.len() < text.len() && ["ms", "s", "min", "h"].contains(&digits)
}

/// A value in YAML, on one line. JSON is YAML; plain words need no quotes.
fn yaml(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || "/.".contains(c))
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@=+<>:".contains(c))
                && !text.ends_with(':')
                && serde_yaml::from_str::<Value>(text).is_ok_and(|read| read == *text);
            if plain { text.clone() } else { format!("{text:?}") }
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(yaml).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| format!("{key}: {}", yaml(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// One table for a map of the schema, then those of the maps inside.
fn tables(all: &Value, title: &str, map: &Value, text: &mut String) {
    let required: Vec<&str> =
        map["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut inside = Vec::new();
    if !title.is_empty() {
        writeln!(text, "## {title}\n").unwrap();
        if let Some(about) = map["description"].as_str() {
            writeln!(text, "{}\n", about.replace(REQUIRED, "")).unwrap();
        }
    }
    text.push_str("| key | type | default | example | meaning |\n|---|---|---|---|---|\n");
    for (key, schema) in map["properties"].as_object().unwrap() {
        let part = Part::new(all, schema);
        let about = part.text("description").unwrap_or_default();
        let below = if title.is_empty() { key.clone() } else { format!("{title}.{key}") };
        let section = [
            (part.meant, below.clone()),
            (Part::new(all, &part.meant["items"]).meant, format!("{below}[]")),
            (Part::new(all, &part.meant["additionalProperties"]).meant, format!("{below}.NAME")),
        ];
        let section = section.into_iter().find(|(map, _)| map["properties"].is_object());
        let is_required = about.contains(REQUIRED) || required.contains(&key.as_str());
        let default = match &schema["default"] {
            _ if is_required => "required".to_owned(),
            Value::Null => String::new(),
            Value::Array(items) if items.is_empty() => String::new(),
            Value::Object(members) if members.is_empty() => String::new(),
            default => format!("`{}`", yaml(default)),
        };
        let example = match (&schema["examples"][0], &schema["default"], part.choices().first()) {
            (Value::Null, Value::Null, None) => None,
            (Value::Null, Value::Null, Some(first)) => Some(Value::String(first.clone())),
            (Value::Null, default, _) => Some(default.clone()),
            (example, _, _) => Some(example.clone()),
        };
        let example = match (&section, example) {
            (Some((_, name)), _) => format!("[`{name}`](#{})", anchor(name)),
            (None, Some(example)) => format!("`{key}: {}`", yaml(&example)),
            (None, None) => panic!("{below} has no example in the schema"),
        };
        let cells = [part.type_name(all), default, example, about.replace(REQUIRED, "")];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        writeln!(text, "| `{key}` | {} |", cells.join(" | ")).unwrap();
        inside.extend(section);
    }
    text.push('\n');
    for (map, title) in inside {
        tables(all, &title, map, text);
    }
}

/// How the schema's descriptions end where a key has to be there after merging.
const REQUIRED: &str = " Required, here or in `defaults.yaml`.";

fn anchor(heading: &str) -> String {
    heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

#[test]
fn the_reference_has_every_key_of_a_description() {
    let schema = stagectl::site::schema();
    let mut text = String::from("## The whole file\n\n");
    tables(&schema, "", &schema, &mut text);
    compare("docs/description.md", "keys", &text);
    let stub = stagectl::site::stub_schema();
    text.clear();
    tables(&stub, "", &stub, &mut text);
    compare("docs/description.md", "stub keys", &text);
}

/// Nothing in the schema is passed over: each key has a row.
#[test]
fn no_key_is_left_out_of_the_reference() {
    let document = Document::read("docs/description.md");
    let mut keys = Vec::new();
    collect(&stagectl::site::schema(), &mut keys);
    assert!(keys.len() > 80, "{}", keys.len());
    for key in keys {
        assert!(document.text.contains(&format!("\n| `{key}` | ")), "`{key}` has no row");
    }
}

fn collect(schema: &Value, keys: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            members.values().for_each(|value| collect(value, keys));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}

#[test]
fn the_examples_of_the_reference_are_yaml_and_the_top_ones_load() {
    let schema = stagectl::site::schema();
    for (key, property) in schema["properties"].as_object().unwrap() {
        for example in property["examples"].as_array().into_iter().flatten() {
            let text = format!("{key}: {}\n", yaml(example));
            let read: Value = serde_yaml::from_str(&text).unwrap();
            assert_eq!(read[key], *example, "{text}");
            let only_there =
                property["description"].as_str().unwrap().contains("Only in `defaults.yaml`");
            // What a site's own file says is meant has to be there.
            let (defaults, site) = if only_there || key == "intended" {
                (text, on_top_of_least("{}"))
            } else {
                (String::from("{}"), on_top_of_least(&text))
            };
            load(&[("defaults", defaults), ("site-b", site)]).unwrap();
        }
    }
}
