//! Distinguished names: as lists such as `[O=Site B, CN=www.site-b.example]`, and their DER.

use yasna::Tag;
use yasna::models::{ObjectIdentifier, TaggedDerValue};

use crate::site::model::hex;

/// Attribute types by their usual names.
const TYPES: [(&str, &[u64]); 10] = [
    ("CN", &[2, 5, 4, 3]),
    ("SN", &[2, 5, 4, 4]),
    ("serialNumber", &[2, 5, 4, 5]),
    ("C", &[2, 5, 4, 6]),
    ("L", &[2, 5, 4, 7]),
    ("ST", &[2, 5, 4, 8]),
    ("O", &[2, 5, 4, 10]),
    ("OU", &[2, 5, 4, 11]),
    ("DC", &[0, 9, 2342, 19_200_300, 100, 1, 25]),
    ("emailAddress", &[1, 2, 840, 113_549, 1, 9, 1]),
];

/// Types of strings, by their universal tags: <https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.4>
const STRINGS: [(&str, u64); 6] =
    [("utf8", 12), ("printable", 19), ("teletex", 20), ("ia5", 22), ("universal", 28), ("bmp", 30)];

/// DER of a name: `CN=text`, or with a type of string, `O=teletex:text`.
///
/// # Errors
/// The number of the part that is wrong, and why.
pub(in crate::site) fn subject_der(parts: &[String]) -> Result<Vec<u8>, (usize, String)> {
    let read = |(number, part): (usize, &String)| attribute(part).map_err(|why| (number, why));
    let read: Vec<_> = parts.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    Ok(yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for (oid, tag, bytes) in &read {
                writer.next().write_set(|writer| {
                    writer.next().write_sequence(|writer| {
                        writer.next().write_oid(oid);
                        writer.next().write_tagged_implicit(universal(*tag), |writer| {
                            writer.write_bytes(bytes);
                        });
                    });
                });
            }
        });
    }))
}

/// DER of a name that is a common name alone, or of an empty one.
#[must_use]
pub fn common_name_der(text: &str) -> Vec<u8> {
    let parts = if text.is_empty() { Vec::new() } else { vec![format!("CN=utf8:{text}")] };
    // Any text is good in such a string.
    subject_der(&parts).unwrap_or_default()
}

fn universal(number: u64) -> Tag {
    Tag { tag_class: yasna::TagClass::Universal, tag_number: number }
}

fn attribute(part: &str) -> Result<(ObjectIdentifier, u64, Vec<u8>), String> {
    let (name, value) = part.split_once('=').ok_or_else(|| {
        format!("`{part}` is not a part of a name, such as `CN=www.site-b.example`")
    })?;
    let known = TYPES.iter().find(|(known, _)| *known == name);
    let oid = match known {
        Some((_, numbers)) => ObjectIdentifier::from_slice(numbers),
        None => name.parse().map_err(|_| format!("`{name}` is not an attribute of names"))?,
    };
    let named = value.split_once(':').and_then(|(kind, text)| {
        STRINGS.iter().find(|(word, _)| *word == kind).map(|(_, tag)| (*tag, text))
    });
    // As OpenSSL does by itself.
    let (tag, text) = named.unwrap_or(match name {
        "C" | "serialNumber" => (19, value),
        "DC" | "emailAddress" => (22, value),
        _ => (12, value),
    });
    let bytes = match tag {
        20 => text
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)))
            .collect::<Result<_, _>>()
            .map_err(|_| format!("`{text}` has letters that a teletex string has not"))?,
        28 => text.chars().flat_map(|letter| u32::from(letter).to_be_bytes()).collect(),
        30 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => text.as_bytes().to_vec(),
    };
    Ok((oid, tag, bytes))
}

/// DER of a name as a list: read again, it is the same; else its bytes.
#[must_use]
pub(in crate::site) fn subject_texts(der: &[u8]) -> Vec<String> {
    let texts = attributes(der).map(|found| found.iter().map(text_of).collect::<Vec<_>>());
    let same = texts.filter(|texts| subject_der(texts).is_ok_and(|again| again == der));
    same.unwrap_or_else(|| vec![format!("DER:{}", hex(der))])
}

