//! The form of a certificate, as reports and digests say it.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::form::{Extensions, Name};
use crate::site::certificate::{extension_name, extension_text, subject_texts};

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        subject_texts(&self.0).serialize(serializer)
    }
}

/// As a description writes them: by their names, in the words of openssl.cnf.
impl Serialize for Extensions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Extensions::Usual(changes) => {
                for change in changes {
                    let text = change.wanted.as_ref().map_or("none".to_owned(), extension_text);
                    map.serialize_entry(&extension_name(&change.oid), &text)?;
                }
            }
            Extensions::Exactly(all) => {
                for extension in all {
                    let text = extension_text(extension);
                    map.serialize_entry(&extension_name(&extension.oid), &text)?;
                }
            }
        }
        map.end()
    }
}
