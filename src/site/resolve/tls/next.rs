//! The certificate that comes after this one: what it has of its own, on top of today's.

use super::Resolver;
use super::certificate::From;
use super::form::FormFile;
use crate::site::certificate::change_of;
use crate::site::file::{CertificateFile, TlsFile};
use crate::site::model::{CertificateShape, Validity};
use crate::site::problem::KeyPath;
use crate::site::resolve::value::{self, Complaint};

impl Resolver<'_> {
    /// The next certificate of the site whose present one is `today`.
    pub(super) fn next(
        &mut self,
        path: &KeyPath,
        file: &TlsFile,
        next: &CertificateFile,
        today: &CertificateShape,
        from: From<'_>,
    ) -> Option<CertificateShape> {
        if !file.certificates.is_empty() {
            let complaint = Complaint::new("`next` comes after a single certificate");
            self.complain_of_key(path, complaint.hint("take it out, or `certificates`"));
            return None;
        }
        let usual = CertificateFile::default();
        let today_s = file.certificate.as_ref().unwrap_or(&usual);
        let shape = if today_s.like.is_some() && next.like.is_none() {
            self.changed_copy(path, next, today)?
        } else if next.like.is_some() {
            self.certificate(path, next, from)?
        } else {
            self.certificate(path, &on_top(next, today_s), from)?
        };
        for name in from.names.into_iter().flatten() {
            let name = name.to_string();
            if !shape.covers(&name) && !file.uncovered.contains(&name) {
                let complaint =
                    Complaint::new(format!("the next certificate does not cover `{name}`"));
                let hint = "add it to its names; if it really will not, say so in `tls.uncovered`";
                self.complain(path, complaint.hint(hint));
            }
        }
        Some(shape)
    }

    /// A copy of a live one with some of it otherwise.
    fn changed_copy(
        &mut self,
        path: &KeyPath,
        next: &CertificateFile,
        today: &CertificateShape,
    ) -> Option<CertificateShape> {
        let others = [
            ("common_name", next.common_name.is_some()),
            ("signature", next.signature.is_some()),
            ("intermediates", next.intermediates.is_some()),
            ("send_intermediates", next.send_intermediates.is_some()),
            ("self_signed", next.self_signed.is_some()),
            ("chain", !next.chain.is_empty()),
        ];
        let why = "today's certificate is a copy with its whole chain";
        self.refuse_keys(
            path,
            &others,
            why,
            "take it out, or give the next one a `like` of its own",
        )?;
        let mut shape = today.clone();
        if let Some(key) = next.key {
            shape.key = key;
            shape.form.key_of = None;
        }
        match self.valid(path, next)? {
            Validity::Usual => {}
            described @ Validity::Described { .. } => shape.valid = described,
        }
        let mut extensions = next.extensions.clone();
        if let Some(names) = &next.names {
            let names = self.take_all(&path.key("names"), names, value::certificate_name)?;
            let words = names.iter().map(|name| match name.parse::<std::net::IpAddr>() {
                Ok(_) => format!("IP:{name}"),
                Err(_) => format!("DNS:{name}"),
            });
            let text = words.collect::<Vec<_>>().join(", ");
            // The words are those of this very program.
            change_of("subjectAltName", &text).ok()?;
            extensions.insert("subjectAltName".to_owned(), text);
        }
        let keys = FormFile {
            version: next.version,
            serial: next.serial.as_deref(),
            subject: next.subject.as_deref(),
            extensions: &extensions,
        };
        self.form(path, &keys, &mut shape.form)?;
        shape.read_names();
        Some(shape)
    }
}

/// The keys of the next one, and today's where it has none.
fn on_top(next: &CertificateFile, today: &CertificateFile) -> CertificateFile {
    let says_names = next.names.is_some() || next.common_name.is_some();
    let says_end = next.valid.is_some() || next.expires_in.is_some();
    let says_chain = next.intermediates.is_some() || !next.chain.is_empty();
    let mut extensions = today.extensions.clone();
    extensions.extend(next.extensions.clone());
    let pick = |own: bool| if own { next } else { today };
    CertificateFile {
        names: pick(says_names).names.clone(),
        common_name: pick(says_names).common_name.clone(),
        key: next.key.or(today.key),
        signature: next.signature.or(today.signature),
        intermediates: pick(says_chain).intermediates,
        send_intermediates: next.send_intermediates.or(today.send_intermediates),
        valid: pick(says_end).valid.clone(),
        expires_in: pick(says_end).expires_in.clone(),
        self_signed: next.self_signed.or(today.self_signed),
        like: None,
        chain: pick(says_chain).chain.clone(),
        version: next.version.or(today.version),
        serial: next.serial.clone().or_else(|| today.serial.clone()),
        subject: next.subject.clone().or_else(|| today.subject.clone()),
        extensions,
    }
}
