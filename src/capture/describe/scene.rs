//! All that is known when a site is described.

use crate::capture::app::App;
use crate::capture::host::Host;
use crate::outside_look::Look;

/// What the person wants of it.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// The site's name.
    pub site: String,
    /// The names that the world uses, where they were said.
    pub names: Vec<String>,
    /// The names that a description has: they choose among the servers of a proxy, and are not taken for true.
    pub known_names: Vec<String>,
    /// Whether packages are held at their versions.
    pub pin: bool,
    /// Top-level keys that are said elsewhere, in what all sites share.
    pub said: Vec<String>,
}

/// All that is known when a site is described.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The app's own host.
    pub host: &'a Host,
    /// The host of the proxy; the app's own, mostly.
    pub proxy: &'a Host,
    pub app: &'a App,
    /// Each name as it looks from here.
    pub looks: &'a [Look],
    pub wishes: &'a Wishes,
}

impl Scene<'_> {
    /// Whether a name is one by which the site is looked for.
    #[must_use]
    pub fn is_wished(&self, name: &String) -> bool {
        self.wishes.names.contains(name) || self.wishes.known_names.contains(name)
    }

    /// A file beside the description, as the description names it.
    #[must_use]
    pub fn name_file(&self, file: &str) -> String {
        format!("{}/{file}", self.wishes.site)
    }
}
