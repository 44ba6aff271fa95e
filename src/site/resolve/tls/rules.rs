//! What the site's programs can do of what `tls` says.

use super::Resolver;
use crate::site::file::SiteFile;
use crate::site::model::{CertificateShape, Cipher, ProxyServer, Tls, TlsVersion, WsgiServer};
use crate::site::problem::{KeyPath, suggestion};
use crate::site::resolve::value::Complaint;

impl Resolver<'_> {
    pub(super) fn ciphers(
        &mut self,
        path: &KeyPath,
        written: &[String],
        versions: &[TlsVersion],
        shapes: &[CertificateShape],
    ) -> Option<Vec<Cipher>> {
        self.no_twins(path, written);
        let ciphers = self.take_all(path, written, known)?;
        for (index, cipher) in ciphers.iter().enumerate() {
            let version = cipher.version();
            if !versions.contains(&version) {
                let complaint = Complaint::new(format!(
                    "only {} can use `{}`, and the site does not accept that",
                    version.word(),
                    cipher.name()
                ));
                let hint = format!("take it out, or add {} to `tls.versions`", version.word());
                self.complain(&path.key(index), complaint.hint(hint));
            }
        }
        let older: Vec<&Cipher> =
            ciphers.iter().filter(|cipher| cipher.version() == TlsVersion::V1_2).collect();
        let useless =
            shapes.iter().find(|shape| !older.iter().any(|cipher| cipher.fits(shape.key)));
        if let (Some(shape), false, true) =
            (useless, older.is_empty(), versions.contains(&TlsVersion::V1_2))
        {
            let kind = if shape.key.is_rsa() { "RSA" } else { "ECDSA" };
            let complaint = Complaint::new(format!(
                "none of them goes with an {kind} key, so nobody could connect with TLSv1.2"
            ));
            let hint = format!("add an {kind} cipher, or describe another `key`");
            self.complain(path, complaint.hint(hint));
        }
        Some(ciphers)
    }

    /// What the programs that speak TLS on this site cannot do.
    pub(in crate::site::resolve) fn tls_rules(&mut self, file: &SiteFile, tls: &Tls) {
        if file.proxy.behind.is_some() {
            // Its nginx speaks TLS, whatever the site's own programs can do.
            return;
        }
        let path = KeyPath::from(["tls"]);
        let newer = tls.ciphers.iter().any(|cipher| cipher.version() == TlsVersion::V1_3);
        let suite = file.base.as_ref().and_then(|base| base.debian.as_deref());
        if file.proxy.server == ProxyServer::Nginx
            && newer
            && matches!(suite, Some("buster" | "bullseye"))
        {
            let complaint = Complaint::new("nginx of this Debian cannot choose TLSv1.3 ciphers");
            let hint = "name ciphers of TLSv1.2 only; those of TLSv1.3 keep their default";
            self.complain(&path.key("ciphers"), complaint.hint(hint));
        }
        let Some(server) = file.wsgi.as_ref().and_then(|wsgi| wsgi.server) else { return };
        if file.proxy.server != ProxyServer::None || server == WsgiServer::ModWsgi {
            return;
        }
        let hint = "put nginx or apache in front, or take it out";
        let alone = "the WSGI server answers itself (`proxy: {server: none}`)";
        let mut refuse = |key: &str, what: &str| {
            let complaint = Complaint::new(format!("{alone}, and {what}"));
            self.complain(&path.key(key), complaint.hint(hint));
        };
        if !tls.certificates.is_empty() {
            refuse("certificates", "it has one certificate");
        }
        if tls.versions.len() == 1 {
            refuse("versions", "it accepts both versions");
        }
        if newer {
            refuse("ciphers", "it cannot choose TLSv1.3 ciphers");
        }
        if server != WsgiServer::Gunicorn {
            if !tls.ciphers.is_empty() && !newer {
                refuse("ciphers", "stagectl sets ciphers for gunicorn alone");
            }
            if tls.client.is_some() {
                refuse("client", "stagectl lets only gunicorn ask clients for certificates");
            }
        }
    }
}

fn known(text: &str) -> Result<Cipher, Complaint> {
    Cipher::ALL.into_iter().find(|cipher| cipher.name() == text).ok_or_else(|| {
        let complaint = Complaint::new(format!("`{text}` is not a cipher"));
        let names: Vec<&str> = Cipher::ALL.into_iter().map(Cipher::name).collect();
        match suggestion(text, names.iter().copied(), "the known ones") {
            Some(hint) => complaint.hint(hint),
            None => complaint,
        }
    })
}
