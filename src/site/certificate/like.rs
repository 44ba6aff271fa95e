//! The shape of a public certificate and of what is above it, read from its file.

mod part;

use aws_lc_rs::digest::{SHA256, digest};
use part::{Unlike, unlike};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::pem::Pem;
use x509_parser::x509::X509Version;

pub use self::part::names as names_of_certificate;
use self::part::{
    authority_parts, directory_name, is_long, key, key_identifier, names, sha1, subject_key, valid,
};
use super::extension::{AUTHORITY_KEY, SUBJECT_KEY};
use super::subject::is_same_name;
use crate::site::model::{
    AuthorityKey, CertificateShape, Ends, Extension, ExtensionValue, Extensions, Form, IssuedBy,
    KeyShape, Link, Name, Reference, Serial, Signature, Signer, Version, hex,
};

const FETCH: &str =
    "fetch it: openssl s_client -showcerts -connect www.site-b.example:443 </dev/null";
/// The most certificates above the first.
const MOST_ABOVE: usize = 9;
/// A serial number of at most so many bytes is copied as it is: it says something.
const TELLING_SERIAL: usize = 8;

/// The blocks of a PEM file.
///
/// # Errors
/// It holds a private key.
pub(in crate::site) fn blocks_of(text: &[u8]) -> Result<Vec<Pem>, Unlike> {
    if text.windows(11).any(|part| part == b"PRIVATE KEY") {
        let hint = "take the key out: its certificate is public, the key is not";
        return Err(unlike("there is a private key in the file", hint));
    }
    let is_certificate = |block: &Pem| block.label == "CERTIFICATE";
    Ok(Pem::iter_from_buffer(text).filter_map(Result::ok).filter(is_certificate).collect())
}

/// The certificates of a PEM file, in its order.
///
/// # Errors
/// There is none, or one that cannot be read.
fn certificates_of(blocks: &[Pem]) -> Result<Vec<X509Certificate<'_>>, Unlike> {
    let read = blocks.iter().enumerate().map(|(number, block)| {
        block.parse_x509().map_err(|error| {
            let message = format!("certificate {} in the file cannot be read: {error}", number + 1);
            unlike(message, "take it out, or fetch it again")
        })
    });
    let read: Vec<Result<X509Certificate<'_>, Unlike>> = read.collect();
    if read.iter().all(Result::is_err) {
        return Err(unlike("there is no PEM certificate in the file", FETCH));
    }
    read.into_iter().collect()
}

/// A certificate's shape, and whether the file shows what is between it and its root: if not, one
/// intermediate, as nearly all public ones have.
///
/// `roots` is the file of `tls.authority.like`: what has issued the chain is sought there, too.
pub(in crate::site) fn shape_of(
    text: &[u8],
    roots: Option<&[u8]>,
) -> Result<(CertificateShape, bool), Unlike> {
    let blocks = blocks_of(text)?;
    let sent = certificates_of(&blocks)?;
    let root_blocks = roots.map(blocks_of).transpose()?.unwrap_or_default();
    let trusted = if roots.is_some() { certificates_of(&root_blocks)? } else { Vec::new() };
    let leaf = &sent[0];
    if leaf.is_ca() && !is_own(leaf) && names(leaf).is_empty() {
        let hint = "put the certificate of the site first, then what is between it and its root";
        return Err(unlike("the first certificate in the file is that of an authority", hint));
    }
    let above = sent.len() - 1;
    if above > MOST_ABOVE {
        let hint = "leave only what the site sends in the file";
        return Err(unlike(format!("there are {above} certificates above the first"), hint));
    }
    let mut copier = Copier { all: sent.iter().chain(&trusted).collect(), ..Copier::default() };
    copier.sent = sent.len();
    copier.has_roots = roots.is_some();
    let own = is_own(leaf);
    // With the root at hand, the file is taken for all that the site sends.
    let tells_chain = sent.len() > 1 || own || roots.is_some();
    copier.path_end = copier.end_of_path();
    let common_name = leaf.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    let mut form = copier.form(0, tells_chain);
    if !tells_chain {
        form.signer = Signer::Next;
    }
    let links = (1..sent.len()).map(|number| copier.link(number, tells_chain)).collect();
    let authority =
        (sent.len()..copier.all.len()).map(|number| copier.link(number, true)).collect();
    let intermediates = if tells_chain { u8::try_from(above).unwrap_or(u8::MAX) } else { 1 };
    let shape = CertificateShape {
        // Without a common name, the subject is empty.
        common_name: Some(common_name.unwrap_or_default().to_owned()),
        signature: copier.signature(0),
        issuer: if own { IssuedBy::Itself } else { IssuedBy::Root },
        valid: valid(leaf),
        form,
        links,
        authority,
        is_copy: true,
        ..CertificateShape::new(names(leaf), key(leaf)?, intermediates)
    };
    if shape.names.is_empty() && common_name.is_none() {
        return Err(unlike("the certificate is for no name at all", FETCH));
    }
    if !tells_chain {
        let issuer = leaf.issuer();
        let assumed = format!(
            "what is above it is not in the file: a usual intermediate stands for `{issuer}`; \
             add the certificates that the site sends"
        );
        copier.notes.push(assumed);
    }
    Ok((CertificateShape { uncopied: copier.notes, ..shape }, tells_chain))
}

