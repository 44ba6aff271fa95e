//! `tls`, and that its certificate covers the site's names.

use super::Resolver;
use super::value::{self, Complaint};
use crate::site::file::TlsFile;
use crate::site::model::{CertificateShape, Tls};
use crate::site::problem::KeyPath;
use crate::site::value::HostName;

impl Resolver<'_> {
    pub(super) fn tls(&mut self, file: &TlsFile, names: Option<&[HostName]>) -> Option<Tls> {
        let path = KeyPath::from(["tls"]);
        let mut versions = file.versions.clone();
        versions.sort_unstable();
        versions.dedup();
        if versions.is_empty() {
            let complaint = Complaint::new("a site with TLS accepts at least one version of it");
            self.complain(&path.key("versions"), complaint);
        }
        let names_path = path.key("certificate").key("names");
        let said = match &file.certificate.names {
            Some(written) if written.is_empty() => {
                let complaint = Complaint::new("a certificate has at least one name");
                self.complain(&names_path, complaint);
                return None;
            }
            Some(written) => self.take_all(&names_path, written, value::certificate_name)?,
            None => names?.iter().map(ToString::to_string).collect(),
        };
        let certificate = CertificateShape {
            names: said,
            key: file.certificate.key,
            intermediates: file.certificate.intermediates,
        };
        for (index, name) in names?.iter().enumerate() {
            if !certificate.covers(name.as_str()) {
                let said: Vec<_> = certificate.names.iter().map(|n| format!("`{n}`")).collect();
                let message = format!(
                    "the certificate does not cover `{name}`; it covers {}",
                    said.join(", ")
                );
                let wildcard = certificate.names.iter().any(|n| n.starts_with("*."));
                let rule = if wildcard { " (`*.` stands for exactly one label)" } else { "" };
                let hint = format!("add `{name}` to tls.certificate.names{rule}");
                self.complain(
                    &KeyPath::from(["names"]).key(index),
                    Complaint::new(message).hint(hint),
                );
            }
        }
        (!versions.is_empty()).then_some(Tls { certificate, versions })
    }
}
