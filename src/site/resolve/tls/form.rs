//! The form of a certificate, key by key, and the authority above it.

use std::collections::BTreeMap;

use super::moment;
use crate::bounded;
use crate::digest::Digest;
use crate::site::certificate::{change_of, extension_names, roots_of, subject_der};
use crate::site::file::{AuthorityFile, LinkFile, ValidFile};
use crate::site::model::{
    Change, Extensions, Form, KeyShape, Link, Name, Serial, Signature, Validity, Version,
};
use crate::site::problem::{KeyPath, nearest};
use crate::site::resolve::Resolver;
use crate::site::resolve::path::Wanted;
use crate::site::resolve::value::Complaint;

/// The keys that every certificate of a chain has.
pub(super) struct FormFile<'a> {
    pub(super) version: Option<u8>,
    pub(super) serial: Option<&'a str>,
    pub(super) subject: Option<&'a [String]>,
    pub(super) extensions: &'a BTreeMap<String, String>,
}

/// The roots of an authority.
#[derive(Default)]
pub(super) struct Roots {
    pub(super) links: Vec<Link>,
    /// What of the live ones could not be copied.
    pub(super) uncopied: Vec<String>,
    /// Their file, if they were copied.
    pub(super) text: Option<Vec<u8>>,
}

impl Resolver<'_> {
    /// Makes a form say what these keys say.
    pub(super) fn form(
        &mut self,
        path: &KeyPath,
        file: &FormFile<'_>,
        form: &mut Form,
    ) -> Option<()> {
        let version = file.version.map(|number| {
            Version::try_from(number).map_err(|number| {
                Complaint::new(format!("X.509 has no version {number}"))
                    .hint("write 1, 2 or 3; nearly all certificates have 3")
            })
        });
        let version = match version {
            Some(judged) => Some(self.take(&path.key("version"), judged)?),
            None => None,
        };
        let serial = self.take_some(&path.key("serial"), file.serial, serial);
        let subject = match file.subject.map(subject_der) {
            Some(Err((number, why))) => {
                self.complain(&path.key("subject").key(number), Complaint::new(why));
                None
            }
            Some(Ok(der)) => Some(Some(Name(der))),
            None => Some(None),
        };
        let changes = self.changes(&path.key("extensions"), file.extensions);
        let (serial, subject, changes) = (serial?, subject?, changes?);
        form.version = version.or(form.version);
        form.serial = serial.or(form.serial.take());
        form.subject = subject.or(form.subject.take());
        form.extensions.changed(changes);
        if form.version.is_some_and(|version| version != Version::V3) {
            if let Extensions::Usual(changes) = &form.extensions
                && changes.iter().any(|change| change.wanted.is_some())
            {
                let complaint = Complaint::new("before version 3 a certificate has no extensions");
                self.complain(&path.key("extensions"), complaint.hint("take one of them out"));
                return None;
            }
            if version.is_some() {
                form.extensions = Extensions::default();
            }
        }
        Some(())
    }

    fn changes(
        &mut self,
        path: &KeyPath,
        written: &BTreeMap<String, String>,
    ) -> Option<Vec<Change>> {
        let judged: Vec<_> = written
            .iter()
            .map(|(name, text)| {
                let change = change_of(name, text).map_err(|why| {
                    let complaint = Complaint::new(why);
                    match nearest(name, extension_names()).filter(|near| near != name) {
                        Some(near) => complaint.hint(format!("did you mean `{near}`?")),
                        None => complaint.hint(
                            "write it as openssl.cnf does, `none`, or `DER:` and its bytes in hex",
                        ),
                    }
                });
                self.take(&path.key(name), change)
            })
            .collect();
        judged.into_iter().collect()
    }

    /// What is above the leaf, as described; `signature` is the leaf's.
    pub(super) fn links(
        &mut self,
        path: &KeyPath,
        written: &[LinkFile],
        signature: Option<Signature>,
    ) -> Option<Vec<Link>> {
        let mut below = signature;
        let mut links = Vec::new();
        for (number, file) in written.iter().enumerate() {
            let at = path.key(number);
            links.push(self.link(&at, file, below));
            below = file.signature;
        }
        links.into_iter().collect()
    }

    fn link(&mut self, path: &KeyPath, file: &LinkFile, below: Option<Signature>) -> Option<Link> {
        let key =
            file.key.unwrap_or_else(|| below.map_or(KeyShape::EcdsaP256, Signature::usual_key));
        if let Some(below) = below.filter(|below| !below.fits(key)) {
            let message = format!("a key of {} does not sign with {}", key.word(), below.word());
            let hint =
                format!("write `key: {}`, or another `signature` below", below.usual_key().word());
            self.complain(&path.key("key"), Complaint::new(message).hint(hint));
            return None;
        }
        let valid = self.link_valid(path, file.valid.as_ref());
        let mut form = Form::default();
        let keys = FormFile {
            version: file.version,
            serial: file.serial.as_deref(),
            subject: file.subject.as_deref(),
            extensions: &file.extensions,
        };
        self.form(path, &keys, &mut form)?;
        Some(Link { key, signature: file.signature, valid: valid?, form })
    }

    fn link_valid(&mut self, path: &KeyPath, file: Option<&ValidFile>) -> Option<Validity> {
        let Some(file) = file else { return Some(Validity::Usual) };
        let at = path.key("valid");
        let from = self.take_some(&at.key("from"), file.from.as_deref(), moment::moment);
        let until = self.take_some(&at.key("until"), file.until.as_deref(), moment::moment);
        self.ends(&at, from?, until?)
    }

    /// The roots of the site's authority.
    pub(super) fn authority(&mut self, path: &KeyPath, file: &AuthorityFile) -> Option<Roots> {
        if let Some(like) = &file.like {
            let others = [
                ("key", file.key.is_some()),
                ("signature", file.signature.is_some()),
                ("valid", file.valid.is_some()),
                ("version", file.version.is_some()),
                ("serial", file.serial.is_some()),
                ("subject", file.subject.is_some()),
                ("extensions", !file.extensions.is_empty()),
            ];
            let why = "`like` copies that from the live root";
            let refused = self.refuse_keys(path, &others, why, "take it out, or `like`");
            let at = path.key("like");
            let found = self.folders.find(like, Wanted::File);
            let found = self.take(&at, found)?;
            let read = bounded::read(&found, self::MAX_BYTES)
                .map_err(|error| Complaint::new(format!("`{like}` could not be read: {error}")));
            let text = self.take(&at, read)?;
            let judged = roots_of(&text).map_err(|unlike| {
                Complaint::new(format!("`{like}`: {}", unlike.message)).hint(unlike.hint)
            });
            let (links, uncopied) = self.take(&at, judged)?;
            refused?;
            return Some(Roots { links, uncopied, text: Some(text) });
        }
        let link = LinkFile {
            key: file.key,
            signature: file.signature,
            valid: file.valid.clone(),
            version: file.version,
            serial: file.serial.clone(),
            subject: file.subject.clone(),
            extensions: file.extensions.clone(),
        };
        let mut link = self.link(path, &link, None)?;
        if let Some(signature) = link.signature.filter(|signature| !signature.fits(link.key)) {
            let message =
                format!("a key of {} does not sign with {}", link.key.word(), signature.word());
            self.complain(
                &path.key("signature"),
                Complaint::new(message).hint("describe another `key`"),
            );
            return None;
        }
        // The same root for all certificates of the site.
        link.form.key_of = Some(Digest::of("authority").with(format!("{link:?}")).hex());
        Some(Roots { links: vec![link], ..Roots::default() })
    }
}