/// The shapes of an authority's roots.
pub(in crate::site) fn roots_of(text: &[u8]) -> Result<(Vec<Link>, Vec<String>), Unlike> {
    let blocks = blocks_of(text)?;
    let roots = certificates_of(&blocks)?;
    if let Some(other) = roots.iter().find(|root| !is_own(root)) {
        let message = format!("`{}` is not a root: another one has issued it", other.subject());
        let hint = "a root has issued itself; intermediates belong to the file of the certificate";
        return Err(unlike(message, hint));
    }
    let mut copier = Copier { all: roots.iter().collect(), has_roots: true, ..Copier::default() };
    let links = (0..roots.len()).map(|number| copier.link(number, true)).collect();
    Ok((links, copier.notes))
}

fn is_own(certificate: &X509Certificate<'_>) -> bool {
    is_same_name(certificate.subject().as_raw(), certificate.issuer().as_raw())
}

/// Copies certificates that refer to each other.
#[derive(Default)]
struct Copier<'a> {
    /// The leaf, what is above it in its file, and the authority's roots.
    all: Vec<&'a X509Certificate<'a>>,
    /// How many of them are of the certificate's own file.
    sent: usize,
    has_roots: bool,
    /// The last one above the leaf that leads to it.
    path_end: usize,
    /// What cannot be copied.
    notes: Vec<String>,
}

