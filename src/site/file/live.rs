//! The keys of what runs on the live site today: `live`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// What runs on the live site today: an upgrade is rehearsed from there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Live")]
pub(in crate::site) struct LiveFile {
    /// The release that runs there: a path from the description's folder. It has to be there when the site is
    /// rehearsed. `stagectl rehearse --from` wins over it.
    #[schemars(example = &"../releases/noticeboard-1.1-py3-none-any.whl")]
    pub(in crate::site) release: Option<String>,
    /// The same, where a package index has it: its name and version. The index is that of `install`; what was fetched
    /// once is kept in `.stagectl/live`.
    #[schemars(example = &"noticeboard==1.1")]
    pub(in crate::site) index: Option<String>,
    /// In what its installation differs from that of the new release.
    pub(in crate::site) install: LiveInstallFile,
    /// What has to be green on it.
    pub(in crate::site) suite: LiveSuiteFile,
    /// Who uses the live release as users do, and leaves behind what they would.
    pub(in crate::site) visit: Option<VisitorFile>,
    /// Pages that a visitor asks for while the new release is deployed, beside the health page: paths of the site.
    /// Left out, up to four pages that the suite asked for on the live release, where the proxy's log tells them.
    #[schemars(example = ["/", "/list"])]
    pub(in crate::site) traffic: Option<Vec<String>>,
}

/// Who uses the live release: a script, or a map with a command.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::site) enum VisitorFile {
    Script(String),
    Described(VisitorCommandFile),
}

/// A command in the suite's container.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::site) struct VisitorCommandFile {
    pub(in crate::site) run: Option<String>,
}

impl JsonSchema for VisitorFile {
    fn schema_name() -> Cow<'static, str> {
        "Visitor".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["object", "string"],
            "description": "Who uses the live release as users do, and leaves behind what they would: a Python script, \
                which is a path from the description's folder, or a map with a command. It is run with the suite's Python \
                and variables when the live release is green, and once more with `--check` when the new one is: then it \
                fails where something is not there any more.",
            "examples": ["../tests/visit.py"],
            "properties": {
                "run": {
                    "type": "string",
                    "description": "A shell command, run in the folder of the critical suite as `critical.run` is; later \
                        with `--check` behind it.",
                    "examples": ["python -m shop_visit"],
                },
            },
            "required": ["run"],
            "additionalProperties": false,
        })
    }
}

/// In what the installation of the live release differs from that of the new one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LiveInstall")]
pub(in crate::site) struct LiveInstallFile {
    /// The requirements or lock file that it was installed with, in the forms that `install.requirements` has.
    #[schemars(example = &"requirements-1.1.lock")]
    pub(in crate::site) requirements: Option<String>,
    /// Its constraints file: a path from the description's folder.
    #[schemars(example = &"constraints-1.1.txt")]
    pub(in crate::site) constraints: Option<String>,
    /// The day of its installation, as `2026-02-18`: nothing younger is installed with it.
    #[schemars(example = &"2026-02-18")]
    pub(in crate::site) as_of: Option<String>,
}

/// What has to be green on the live release.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LiveSuite")]
pub(in crate::site) struct LiveSuiteFile {
    /// The tests of the critical suite, as pytest's `-m` has it. Left out, those with the marker `live`, if
    /// there are any, and otherwise those that `critical` says.
    #[schemars(example = &"not new_in_1_2")]
    pub(in crate::site) select: Option<String>,
}
