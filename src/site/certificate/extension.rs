//! Extensions of certificates in the words of openssl.cnf, and their DER.

mod der;
mod words;

use std::net::IpAddr;

use yasna::Tag;
use yasna::models::ObjectIdentifier;

use crate::site::model::{AuthorityKey, Change, Extension, ExtensionValue, KeyHash, Reference};

pub use self::der::{
    basic_constraints_der, client_usage_der, constraints_der, key_usage_der, server_usage_der,
};
use self::der::{oids_der, write_name};
pub(in crate::site) use self::words::extension_text;

pub(in crate::site) const SUBJECT_KEY: &str = "2.5.29.14";
pub(in crate::site) const KEY_USAGE: &str = "2.5.29.15";
pub(in crate::site) const SUBJECT_ALT_NAME: &str = "2.5.29.17";
pub(in crate::site) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(in crate::site) const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub(in crate::site) const AUTHORITY_KEY: &str = "2.5.29.35";
pub(in crate::site) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
const CRL_POINTS: &str = "2.5.29.31";
const POLICIES: &str = "2.5.29.32";
const AUTHORITY_ACCESS: &str = "1.3.6.1.5.5.7.1.1";

/// Names of openssl.cnf.
const NAMES: [(&str, &str); 13] = [
    ("authorityInfoAccess", AUTHORITY_ACCESS),
    ("authorityKeyIdentifier", AUTHORITY_KEY),
    ("basicConstraints", BASIC_CONSTRAINTS),
    ("certificatePolicies", POLICIES),
    ("crlDistributionPoints", CRL_POINTS),
    ("ct_precert_scts", "1.3.6.1.4.1.11129.2.4.2"),
    ("extendedKeyUsage", EXTENDED_KEY_USAGE),
    ("keyUsage", KEY_USAGE),
    ("nameConstraints", NAME_CONSTRAINTS),
    ("policyConstraints", "2.5.29.36"),
    ("subjectAltName", SUBJECT_ALT_NAME),
    ("subjectKeyIdentifier", SUBJECT_KEY),
    ("tlsfeature", "1.3.6.1.5.5.7.1.24"),
];

/// Bits of `keyUsage`: <https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3>
const USAGES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

const PURPOSES: [(&str, &str); 7] = [
    ("serverAuth", "1.3.6.1.5.5.7.3.1"),
    ("clientAuth", "1.3.6.1.5.5.7.3.2"),
    ("codeSigning", "1.3.6.1.5.5.7.3.3"),
    ("emailProtection", "1.3.6.1.5.5.7.3.4"),
    ("timeStamping", "1.3.6.1.5.5.7.3.8"),
    ("OCSPSigning", "1.3.6.1.5.5.7.3.9"),
    ("anyExtendedKeyUsage", "2.5.29.37.0"),
];

/// How a description calls an extension.
#[must_use]
pub(in crate::site) fn extension_name(oid: &str) -> String {
    let known = NAMES.iter().find(|(_, other)| *other == oid);
    known.map_or(oid, |(name, _)| name).to_owned()
}

/// The names that a description may use, beside dotted numbers.
pub(in crate::site) fn extension_names() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().map(|(name, _)| name)
}

/// What a description says for an extension: `none`, or its value in the words of openssl.cnf.
///
/// # Errors
/// What is wrong with name or value, for people.
pub(in crate::site) fn change_of(name: &str, text: &str) -> Result<Change, String> {
    let oid = NAMES.iter().find(|(known, _)| *known == name).map_or(name, |(_, oid)| oid);
    if oid.parse::<ObjectIdentifier>().is_err() {
        return Err(format!("`{name}` is not an extension"));
    }
    if text.trim() == "none" {
        return Ok(Change { oid: oid.to_owned(), wanted: None });
    }
    let mut parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let critical = parts.first() == Some(&"critical");
    if critical {
        parts.remove(0);
    }
    let value = value_of(oid, &parts)?;
    let wanted = Some(Extension { oid: oid.to_owned(), critical, value });
    Ok(Change { oid: oid.to_owned(), wanted })
}

