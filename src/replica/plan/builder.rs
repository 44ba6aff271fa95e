//! How a site and a release become a plan.

mod services;

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::network::{Addresses, bridge_of, resolver_config};
use super::super::phase::Phase;
use super::super::service::{Making, ServicePart, resolver_image, script_file, words};
use super::super::spec::{Attachment, ContainerSpec, FileEntry, Limits, LookupSpec, NetworkSpec};
use super::super::template::built_in;
use super::{Handles, Ingredients, PROXY, Plan, Planned, Step, StepId};
use crate::failure::Failure;
use crate::release::Form;
use crate::replica::edge::balancer::{BALANCER, balancer_part};
use crate::replica::edge::door::{CLICK_PORT, DOOR, door_part, public_ports};
use crate::replica::edge::gateway::{GATEWAY, allowed, gateway_image, gateway_part};
use crate::replica::edge::stubs::{OUTSIDE, outside_image, outside_part, stubs};
use crate::replica::host::clock::clock_files;
use crate::replica::host::facts::{facts_in_words, family_files, give_facts};
use crate::replica::host::files::{
    capabilities, host_files, inside_files, owners_file, proxy_host_files, suite_files,
};
use crate::replica::host::tls::{suite_tls_files, trust_file};
use crate::replica::image::chain::{Chain, ImageIndex, ImageKind, Parent};
use crate::replica::image::site::add_site_images;
use crate::site::{BaseOrigin, DebianSuite, HostName, NetworkFamilies, Site, When};
use services::service_parts;

/// nginx with its stubs, or as a gateway, takes a few MiB.
const OUTSIDE_MEMORY: u64 = 128 << 20;
const OUTSIDE_STARTUP: Duration = Duration::from_secs(30);

/// Of a service: what a live server may have, and not all that a machine has.
const PROCESSES: u32 = 4096;

pub(super) struct Builder<'a> {
    from: Ingredients<'a>,
    chain: Chain,
    steps: Vec<Planned>,
    addresses: Addresses,
    network: String,
}

impl<'a> Builder<'a> {
    pub(super) fn new(from: Ingredients<'a>) -> Self {
        let addresses = Addresses::new(from.site, from.subnet);
        let network = from.ownership.name(&from.site.name, "network");
        Builder { from, chain: Chain::default(), steps: Vec::new(), addresses, network }
    }

