//! One certificate: its shape, and that it does not contradict itself.

use jiff::Timestamp;

use super::form::{FormFile, MAX_BYTES};
use super::moment;
use crate::bounded;
use crate::site::certificate::shape_of;
use crate::site::file::CertificateFile;
use crate::site::model::{
    CertificateShape, IssuedBy, Link, Moment, SentChain, Signature, Validity,
};
use crate::site::problem::KeyPath;
use crate::site::resolve::Resolver;
use crate::site::resolve::path::Wanted;
use crate::site::resolve::value::{self, Complaint};
use crate::site::value::HostName;

/// The longest common name: <https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1>
const LONGEST_COMMON_NAME: usize = 64;

/// What a certificate of the site comes from.
#[derive(Clone, Copy)]
pub(super) struct From<'a> {
    /// The site's names.
    pub(super) names: Option<&'a [HostName]>,
    /// Those of its authority.
    pub(super) roots: &'a [Link],
    /// The file in which these were found.
    pub(super) roots_text: Option<&'a [u8]>,
}

impl Resolver<'_> {
    /// Its shape.
    pub(super) fn certificate(
        &mut self,
        path: &KeyPath,
        file: &CertificateFile,
        from: From<'_>,
    ) -> Option<CertificateShape> {
        let mut shape = match &file.like {
            Some(like) => self.like(path, file, like, from.roots_text)?,
            None => self.resolve_described(path, file, from)?,
        };
        let keys = FormFile {
            version: file.version,
            serial: file.serial.as_deref(),
            subject: file.subject.as_deref(),
            extensions: &file.extensions,
        };
        self.form(path, &keys, &mut shape.form)?;
        if file.subject.is_some() || file.extensions.contains_key("subjectAltName") {
            shape.read_names();
        }
        shape.authority = from.roots.to_vec();
        if file.send_intermediates == Some(false) {
            if shape.intermediates == 0 {
                let complaint = Complaint::new("there is no intermediate that could be left out")
                    .hint("write `intermediates: 1` as well, or take this out");
                self.complain(&path.key("send_intermediates"), complaint);
                return None;
            }
            shape.sent = SentChain::LeafOnly;
        }
        Some(shape)
    }

    fn resolve_described(
        &mut self,
        path: &KeyPath,
        file: &CertificateFile,
        from: From<'_>,
    ) -> Option<CertificateShape> {
        let said = self.resolve_names(path, file, from.names);
        let valid = self.valid(path, file);
        let links = self.links(&path.key("chain"), &file.chain, file.signature);
        if !file.chain.is_empty() {
            let others = [("intermediates", file.intermediates.is_some())];
            self.refuse_keys(path, &others, "`chain` says them one by one", "take it out")?;
        }
        let mut shape = CertificateShape {
            common_name: file.common_name.clone(),
            signature: file.signature,
            valid: valid?,
            ..CertificateShape::new(
                said?,
                file.key.unwrap_or_default(),
                file.intermediates.unwrap_or_default(),
            )
        };
        shape.links = links?;
        if !shape.links.is_empty() {
            shape.intermediates = u8::try_from(shape.links.len()).unwrap_or(u8::MAX);
        }
        if file.self_signed == Some(true) {
            let others = [
                ("intermediates", file.intermediates.is_some_and(|number| number > 0)),
                ("send_intermediates", file.send_intermediates.is_some()),
                ("chain", !file.chain.is_empty()),
                ("signature", file.signature.is_some()),
            ];
            let why = "a self-signed certificate has no issuer beside itself";
            self.refuse_keys(path, &others, why, "take it out, or `self_signed`")?;
            shape.issuer = IssuedBy::Itself;
        } else if let (0, Some(signature), [root, ..]) =
            (shape.intermediates, file.signature, from.roots)
        {
            if !signature.fits(root.key) {
                let message = format!("the root's key of {} does not sign so", root.key.word());
                let hint = "describe another `key` of `tls.authority`";
                self.complain(&path.key("signature"), Complaint::new(message).hint(hint));
                return None;
            }
        } else if shape.intermediates == 0
            && file.signature.is_some_and(|signature| signature != Signature::EcdsaSha256)
        {
            let complaint = Complaint::new("the root itself signs with ecdsa-sha256 only")
                .hint("write `intermediates: 1`: an intermediate has the key for it");
            self.complain(&path.key("signature"), complaint);
            return None;
        }
        Some(shape)
    }

    fn resolve_names(
        &mut self,
        path: &KeyPath,
        file: &CertificateFile,
        names: Option<&[HostName]>,
    ) -> Option<Vec<String>> {
        let at = path.key("names");
        match (&file.names, &file.common_name) {
            (Some(_), Some(_)) => {
                let why = "a certificate with `common_name` is one that has no other names";
                let hint = "take it out, or `names`: the first of them is the common name";
                self.refuse_keys(path, &[("common_name", true)], why, hint)?;
                None
            }
            (None, Some(name)) => {
                let taken = value::certificate_name(name).and_then(|name| {
                    if name.len() > LONGEST_COMMON_NAME {
                        return Err(Complaint::new("a common name has at most 64 letters"));
                    }
                    Ok(name)
                });
                self.take(&path.key("common_name"), taken).map(|_| Vec::new())
            }
            (Some(written), None) if written.is_empty() => {
                let complaint = Complaint::new("a certificate has at least one name");
                let hint = "write `common_name` instead for one without alternative names";
                self.complain(&at, complaint.hint(hint));
                None
            }
            (Some(written), None) => self.take_all(&at, written, value::certificate_name),
            (None, None) => Some(names?.iter().map(ToString::to_string).collect()),
        }
    }

    pub(super) fn valid(&mut self, path: &KeyPath, file: &CertificateFile) -> Option<Validity> {
        let at = path.key("valid");
        match (&file.valid, &file.expires_in) {
            (None, None) => Some(Validity::Usual),
            (None, Some(left)) => {
                let left = self.take(&path.key("expires_in"), moment::remaining(left))?;
                Some(Validity::Described { from: None, until: Some(Moment::In(left)) })
            }
            (Some(_), Some(_)) => {
                let why = "`valid` says already until when it is good";
                self.refuse_keys(path, &[("expires_in", true)], why, "take one of them out")?;
                None
            }
            (Some(valid), None) => {
                let from = self.take_some(&at.key("from"), valid.from.as_deref(), moment::moment);
                let until =
                    self.take_some(&at.key("until"), valid.until.as_deref(), moment::moment);
                let (from, until) = (from?, until?);
                self.ends(&at, from, until)
            }
        }
    }

    /// A validity with these ends.
    pub(super) fn ends(
        &mut self,
        at: &KeyPath,
        from: Option<Moment>,
        until: Option<Moment>,
    ) -> Option<Validity> {
        let described = Validity::Described { from, until };
        let (begin, end) = described.at(Timestamp::now());
        if from.is_none() && until.is_none() {
            let complaint = Complaint::new("neither end of the validity is there");
            self.complain(at, complaint.hint("such as `valid: {until: -3d}`"));
            return None;
        }
        if begin >= end {
            let complaint = Complaint::new("it would end before it begins");
            self.complain(at, complaint.hint("write `until` later than `from`"));
            return None;
        }
        Some(described)
    }

    fn like(
        &mut self,
        path: &KeyPath,
        file: &CertificateFile,
        like: &str,
        roots: Option<&[u8]>,
    ) -> Option<CertificateShape> {
        let at = path.key("like");
        let others = [
            ("names", file.names.is_some()),
            ("common_name", file.common_name.is_some()),
            ("key", file.key.is_some()),
            ("signature", file.signature.is_some()),
            ("valid", file.valid.is_some()),
            ("expires_in", file.expires_in.is_some()),
            ("self_signed", file.self_signed.is_some()),
            ("chain", !file.chain.is_empty()),
        ];
        let why = "`like` copies that from the live certificate";
        let refused = self.refuse_keys(path, &others, why, "take it out, or `like`");
        let found = self.folders.find(like, Wanted::File);
        let found = self.take(&at, found)?;
        let read = bounded::read(&found, MAX_BYTES)
            .map_err(|error| Complaint::new(format!("`{like}` could not be read: {error}")));
        let text = self.take(&at, read)?;
        let judged = shape_of(&text, roots).map_err(|unlike| {
            Complaint::new(format!("`{like}`: {}", unlike.message)).hint(unlike.hint)
        });
        let (mut shape, tells_chain) = self.take(&at, judged)?;
        if let Some(number) = file.intermediates {
            if tells_chain {
                let why = "the file says how many there are";
                self.refuse_keys(path, &[("intermediates", true)], why, "take it out")?;
            }
            shape.intermediates = number;
        }
        refused.map(|()| shape)
    }

    /// Reports the keys that are there and should not.
    pub(super) fn refuse_keys(
        &mut self,
        path: &KeyPath,
        keys: &[(&str, bool)],
        why: &str,
        hint: &str,
    ) -> Option<()> {
        let mut refused = None;
        for (key, _) in keys.iter().filter(|(_, is_there)| *is_there) {
            self.complain_of_key(&path.key(key), Complaint::new(why).hint(hint));
            refused = Some(());
        }
        if refused.is_some() { None } else { Some(()) }
    }
}
