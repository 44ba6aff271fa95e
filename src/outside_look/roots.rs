//! What is trusted: the roots of this machine, and what a person has given beside them.

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::bounded;
use crate::failure::Failure;

/// Bytes of a file with certificates.
const LARGEST: u64 = 8 << 20;

/// Certificates that vouch for others.
#[derive(Debug, Clone)]
pub struct Roots {
    pub(super) store: Arc<RootCertStore>,
    /// Those of files; each is trusted as a site's own, too.
    given: Vec<CertificateDer<'static>>,
}

impl Roots {
    /// Those of this machine, as `SSL_CERT_FILE` and `SSL_CERT_DIR` have it, or where its system keeps them. What cannot be read
    /// there is passed over: without any, every certificate is unknown.
    #[must_use]
    pub fn of_this_machine() -> Roots {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Roots { store: Arc::new(store), given: Vec::new() }
    }

    /// Adds those of a PEM file.
    ///
    /// # Errors
    /// Usage: it cannot be read, or has no certificate in it.
    pub fn add_file(&mut self, file: &Path) -> Result<(), Failure> {
        let failed = || Failure::usage(format!("could not read {}", file.display()));
        let bytes = bounded::read(file, LARGEST).map_err(|error| failed().because(&error))?;
        let blocks = pem::parse_many(&bytes).map_err(|error| failed().because(&error))?;
        let certificates = blocks.into_iter().filter(|block| block.tag() == "CERTIFICATE");
        let given: Vec<CertificateDer<'static>> =
            certificates.map(|block| block.into_contents().into()).collect();
        if given.is_empty() {
            return Err(failed()
                .cause("there is no certificate in it")
                .hint("name a PEM file with the certificates of the authority"));
        }
        Arc::make_mut(&mut self.store).add_parsable_certificates(given.iter().cloned());
        self.given.extend(given);
        Ok(())
    }

    /// Those of files, as PEM; empty where there are none.
    #[must_use]
    pub fn given_pem(&self) -> String {
        let block =
            |der: &CertificateDer<'_>| pem::encode(&pem::Pem::new("CERTIFICATE", der.to_vec()));
        self.given.iter().map(block).collect()
    }

    /// Whether a file has this very certificate.
    pub(super) fn has_given(&self, der: &[u8]) -> bool {
        self.given.iter().any(|given| given.as_ref() == der)
    }
}
