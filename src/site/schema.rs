//! The JSON Schema of a site description, generated from the types of `file/`.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::file::{SiteFile, StubFile};

/// Where editors will find what `stagectl schema` prints, once it is published there: its `$id`, and what `init`
/// names in the first line of each file.
pub const SCHEMA_ADDRESS: &str = "https://json.schemastore.org/stagectl.json";

/// What editors use, as `stagectl schema` prints it.
///
/// A file may leave to `defaults.yaml` whatever it has no word for, so what is required of a site
/// is not required of one file: only the items of lists, which are never merged, keep `required`.
#[must_use]
pub fn schema() -> Value {
    let mut schema = of_whole_sites().clone();
    let mut items = Vec::new();
    item_types(&schema, &mut items);
    if let Some(Value::Object(definitions)) = schema.get_mut("$defs") {
        for (_, definition) in definitions.iter_mut().filter(|(name, _)| !items.contains(name)) {
            drop_required(definition);
        }
    }
    drop_required(&mut schema);
    tidy(&mut schema);
    if let Value::Object(members) = &mut schema {
        // Behind `$schema`, where a reader looks for it.
        members.shift_insert(1, "$id".to_owned(), SCHEMA_ADDRESS.into());
    }
    schema
}

/// What holds of a site after merging.
pub(super) fn of_whole_sites() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let generator = SchemaSettings::draft2020_12().into_generator();
        generator.into_root_schema_for::<SiteFile>().to_value()
    });
    &SCHEMA
}

/// The keys at the top of a description.
pub(super) fn first_keys() -> impl Iterator<Item = &'static str> {
    let keys = of_whole_sites()["properties"].as_object();
    keys.into_iter().flat_map(|keys| keys.keys().map(String::as_str))
}

/// What holds of a stub's own file.
pub(super) fn of_stubs() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let generator = SchemaSettings::draft2020_12().into_generator();
        generator.into_root_schema_for::<StubFile>().to_value()
    });
    &SCHEMA
}

/// What editors use for a stub's file.
#[must_use]
pub fn stub_schema() -> Value {
    let mut schema = of_stubs().clone();
    tidy(&mut schema);
    schema
}

/// Moves `required` into the descriptions, here and in the maps inside.
fn drop_required(definition: &mut Value) {
    let Value::Object(members) = definition else { return };
    let required = members.shift_remove("required").unwrap_or_default();
    let Some(Value::Object(properties)) = members.get_mut("properties") else { return };
    for (key, property) in properties {
        drop_required(property);
        let is_required = required.as_array().is_some_and(|keys| keys.iter().any(|k| k == key));
        if let (true, Some(Value::String(text))) = (is_required, property.get_mut("description")) {
            text.push_str(" Required, here or in `defaults.yaml`.");
        }
    }
}

/// Puts what a reader looks for first on top, and makes one line of each description.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for key in ["description", "title", "$schema"] {
                if let Some(text) = members.get(key).and_then(Value::as_str) {
                    let text = text.replace('\n', " ").into();
                    members.shift_remove(key);
                    members.shift_insert(0, key.to_owned(), text);
                }
            }
            members.retain(|key, value| key != "format" && !(key == "default" && value.is_null()));
            members.values_mut().for_each(tidy);
        }
        Value::Array(values) => values.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Names of the types that stand in lists.
fn item_types(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                if let ("items", Some(name)) = (key.as_str(), reference(value)) {
                    found.push(name.to_owned());
                }
                item_types(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| item_types(value, found)),
        _ => {}
    }
}

/// The name of the definition that a schema refers to.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_description() {
        let schema = schema();
        let definitions = schema["$defs"].as_object().unwrap();
        let top = &schema["properties"];
        for map in definitions.values().chain([&schema, &top["base"], &top["wsgi"]]) {
            for (key, property) in map["properties"].as_object().into_iter().flatten() {
                assert!(property["description"].is_string(), "{key} has no description");
            }
        }
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["title"], "stagectl site description");
        assert_eq!(schema["$id"], SCHEMA_ADDRESS);
        let base = &schema["properties"]["base"]["properties"];
        assert_eq!(base["locale"]["default"], "C.UTF-8");
    }

    #[test]
    fn only_the_items_of_lists_require_keys() {
        let schema = schema();
        assert_eq!(schema.get("required"), None);
        assert_eq!(schema["properties"]["wsgi"].get("required"), None);
        let step = &schema["$defs"]["DeployStep"]["required"];
        assert_eq!(*step, serde_json::json!(["name", "run"]));
    }
}
