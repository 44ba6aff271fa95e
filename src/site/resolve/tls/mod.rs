//! `tls`: that its certificates cover the site's names, and that the site can do what it says.

mod certificate;
mod form;
mod moment;
mod next;
mod rules;

use self::certificate::From;
use self::form::Roots;
use super::Resolver;
use super::value::{self, Complaint};
use crate::site::file::{CertificateFile, ClientFile, SiteFile, TlsFile};
use crate::site::model::{CertificateShape, ClientCertificates, Tls, TrustPlace};
use crate::site::problem::KeyPath;
use crate::site::value::HostName;

impl Resolver<'_> {
    pub(super) fn tls(
        &mut self,
        file: &TlsFile,
        names: Option<&[HostName]>,
        site: &SiteFile,
    ) -> Option<Tls> {
        let path = KeyPath::from(["tls"]);
        let mut versions = file.versions.clone();
        versions.sort_unstable();
        versions.dedup();
        if versions.is_empty() {
            let complaint = Complaint::new("a site with TLS accepts at least one version of it");
            self.complain(&path.key("versions"), complaint);
        }
        let authority = match &file.authority {
            Some(written) => self.authority(&path.key("authority"), written)?,
            None => Roots::default(),
        };
        let from = From { names, roots: &authority.links, roots_text: authority.text.as_deref() };
        let shapes = self.shapes(&path, file, from);
        let uncovered =
            self.take_all(&path.key("uncovered"), &file.uncovered, value::certificate_name);
        let client = file.client.as_ref().map(|client| self.client(&path.key("client"), client));
        let trust = file.trust.as_ref().map(|places| {
            self.take_all(&path.key("trust"), places, |place| trust_place(place, site.user.name()))
        });
        let keys = shapes.as_deref().unwrap_or_default();
        let ciphers = self.ciphers(&path.key("ciphers"), &file.ciphers, &versions, keys);
        let next = match (&file.next, shapes.as_deref()) {
            (Some(written), Some([today, ..])) => {
                Some(self.next(&path.key("next"), file, written, today, from)?)
            }
            _ => None,
        };
        let mut shapes = shapes?.into_iter();
        let mut tls = Tls {
            certificate: shapes.next()?,
            next,
            has_changed: false,
            certificates: shapes.collect(),
            authority: authority.links.clone(),
            uncovered: uncovered?,
            versions,
            ciphers: ciphers?,
            client: match client {
                Some(client) => Some(client?),
                None => None,
            },
            trust: match trust {
                Some(trust) => Some(trust?),
                None => None,
            },
        };
        tls.certificate.uncopied.extend(authority.uncopied);
        self.coverage(&tls, site.names.as_deref()?);
        (!tls.versions.is_empty()).then_some(tls)
    }

    /// The certificate, or all of them.
    fn shapes(
        &mut self,
        path: &KeyPath,
        file: &TlsFile,
        from: From<'_>,
    ) -> Option<Vec<CertificateShape>> {
        let single = path.key("certificate");
        if file.certificates.is_empty() {
            let usual = CertificateFile::default();
            let written = file.certificate.as_ref().unwrap_or(&usual);
            return self.certificate(&single, written, from).map(|shape| vec![shape]);
        }
        if file.certificate.is_some() {
            let complaint = Complaint::new("`certificates` are there instead of a single one");
            self.complain_of_key(&single, complaint.hint("make it the first of `certificates`"));
        }
        let at = path.key("certificates");
        let shapes: Vec<_> = file
            .certificates
            .iter()
            .enumerate()
            .map(|(index, written)| self.certificate(&at.key(index), written, from))
            .collect();
        shapes.into_iter().collect()
    }

    /// Every name of the site is covered, unless the description says that it is not.
    fn coverage(&mut self, tls: &Tls, names: &[String]) {
        let path = KeyPath::from(["tls"]);
        let is_covered = |name: &String| tls.shapes().any(|shape| shape.covers(name));
        let said: Vec<_> = tls
            .shapes()
            .flat_map(|shape| {
                let common = shape.common_name.as_ref().filter(|_| shape.names.is_empty());
                shape.names.iter().chain(common).map(|name| format!("`{name}`"))
            })
            .collect();
        let said = said.join(", ");
        for (index, name) in names.iter().enumerate() {
            if !is_covered(name) && !tls.uncovered.contains(name) {
                let message = format!("the certificate does not cover `{name}`; it covers {said}");
                let rule =
                    if said.contains("`*.") { " (`*.` stands for exactly one label)" } else { "" };
                let hint = format!(
                    "add `{name}` to tls.certificate.names{rule}; if the live one does not cover \
                     it either, say so: `tls: {{uncovered: [{name}]}}`"
                );
                self.complain(
                    &KeyPath::from(["names"]).key(index),
                    Complaint::new(message).hint(hint),
                );
            }
        }
        for (index, name) in tls.uncovered.iter().enumerate() {
            let at = path.key("uncovered").key(index);
            if !names.contains(name) {
                let complaint = Complaint::new(format!("`{name}` is none of the site's names"));
                self.complain(&at, complaint.hint("take it out, or add it to `names`"));
            } else if is_covered(name) {
                let complaint = Complaint::new(format!("the certificate covers `{name}`"));
                self.complain(&at, complaint.hint("take it out"));
            }
        }
        for index in 1..=tls.certificates.len() {
            if !names.iter().any(|name| tls.serving(name) == index) {
                let complaint = Complaint::new(
                    "no client ever sees this one: earlier ones cover the same names of the site",
                );
                let hint = "take it out, or give it a name of the site that is its own";
                self.complain(&path.key("certificates").key(index), complaint.hint(hint));
            }
        }
    }

    fn client(&mut self, path: &KeyPath, file: &ClientFile) -> Option<ClientCertificates> {
        let at = path.key("common_name");
        let judged = value::line(&file.common_name).and_then(|name| {
            if name.len() > 64 {
                return Err(Complaint::new("a common name has at most 64 letters"));
            }
            Ok(name)
        });
        let common_name = self.take(&at, judged)?;
        Some(ClientCertificates { certificate: file.certificate, common_name })
    }
}

/// `system`, `certifi`, or a bundle.
fn trust_place(text: &str, user: &str) -> Result<TrustPlace, Complaint> {
    match text {
        "system" => return Ok(TrustPlace::System),
        "certifi" => return Ok(TrustPlace::Certifi),
        _ => {}
    }
    let hint = "write `system`, `certifi`, or the path of a bundle, without spaces";
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-*@+".contains(c);
    if !text.contains('/') || !text.chars().all(is_plain) {
        return Err(Complaint::new(format!("`{text}` is no place for a root")).hint(hint));
    }
    let path = if text.starts_with('/') {
        value::site_path(text)?
    } else {
        std::path::Path::new("/srv").join(user).join(value::path_below(text)?)
    };
    Ok(TrustPlace::Bundle(path.display().to_string()))
}
