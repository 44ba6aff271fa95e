//! A project's private root: kept in a folder of its owner's, good for the project's names only.

mod trusted;

use std::fmt;
use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rcgen::{KeyPair, PKCS_RSA_SHA256};

use super::certificates::{Certificates, ClientPair};
use super::chain;
use super::chain::Chain;
use super::key::{key_of, leaf_key};
use super::root::{self, Wanted};
use super::store::{CHAIN_PREFIX, Secrecy, Store};
use super::term::Term;
use crate::digest::Digest;
use crate::failure::Failure;
use crate::site::{CertificateShape, KeyShape, LIFETIME, Moment, SentChain, Tls, Validity};

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
        let server: Vec<Chain> =
            tls.shapes().map(|shape| self.issue(shape, now)).collect::<Result<_, _>>()?;
        let client = tls.client.as_ref().map(|client| client_pair(&client.common_name, now));
        let mut own_roots: Vec<String> = Vec::new();
        for root in server.iter().flat_map(|chain| &chain.own_roots) {
            // Several chains may have copies of the same one.
            if own_roots.iter().all(|other| chain::key_in(other) != chain::key_in(root)) {
                own_roots.push(root.clone());
            }
        }
        let root_pem = self.root.pem.clone();
        Ok(Certificates { server, client: client.transpose()?, root_pem, own_roots })
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
            if is_good && !moves_above(shape) {
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
        let keys = self.keys_above(shape)?;
        let key = match (kept.filter(|_| shape.valid != Validity::Usual), &shape.form.key_of) {
            (Some(kept), _) => KeyPair::from_pem(&kept.key_pem),
            (None, Some(name)) => Ok(self.named_key(name, shape.key)?),
            (None, None) => leaf_key(shape),
        };
        let issued = key.and_then(|key| {
            let issued = chain::issue(&self.root, shape, &key, &keys, term, above)?;
            let (certificates_pem, roots_pem) = (issued.certificates_pem, issued.roots_pem);
            Ok(Pair { certificates_pem, roots_pem, key_pem: key.serialize_pem(), term })
        });
        let pair = issued.map_err(|error| {
            let names = shape.said_names().collect::<Vec<_>>().join(", ");
            Failure::usage(format!("could not issue a certificate for {names}"))
                .because(&error)
                .hint("correct `tls.certificate`")
        })?;
        let text = [&pair.key_pem[..], &pair.certificates_pem, &pair.roots_pem].concat();
        self.store.write(&file, &text)?;
        Ok(self.chain(&pair, shape))
    }

    /// The keys of the certificates above a leaf that a shape names, and of its roots.
    fn keys_above(&self, shape: &CertificateShape) -> Result<Vec<KeyPair>, Failure> {
        let links = shape.links.iter().chain(&shape.authority);
        links
            .map(|link| match &link.form.key_of {
                Some(name) => self.named_key(name, link.key),
                None => key_of(link.key, &PKCS_RSA_SHA256).map_err(|error| no_key(&error)),
            })
            .collect()
    }

    /// A key that is the same wherever this name is said: a root, or an intermediate with several
    /// certificates.
    fn named_key(&self, name: &str, kind: KeyShape) -> Result<KeyPair, Failure> {
        let digest = Digest::of("key").with(&self.root.fingerprint).with(name).with(kind.word());
        let file = format!("{CHAIN_PREFIX}key-{}.pem", digest.key());
        let kept = self.store.read(&file, Secrecy::OwnerOnly).ok();
        if let Some(key) = kept.and_then(|text| KeyPair::from_pem(&text).ok()) {
            return Ok(key);
        }
        let key = key_of(kind, &PKCS_RSA_SHA256).map_err(|error| no_key(&error))?;
        self.store.write(&file, &key.serialize_pem())?;
        Ok(key)
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

    /// Returns the last moment of the root's validity.
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
        let term = crate::tls::term::term_of_pair(certificates_pem, key_pem).ok()?;
        let all: Vec<&str> = certificates_pem.split_inclusive(chain::END).collect();
        let sent = usize::from(shape.intermediates) + 1;
        let is_whole = all.iter().all(|one| one.ends_with(chain::END))
            && all.len() == sent + chain::own_roots(shape);
        is_whole.then(|| Pair {
            certificates_pem: all[..sent].concat(),
            roots_pem: all[sent..].concat(),
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
            root_pem: if pair.roots_pem.is_empty() { &self.root.pem } else { &pair.roots_pem }
                .clone(),
            own_roots: pair.roots_pem.split_inclusive(chain::END).map(str::to_owned).collect(),
            names: shape.names.clone(),
            not_after: pair.term.until,
        }
    }
}

/// Whether something above the leaf is described by times from now.
fn moves_above(shape: &CertificateShape) -> bool {
    let is_relative = |moment: Option<Moment>| matches!(moment, Some(Moment::In(_)));
    shape.links.iter().chain(&shape.authority).any(|link| match link.valid {
        Validity::Usual => false,
        Validity::Described { from, until } => is_relative(from) || is_relative(until),
    })
}

fn no_key(error: &rcgen::Error) -> Failure {
    Failure::infrastructure("could not make a private key").because(error)
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
    /// Roots of its own, if it has any.
    roots_pem: String,
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
