//! The ciphers that a description may name, as OpenSSL calls them.

use serde::Serialize;

use super::{KeyShape, TlsVersion};

/// One of [`Cipher::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Cipher {
    name: &'static str,
    #[serde(skip)]
    key: ForKey,
}

/// The kind of key of the certificates that a cipher goes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ForKey {
    /// TLS 1.3 chooses key and cipher apart.
    Any,
    Rsa,
    Ecdsa,
}

const fn cipher(name: &'static str, key: ForKey) -> Cipher {
    Cipher { name, key }
}

impl Cipher {
    /// What Debian's OpenSSL knows and a web server may use, the strongest first.
    pub const ALL: [Cipher; 29] = [
        cipher("TLS_AES_256_GCM_SHA384", ForKey::Any),
        cipher("TLS_CHACHA20_POLY1305_SHA256", ForKey::Any),
        cipher("TLS_AES_128_GCM_SHA256", ForKey::Any),
        cipher("TLS_AES_128_CCM_SHA256", ForKey::Any),
        cipher("ECDHE-ECDSA-AES256-GCM-SHA384", ForKey::Ecdsa),
        cipher("ECDHE-RSA-AES256-GCM-SHA384", ForKey::Rsa),
        cipher("ECDHE-ECDSA-CHACHA20-POLY1305", ForKey::Ecdsa),
        cipher("ECDHE-RSA-CHACHA20-POLY1305", ForKey::Rsa),
        cipher("ECDHE-ECDSA-AES128-GCM-SHA256", ForKey::Ecdsa),
        cipher("ECDHE-RSA-AES128-GCM-SHA256", ForKey::Rsa),
        cipher("ECDHE-ECDSA-AES256-SHA384", ForKey::Ecdsa),
        cipher("ECDHE-RSA-AES256-SHA384", ForKey::Rsa),
        cipher("ECDHE-ECDSA-AES128-SHA256", ForKey::Ecdsa),
        cipher("ECDHE-RSA-AES128-SHA256", ForKey::Rsa),
        cipher("ECDHE-ECDSA-AES256-SHA", ForKey::Ecdsa),
        cipher("ECDHE-RSA-AES256-SHA", ForKey::Rsa),
        cipher("ECDHE-ECDSA-AES128-SHA", ForKey::Ecdsa),
        cipher("ECDHE-RSA-AES128-SHA", ForKey::Rsa),
        cipher("DHE-RSA-AES256-GCM-SHA384", ForKey::Rsa),
        cipher("DHE-RSA-CHACHA20-POLY1305", ForKey::Rsa),
        cipher("DHE-RSA-AES128-GCM-SHA256", ForKey::Rsa),
        cipher("DHE-RSA-AES256-SHA256", ForKey::Rsa),
        cipher("DHE-RSA-AES128-SHA256", ForKey::Rsa),
        cipher("AES256-GCM-SHA384", ForKey::Rsa),
        cipher("AES128-GCM-SHA256", ForKey::Rsa),
        cipher("AES256-SHA256", ForKey::Rsa),
        cipher("AES128-SHA256", ForKey::Rsa),
        cipher("AES256-SHA", ForKey::Rsa),
        cipher("AES128-SHA", ForKey::Rsa),
    ];

    /// Returns OpenSSL's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The only version that can use it: TLS 1.3 has ciphers of its own.
    #[must_use]
    pub fn version(self) -> TlsVersion {
        if self.key == ForKey::Any { TlsVersion::V1_3 } else { TlsVersion::V1_2 }
    }

    /// Returns true where a server with such a key can use it.
    #[must_use]
    pub fn fits(self, key: KeyShape) -> bool {
        match self.key {
            ForKey::Any => true,
            ForKey::Rsa => key.is_rsa(),
            ForKey::Ecdsa => !key.is_rsa(),
        }
    }
}