fn value_of(oid: &str, parts: &[&str]) -> Result<ExtensionValue, String> {
    if let [one] = parts
        && let Some(digits) = one.strip_prefix("DER:")
    {
        return bytes(digits).map(ExtensionValue::Der);
    }
    let der = match oid {
        SUBJECT_KEY => return subject_key(parts),
        AUTHORITY_KEY => return authority_key(parts),
        BASIC_CONSTRAINTS => basic_constraints(parts)?,
        KEY_USAGE => key_usage(parts)?,
        EXTENDED_KEY_USAGE => purposes(parts)?,
        SUBJECT_ALT_NAME => names_der(parts)?,
        NAME_CONSTRAINTS => name_constraints(parts)?,
        POLICIES => policies(parts)?,
        CRL_POINTS => crl_points(parts)?,
        AUTHORITY_ACCESS => authority_access(parts)?,
        _ => {
            return Err("of this extension only `DER:` and its bytes in hex can be said".to_owned());
        }
    };
    Ok(ExtensionValue::Der(der))
}

fn subject_key(parts: &[&str]) -> Result<ExtensionValue, String> {
    let hash = match parts {
        ["hash"] => KeyHash::Sha1,
        [one] => match one.strip_prefix("hash:").and_then(|length| length.parse().ok()) {
            Some(length @ 1..=64) => KeyHash::Bytes(length),
            _ => {
                return Err(format!(
                    "`{one}` is not `hash`, `hash:` and its bytes, `DER:` or `none`"
                ));
            }
        },
        _ => return Err("it is `hash`, `hash:` and its bytes, `DER:` or `none`".to_owned()),
    };
    Ok(ExtensionValue::SubjectKey(hash))
}

fn authority_key(parts: &[&str]) -> Result<ExtensionValue, String> {
    let mut value = AuthorityKey::default();
    for part in parts {
        let (word, rest) = part.split_once(':').unwrap_or((part, ""));
        let reference = |always: bool| match rest {
            "" => Ok(Reference::Issuers),
            "always" if always => Ok(Reference::Issuers),
            digits => bytes(digits).map(Reference::Wrong),
        };
        match word {
            "empty" => {}
            "keyid" => value.key = Some(reference(true)?),
            "issuer" if rest.is_empty() || rest == "always" => {
                value.name = Some(Reference::Issuers);
                value.serial = Some(Reference::Issuers);
            }
            "issuer" => value.name = Some(reference(false)?),
            "serial" => value.serial = Some(reference(false)?),
            _ => {
                return Err(format!(
                    "`{part}` is neither `keyid`, `issuer` nor `serial`, perhaps with wrong bytes in hex"
                ));
            }
        }
    }
    Ok(ExtensionValue::AuthorityKey(value))
}

fn basic_constraints(parts: &[&str]) -> Result<Vec<u8>, String> {
    let (mut is_authority, mut length) = (false, None);
    for part in parts {
        match part.split_once(':') {
            Some(("CA", "TRUE")) => is_authority = true,
            Some(("CA", "FALSE")) => is_authority = false,
            Some(("pathlen", number)) => {
                let number = number.trim().parse::<u8>();
                length = Some(number.map_err(|_| format!("`{part}` is not a path length"))?);
            }
            _ => return Err(format!("`{part}` is neither `CA:TRUE`, `CA:FALSE` nor `pathlen:0`")),
        }
    }
    Ok(basic_constraints_der(is_authority, length))
}

fn key_usage(parts: &[&str]) -> Result<Vec<u8>, String> {
    let mut bits = 0;
    for part in parts {
        let place = USAGES.iter().position(|usage| usage == part);
        bits |= 1 << place.ok_or_else(|| format!("`{part}` is not a key usage"))?;
    }
    Ok(key_usage_der(bits))
}

