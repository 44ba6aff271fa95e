//! What the certificates of a described shape say.

use aws_lc_rs::digest::{SHA256, digest};
use rcgen::{KeyPair, PublicKeyData as _};

use super::encode::Recipe;
use super::term::Term;
use crate::site::{
    AuthorityKey, CertificateShape, Extension, ExtensionValue, Extensions, Form, IssuedBy, KeyHash,
    Reference, Serial, Version, alternative_names_der, apply, basic_constraints_der,
    common_name_der, key_usage_der, server_usage_der,
};

/// The longest common name: <https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1>
const LONGEST_COMMON_NAME: usize = 64;
/// As many bytes as a serial number may have.
const SERIAL_LENGTH: usize = 20;

const DIGITAL_SIGNATURE: u16 = 1;
const KEY_ENCIPHERMENT: u16 = 1 << 2;
const SIGNING: u16 = (1 << 5) | (1 << 6);

/// A form with all that it does not say as usual.
fn recipe(
    form: &Form,
    usual_subject: &str,
    usual_extensions: Vec<Extension>,
    key: &KeyPair,
    term: Term,
) -> Recipe {
    let subject = match &form.subject {
        Some(name) => name.0.clone(),
        None => common_name_der(usual_subject),
    };
    let version = form.version.unwrap_or(Version::V3);
    let extensions = match &form.extensions {
        Extensions::Exactly(all) => all.clone(),
        Extensions::Usual(changes) => {
            // Before the third version there are none.
            let mut all = if version == Version::V3 { usual_extensions } else { Vec::new() };
            apply(&mut all, changes);
            all
        }
    };
    Recipe {
        version,
        serial: serial(form.serial.as_ref(), key, &subject, term),
        subject,
        issuer: form.issuer.as_ref().map(|name| name.0.clone()),
        term,
        long_times: form.long_times,
        extensions,
        signature: None,
    }
}

/// No two certificates of an issuer have the same, unless the description wants it.
fn serial(wanted: Option<&Serial>, key: &KeyPair, subject: &[u8], term: Term) -> Vec<u8> {
    let spki = key.subject_public_key_info();
    let unique = digest(&SHA256, &[&spki, subject, format!("{term:?}").as_bytes()].concat());
    let mut bytes = unique.as_ref().to_vec();
    match wanted {
        Some(Serial::Exactly(exact)) => return exact.clone(),
        Some(Serial::Like { first, length }) => {
            while bytes.len() < *length {
                let more = digest(&SHA256, &bytes);
                bytes.extend_from_slice(more.as_ref());
            }
            bytes.truncate(*length);
            bytes[0] = *first;
            // The first nine bits of a number are never all the same.
            if bytes.len() > 1 {
                bytes[1] = match first {
                    0 => bytes[1] | 0x80,
                    0xff => bytes[1] & 0x7f,
                    _ => bytes[1],
                };
            }
        }
        None => {
            bytes.truncate(SERIAL_LENGTH);
            bytes[0] = bytes[0] & 0x7f | 0x40;
        }
    }
    bytes
}

pub(super) fn leaf(shape: &CertificateShape, key: &KeyPair, term: Term) -> Recipe {
    let first = shape.names.first().filter(|name| name.len() <= LONGEST_COMMON_NAME);
    let first = first.map_or("stagectl rehearsal", String::as_str);
    let subject = shape.common_name.as_deref().unwrap_or(first);
    let usages =
        if shape.key.is_rsa() { DIGITAL_SIGNATURE | KEY_ENCIPHERMENT } else { DIGITAL_SIGNATURE };
    let mut extensions = vec![authority_key()];
    if !shape.names.is_empty() {
        let names = alternative_names_der(&shape.names);
        extensions
            .push(Extension { critical: subject.is_empty(), ..extension("2.5.29.17", names) });
    }
    extensions.push(critical("2.5.29.15", key_usage_der(usages)));
    extensions.push(extension("2.5.29.37", server_usage_der()));
    extensions.push(subject_key());
    // A self-signed one as `openssl req -x509` has it.
    let is_authority = shape.issuer == IssuedBy::Itself;
    extensions.push(critical("2.5.29.19", basic_constraints_der(is_authority, None)));
    let recipe = recipe(&shape.form, subject, extensions, key, term);
    Recipe { signature: shape.signature, ..recipe }
}

/// One between root and leaf, that may have so many others below it.
pub(super) fn intermediate(
    form: &Form,
    name: &str,
    below: u8,
    key: &KeyPair,
    term: Term,
) -> Recipe {
    let extensions = vec![
        authority_key(),
        critical("2.5.29.15", key_usage_der(SIGNING)),
        subject_key(),
        critical("2.5.29.19", basic_constraints_der(true, Some(below))),
    ];
    recipe(form, name, extensions, key, term)
}

/// A root; `more` are extensions that only some have.
pub(super) fn root(
    form: &Form,
    name: &str,
    below: Option<u8>,
    more: Vec<Extension>,
    key: &KeyPair,
    term: Term,
) -> Recipe {
    let mut extensions = vec![critical("2.5.29.15", key_usage_der(SIGNING))];
    extensions.extend(more);
    extensions.push(subject_key());
    extensions.push(critical("2.5.29.19", basic_constraints_der(true, below)));
    recipe(form, name, extensions, key, term)
}

pub(super) fn client(name: &str, usage: Vec<u8>, key: &KeyPair, term: Term) -> Recipe {
    let extensions = vec![
        authority_key(),
        critical("2.5.29.15", key_usage_der(DIGITAL_SIGNATURE)),
        extension("2.5.29.37", usage),
        subject_key(),
        critical("2.5.29.19", basic_constraints_der(false, None)),
    ];
    recipe(&Form::default(), name, extensions, key, term)
}

fn extension(oid: &str, der: Vec<u8>) -> Extension {
    Extension { oid: oid.to_owned(), critical: false, value: ExtensionValue::Der(der) }
}

pub(super) fn critical(oid: &str, der: Vec<u8>) -> Extension {
    Extension { critical: true, ..extension(oid, der) }
}

fn subject_key() -> Extension {
    Extension {
        value: ExtensionValue::SubjectKey(KeyHash::Sha1),
        ..extension("2.5.29.14", Vec::new())
    }
}

fn authority_key() -> Extension {
    let value = AuthorityKey { key: Some(Reference::Issuers), ..AuthorityKey::default() };
    Extension { value: ExtensionValue::AuthorityKey(value), ..extension("2.5.29.35", Vec::new()) }
}
