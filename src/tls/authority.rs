//! A project's private root: kept in a folder of its owner's, good for the project's names only.

use std::fmt;
use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rcgen::{Issuer, KeyPair};

use super::chain::{self, BACKDATING, Chain, LIFETIME};
use super::root::{self, Wanted};
use super::store::{CHAIN_PREFIX, Secrecy, Store};
use crate::digest::Digest;
use crate::failure::Failure;
use crate::site::CertificateShape;

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

    /// Issues a chain of the described shape, for 90 days.
    ///
    /// Chains are kept in the authority's folder (mode 0600), and one with more than 30 days left is
    /// given again: a new RSA key takes up to seconds. So a chain is the same from run to run, until
    /// its shape or the root changes.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::failure::Kind::Usage) for names that no certificate can carry,
    /// [`Kind::Infrastructure`](crate::failure::Kind::Infrastructure) for the folder.
    pub fn issue(&self, shape: &CertificateShape, now: Timestamp) -> Result<Chain, Failure> {
        let file = self.file_of(shape);
        if let Some(chain) = self.kept(&file, shape, now) {
            return Ok(chain);
        }
        let not_after = chain::whole_seconds(now + LIFETIME).min(self.root.not_after);
        let issued = KeyPair::from_pem(&self.root.key_pem)
            .and_then(|key| Issuer::from_ca_cert_pem(&self.root.pem, key))
            .and_then(|root| chain::issue(&root, shape, now - BACKDATING, not_after))
            .map_err(|error| {
                let names = shape.names.join(", ");
                Failure::usage(format!("could not issue a certificate for {names}"))
                    .because(&error)
                    .hint("correct `tls.certificate`")
            })?;
        self.store.write(&file, &format!("{}{}", issued.key_pem, issued.certificates_pem))?;
        Ok(self.chain(issued.certificates_pem, issued.key_pem, shape, not_after))
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
        let mut digest =
            Digest::of("chain").with(&self.root.fingerprint).with(format!("{:?}", shape.key));
        digest.add([shape.intermediates]);
        for name in &shape.names {
            digest.add(name);
        }
        format!("{CHAIN_PREFIX}{}.pem", digest.key())
    }

    /// The kept chain of a shape, if it is whole and good for long enough.
    fn kept(&self, file: &str, shape: &CertificateShape, now: Timestamp) -> Option<Chain> {
        let text = self.store.read(file, Secrecy::OwnerOnly).ok()?;
        let start = text.find("-----BEGIN CERTIFICATE-----")?;
        let (key_pem, certificates_pem) = text.split_at(start);
        let not_after = chain::end_of_pair(certificates_pem, key_pem).ok()?;
        let count = certificates_pem.matches("-----END CERTIFICATE-----").count();
        // One for a site whose clock is ahead of ours is not good yet.
        (count == usize::from(shape.intermediates) + 1
            && chain::has_begun(certificates_pem, now)
            && now + CHAIN_RESERVE < not_after)
            .then(|| self.chain(certificates_pem.to_owned(), key_pem.to_owned(), shape, not_after))
    }

    fn chain(
        &self,
        certificates_pem: String,
        key_pem: String,
        shape: &CertificateShape,
        not_after: Timestamp,
    ) -> Chain {
        Chain {
            certificates_pem,
            key_pem,
            root_pem: self.root.pem.clone(),
            names: shape.names.clone(),
            not_after,
        }
    }
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
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::site::KeyShape;

    fn names() -> Vec<String> {
        vec!["*.site-b.example".to_owned(), "site-b.example".to_owned()]
    }

    fn open(folder: &Path, names: &[String], now: Timestamp) -> Authority {
        Authority::load_or_create_at(folder, "board", names, now).unwrap()
    }

    fn shape() -> CertificateShape {
        CertificateShape { names: names(), key: KeyShape::EcdsaP256, intermediates: 1 }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_root_is_made_once_and_only_its_owner_reads_it() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("state/tls");
        let now = Timestamp::now();
        let first = open(&folder, &names(), now);
        assert_eq!(first.origin(), &Origin::Created);
        let chain = first.issue(&shape(), now).unwrap();
        let again = open(&folder, &names(), now);
        assert_eq!(again.origin(), &Origin::Loaded);
        assert_eq!(again.fingerprint(), first.fingerprint());
        assert_eq!(again.issue(&shape(), now).unwrap(), chain);
        assert_eq!(mode(&folder), 0o700);
        for entry in fs::read_dir(&folder).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
    }

    #[test]
    fn a_root_that_is_not_good_is_replaced_with_the_reason() {
        type Spoil = fn(&Path);
        let table: [(Spoil, &str); 5] = [
            (
                |folder| fs::write(folder.join(KEY), "nonsense").unwrap(),
                "root.pem and root-key.pem",
            ),
            (|folder| fs::remove_file(folder.join(KEY)).unwrap(), "root-key.pem was missing"),
            (|folder| fs::remove_file(folder.join(CERTIFICATE)).unwrap(), "root.pem was missing"),
            (
                |folder| {
                    fs::write(folder.join(KEY), KeyPair::generate().unwrap().serialize_pem())
                        .unwrap();
                },
                "root.pem and root-key.pem could not be used: the key is not that of the certificate",
            ),
            (
                |folder| {
                    fs::set_permissions(folder.join(KEY), fs::Permissions::from_mode(0o644))
                        .unwrap();
                },
                "root-key.pem could not be used: others than its owner can read it",
            ),
        ];
        for (spoil, expected) in table {
            let folder = tempfile::tempdir().unwrap();
            let now = Timestamp::now();
            let first = open(folder.path(), &names(), now);
            spoil(folder.path());
            let second = open(folder.path(), &names(), now);
            let Origin::Replaced(reason) = second.origin() else { panic!("{:?}", second.origin()) };
            assert!(reason.starts_with(expected), "{reason}");
            assert_ne!(second.fingerprint(), first.fingerprint());
            assert_eq!(open(folder.path(), &names(), now).origin(), &Origin::Loaded);
        }
    }

    #[test]
    fn other_names_or_ten_years_make_a_new_root_and_forget_its_chains() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::now();
        let chain = open(folder.path(), &names(), now).issue(&shape(), now).unwrap();
        let changed = open(folder.path(), &["other.example".to_owned()], now);
        let expected = "the project or its names have changed".to_owned();
        assert_eq!(changed.origin(), &Origin::Replaced(expected));
        let kept = fs::read_dir(folder.path()).unwrap().filter(|entry| {
            entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(CHAIN_PREFIX)
        });
        assert_eq!(kept.count(), 0);
        let later = now + SignedDuration::from_hours(3560 * 24);
        let renewed = open(folder.path(), &["other.example".to_owned()], later);
        assert_eq!(
            renewed.origin(),
            &Origin::Replaced("it has expired, or is about to".to_owned())
        );
        assert_ne!(renewed.issue(&shape(), later).unwrap(), chain);
    }

    #[test]
    fn a_chain_is_issued_anew_for_its_last_month_or_when_spoiled() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::now();
        let authority = open(folder.path(), &names(), now);
        let first = authority.issue(&shape(), now).unwrap();
        let at = |days: i64| now + SignedDuration::from_hours(days * 24);
        assert_eq!(authority.issue(&shape(), at(59)).unwrap(), first);
        let second = authority.issue(&shape(), at(61)).unwrap();
        assert_ne!(second, first);
        let file = folder.path().join(authority.file_of(&shape()));
        let text = fs::read_to_string(&file).unwrap();
        for spoiled in [&text[..text.len() / 2], "", &text[..text.len() - 40]] {
            fs::write(&file, spoiled).unwrap();
            let made = authority.issue(&shape(), at(61)).unwrap();
            assert_eq!(made.certificates_pem.matches("END CERTIFICATE").count(), 2);
            assert_ne!(made, second);
        }
    }

    #[test]
    fn processes_at_once_agree() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::now();
        let fingerprints: Vec<String> = std::thread::scope(|scope| {
            let open = || open(folder.path(), &names(), now).fingerprint().to_owned();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(fingerprints.iter().all(|one| *one == fingerprints[0]), "{fingerprints:?}");
    }

    #[test]
    fn no_key_is_ever_shown() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::now();
        let authority = open(folder.path(), &names(), now);
        let chain = authority.issue(&shape(), now).unwrap();
        let shown = format!("{authority:?} {chain:?}");
        for key in [&chain.key_pem, &authority.root.key_pem] {
            assert!(key.lines().all(|line| !shown.contains(line)), "{shown}");
        }
        assert!(shown.contains("*.site-b.example"));
    }
}