/// The first common name in DER of a name; nothing if there is none.
#[must_use]
pub(super) fn common_name_of(der: &[u8]) -> String {
    let all = attributes(der).unwrap_or_default();
    let found = all.iter().find(|(oid, _)| oid.components()[..] == [2, 5, 4, 3]);
    found.map(|(_, value)| letters(value)).unwrap_or_default()
}

type Attribute = (ObjectIdentifier, TaggedDerValue);

/// The attributes of a name, in their order; several of one set one after the other.
pub(super) fn attributes(der: &[u8]) -> Option<Vec<Attribute>> {
    let sets = yasna::parse_der(der, |reader| {
        reader.collect_sequence_of(|reader| {
            reader.collect_set_of(|reader| {
                reader.read_sequence(|reader| {
                    Ok((reader.next().read_oid()?, reader.next().read_tagged_der()?))
                })
            })
        })
    });
    sets.ok().map(|sets| sets.into_iter().flatten().collect())
}

fn text_of((oid, value): &Attribute) -> String {
    let known = TYPES.iter().find(|(_, numbers)| oid.components()[..] == **numbers);
    let name = known.map_or_else(|| oid.to_string(), |(name, _)| (*name).to_owned());
    let tag = value.tag().tag_number;
    let usual = match name.as_str() {
        "C" | "serialNumber" => 19,
        "DC" | "emailAddress" => 22,
        _ => 12,
    };
    let word = STRINGS.iter().find(|(_, number)| *number == tag && tag != usual);
    let word = word.map_or_else(String::new, |(word, _)| format!("{word}:"));
    format!("{name}={word}{}", letters(value))
}

/// What a string of a name says, whatever its type.
pub(super) fn letters(value: &TaggedDerValue) -> String {
    let bytes = value.value();
    match value.tag().tag_number {
        20 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        28 => bytes
            .chunks(4)
            .filter_map(|four| char::from_u32(u32::from_be_bytes(four.try_into().ok()?)))
            .collect(),
        30 => {
            let pairs = bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
            char::decode_utf16(pairs).map(|letter| letter.unwrap_or('\u{fffd}')).collect()
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Whether two names are the same as OpenSSL compares them: whatever their types of strings, their
/// case and their spaces.
pub(super) fn is_same_name(one: &[u8], two: &[u8]) -> bool {
    let plain = |der: &[u8]| {
        let all = attributes(der)?;
        let plain = all.iter().map(|(oid, value)| {
            let text = letters(value).to_lowercase();
            (oid.to_string(), text.split_whitespace().collect::<Vec<_>>().join(" "))
        });
        Some(plain.collect::<Vec<_>>())
    };
    one == two || plain(one).is_some_and(|one| plain(two) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_order_and_their_types_of_strings() {
        let table: [&[&str]; 4] = [
            &[],
            &["C=DE", "O=Hafen", "CN=www.site-b.example"],
            &["O=teletex:Größe", "OU=bmp:Ω", "L=universal:ß", "CN=printable:x", "1.2.3=ia5:y"],
            &["DC=example", "DC=site-b", "emailAddress=a@b.example", "C=utf8:DE"],
        ];
        for parts in table {
            let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            assert_eq!(subject_texts(&subject_der(&parts).unwrap()), parts);
        }
        for (part, expected) in [
            ("www.site-b.example", "is not a part of a name"),
            ("XX=a", "`XX` is not an attribute"),
            ("O=teletex:Ω", "has letters that a teletex string has not"),
        ] {
            let (_, why) = subject_der(&[part.to_owned()]).unwrap_err();
            assert!(why.contains(expected), "{why}");
        }
    }

    #[test]
    fn names_are_compared_as_openssl_does() {
        let der = |part: &str| subject_der(&[part.to_owned()]).unwrap();
        assert!(is_same_name(&der("O=Big  CA"), &der("O=printable:big ca")));
        assert!(!is_same_name(&der("O=Big CA"), &der("CN=Big CA")));
        assert!(!is_same_name(&der("O=Big CA"), &der("O=Big CB")));
    }
}
