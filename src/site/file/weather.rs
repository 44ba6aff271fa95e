//! The keys of the network between the app and a service.

use schemars::JsonSchema;
use serde::Deserialize;

/// What the network between the app and a service is like, for everybody who asks for the service by its
/// names. What is left out is as in one rack: nothing is lost, and nothing takes long.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Weather")]
pub(in crate::site) struct WeatherFile {
    /// How much longer a question and its answer take, there and back, as `ping` shows it; the beginning of a
    /// connection costs it once more. At most 5 s.
    #[schemars(example = &"40ms")]
    pub(in crate::site) latency: Option<String>,
    /// By how much more it may be, by chance; half of it each way. Nothing overtakes what was sent before.
    #[schemars(example = &"10ms")]
    pub(in crate::site) jitter: Option<String>,
    /// Which share of the packets is lost, each way. They are sent again, as TCP does it: after 200 ms and more, and
    /// the first of a connection after a second.
    #[schemars(example = &"1%")]
    pub(in crate::site) loss: Option<String>,
    /// How much goes through in a second, each way, for all connections together.
    #[schemars(example = &"1MiB")]
    pub(in crate::site) rate: Option<String>,
    /// A connection is reset when so much went through it, both ways together.
    #[schemars(example = &"64KiB")]
    pub(in crate::site) cut_after: Option<String>,
    /// Nothing comes through and nothing is refused, as behind a firewall that drops what it should reject.
    #[serde(default)]
    pub(in crate::site) black_hole: bool,
}
