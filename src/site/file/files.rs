//! The keys of what a live host has on its disk: `data`, `files`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::scalar;

/// A folder that lives on across releases: its path, or a map with its mode and owner, too.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::site) enum DataFile {
    Path(String),
    Described(DataFolderFile),
}

/// A folder with what is special about it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::site) struct DataFolderFile {
    pub(in crate::site) path: Option<String>,
    pub(in crate::site) mode: Option<String>,
    pub(in crate::site) owner: Option<String>,
    pub(in crate::site) group: Option<String>,
}

impl DataFile {
    pub(in crate::site) fn path(&self) -> Option<&str> {
        match self {
            DataFile::Path(path) => Some(path),
            DataFile::Described(folder) => folder.path.as_deref(),
        }
    }
}

impl JsonSchema for DataFile {
    fn schema_name() -> Cow<'static, str> {
        "DataFolder".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = |description: &str, example: &str| serde_json::json!({"type": "string", "description": description, "examples": [example]});
        json_schema!({
            "type": ["object", "string"],
            "description": "A folder that lives on across releases: its path, or a map.",
            "properties": {
                "path": text("Where it is on the site; absolute.", "/srv/noticeboard/media"),
                "mode": text(
                    "Permission bits in quotes; `0755` if left out, as `mkdir` makes it, and where the \
                     base has the folder already, its own.",
                    "0750",
                ),
                "owner": text("Whose it is: a login name of the host, or a number; the site's user if left out.", "www-data"),
                "group": text("Its group: a name of the host, or a number; that of the owner's login if left out.", "www-data"),
            },
            "required": ["path"],
            "additionalProperties": false,
        })
    }
}

/// A file that the live host has, rendered from a template or copied as it is; or a whole folder of
/// them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConfigFile")]
pub(in crate::site) struct ConfigFileFile {
    /// Where it is on the site; absolute.
    #[schemars(required, example = &"/etc/noticeboard.ini")]
    pub(in crate::site) path: Option<String>,
    /// The template's file, looked up in the project's `templates/`, then beside the description.
    #[schemars(example = &"noticeboard.ini.j2")]
    pub(in crate::site) template: Option<String>,
    /// Instead of a template: a file that is copied as it is, whatever is in it, or a folder, copied with
    /// all that is below it. A path from the description's folder. Nothing in there is a secret: version
    /// control has it.
    #[schemars(example = &"live/geoip.mmdb")]
    pub(in crate::site) source: Option<String>,
    /// Whose it is: a login name of the host, or a number; `app` is the site's user.
    #[serde(default = "scalar::app")]
    #[schemars(example = &"root")]
    pub(in crate::site) owner: String,
    /// Its group: a name of the host, or a number; that of the owner's login if left out.
    #[schemars(example = &"adm")]
    pub(in crate::site) group: Option<String>,
    /// Permission bits in quotes. If left out: `0640` for a file; in a folder `0644` for files, or `0755`
    /// where they are executable, and `0755` for folders. With a folder they are those of its files, and
    /// whoever may read a file may enter the folders.
    #[schemars(example = &"0640")]
    pub(in crate::site) mode: Option<String>,
}
