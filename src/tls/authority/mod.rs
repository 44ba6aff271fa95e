//! A project's private root: kept in a folder of its owner's, good for the project's names only.

use std::fmt;
use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rcgen::{Issuer, KeyPair};

use super::certificates::{Certificates, ClientPair};
use super::chain::{self, Chain, Term};
use super::key::leaf_key;
use super::root::{self, Wanted};
use super::store::{CHAIN_PREFIX, Secrecy, Store};
use crate::digest::Digest;
use crate::failure::Failure;
use crate::site::{CertificateShape, LIFETIME, SentChain, Tls, Validity};

/// A root is renewed before a chain could outlive it.
const ROOT_RESERVE: SignedDuration = SignedDuration::from_hours(120 * 24);
/// A kept chain with less than this left is issued anew.
const CHAIN_RESERVE: SignedDuration = SignedDuration::from_hours(30 * 24);

const CERTIFICATE: &str = "root.pem";
const KEY: &str = "root-key.pem";

/// The root of a project's certificates. Its key never leaves the folder it is kept in.
pub struct Authority {
    store: Store,
    root: root::Root,
    origin: Origin,
}

/// Where a root is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Loaded,
    Created,
    /// The earlier one was not good any more, for this reason.
    Replaced(String),
}

impl fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Authority")
            .field("fingerprint", &self.root.fingerprint)
            .field("not_after", &self.root.not_after)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// Loads a project's root from its folder, or makes it; at once in several processes gives all
    /// of them the same.
    ///
    /// `names` are those of all certificates of the project (exact or wildcard): the root is good for
    /// them and what is below them, and for nothing else. It is replaced when they change, when less
    /// than 120 days are left, and when it cannot be used: see [`Authority::origin`].
    ///
    /// # Errors
    /// [`Kind::Infrastructure`](crate::failure::Kind::Infrastructure), when the folder cannot be used.
    pub fn load_or_create(
        folder: &Path,
        project: &str,
        names: &[String],
    ) -> Result<Authority, Failure> {
        Authority::load_or_create_at(folder, project, names, Timestamp::now())
    }

    fn load_or_create_at(
        folder: &Path,
        project: &str,
        names: &[String],
        now: Timestamp,
    ) -> Result<Authority, Failure> {
        let wanted = Wanted::new(project, names);
        let store = Store::open(folder)?;
        let _lock = store.lock()?;
        let origin = match load(&store, &wanted, now) {
            Ok(Some(kept)) => return Ok(Authority::of(store, kept, Origin::Loaded)),
            Ok(None) => Origin::Created,
            Err(reason) => Origin::Replaced(reason),
        };
        let made = root::make(&wanted, now).map_err(|error| {
            Failure::usage(format!("could not make a root certificate for project `{project}`"))
                .because(&error)
                .hint("correct the names of the sites")
        })?;
        store.forget_chains()?;
        store.write(KEY, &made.key_pem)?;
        store.write(CERTIFICATE, &made.pem)?;
        Ok(Authority::of(store, made, origin))
    }

    fn of(store: Store, root: root::Root, origin: Origin) -> Self {
        Authority { store, root, origin }
    }

    /// Issues all that a site's TLS needs.
    ///
    /// # Errors
    /// Those of [`Authority::issue`].
    pub fn issue_all(&self, tls: &Tls, now: Timestamp) -> Result<Certificates, Failure> {
        let server = tls.shapes().map(|shape| self.issue(shape, now)).collect::<Result<_, _>>()?;
        let client = tls.client.as_ref().map(|client| client_pair(&client.common_name, now));
        Ok(Certificates { server, client: client.transpose()?, root_pem: self.root.pem.clone() })
    }

    /// Issues a chain of the described shape: of the usual kind for 90 days.
    ///
    /// Chains are kept in the authority's folder (mode 0600), and a usual one with more than 30 days
    /// left is given again: a new RSA key takes up to seconds. So a chain is the same from run to run,
    /// until its shape or the root changes. One whose validity is described is signed anew where that
    /// has moved on, for the same key.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::failure::Kind::Usage) for names that no certificate can carry,
    /// [`Kind::Infrastructure`](crate::failure::Kind::Infrastructure) for the folder.
    pub fn issue(&self, shape: &CertificateShape, now: Timestamp) -> Result<Chain, Failure> {
        let file = self.file_of(shape);
        let kept = self.kept(&file, shape);
        let mut term = Term::of(shape.valid, now);
        if let Some(kept) = &kept {
            let is_good = match shape.valid {
                // One for a site whose clock is ahead of ours is not good yet.
                Validity::Usual => kept.term.from <= now && now + CHAIN_RESERVE < kept.term.until,
                Validity::Described { .. } => kept.term == term,
            };
            if is_good {
                return Ok(self.chain(kept, shape));
            }
        }
        let mut above = term;
        if shape.valid == Validity::Usual {
            term.until = term.until.min(self.root.not_after);
            above = term;
        } else {
            let usual = Term::of(Validity::Usual, now);
            above.from = above.from.min(usual.from);
            above.until = above.until.max(now + LIFETIME).min(self.root.not_after);
        }
        let key = match kept.filter(|_| shape.valid != Validity::Usual) {
            Some(kept) => KeyPair::from_pem(&kept.key_pem),
            None => leaf_key(shape),
        };
        let issued = key.and_then(|key| {
            let certificates_pem = chain::issue(&self.issuer()?, shape, &key, term, above)?;
            Ok(Pair { certificates_pem, key_pem: key.serialize_pem(), term })
        });
        let pair = issued.map_err(|error| {
            let names = shape.said_names().collect::<Vec<_>>().join(", ");
            Failure::usage(format!("could not issue a certificate for {names}"))
                .because(&error)
                .hint("correct `tls.certificate`")
        })?;
        self.store.write(&file, &format!("{}{}", pair.key_pem, pair.certificates_pem))?;
        Ok(self.chain(&pair, shape))
    }

    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, rcgen::Error> {
        Issuer::from_ca_cert_pem(&self.root.pem, KeyPair::from_pem(&self.root.key_pem)?)
    }

    /// The root's certificate, for those who shall trust it.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.root.pem
    }

    /// SHA-256 of the root's certificate, in lowercase hex.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.root.fingerprint
    }

    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.root.not_after
    }

    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    fn file_of(&self, shape: &CertificateShape) -> String {
        // What is sent of it does not change the chain.
        let shape = CertificateShape { sent: SentChain::Whole, ..shape.clone() };
        let digest = Digest::of("chain").with(&self.root.fingerprint).with(format!("{shape:?}"));
        format!("{CHAIN_PREFIX}{}.pem", digest.key())
    }

    /// The kept chain of a shape with its key, if it is whole.
    fn kept(&self, file: &str, shape: &CertificateShape) -> Option<Pair> {
        let text = self.store.read(file, Secrecy::OwnerOnly).ok()?;
        let start = text.find("-----BEGIN CERTIFICATE-----")?;
        let (key_pem, certificates_pem) = text.split_at(start);
        let term = chain::term_of_pair(certificates_pem, key_pem).ok()?;
        let count = certificates_pem.matches("-----END CERTIFICATE-----\n").count();
        (count == usize::from(shape.intermediates) + 1).then(|| Pair {
            certificates_pem: certificates_pem.to_owned(),
            key_pem: key_pem.to_owned(),
            term,
        })
    }

    fn chain(&self, pair: &Pair, shape: &CertificateShape) -> Chain {
        let (sent, left_out) = chain::split(&pair.certificates_pem, shape.sent);
        Chain {
            certificates_pem: sent.to_owned(),
            left_out_pem: left_out.to_owned(),
            key_pem: pair.key_pem.clone(),
            root_pem: self.root.pem.clone(),
            names: shape.names.clone(),
            not_after: pair.term.until,
        }
    }
}

