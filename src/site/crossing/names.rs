//! One set of names for two sites: the failing one in the names of the passing one.

use crate::site::model::Site;
use crate::site::tree::{Node, Value};
use crate::site::value::HostName;

/// Puts a description into the names of another site: its address, and the domain that it is in.
pub(super) fn renamed(tree: &mut Node, from: &Site, to: &Site) {
    let mut pairs: Vec<(String, String)> = Vec::new();
    if let (Some(old), Some(new)) = (from.names.first(), to.names.first()) {
        pairs.push((old.to_string(), new.to_string()));
        pairs.extend(domain(old).zip(domain(new)));
    }
    pairs.retain(|(old, new)| old != new);
    in_scalars(tree, &mut |text| {
        for (old, new) in &pairs {
            *text = replaced(text, old, new);
        }
    });
}

/// The text with what a description writes for a site's own host and domain in their place.
pub(in crate::site) fn replaced_names(text: &str, site: &Site) -> String {
    let Some(host) = site.names.first() else { return text.to_owned() };
    let text = replaced(text, host.as_str(), "${site.host}");
    domain(host).map_or(text.clone(), |domain| replaced(&text, &domain, "${site.domain}"))
}

/// The domain that a host is in, unless that is a top one.
fn domain(host: &HostName) -> Option<String> {
    let (_, domain) = host.as_str().split_once('.')?;
    domain.contains('.').then(|| domain.to_owned())
}

/// The text with a name in the place of another one, where that stands as a whole or as the end of a longer name.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let is_of_a_label = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let (before, from) = rest.split_at(at);
        let after = &from[old.len()..];
        let goes_on = after.starts_with(is_of_a_label)
            || after.strip_prefix('.').is_some_and(|after| after.starts_with(is_of_a_label));
        made.push_str(before);
        made.push_str(if made.ends_with(is_of_a_label) || goes_on { old } else { new });
        rest = after;
    }
    made + rest
}

pub(super) fn in_scalars(node: &mut Node, change: &mut impl FnMut(&mut String)) {
    match &mut node.value {
        Value::Scalar(scalar) => change(&mut scalar.text),
        Value::List(items) => items.iter_mut().for_each(|item| in_scalars(item, change)),
        Value::Map(map) => {
            map.entries.iter_mut().for_each(|entry| in_scalars(&mut entry.value, change));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn a_name_is_replaced_as_a_whole_and_as_the_end_of_another() {
        let replaced = |text| replaced(text, "b.example", "a.example");
        assert_eq!(replaced("https://www.b.example/x"), "https://www.a.example/x");
        assert_eq!(replaced("*.b.example, b.example."), "*.a.example, a.example.");
        for other in ["web.example", "b.example.org", "b.examples", "x-b.example"] {
            assert_eq!(replaced(other), other);
        }
    }
}
