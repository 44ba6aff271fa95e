//! Which certificates: a private root per project, and chains of the described shape. Pure but for
//! the root's two files.
pub struct Chain { pub certificates_pem: String, pub key_pem: String, pub root_pem: String }
impl std::fmt::Debug for Chain { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("Chain") } }
