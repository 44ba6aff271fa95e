//! What somebody outside of a replica has to trust.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{Authority, CERTIFICATE};
use crate::failure::Failure;
use crate::site::{IssuedBy, Tls};
use crate::tls::chain;

/// How the files begin that hold what is trusted for one site; they end with the site's name.
const TRUSTED_PREFIX: &str = "trusted-for-";

impl Authority {
    /// The file of what a browser has to trust to reach a site: the project's root, or the roots that the site's
    /// certificates have of their own and those certificates that vouch for themselves.
    ///
    /// # Errors
    /// Those of [`Authority::issue`].
    pub fn file_to_trust(&self, site: &str, tls: &Tls, now: Timestamp) -> Result<PathBuf, Failure> {
        let mut trusted: Vec<String> = Vec::new();
        for shape in tls.shapes() {
            let issued = self.issue(shape, now)?;
            let is_self_signed = shape.issuer == IssuedBy::Itself;
            let anchors = if is_self_signed { issued.certificates_pem } else { issued.root_pem };
            for anchor in anchors.split_inclusive(chain::END) {
                let anchor = format!("{}\n", anchor.trim());
                if anchor.contains(chain::END) && !trusted.contains(&anchor) {
                    trusted.push(anchor);
                }
            }
        }
        if trusted.iter().all(|anchor| anchor.trim() == self.root.pem.trim()) {
            return Ok(self.store.path(CERTIFICATE));
        }
        let file = format!("{TRUSTED_PREFIX}{site}.pem");
        self.store.write(&file, &trusted.concat())?;
        Ok(self.store.path(&file))
    }
}