/// What a client of the site shows; anew each time, as it costs nothing.
fn client_pair(name: &str, now: Timestamp) -> Result<ClientPair, Failure> {
    let term = Term::of(Validity::Usual, now);
    let issued = KeyPair::generate().and_then(|key| {
        let (root_pem, certificate_pem) = chain::issue_client(name, &key, term)?;
        Ok(ClientPair { certificate_pem, root_pem, key_pem: key.serialize_pem() })
    });
    issued.map_err(|error| {
        Failure::usage(format!("could not issue a certificate for the client `{name}`"))
            .because(&error)
            .hint("correct `tls.client.common_name`")
    })
}

/// A whole chain with the leaf's key. Not `Debug`: the key is a secret.
struct Pair {
    certificates_pem: String,
    key_pem: String,
    term: Term,
}

/// The kept root and key; none when there is no root yet, else the reason why it is not good.
fn load(store: &Store, wanted: &Wanted, now: Timestamp) -> Result<Option<root::Root>, String> {
    let read = |name, secrecy| match store.read(name, secrecy) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{name} could not be used: {error}")),
        Ok(text) => Ok(Some(text)),
    };
    let (root_pem, key_pem) =
        match (read(CERTIFICATE, Secrecy::Public)?, read(KEY, Secrecy::OwnerOnly)?) {
            (None, None) => return Ok(None),
            (Some(root_pem), Some(key_pem)) => (root_pem, key_pem),
            (None, Some(_)) => return Err(format!("{CERTIFICATE} was missing")),
            (Some(_), None) => return Err(format!("{KEY} was missing")),
        };
    let kept = root::read(root_pem, key_pem, wanted)?;
    if kept.not_after < now + ROOT_RESERVE {
        return Err("it has expired, or is about to".to_owned());
    }
    Ok(Some(kept))
}

#[cfg(test)]
mod tests;