fn purposes(parts: &[&str]) -> Result<Vec<u8>, String> {
    let oids = parts.iter().map(|part| {
        let oid = PURPOSES.iter().find(|(name, _)| name == part).map_or(*part, |(_, oid)| oid);
        oid.parse().map_err(|_| format!("`{part}` is not an extended key usage"))
    });
    Ok(oids_der(&oids.collect::<Result<Vec<_>, _>>()?))
}

/// The tag of a general name and its bytes: `DNS:`, `IP:`, `email:`, `URI:`.
fn general_name(part: &str) -> Result<(u64, Vec<u8>), String> {
    let wrong = || format!("`{part}` is not `DNS:`, `IP:`, `email:` or `URI:` and a name");
    let (kind, name) = part.split_once(':').ok_or_else(wrong)?;
    Ok(match kind {
        "email" => (1, name.as_bytes().to_vec()),
        "DNS" => (2, name.as_bytes().to_vec()),
        "URI" => (6, name.as_bytes().to_vec()),
        "IP" => match name.split_once('/') {
            None => (7, address(name.parse().map_err(|_| wrong())?)),
            Some((network, mask)) => {
                let both = [network, mask].map(|text| text.parse().map(address));
                let [Ok(network), Ok(mask)] = both else { return Err(wrong()) };
                (7, [network, mask].concat())
            }
        },
        _ => return Err(wrong()),
    })
}

fn address(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

fn names_der(parts: &[&str]) -> Result<Vec<u8>, String> {
    let names = parts.iter().map(|part| general_name(part)).collect::<Result<Vec<_>, _>>()?;
    Ok(yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for name in &names {
                write_name(writer.next(), name);
            }
        });
    }))
}

fn name_constraints(parts: &[&str]) -> Result<Vec<u8>, String> {
    let mut trees: [Vec<(u64, Vec<u8>)>; 2] = Default::default();
    for part in parts {
        let (side, name) = match part.split_once(';') {
            Some(("permitted", name)) => (0, name),
            Some(("excluded", name)) => (1, name),
            _ => {
                return Err(format!("`{part}` is neither `permitted;DNS:name` nor `excluded;...`"));
            }
        };
        trees[side].push(general_name(name)?);
    }
    Ok(constraints_der(&trees[0], &trees[1]))
}

fn policies(parts: &[&str]) -> Result<Vec<u8>, String> {
    let oids = parts.iter().map(|part| {
        part.parse::<ObjectIdentifier>().map_err(|_| format!("`{part}` is not a policy's number"))
    });
    let oids = oids.collect::<Result<Vec<_>, _>>()?;
    Ok(yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for oid in &oids {
                writer.next().write_sequence(|writer| writer.next().write_oid(oid));
            }
        });
    }))
}

fn crl_points(parts: &[&str]) -> Result<Vec<u8>, String> {
    let names = parts.iter().map(|part| general_name(part)).collect::<Result<Vec<_>, _>>()?;
    Ok(yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for name in &names {
                writer.next().write_sequence(|writer| {
                    writer.next().write_tagged(Tag::context(0), |writer| {
                        writer.write_tagged_implicit(Tag::context(0), |writer| {
                            writer.write_sequence(|writer| write_name(writer.next(), name));
                        });
                    });
                });
            }
        });
    }))
}

fn authority_access(parts: &[&str]) -> Result<Vec<u8>, String> {
    let mut found = Vec::new();
    for part in parts {
        let (method, name) = part.split_once(';').unwrap_or((part, ""));
        let last = match method {
            "OCSP" => 1,
            "caIssuers" => 2,
            _ => return Err(format!("`{part}` is neither `OCSP;URI:...` nor `caIssuers;URI:...`")),
        };
        let oid = ObjectIdentifier::from_slice(&[1, 3, 6, 1, 5, 5, 7, 48, last]);
        found.push((oid, general_name(name)?));
    }
    Ok(yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for (oid, name) in &found {
                writer.next().write_sequence(|writer| {
                    writer.next().write_oid(oid);
                    write_name(writer.next(), name);
                });
            }
        });
    }))
}

