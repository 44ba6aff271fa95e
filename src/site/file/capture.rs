//! The keys of where a live host is read: `capture`.

use schemars::JsonSchema;
use serde::Deserialize;

/// Where the live host is read, and what of it is the app.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Capture")]
pub(in crate::site) struct CaptureFile {
    /// The hosts: `[USER@]HOST[:PORT]` for ssh, `docker://[USER@]CONTAINER`, `local`, or `rootfs://ARCHIVE`, a path from
    /// the description's folder; that of the app first.
    #[schemars(example = ["deploy@www.site-d.example"])]
    pub(in crate::site) hosts: Vec<String>,
    /// What serves the app there: a unit of systemd, a vassal of uWSGI's emperor, a program of supervisor, a daemon of
    /// `mod_wsgi`. Needed where a host has several.
    #[schemars(example = &"noticeboard.service")]
    pub(in crate::site) unit: Option<String>,
    /// Whether it is read as root, by a `sudo` that does not ask.
    pub(in crate::site) sudo: bool,
    /// Variables whose values are harmless, and may leave the host.
    #[schemars(example = ["SHOP_THEME"])]
    pub(in crate::site) harmless: Vec<String>,
}
