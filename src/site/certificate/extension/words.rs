//! Values of extensions in the words of openssl.cnf.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a reader's methods are not general enough in its lifetimes"
)]

use std::net::IpAddr;

use yasna::models::ObjectIdentifier;

use super::{
    BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, KEY_USAGE, PURPOSES, SUBJECT_ALT_NAME, USAGES, value_of,
};
use crate::site::model::{AuthorityKey, Extension, ExtensionValue, KeyHash, Reference, hex};

/// An extension's value in the words of openssl.cnf: read again, it is the same.
#[must_use]
pub(in crate::site) fn extension_text(extension: &Extension) -> String {
    let value = match &extension.value {
        ExtensionValue::SubjectKey(KeyHash::Sha1) => "hash".to_owned(),
        ExtensionValue::SubjectKey(KeyHash::Bytes(length)) => format!("hash:{length}"),
        ExtensionValue::AuthorityKey(value) => authority_text(value),
        ExtensionValue::Der(der) => {
            let words = words_of(&extension.oid, der).filter(|words| {
                let parts: Vec<&str> = words.split(", ").collect();
                value_of(&extension.oid, &parts).is_ok_and(|value| value == extension.value)
            });
            words.unwrap_or_else(|| format!("DER:{}", hex(der)))
        }
    };
    if extension.critical { format!("critical, {value}") } else { value }
}

fn authority_text(value: &AuthorityKey) -> String {
    let word = |word: &str, reference: &Option<Reference>| match reference {
        None => None,
        Some(Reference::Issuers) => Some(word.to_owned()),
        Some(Reference::Wrong(bytes)) => Some(format!("{word}:{}", hex(bytes))),
    };
    let both = value.name == Some(Reference::Issuers) && value.serial == Some(Reference::Issuers);
    let mut words: Vec<String> = word("keyid", &value.key).into_iter().collect();
    if both {
        words.push("issuer".to_owned());
    } else {
        words.extend(word("issuer", &value.name));
        words.extend(word("serial", &value.serial));
    }
    if words.is_empty() { "empty".to_owned() } else { words.join(", ") }
}

/// The usual kinds; what is written otherwise is shown as bytes.
fn words_of(oid: &str, der: &[u8]) -> Option<String> {
    match oid {
        BASIC_CONSTRAINTS => yasna::parse_der(der, |reader| {
            reader.read_sequence(|reader| {
                let is_authority = reader.read_optional(|one| one.read_bool())?;
                let length = reader.read_optional(|one| one.read_u8())?;
                let word = if is_authority == Some(true) { "CA:TRUE" } else { "CA:FALSE" };
                let length = length.map(|length| format!(", pathlen:{length}"));
                Ok(format!("{word}{}", length.unwrap_or_default()))
            })
        })
        .ok(),
        KEY_USAGE => {
            yasna::parse_der(der, |one| one.read_bitvec_bytes()).ok().map(|(bytes, length)| {
                let is_set = |bit: usize| bytes[bit / 8] & (0x80 >> (bit % 8)) != 0;
                let bits = (0..length.min(USAGES.len())).filter(|bit| is_set(*bit));
                bits.map(|bit| USAGES[bit]).collect::<Vec<_>>().join(", ")
            })
        }
        EXTENDED_KEY_USAGE => {
            let oids =
                yasna::parse_der(der, |reader| reader.collect_sequence_of(|one| one.read_oid()));
            let name = |oid: &ObjectIdentifier| {
                let oid = oid.to_string();
                PURPOSES
                    .iter()
                    .find(|(_, known)| *known == oid)
                    .map_or(oid, |(name, _)| (*name).into())
            };
            oids.ok().map(|oids| oids.iter().map(name).collect::<Vec<String>>().join(", "))
        }
        SUBJECT_ALT_NAME => yasna::parse_der(der, |reader| {
            reader.collect_sequence_of(|reader| {
                let name = reader.read_tagged_der()?;
                let text = String::from_utf8_lossy(name.value()).into_owned();
                let octets = name.value();
                Ok(match name.tag().tag_number {
                    1 => format!("email:{text}"),
                    2 => format!("DNS:{text}"),
                    6 => format!("URI:{text}"),
                    7 => <[u8; 4]>::try_from(octets)
                        .map(IpAddr::from)
                        .or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from))
                        .map(|address| format!("IP:{address}"))
                        .unwrap_or_default(),
                    _ => String::new(),
                })
            })
        })
        .ok()
        .map(|names| names.join(", ")),
        _ => None,
    }
}
