//! What may be wrong with a scalar: its type, its word, its range.

use serde_json::Value as Schema;

use crate::site::problem::nearest;
use crate::site::scalar::{Scalar, ScalarKind};

/// What is wrong with a scalar, and the way out. A scalar that may be anything becomes text.
pub(super) fn scalar_problem(
    scalar: &mut Scalar,
    schema: &Schema,
    types: &[&str],
) -> Option<(String, Option<String>)> {
    let words = words(schema);
    let is_right = match scalar.kind {
        ScalarKind::Null => return None,
        ScalarKind::Empty => {
            let hint = "write a value, or `null` to take away what defaults.yaml says";
            return Some(("the key has no value".to_owned(), Some(hint.to_owned())));
        }
        _ if types.contains(&"string") && types.contains(&"number") => {
            scalar.kind = ScalarKind::Text;
            return None;
        }
        ScalarKind::Text => types.contains(&"string") || !words.is_empty(),
        ScalarKind::Flag(_) => types.contains(&"boolean"),
        ScalarKind::Integer(_) => types.contains(&"integer") || types.contains(&"number"),
        ScalarKind::Number(_) => types.contains(&"number"),
        ScalarKind::Ambiguous => false,
    };
    if !words.is_empty() {
        return (!words.contains(&scalar.text.as_str())).then(|| {
            let message = format!("`{}` is none of {}", scalar.text, words.join(", "));
            let near = nearest(&scalar.text, words).map(|word| format!("did you mean `{word}`?"));
            (message, near)
        });
    }
    if is_right {
        return out_of_range(scalar, schema).map(|message| (message, None));
    }
    if types.contains(&"string") {
        let found = match scalar.kind {
            ScalarKind::Ambiguous => {
                format!("`{}`, which many readers take for a flag", scalar.text)
            }
            _ => scalar.describe(),
        };
        let hint = match sample_with_unit(schema) {
            Some(sample) => format!("write it with its unit, such as {sample}"),
            None => format!("write it as a string: {:?}", scalar.text),
        };
        return Some((format!("expected text, found {found}"), Some(hint)));
    }
    let hint = if types.contains(&"array") {
        Some(format!("write it as a list: [{}]", scalar.text))
    } else {
        let unquoted = matches!(Scalar::plain(scalar.text.as_str()).kind, ScalarKind::Integer(_));
        (unquoted && types.contains(&"integer")).then(|| "take away the quotes".to_owned())
    };
    Some((format!("expected {}, found {}", expected(types), scalar.describe()), hint))
}

fn out_of_range(scalar: &Scalar, schema: &Schema) -> Option<String> {
    #[expect(clippy::cast_precision_loss, reason = "bounds are small numbers")]
    let number = match scalar.kind {
        ScalarKind::Integer(number) => number as f64,
        ScalarKind::Number(number) => number,
        _ => return None,
    };
    let bound = |name: &str| schema.get(name).and_then(Schema::as_f64);
    let (least, most) = (bound("minimum"), bound("maximum"));
    if least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most) {
        return None;
    }
    Some(match (least, most) {
        (Some(least), Some(most)) => format!("{} is not between {least} and {most}", scalar.text),
        (Some(least), None) => format!("{} is less than {least}", scalar.text),
        _ => format!("{} is more than {}", scalar.text, most.unwrap_or_default()),
    })
}

/// The default or the example of a value that has a unit, such as `30s`.
fn sample_with_unit(schema: &Schema) -> Option<&str> {
    let sample = schema.get("default").or_else(|| schema.get("examples")?.get(0))?.as_str()?;
    let has_unit = sample.starts_with(|c: char| c.is_ascii_digit())
        && sample.ends_with(|c: char| c.is_ascii_alphabetic());
    has_unit.then_some(sample)
}

/// The words that a schema allows, where it allows only some.
pub(in crate::site) fn words(schema: &Schema) -> Vec<&str> {
    let list = |name: &str| schema.get(name).and_then(Schema::as_array).into_iter().flatten();
    let own = schema.get("const").and_then(Schema::as_str).into_iter();
    own.chain(list("enum").filter_map(Schema::as_str))
        .chain(list("oneOf").flat_map(words))
        .collect()
}

pub(in crate::site) fn expected(types: &[&str]) -> &'static str {
    match types.first() {
        Some(&"object") => "a map",
        Some(&"array") => "a list",
        Some(&"integer") => "a whole number",
        Some(&"number") => "a number",
        Some(&"boolean") => "true or false",
        _ => "text",
    }
}
