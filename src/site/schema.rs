//! The JSON Schema of a site description, generated from the types of `file/`.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::file::SiteFile;

/// What editors use, as `stagectl schema` prints it.
///
/// A file may leave to `defaults.yaml` whatever it has no word for, so what is required of a site
/// is not required of one file: only the items of lists, which are never merged, keep `required`.
#[must_use]
pub fn schema() -> Value {
    let mut schema = of_whole_sites();
    let mut items = Vec::new();
    item_types(&schema, &mut items);
    if let Some(top) = schema.as_object_mut() {
        drop_required(top);
        if let Some(Value::Object(definitions)) = top.get_mut("$defs") {
            for (name, definition) in definitions {
                if let (false, Value::Object(definition)) = (items.contains(name), definition) {
                    drop_required(definition);
                }
            }
        }
    }
    schema
}

/// What holds of a site after merging.
pub(super) fn of_whole_sites() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<SiteFile>().to_value()
}

/// Notes in the description what `required` said.
fn drop_required(definition: &mut serde_json::Map<String, Value>) {
    let Some(Value::Array(required)) = definition.shift_remove("required") else { return };
    let Some(Value::Object(properties)) = definition.get_mut("properties") else { return };
    for key in required.iter().filter_map(Value::as_str) {
        if let Some(Value::String(text)) =
            properties.get_mut(key).and_then(|property| property.get_mut("description"))
        {
            text.push_str(" Required, here or in `defaults.yaml`.");
        }
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
        for (name, definition) in definitions.iter().chain([(&"Site".to_owned(), &schema)]) {
            for (key, property) in definition["properties"].as_object().into_iter().flatten() {
                assert!(property["description"].is_string(), "{name}.{key} has no description");
            }
        }
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["title"], "stagectl site description");
        assert_eq!(definitions["Base"]["properties"]["locale"]["default"], "C.UTF-8");
    }

    #[test]
    fn only_the_items_of_lists_require_keys() {
        let schema = schema();
        assert_eq!(schema.get("required"), None);
        assert_eq!(schema["$defs"]["Wsgi"].get("required"), None);
        assert_eq!(schema["$defs"]["DeployStep"]["required"], serde_json::json!(["name", "run"]));
    }
}
#[test]
fn zzz() { println!("{}", serde_json::to_string_pretty(&of_whole_sites()).unwrap()); }
