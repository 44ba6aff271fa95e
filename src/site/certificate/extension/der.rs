//! DER of the extensions that certificates usually have.

use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag};

/// DER of `basicConstraints`.
#[must_use]
pub fn basic_constraints_der(is_authority: bool, length: Option<u8>) -> Vec<u8> {
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            if is_authority {
                writer.next().write_bool(true);
            }
            if let Some(length) = length {
                writer.next().write_u8(length);
            }
        });
    })
}

/// DER of `keyUsage`: bit 0 is `digitalSignature`.
#[must_use]
pub fn key_usage_der(bits: u16) -> Vec<u8> {
    let reversed = bits.reverse_bits();
    let length = 16 - usize::try_from(bits.leading_zeros()).unwrap_or_default();
    let bytes = &reversed.to_be_bytes()[..length.div_ceil(8)];
    yasna::construct_der(|writer| writer.write_bitvec_bytes(bytes, length))
}

pub(super) fn oids_der(oids: &[ObjectIdentifier]) -> Vec<u8> {
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for oid in oids {
                writer.next().write_oid(oid);
            }
        });
    })
}

/// DER of `extendedKeyUsage` for servers.
#[must_use]
pub fn server_usage_der() -> Vec<u8> {
    oids_der(&[ObjectIdentifier::from_slice(&[1, 3, 6, 1, 5, 5, 7, 3, 1])])
}

/// DER of `extendedKeyUsage` for clients.
#[must_use]
pub fn client_usage_der() -> Vec<u8> {
    oids_der(&[ObjectIdentifier::from_slice(&[1, 3, 6, 1, 5, 5, 7, 3, 2])])
}

pub(super) fn write_name(writer: DERWriter<'_>, (tag, bytes): &(u64, Vec<u8>)) {
    writer.write_tagged_implicit(Tag::context(*tag), |writer| writer.write_bytes(bytes));
}

/// DER of `nameConstraints`: tags of general names and their bytes.
#[must_use]
pub fn constraints_der(permitted: &[(u64, Vec<u8>)], excluded: &[(u64, Vec<u8>)]) -> Vec<u8> {
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for (tag, names) in [(0, permitted), (1, excluded)] {
                if names.is_empty() {
                    continue;
                }
                writer.next().write_tagged_implicit(Tag::context(tag), |writer| {
                    writer.write_sequence(|writer| {
                        for name in names {
                            writer.next().write_sequence(|writer| write_name(writer.next(), name));
                        }
                    });
                });
            }
        });
    })
}