fn bytes(digits: &str) -> Result<Vec<u8>, String> {
    let wrong = || format!("`{digits}` are not bytes in hex");
    let plain: Vec<u8> = digits.bytes().filter(|byte| *byte != b':').collect();
    if plain.is_empty() || plain.len() % 2 == 1 {
        return Err(wrong());
    }
    let pairs = plain.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok().filter(|_| !pair.starts_with('+'))
    });
    pairs.collect::<Option<_>>().ok_or_else(wrong)
}

/// DER of `subjectAltName` for host names, wildcards and addresses.
#[must_use]
pub fn alternative_names_der(names: &[String]) -> Vec<u8> {
    let words: Vec<String> = names
        .iter()
        .map(|name| match name.parse::<IpAddr>() {
            Ok(_) => format!("IP:{name}"),
            Err(_) => format!("DNS:{name}"),
        })
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // Each of them has its kind.
    names_der(&words).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_said_in_the_words_of_openssl() {
        let table = [
            ("basicConstraints", "critical, CA:TRUE, pathlen:0", "critical, CA:TRUE, pathlen:0"),
            ("basicConstraints", "CA:FALSE", "CA:FALSE"),
            ("keyUsage", "critical,keyCertSign,cRLSign", "critical, keyCertSign, cRLSign"),
            ("keyUsage", "decipherOnly", "decipherOnly"),
            ("extendedKeyUsage", "serverAuth,1.2.3.4", "serverAuth, 1.2.3.4"),
            ("subjectKeyIdentifier", "hash", "hash"),
            ("subjectKeyIdentifier", "hash:8", "hash:8"),
            ("authorityKeyIdentifier", "keyid:always,issuer:always", "keyid, issuer"),
            ("authorityKeyIdentifier", "keyid:00:ff", "keyid:00ff"),
            ("authorityKeyIdentifier", "serial:05", "serial:05"),
            ("authorityKeyIdentifier", "empty", "empty"),
            (
                "subjectAltName",
                "critical,DNS:a.example,IP:192.0.2.1,email:a@b.example",
                "critical, DNS:a.example, IP:192.0.2.1, email:a@b.example",
            ),
            ("nameConstraints", "permitted;DNS:a.example,excluded;IP:0.0.0.0/0.0.0.0", "DER:"),
            ("certificatePolicies", "2.23.140.1.2.1", "DER:"),
            ("1.2.3.4", "critical,DER:0500", "critical, DER:0500"),
        ];
        for (name, text, expected) in table {
            let change = change_of(name, text).unwrap();
            let shown = extension_text(change.wanted.as_ref().unwrap());
            if expected.starts_with("DER:") {
                assert!(shown.starts_with("DER:30"), "{shown}");
            } else {
                assert_eq!(shown, expected);
            }
            assert_eq!(extension_name(&change.oid), name);
            assert_eq!(change_of(name, &shown).unwrap(), change, "{shown}");
        }
        assert_eq!(change_of("keyUsage", "none").unwrap().wanted, None);
        for (name, text) in [
            ("keyUsages", "none"),
            ("keyUsage", "keyCertSing"),
            ("basicConstraints", "CA:yes"),
            ("subjectKeyIdentifier", "sha1"),
            ("authorityKeyIdentifier", "keyid:xy"),
            ("subjectAltName", "a.example"),
            ("nameConstraints", "DNS:a.example"),
            ("1.2.3.4", "ASN1:NULL"),
            ("1.2.3.4", "DER:050"),
        ] {
            assert!(change_of(name, text).is_err(), "{name}: {text}");
        }
    }
}
