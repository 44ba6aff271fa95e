//! Values in one form, however they are written: what is the same has the same text.

use serde_json::Value;

/// A value's text in one form: secrets are all alike, lists of names have no order, units are bytes and seconds.
#[must_use]
pub(super) fn plain(path: &[String], value: &Value) -> String {
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    match value {
        Value::Null => String::new(),
        Value::Array(items) => {
            let mut texts: Vec<String> = items.iter().map(|item| plain(path, item)).collect();
            if !matches!(keys[..], ["host", "resolver", _] | ["services", _, "hba"]) {
                texts.sort();
            }
            texts.join(", ")
        }
        Value::Object(map) => {
            // `{path: /x, mode: "0755"}` is `/x`.
            let mut members: Vec<String> = map
                .iter()
                .filter(|(key, value)| !(*key == "mode" && *value == "0755"))
                .map(|(key, value)| format!("{key}: {}", plain(path, value)))
                .collect();
            members.sort();
            if let [one] = &members[..]
                && let Some(only) = one.strip_prefix("path: ")
            {
                return only.to_owned();
            }
            members.join(", ")
        }
        Value::String(text) => plain_text(&keys, text),
        other => other.to_string(),
    }
}

fn plain_text(keys: &[&str], text: &str) -> String {
    let text = without_secrets(text);
    match keys {
        ["base", "timezone"] | ["host", "localtime"] if text == "Etc/UTC" => "UTC".to_owned(),
        ["base" | "wsgi", "locale"] => text.replace(".utf8", ".UTF-8").replace(".UTF8", ".UTF-8"),
        ["proxy", "static" | "media", _] => text.trim_end_matches('/').to_owned(),
        ["wsgi", "umask"] | ["processes", _, "umask"] => format!("{text:0>4}"),
        ["proxy", "body"] | ["host", "tmp" | "limits" | "shm", ..] => {
            bytes(&text).map_or(text.clone(), |bytes| bytes.to_string())
        }
        ["proxy", "timeout"] => {
            seconds(&text).map_or(text.clone(), |seconds| format!("{seconds}s"))
        }
        _ => text,
    }
}

/// Each `${...}` as `${…}`: a secret has another name in each description, and no value in any.
fn without_secrets(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        plain.push_str(&rest[..at]);
        plain.push_str("${…}");
        rest = rest[at..].find('}').map_or("", |end| &rest[at + end + 1..]);
    }
    plain + rest
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let shift = match unit {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_shl(shift)
}

fn seconds(text: &str) -> Option<u64> {
    let (number, unit) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn same(path: &str, one: &Value, two: &Value) -> bool {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        plain(&path, one) == plain(&path, two)
    }

    #[test]
    fn what_is_the_same_has_one_form() {
        assert!(same(
            "env.URL",
            &json!("postgresql://a:${secret.db}@x/y"),
            &json!("postgresql://a:${secret.database}@x/y")
        ));
        assert!(same(
            "names",
            &json!(["a.example", "b.example"]),
            &json!(["b.example", "a.example"])
        ));
        assert!(same("proxy.body", &json!("1GiB"), &json!("1024MiB")));
        assert!(same(
            "data",
            &json!(["/x", "/y"]),
            &json!([{"path": "/y"}, {"path": "/x", "mode": "0755"}])
        ));
        assert!(same("base.timezone", &json!("Etc/UTC"), &json!("UTC")));
        assert!(!same("env.THEME", &json!("paper"), &json!("harbour")));
        assert!(!same("host.resolver.search", &json!(["a", "b"]), &json!(["b", "a"])));
    }
}