    pub(super) fn finish(mut self) -> Result<Plan, Failure> {
        let Ingredients { site, release, secrets, templates, ownership, .. } = self.from;
        let (images, pinned) = add_site_images(&mut self.chain, site, release, templates)?;
        let resolver_base = resolver_base(site);
        let resolver_image = resolver_image(&mut self.chain, &resolver_base, templates)?;
        let (certificates, addresses) = (self.from.beside, &self.addresses);
        let making = Making { site, secrets, templates, certificates, addresses };
        let services = service_parts(&mut self.chain, site, making)?;
        let outside = match stubs(site).next() {
            Some(_) => Some(outside_image(&mut self.chain, templates)?),
            None => None,
        };
        let passes = allowed(site).next().is_some();
        let is_balanced = site.proxy.behind.is_some();
        let nginx = if passes || self.from.has_door || is_balanced {
            Some(gateway_image(&mut self.chain, templates)?)
        } else {
            None
        };
        self.add_image_steps(images.release);

        self.add_closing(resolver_image);
        let resolver = self.add_resolver(resolver_image)?;
        let mut ready = vec![resolver];
        if let Some(image) = outside {
            let part = outside_part(site, &self.addresses, self.from.beside, image, templates)?;
            let own = Own { address: self.addresses.outside(), aliases: &[] };
            let spec = self.container(OUTSIDE, &own);
            ready.push(self.add_nginx(spec, part, "stubs answer for the hosts beyond the site"));
        }
        if let Some(image) = nginx.filter(|_| passes) {
            let part = gateway_part(site, &self.addresses, self.from.taken, image, templates)?;
            let spec = self.between(GATEWAY, self.addresses.gateway());
            ready.push(self.add_nginx(spec, part, "the hosts that are allowed are really reached"));
        }
        if let Some(image) = nginx.filter(|_| self.from.has_door) {
            let certificates = self.from.certificates;
            let part = door_part(site, &self.addresses, certificates, image, templates)?;
            let mut spec = self.between(DOOR, self.addresses.door());
            spec.published = public_ports(site);
            spec.published.push(CLICK_PORT);
            ready.push(self.add_nginx(spec, part, "the way in from this machine"));
        }
        if let Some(image) = nginx.filter(|_| is_balanced) {
            let certificates = self.from.certificates;
            let part = balancer_part(site, &self.addresses, certificates, image, templates)?;
            let own = Own { address: self.addresses.front(), aliases: &site.names };
            let spec = self.container(BALANCER, &own);
            let why = "the load balancer, where TLS ends";
            ready.extend(part.map(|part| self.add_nginx(spec, part, why)));
        }
        let is_tree = matches!(release.form, Form::Tree(_));
        let (beside, own): (Vec<_>, Vec<_>) =
            services.into_iter().partition(|(_, service, _)| service.is_on_the_app_s_host());
        for (role, service, parts) in own {
            ready.extend(self.add_service(role, service, parts, None));
        }
        let (host, start) = self.add_host(images.release, is_tree)?;
        ready.push(start);
        let why = "nothing leads out of there, and the resolver is the site's".to_owned();
        let step = Step::Observe { container: host.clone() };
        ready.push(self.add(step, &[resolver, start], Phase::Up, why));
        let proxy =
            if site.has_a_proxy_s_host() { Some(self.add_proxy(images.release)?) } else { None };
        ready.extend(proxy.as_ref().map(|(_, start)| *start));
        for (role, service, parts) in beside {
            ready.extend(self.add_service(role, service, parts, Some((&host, start))));
        }
        let mut last = ready;
        for step in site.steps.iter().filter(|step| step.when != When::Upgrade) {
            let why = format!("deploy step `{}`", step.name);
            let step = Step::Deploy { container: host.clone(), step: step.clone() };
            last = vec![self.add(step, &last, Phase::Deploy, why)];
        }
        if let Some((container, _)) = proxy {
            let why = "the site's names lead to its own host".to_owned();
            last = vec![self.add(Step::ServeProxy { container }, &last, Phase::Ready, why)];
        }
        let why = "the site answers under its own name".to_owned();
        self.add(Step::Serve { container: host.clone() }, &last, Phase::Ready, why);
        self.add_suite(images.suite, resolver);
        Ok(Plan {
            network: self.network(),
            chain: self.chain,
            images,
            pinned,
            steps: self.steps,
            handles: Handles::new(site, &ownership.run, self.from.subnet, is_tree),
        })
    }

    fn add(&mut self, step: Step, after: &[StepId], phase: Phase, why: String) -> StepId {
        self.steps.push(Planned { step, after: after.to_vec(), phase, why });
        StepId(self.steps.len() - 1)
    }

    /// Starts a container beside the site's host, and waits until it is ready.
    fn add_part(
        &mut self,
        mut spec: ContainerSpec,
        part: ServicePart,
        memory: u64,
        (why, within): (String, Duration),
        after: &[StepId],
    ) -> StepId {
        spec.command = part.command;
        spec.capabilities = part.capabilities;
        spec.files.extend(part.files);
        spec.limits = Limits { memory: Some(memory), pids: Some(PROCESSES), ..Limits::default() };
        let (container, role) = (spec.name.clone(), spec.role.clone());
        let start = self.add_start(spec, part.image, after, why);
        let why = format!("{role} must take connections");
        let step = Step::AwaitReady { role, container, ready: part.ready, within };
        self.add(step, &[start], Phase::Up, why)
    }

    /// One of the small servers between the site and what is beyond it.
    fn add_nginx(&mut self, spec: ContainerSpec, part: ServicePart, why: &str) -> StepId {
        self.add_part(spec, part, OUTSIDE_MEMORY, (why.to_owned(), OUTSIDE_STARTUP), &[])
    }

    /// Images first, in the chain's order: image `n` is step `n`.
    fn add_image_steps(&mut self, release: ImageIndex) {
        let specs: Vec<_> = self.chain.iter().map(|(index, spec)| (index, spec.clone())).collect();
        for (index, spec) in specs {
            let after = match spec.parent {
                Parent::Origin(_) => Vec::new(),
                Parent::Image(parent) => vec![StepId(parent.0)],
            };
            let why = match spec.kind {
                ImageKind::Release if index == release => "the release, installed".to_owned(),
                ImageKind::Suite => "the test tools, beside the site's Python".to_owned(),
                _ => spec.title.clone(),
            };
            self.add(Step::Image(index), &after, Phase::Images, why);
        }
    }

