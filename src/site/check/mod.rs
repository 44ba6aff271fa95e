//! Holds a tree against the JSON Schema of the site file, and collects everything that is wrong.
//!
//! What is wrong is taken out of the tree and noted as spoiled, so that the rest can still be read
//! and judged, and nothing is complained about twice.

#[cfg(test)]
mod keywords;
mod level;
mod scalar;

use scalar::{expected, words};
use serde_json::Value as Schema;

use super::debian::suite_meant;
use super::problem::{KeyPath, Problem, Problems, nearest, suggestion};
use super::scalar::{Scalar, ScalarKind};
use super::schema::reference;
use super::tree::{Entry, Map, Node, Value};
use scalar::scalar_problem;

/// So many keys of a map are named beside the level that an unknown one is a key of.
const FEW: usize = 3;

/// Checks one file as it is: its keys, types, words and ranges. What may be left to the defaults is
/// [`missing`]'s affair.
pub(super) fn check(tree: &mut Node, schema: &Schema) -> Problems {
    let mut checker = Checker { root: schema, problems: Problems::default() };
    if !checker.value(tree, schema, &KeyPath::default()) {
        *tree = Node::empty_map(tree.place.clone());
    }
    checker.problems
}

/// Reports the keys that a merged site lacks.
pub(super) fn missing(tree: &Node, schema: &Schema) -> Problems {
    let mut checker = Checker { root: schema, problems: Problems::default() };
    checker.required(tree, schema, &KeyPath::default());
    checker.problems
}

struct Checker<'a> {
    root: &'a Schema,
    problems: Problems,
}