/// A number, or bytes behind `0x`.
pub(in crate::site::resolve::tls) fn serial(text: &str) -> Result<Serial, Complaint> {
    let wrong = || {
        Complaint::new(format!("`{text}` is not a serial number"))
            .hint("write a number such as \"5\", or its bytes such as \"0x00ff\"")
    };
    if let Some(digits) = text.strip_prefix("0x") {
        let pairs: Option<Vec<u8>> = digits
            .as_bytes()
            .chunks(2)
            .map(|pair| match pair {
                [one, two] if one.is_ascii_hexdigit() && two.is_ascii_hexdigit() => {
                    u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()
                }
                _ => None,
            })
            .collect();
        return pairs
            .filter(|bytes| (1..=64).contains(&bytes.len()))
            .map(Serial::Exactly)
            .ok_or_else(wrong);
    }
    let number: i128 = text.parse().map_err(|_| wrong())?;
    let bytes = number.to_be_bytes();
    // As few as tell the sign.
    let filler = if number < 0 { 0xff } else { 0 };
    let is_told = |start: usize| bytes[start] & 0x80 == filler & 0x80;
    let mut start = bytes.iter().position(|byte| *byte != filler).unwrap_or(bytes.len() - 1);
    if !is_told(start) {
        start -= 1;
    }
    Ok(Serial::Exactly(bytes[start..].to_vec()))
}

/// The most bytes of the file of a live certificate: it and those between it and its root.
pub(super) const MAX_BYTES: u64 = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_have_the_bytes_of_der() {
        let table: [(&str, Option<&[u8]>); 11] = [
            ("0", Some(&[0])),
            ("5", Some(&[5])),
            ("127", Some(&[0x7f])),
            ("128", Some(&[0, 0x80])),
            ("-1", Some(&[0xff])),
            ("-128", Some(&[0x80])),
            ("-129", Some(&[0xff, 0x7f])),
            ("0x00ff", Some(&[0, 0xff])),
            ("0x", None),
            ("0x123", None),
            ("five", None),
        ];
        for (text, expected) in table {
            let found = serial(text).ok();
            assert_eq!(found, expected.map(|bytes| Serial::Exactly(bytes.to_vec())), "{text}");
        }
    }
}