    fn network(&self) -> NetworkSpec {
        let Ingredients { site, ownership, subnet, .. } = self.from;
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

    fn add_resolver(&mut self, image: ImageIndex) -> Result<StepId, Failure> {
        let own = Own { address: self.addresses.resolver(), aliases: &[] };
        let mut spec = self.container("resolver", &own);
        let config = resolver_config(self.from.site, &self.addresses, self.from.templates)?;
        spec.files.push(FileEntry::new("/etc/stagectl-resolver.conf", 0o644, config));
        spec.files.push(script_file("resolver.sh", "resolver/resolver.sh"));
        let way_out = self.addresses.way_out();
        spec.command = words(&["/bin/sh", "/opt/stagectl/resolver.sh", &way_out]);
        // To see who looks for a way out; the script gives it up again.
        spec.capabilities = words(&["NET_BIND_SERVICE", "SETUID", "SETGID", "NET_RAW", "SETPCAP"]);
        spec.limits = Limits { memory: Some(64 << 20), pids: Some(32), ..Limits::default() };
        Ok(self.add_start(spec, image, &[], "its names, and no others, resolve".to_owned()))
    }

    /// Nobody else's program runs before that. The resolver's image is nobody's but Debian's: a
    /// description has no say in it.
    fn add_closing(&mut self, image: ImageIndex) {
        let mut spec = self.container("closing", &Own { address: String::new(), aliases: &[] });
        spec.network = Attachment::EngineHost;
        // No file can be put into a container whose root is read-only.
        let bridge = bridge_of(&self.network);
        let must = self.from.site.host.resolver.network() == NetworkFamilies::Both;
        let (script, how) = (built_in("network/close.sh"), if must { "must" } else { "may" });
        spec.command = words(&["/bin/sh", "-c", script, "close", &bridge, how]);
        spec.limits = Limits { memory: Some(64 << 20), pids: Some(8), ..Limits::default() };
        let why = "the engine's host does not hear what is said there".to_owned();
        let step = Step::Close { container: Box::new(spec), image, must };
        self.add(step, &[StepId(image.0)], Phase::Up, why);
    }

    /// A container on the site's network and on the engine's own.
    fn between(&self, role: &str, address: String) -> ContainerSpec {
        let mut spec = self.container(role, &Own { address: address.clone(), aliases: &[] });
        let ipv6 = self.addresses.ipv6_of(&address);
        // Nobody's router, whatever the engine's host is.
        spec.sysctls.insert("net.ipv4.ip_forward".to_owned(), "0".to_owned());
        if ipv6.is_some() {
            spec.sysctls.insert("net.ipv6.conf.all.forwarding".to_owned(), "0".to_owned());
        }
        spec.network = Attachment::Gateway { network: self.network.clone(), address, ipv6 };
        spec
    }

    fn add_host(&mut self, image: ImageIndex, is_tree: bool) -> Result<(String, StepId), Failure> {
        let Ingredients { site, secrets, certificates, templates, .. } = self.from;
        let beside = site.services.values().filter(|service| service.is_on_the_app_s_host());
        let app = [site.app_host_name()];
        let own = match &site.proxy.behind {
            // Nobody but the balancer asks for it, by its address.
            Some(_) => &[],
            None if site.has_a_proxy_s_host() => &app[..],
            None => &site.names,
        };
        let names: Vec<HostName> =
            own.iter().chain(beside.flat_map(|service| &service.names)).cloned().collect();
        let own = Own { address: self.addresses.host(), aliases: &names };
        let mut spec = self.container("app", &own);
        spec.hostname = Some(site.name.to_string());
        spec.volumes = self.shared_folders();
        spec.command = ["/bin/sh", "/opt/stagectl/host.sh"].map(str::to_owned).into();
        spec.capabilities = capabilities();
        // In front: what the site describes itself is put over it.
        spec.files = family_files(site).into_iter().collect();
        let root_pem = self.from.root_pem();
        spec.files.extend(host_files(site, certificates, root_pem, secrets, is_tree, templates)?);
        spec.files.push(owners_file(&spec.files));
        spec.limits = limits_of_a_host(site);
        give_facts(site, &self.addresses, &mut spec);
        let name = spec.name.clone();
        let why = format!("the site's own host{}", facts_in_words(site));
        let step = self.add_start(spec, image, &[], why);
        Ok((name, step))
    }

    /// The proxy's own host: the release is there as well, for its static files.
    fn add_proxy(&mut self, image: ImageIndex) -> Result<(String, StepId), Failure> {
        let Ingredients { site, certificates, secrets, templates, .. } = self.from;
        let own = Own { address: self.addresses.front(), aliases: &site.names };
        let mut spec = self.container(PROXY, &own);
        spec.hostname = Some(PROXY.to_owned());
        spec.command = ["/bin/sh", "/opt/stagectl/host.sh"].map(str::to_owned).into();
        spec.capabilities = capabilities();
        spec.files = proxy_host_files(site, certificates, secrets, templates)?;
        spec.files.extend(clock_files(site));
        spec.files.push(owners_file(&spec.files));
        spec.limits = limits_of_a_host(site);
        let name = spec.name.clone();
        let step = self.add_start(spec, image, &[], "the proxy's own host".to_owned());
        Ok((name, step))
    }

    fn add_suite(&mut self, image: ImageIndex, resolver: StepId) {
        let Ingredients { site, certificates, ownership, .. } = self.from;
        let own = Own { address: String::new(), aliases: &[] };
        let mut spec = self.container("suite", &own);
        spec.network = Attachment::SharedWith(ownership.name(&site.name, "resolver"));
        spec.command = ["/bin/sh", "/opt/stagectl/host.sh"].map(str::to_owned).into();
        spec.capabilities = capabilities();
        spec.files = inside_files();
        spec.files.extend(self.from.root_pem().map(trust_file));
        spec.files.extend(certificates.iter().flat_map(|some| suite_tls_files(site, some)));
        spec.files.extend(suite_files(site));
        spec.files.extend(clock_files(site));
        spec.files.extend(family_files(site));
        spec.files.push(owners_file(&spec.files));
        spec.limits = Limits { memory: Some(1 << 30), pids: Some(256), ..Limits::default() };
        self.add_start(spec, image, &[resolver], "where the critical suite runs".to_owned());
    }

    fn add_start(
        &mut self,
        container: ContainerSpec,
        image: ImageIndex,
        after: &[StepId],
        why: String,
    ) -> StepId {
        let mut after = after.to_vec();
        after.push(StepId(image.0));
        self.add(Step::Start { container: Box::new(container), image }, &after, Phase::Up, why)
    }

    /// What all containers of the replica have in common.
    fn container(&self, role: &str, own: &Own<'_>) -> ContainerSpec {
        let Ingredients { site, ownership, .. } = self.from;
        ContainerSpec {
            name: ownership.name(&site.name, role),
            role: role.to_owned(),
            image: String::new(),
            network: Attachment::Own {
                network: self.network.clone(),
                address: own.address.clone(),
                ipv6: self.addresses.ipv6_of(&own.address),
                aliases: own.aliases.iter().map(ToString::to_string).collect(),
                dns: vec![self.addresses.resolver()],
            },
            hostname: None,
            command: Vec::new(),
            env: BTreeMap::new(),
            labels: ownership.labels(&site.name, role),
            files: Vec::new(),
            limits: Limits::default(),
            capabilities: Vec::new(),
            tmpfs: BTreeMap::new(),
            volumes: BTreeMap::new(),
            sysctls: BTreeMap::new(),
            ulimits: Vec::new(),
            lookup: LookupSpec::default(),
            published: Vec::new(),
            stop_signal: None,
        }
    }
}

fn limits_of_a_host(site: &Site) -> Limits {
    Limits {
        memory: Some(site.resources.memory.0),
        milli_cpus: Some(site.resources.milli_cpus),
        pids: Some(site.resources.pids),
        shm: None,
    }
}

/// The suite whose dnsmasq resolves the site's names: the site's own, as it is there anyway. Only
/// since 2.86 a wildcard is one, and does not stand for the bare domain as well.
fn resolver_base(site: &Site) -> DebianSuite {
    let newer = || "bookworm".parse().expect("a suite");
    match &site.base.origin {
        // Another base would be made for the resolver alone, or is there from another site.
        BaseOrigin::Image(_) | BaseOrigin::Rootfs(_) | BaseOrigin::Snapshot { .. } => newer(),
        BaseOrigin::Debian(suite) if site.wildcards.is_empty() => suite.clone(),
        BaseOrigin::Debian(suite) if matches!(suite.as_str(), "buster" | "bullseye") => newer(),
        BaseOrigin::Debian(suite) => suite.clone(),
    }
}

/// A namespace of its own: its address and the names that lead to it.
struct Own<'a> {
    address: String,
    aliases: &'a [HostName],
}
