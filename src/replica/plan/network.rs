//! The site's network: closed, with a resolver of its own.

use super::builder::{Builder, Own};
use super::step::{Step, StepId};
use crate::failure::Failure;
use crate::replica::image::chain::ImageIndex;
use crate::replica::network::{bridge_of, resolver_config};
use crate::replica::paths;
use crate::replica::phase::Phase;
use crate::replica::service::{script_file, words};
use crate::replica::spec::{Attachment, FileEntry, Limits, NetworkSpec};
use crate::replica::template::built_in;
use crate::site::NetworkFamilies;

impl Builder<'_> {
    pub(super) fn network(&self) -> NetworkSpec {
        let site = self.site;
        let ownership = &self.run.ownership;
        let subnet = self.subnet;
        NetworkSpec {
            name: self.network.clone(),
            subnet: subnet.to_string(),
            gateway: Some(self.addresses.way_out()),
            ipv6: match site.host.resolver.network() {
                NetworkFamilies::Ipv4 => None,
                NetworkFamilies::Both => Some(subnet.ipv6()),
            },
            internal: true,
            bridge: Some(bridge_of(&self.network)),
            labels: ownership.labels(&site.name, "network"),
        }
    }

    /// Nobody else's program runs before that. The resolver's image is nobody's but Debian's: a
    /// description has no say in it.
    pub(super) fn add_closing(&mut self, image: ImageIndex) {
        let mut spec = self.container("closing", &Own { address: String::new(), aliases: &[] });
        spec.network = Attachment::EngineHost;
        // No file can be put into a container whose root is read-only.
        let bridge = bridge_of(&self.network);
        let must = self.site.host.resolver.network() == NetworkFamilies::Both;
        let (script, how) = (built_in("network/close.sh"), if must { "must" } else { "may" });
        spec.command = words(&["/bin/sh", "-c", script, "close", &bridge, how]);
        spec.limits = Limits { memory: Some(64 << 20), pids: Some(8), ..Limits::default() };
        let why = "the engine's host does not hear what is said there".to_owned();
        let container = spec.name.clone();
        let close = Step::Close { container: Box::new(spec), image, must };
        let close = self.add(close, &[StepId(image.0)], Phase::Up, why);
        self.closing = Some(close);
        let why = "it stays so while others are there".to_owned();
        self.add(Step::SeeClosed { container, must }, &[close], Phase::Up, why);
    }

    pub(super) fn add_resolver(&mut self, image: ImageIndex) -> Result<StepId, Failure> {
        let own = Own { address: self.addresses.resolver(), aliases: &[] };
        let mut spec = self.container("resolver", &own);
        let config = resolver_config(self.site, &self.addresses, &self.run.templates)?;
        spec.files.push(FileEntry::new("/etc/stagectl-resolver.conf", 0o644, config));
        spec.files.push(script_file("resolver.sh", "resolver/resolver.sh"));
        let way_out = self.addresses.way_out();
        spec.command = words(&["/bin/sh", paths::RESOLVER_SH, &way_out]);
        // To see who looks for a way out; the script gives it up again.
        spec.capabilities = words(&["NET_BIND_SERVICE", "SETUID", "SETGID", "NET_RAW", "SETPCAP"]);
        spec.limits = Limits { memory: Some(64 << 20), pids: Some(32), ..Limits::default() };
        Ok(self.add_start(spec, image, &[], "its names, and no others, resolve".to_owned()))
    }
}