impl<'a> Checker<'a> {
    /// Follows references, and takes the part of a nullable schema that is not null.
    fn resolve(&self, schema: &'a Schema) -> &'a Schema {
        if let Some(name) = reference(schema) {
            return self.resolve(&self.root["$defs"][name]);
        }
        let parts = schema.get("anyOf").and_then(Schema::as_array);
        match parts.and_then(|parts| parts.iter().find(|part| part["type"] != "null")) {
            Some(part) => self.resolve(part),
            None => schema,
        }
    }

    fn report(&mut self, node: &Node, path: &KeyPath, message: String, hint: Option<String>) {
        let problem = Problem::new(node.place.clone(), path.clone(), message);
        self.problems.push(problem.maybe_hint(hint));
    }

    /// Checks a value and all that is inside; false where it has to be taken out.
    fn value(&mut self, node: &mut Node, schema: &'a Schema, path: &KeyPath) -> bool {
        let schema = self.resolve(schema);
        let types = types(schema);
        if types.is_empty() && words(schema).is_empty() {
            return true;
        }
        let place = node.place.clone();
        match &mut node.value {
            Value::Map(map) if types.contains(&"object") => {
                self.map(map, schema, path);
                true
            }
            Value::List(items) if types.contains(&"array") => {
                let sound = |(index, item): (usize, &mut Node)| {
                    if matches!(&item.value, Value::Scalar(s) if s.kind == ScalarKind::Null) {
                        let message = "an item of a list cannot be null".to_owned();
                        self.report(item, &path.key(index), message, None);
                        return false;
                    }
                    self.value(item, &schema["items"], &path.key(index))
                };
                // All of them are looked at, not only up to the first that is wrong.
                let all: Vec<bool> = items.iter_mut().enumerate().map(sound).collect();
                !all.contains(&false)
            }
            Value::Scalar(scalar) => match scalar_problem(scalar, schema, &types) {
                None => true,
                Some((message, hint)) => {
                    let (message, hint) = withheld(scalar, path, message, hint);
                    let hint = suite_by_number(scalar, path).or(hint);
                    let problem = Problem::new(place, path.clone(), message);
                    self.problems.push(problem.maybe_hint(hint));
                    false
                }
            },
            Value::List(_) => {
                self.report(
                    node,
                    path,
                    format!("expected {}, found a list", expected(&types)),
                    None,
                );
                false
            }
            Value::Map(_) => {
                self.report(
                    node,
                    path,
                    format!("expected {}, found a map", expected(&types)),
                    None,
                );
                false
            }
        }
    }

    fn map(&mut self, map: &mut Map, schema: &'a Schema, path: &KeyPath) {
        let mut spoiled = Vec::new();
        map.entries.retain_mut(|entry| {
            let own = schema["properties"].get(&entry.key);
            let other =
                schema.get("additionalProperties").filter(|other| **other != Schema::Bool(false));
            let Some(below) = own.or(other) else {
                self.unknown_key(entry, schema, path);
                spoiled.extend(nearest(&entry.key, keys(schema)).map(str::to_owned));
                spoiled.push(entry.key.clone());
                return false;
            };
            let keep = self.value(&mut entry.value, below, &path.key(&entry.key));
            if !keep {
                spoiled.push(entry.key.clone());
            }
            keep
        });
        map.spoiled.append(&mut spoiled);
    }

    fn unknown_key(&mut self, entry: &Entry, schema: &Schema, path: &KeyPath) {
        let key = &entry.key;
        let here = || suggestion(key, keys(schema), "the keys here are");
        let hint = if let Some(near) = nearest(key, keys(schema)) {
            Some(format!("did you mean `{near}`?"))
        } else {
            match level::of_another(self.root, key, path) {
                // A list of many keys would only hide what is meant.
                Some(level) if keys(schema).count() <= FEW => {
                    Some(here().map_or(level.clone(), |here| format!("{here}; {level}")))
                }
                level => level.or_else(here),
            }
        };
        let message = format!("unknown key `{key}`");
        self.problems
            .push(Problem::new(entry.key_place.clone(), path.clone(), message).maybe_hint(hint));
    }

    fn required(&mut self, node: &Node, schema: &'a Schema, path: &KeyPath) {
        let schema = self.resolve(schema);
        match &node.value {
            Value::Map(map) => {
                for key in
                    schema["required"].as_array().into_iter().flatten().filter_map(Schema::as_str)
                {
                    if map.get(key).is_none() && !map.spoiled.iter().any(|spoiled| spoiled == key) {
                        let hint = example(key, &schema["properties"][key]);
                        self.report(node, path, format!("the key `{key}` is missing"), Some(hint));
                    }
                }
                for entry in &map.entries {
                    let below = schema["properties"].get(&entry.key);
                    if let Some(below) = below.or_else(|| schema.get("additionalProperties")) {
                        self.required(&entry.value, below, &path.key(&entry.key));
                    }
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.required(item, &schema["items"], &path.key(index));
                }
            }
            Value::Scalar(_) => {}
        }
    }
}

/// What is written among the secrets may be one: it is not repeated.
fn withheld(
    scalar: &Scalar,
    path: &KeyPath,
    message: String,
    hint: Option<String>,
) -> (String, Option<String>) {
    if path.keys().first().is_none_or(|key| key != "secrets") {
        return (message, hint);
    }
    let is_said = |text: &String| !scalar.text.is_empty() && text.contains(&scalar.text);
    let message = message
        .replace(&format!("`{}`", scalar.text), "`***`")
        .replace(&format!("the number {}", scalar.text), "a number");
    (message, hint.filter(|hint| !is_said(hint)))
}

/// The types that a schema allows, without null.
pub(in crate::site) fn types(schema: &Schema) -> Vec<&str> {
    match schema.get("type") {
        Some(Schema::String(name)) => vec![name],
        Some(Schema::Array(names)) => {
            names.iter().filter_map(Schema::as_str).filter(|name| *name != "null").collect()
        }
        _ => Vec::new(),
    }
}

fn keys(schema: &Schema) -> impl Iterator<Item = &str> + Clone {
    schema
        .get("properties")
        .and_then(Schema::as_object)
        .into_iter()
        .flat_map(|map| map.keys())
        .map(String::as_str)
}

/// How a missing key could be written.
fn example(key: &str, schema: &Schema) -> String {
    if let Some(example) = schema.get("examples").and_then(|examples| examples.get(0)) {
        return format!("such as `{key}: {example}`");
    }
    let words = words(schema);
    if !words.is_empty() {
        return format!("one of {}", words.join(", "));
    }
    let text = schema.get("description").and_then(Schema::as_str).unwrap_or_default();
    let text = text.replace('\n', " ");
    let sentence = text.split_once(". ").map_or(text.as_str(), |(first, _)| first);
    let mut letters = sentence.trim_end_matches('.').chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    format!("add `{key}:`; {}", first.chain(letters.clone()).collect::<String>())
}

/// The name of the Debian that a person wrote by its number, which is none of its own.
fn suite_by_number(scalar: &Scalar, path: &KeyPath) -> Option<String> {
    let is_number = matches!(scalar.kind, ScalarKind::Integer(_) | ScalarKind::Number(_));
    let suite =
        suite_meant(&scalar.text).ok().filter(|_| is_number && path.is(&["base", "debian"]));
    suite.map(|suite| format!("Debian {} is {suite}: write `debian: {suite}`", scalar.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{schema, yaml};
    use insta::assert_snapshot;

    fn problems(text: &str) -> String {
        let mut tree = yaml::read("e/a.yaml", text.as_bytes()).unwrap();
        check(&mut tree, schema::of_whole_sites()).render()
    }

    fn missing_in(text: &str) -> String {
        let mut tree = yaml::read("e/a.yaml", text.as_bytes()).unwrap();
        let schema = schema::of_whole_sites();
        check(&mut tree, schema);
        missing(&tree, schema).render()
    }

    #[test]
    fn unknown_keys_get_the_nearest_right_name() {
        assert_snapshot!(problems("services: {db: {postgress: '15'}}"), @r"
        error: e/a.yaml:1:17: services.db: unknown key `postgress`
        hint: did you mean `postgres`?
        ");
        assert_snapshot!(problems("critical:\n  run: x\n  colour: red\nnmaes: [a.example]"), @r"
        error: e/a.yaml:3:3: critical: unknown key `colour`
        hint: the keys here are: `path`, `run`, `live`, `select`, `requirements`, `env`, `site_env`, `retries`, `flaky`, `budget`, `pick`
        error: e/a.yaml:4:1: unknown key `nmaes`
        hint: did you mean `names`?
        ");
    }

    #[test]
    fn wrong_types_say_what_was_expected_and_found() {
        assert_snapshot!(problems(
            "services: {db: {postgres: 15}}\npython: 3.10\nnames: a.example\nbase: bookworm\n\
             env: {DEBUG: no, PORT: 8080, ON: true}\nuser: [app]\nsummary: {a: b}\n\
             order: '3'\nfiles: [{mode: 0640}]\nhealth: {within: 30}\nwsgi:\n\
             data: [/srv/a, null, 5]\nresources: {pids: 3.5}\n"), @r#"
        error: e/a.yaml:1:27: services.db.postgres: expected text, found the number 15
        hint: write it as a string: "15"
        error: e/a.yaml:2:9: python: expected text, found the number 3.10
        hint: write it as a string: "3.10"
        error: e/a.yaml:3:8: names: expected a list, found the text `a.example`
        hint: write it as a list: [a.example]
        error: e/a.yaml:4:7: base: expected a map, found the text `bookworm`
        error: e/a.yaml:5:14: env.DEBUG: expected text, found `no`, which many readers take for a flag
        hint: write it as a string: "no"
        error: e/a.yaml:5:24: env.PORT: expected text, found the number 8080
        hint: write it as a string: "8080"
        error: e/a.yaml:5:34: env.ON: expected text, found the flag true
        hint: write it as a string: "true"
        error: e/a.yaml:6:7: user: expected text, found a list
        error: e/a.yaml:7:10: summary: expected text, found a map
        error: e/a.yaml:8:8: order: expected a whole number, found the text `3`
        hint: take away the quotes
        error: e/a.yaml:9:16: files.0.mode: expected text, found the number 0640
        hint: write it as a string: "0640"
        error: e/a.yaml:10:18: health.within: expected text, found the number 30
        hint: write it with its unit, such as 30s
        error: e/a.yaml:11:5: wsgi: the key has no value
        hint: write a value, or `null` to take away what defaults.yaml says
        error: e/a.yaml:12:16: data.1: an item of a list cannot be null
        error: e/a.yaml:12:22: data.2: expected text, found the number 5
        hint: write it as a string: "5"
        error: e/a.yaml:13:19: resources.pids: expected a whole number, found the number 3.5
        "#);
    }

    #[test]
    fn wrong_words_and_numbers_say_which_are_right() {
        assert_snapshot!(problems(
            "proxy: {server: ngnix, http: off}\ntls: {versions: [TLSv1.1], certificate: {key: 7}}\n\
             wsgi: {server: passenger, workers: 0}\nhealth: {status: 999}\nresources: {pids: 2}\n"), @r"
        error: e/a.yaml:1:17: proxy.server: `ngnix` is none of nginx, apache, none
        hint: did you mean `nginx`?
        error: e/a.yaml:1:30: proxy.http: `off` is none of redirect, serve, closed
        error: e/a.yaml:2:18: tls.versions.0: `TLSv1.1` is none of TLSv1.2, TLSv1.3
        hint: did you mean `TLSv1.2`?
        error: e/a.yaml:2:47: tls.certificate.key: `7` is none of rsa-2048, rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384, ecdsa-p521
        error: e/a.yaml:3:16: wsgi.server: `passenger` is none of gunicorn, uwsgi, mod_wsgi, waitress
        error: e/a.yaml:3:36: wsgi.workers: 0 is not between 1 and 512
        error: e/a.yaml:4:18: health.status: 999 is not between 100 and 599
        error: e/a.yaml:5:19: resources.pids: 2 is not between 16 and 4194304
        ");
    }

    #[test]
    fn a_key_of_another_level_is_said_to_be_one() {
        assert_snapshot!(problems(
            "base:\n  debian: bookworm\n  names: [a.example]\napplication: a:b\nserver: nginx\n\
             wsgi: {workers: 1, files: []}\ncritical: {run: x, debian: bookworm}\n"), @r"
        error: e/a.yaml:3:3: base: unknown key `names`
        hint: `names` is a key at the top of the file: is the indentation right?
        error: e/a.yaml:4:1: unknown key `application`
        hint: `application` is a key of `wsgi`: is the indentation right?
        error: e/a.yaml:5:1: unknown key `server`
        hint: `server` is a key of `proxy` and of `wsgi`: is the indentation right?
        error: e/a.yaml:6:20: wsgi: unknown key `files`
        hint: did you mean `file`?
        error: e/a.yaml:7:20: critical: unknown key `debian`
        hint: `debian` is a key of `base`: is the indentation right?
        ");
    }

    #[test]
    fn a_debian_by_its_number_leads_to_its_name() {
        assert_snapshot!(problems("base: {debian: 12}\n"), @r"
        error: e/a.yaml:1:16: base.debian: expected text, found the number 12
        hint: Debian 12 is bookworm: write `debian: bookworm`
        ");
        assert_snapshot!(problems("base: {debian: 12.5}\n"), @r"
        error: e/a.yaml:1:16: base.debian: expected text, found the number 12.5
        hint: Debian 12.5 is bookworm: write `debian: bookworm`
        ");
        // None is known by this one.
        assert!(problems("base: {debian: 99}\n").contains("write it as a string"));
    }

    #[test]
    fn missing_keys_are_named_unless_a_typo_is_reported() {
        assert_snapshot!(missing_in("bsae: {debian: bookworm}\nwsgi: {}\ndeploy: {steps: [{}]}"), @r#"
        error: e/a.yaml:1:1: the key `critical` is missing
        hint: add `critical:`; the small set of tests that says whether the site works after a deploy; no tests is never green
        error: e/a.yaml:1:1: the key `names` is missing
        hint: such as `names: ["www.site-b.example","site-b.example"]`
        error: e/a.yaml:2:7: wsgi: the key `server` is missing
        hint: one of gunicorn, uwsgi, mod_wsgi, waitress
        error: e/a.yaml:3:18: deploy.steps.0: the key `name` is missing
        hint: such as `name: "migrate"`
        error: e/a.yaml:3:18: deploy.steps.0: the key `run` is missing
        hint: such as `run: "noticeboard-admin migrate"`
        "#);
    }

    #[test]
    fn options_may_be_any_scalar_and_keep_their_letters() {
        let mut tree =
            yaml::read("a.yaml", b"wsgi: {options: {a: 20, b: 1.10, c: true, d: off}}").unwrap();
        assert_eq!(check(&mut tree, schema::of_whole_sites()), Problems::default());
        let options = &tree.to_json()["wsgi"]["options"];
        assert_eq!(options.to_string(), r#"{"a":"20","b":"1.10","c":"true","d":"off"}"#);
    }
}
