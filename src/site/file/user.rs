//! `user`: a login name, or a map with what else its line of `/etc/passwd` and its groups are.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The site's user: its login name, or a map.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(in crate::site) enum UserFile {
    Name(String),
    Described(AccountFile),
}

/// A login name with what is special about it.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::site) struct AccountFile {
    pub(in crate::site) name: Option<String>,
    pub(in crate::site) home: Option<String>,
    pub(in crate::site) groups: Vec<String>,
}

impl UserFile {
    pub(super) fn usual() -> Self {
        UserFile::Name("app".to_owned())
    }

    /// The login name; empty where it is missing, which is reported.
    pub(in crate::site) fn name(&self) -> &str {
        match self {
            UserFile::Name(name) => name,
            UserFile::Described(account) => account.name.as_deref().unwrap_or_default(),
        }
    }
}

impl Default for UserFile {
    fn default() -> Self {
        UserFile::usual()
    }
}

impl JsonSchema for UserFile {
    fn schema_name() -> Cow<'static, str> {
        "User".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "object"],
            "description": "The user that the app and its commands run as: its login name, or a map.",
            "properties": {
                "name": {
                    "type": "string",
                    "description": "The login name.",
                    "examples": ["noticeboard"],
                },
                "home": {
                    "type": "string",
                    "description": "The home in `/etc/passwd`, which is `HOME` of the app's processes: an absolute \
                        path, made as `useradd` makes it; or `none`, as `adduser --system --group --no-create-home` has it: \
                        `/nonexistent`, which is not there, and no shell to log in. `/srv/<user>` if left out. The \
                        app's own folder is `/srv/<user>` whatever this says.",
                    "examples": ["none"],
                },
                "groups": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "More groups of the user, as `usermod --append --groups` gives them; one that the \
                        base and its packages do not have is made.",
                    "examples": [["ssl-cert", "media"]],
                },
            },
            "required": ["name"],
            "additionalProperties": false,
        })
    }
}
