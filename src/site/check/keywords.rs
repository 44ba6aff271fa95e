//! Every keyword of a description's schemas is one that the checker knows. One that it passed over would be a
//! rule for editors alone: they refuse what `stagectl check` takes.

use super::*;
use crate::site::schema;

/// What a value is held against.
const HELD: &[&str] = &[
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "enum",
    "items",
    "maximum",
    "minimum",
    "oneOf",
    "properties",
    "required",
    "type",
];
/// What is for people, for editors, or for who reads the schema.
const TOLD: &[&str] =
    &["$defs", "$schema", "default", "description", "examples", "format", "title"];

/// The keywords below a part of a schema, by their path, that nobody looks at.
fn passed_over(schema: &Schema, path: &str) -> Vec<String> {
    let Schema::Object(members) = schema else { return Vec::new() };
    let mut found = Vec::new();
    for (keyword, value) in members {
        let here = format!("{path}/{keyword}");
        let is_known = match keyword.as_str() {
            // A value that may be left empty, and nothing else; see `resolve`.
            "anyOf" => alternatives(value).filter(|part| part["type"] != "null").count() == 1,
            // The only one is held by `resolve/outside.rs`, which says more.
            "pattern" => value == "^allow$",
            // A choice of words; see `words`.
            "oneOf" => alternatives(value).all(|part| !words(part).is_empty()),
            keyword => HELD.contains(&keyword) || TOLD.contains(&keyword),
        };
        if !is_known {
            found.push(here.clone());
        }
        match keyword.as_str() {
            "$defs" | "properties" => {
                for (name, part) in value.as_object().into_iter().flatten() {
                    found.extend(passed_over(part, &format!("{here}/{name}")));
                }
            }
            "items" | "additionalProperties" => found.extend(passed_over(value, &here)),
            "anyOf" | "oneOf" => {
                found.extend(alternatives(value).flat_map(|part| passed_over(part, &here)));
            }
            _ => {}
        }
    }
    found
}

fn alternatives(value: &Schema) -> impl Iterator<Item = &Schema> {
    value.as_array().into_iter().flatten()
}

#[test]
fn every_keyword_of_the_schemas_is_known() {
    for schema in [schema::of_whole_sites(), schema::of_stubs()] {
        assert_eq!(passed_over(schema, "#"), [""; 0]);
    }
}

#[test]
fn a_keyword_that_is_passed_over_is_found_wherever_it_is() {
    let schema = serde_json::json!({
        "properties": {
            "name": {"type": "string", "minLength": 1, "pattern": "^[a-z]+$"},
            "minLength": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "kind": {"oneOf": [{"const": "one"}, {"type": "object"}]},
            "list": {"items": {"type": "string", "uniqueItems": true}},
        },
        "$defs": {"Map": {"additionalProperties": {"not": {"type": "string"}}}},
        "if": {},
    });
    assert_eq!(
        passed_over(&schema, "#"),
        [
            "#/properties/name/minLength",
            "#/properties/name/pattern",
            "#/properties/either/anyOf",
            "#/properties/kind/oneOf",
            "#/properties/list/items/uniqueItems",
            "#/$defs/Map/additionalProperties/not",
            "#/if",
        ]
    );
}