impl Copier<'_> {
    /// Who issued the certificate of this number, if it is among them.
    fn signer_of(&self, number: usize) -> Option<usize> {
        let certificate = self.all[number];
        if is_own(certificate) {
            return Some(number);
        }
        let is_issuer_by_name = |other: &usize| {
            *other != number
                && is_same_name(self.all[*other].subject().as_raw(), certificate.issuer().as_raw())
        };
        let has_signed = |other: &usize| {
            let verified = certificate.verify_signature(Some(self.all[*other].public_key()));
            matches!(verified, Ok(()) | Err(X509Error::SignatureUnsupportedAlgorithm))
        };
        (0..self.all.len()).filter(is_issuer_by_name).find(has_signed)
    }

    fn end_of_path(&self) -> usize {
        let mut end = 0;
        for _ in 0..self.all.len() {
            match self.signer_of(end) {
                Some(next) if next != end => end = next,
                _ => break,
            }
        }
        end
    }

    fn signer(&mut self, number: usize, tells_chain: bool) -> Signer {
        match self.signer_of(number) {
            Some(found) if found == number => Signer::Itself,
            Some(found) => Signer::Number(found),
            // A root that clients have, and no file has.
            None if !self.has_roots && number == self.path_end && number > 0 => Signer::Root,
            None => {
                if number == 0 && tells_chain {
                    let issuer = self.all[0].issuer();
                    self.notes.push(format!("none of the other certificates has issued it: `{issuer}` is missing, and nobody trusts it"));
                }
                Signer::Unknown
            }
        }
    }

    fn link(&mut self, number: usize, tells_chain: bool) -> Link {
        let certificate = self.all[number];
        let form = self.form(number, tells_chain);
        let signature = self.signature(number);
        let key = key(certificate).unwrap_or_else(|why| {
            let subject = certificate.subject();
            let fallback = if certificate.public_key().algorithm.algorithm.to_id_string()
                == "1.2.840.113549.1.1.1"
            {
                KeyShape::Rsa2048
            } else {
                KeyShape::EcdsaP256
            };
            self.notes.push(format!(
                "`{subject}`: {}; it has {} instead",
                why.message,
                fallback.word()
            ));
            fallback
        });
        Link { key, signature, valid: valid(certificate), form }
    }

    fn form(&mut self, number: usize, tells_chain: bool) -> Form {
        let certificate = self.all[number];
        let signer = self.signer(number, tells_chain);
        let tbs = &certificate.tbs_certificate;
        let subject = certificate.subject().as_raw().to_vec();
        let issuers = match signer {
            Signer::Itself => Some(number),
            Signer::Number(other) => Some(other),
            _ => None,
        };
        let raw_issuer = certificate.issuer().as_raw();
        let is_as_written =
            issuers.is_some_and(|other| self.all[other].subject().as_raw() == raw_issuer);
        for (is_there, what) in [
            (tbs.issuer_uid.is_some(), "issuerUniqueID"),
            (tbs.subject_uid.is_some(), "subjectUniqueID"),
        ] {
            if is_there {
                self.notes.push(format!("`{}`: its {what}", certificate.subject()));
            }
        }
        let extensions = certificate
            .extensions()
            .iter()
            .map(|extension| Extension {
                oid: extension.oid.to_id_string(),
                critical: extension.critical,
                value: match extension.oid.to_id_string().as_str() {
                    SUBJECT_KEY => subject_key(certificate, extension.value),
                    AUTHORITY_KEY => self.authority_key(issuers, extension.value),
                    _ => ExtensionValue::Der(extension.value.to_vec()),
                },
            })
            .collect();
        let raw = tbs.raw_serial();
        let validity = certificate.validity();
        Form {
            version: match tbs.version {
                X509Version::V1 => Some(Version::V1),
                X509Version::V2 => Some(Version::V2),
                _ => None,
            },
            serial: Some(match raw {
                [first, ..] if raw.len() > TELLING_SERIAL => {
                    Serial::Like { first: *first, length: raw.len() }
                }
                _ => Serial::Exactly(raw.to_vec()),
            }),
            subject: Some(Name(subject)),
            issuer: (!is_as_written && signer != Signer::Root).then(|| Name(raw_issuer.to_vec())),
            extensions: Extensions::Exactly(extensions),
            long_times: Ends {
                from: is_long(validity.not_before),
                until: is_long(validity.not_after),
            },
            key_of: Some(hex(digest(&SHA256, certificate.public_key().raw).as_ref())),
            signer,
        }
    }

    /// What it says of the issuer: what is true of the live one will be true of ours, and what is
    /// not will not. Of one that is not at hand, nobody can say that it is wrong.
    fn authority_key(&self, issuer: Option<usize>, der: &[u8]) -> ExtensionValue {
        let Some(parts) = authority_parts(der) else { return ExtensionValue::Der(der.to_vec()) };
        let issuer = issuer.map(|number| self.all[number]);
        let refer = |part: Option<Vec<u8>>,
                     is_true: &dyn Fn(&X509Certificate<'_>, &[u8]) -> bool| {
            part.map(|bytes| match issuer {
                Some(issuer) if !is_true(issuer, &bytes) => Reference::Wrong(bytes),
                _ => Reference::Issuers,
            })
        };
        let [key, name, serial] = parts;
        ExtensionValue::AuthorityKey(AuthorityKey {
            key: refer(key, &|issuer, bytes| match key_identifier(issuer) {
                Some(identifier) => identifier == bytes,
                None => sha1(&issuer.public_key().subject_public_key.data) == bytes,
            }),
            name: refer(name, &|issuer, bytes| {
                directory_name(bytes)
                    .is_some_and(|name| is_same_name(&name, issuer.issuer().as_raw()))
            }),
            serial: refer(serial, &|issuer, bytes| issuer.tbs_certificate.raw_serial() == bytes),
        })
    }

    fn signature(&mut self, number: usize) -> Option<Signature> {
        let certificate = self.all[number];
        let oid = certificate.signature_algorithm.algorithm.to_id_string();
        let found = Signature::ALL.into_iter().find(|signature| signature.oid() == oid);
        let key = self.signer_of(number).map(|signer| key(self.all[signer]));
        let subject = certificate.subject();
        match (found, key) {
            (None, _) => {
                self.notes.push(format!(
                    "`{subject}`: its signature ({oid}), of a kind that cannot be made"
                ));
                None
            }
            (Some(signature), Some(Ok(key))) if !signature.fits(key) => {
                self.notes.push(format!(
                    "`{subject}`: its signature, {} by a key of {}",
                    signature.word(),
                    key.word()
                ));
                None
            }
            (Some(signature @ Signature::RsaSha1), None)
                if number == self.path_end && number > 0 =>
            {
                self.notes.push(format!(
                    "`{subject}`: its signature, {}, by a root that is not in the file: add it, or name it in `tls.authority`",
                    signature.word()
                ));
                None
            }
            (found, _) => found,
        }
    }
}
