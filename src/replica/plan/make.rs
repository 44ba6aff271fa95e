//! How a site and a release become a plan.

use super::builder::{Builder, Own, steps_at};
use super::handles::Handles;
use super::services::service_parts;
use super::step::{Step, StepId};
use super::whole::{Plan, Target};
use crate::failure::Failure;
use crate::release::Form;
use crate::replica::edge::balancer::balancer_part;
use crate::replica::edge::door::{CLICK_PORT, door_part, public_ports};
use crate::replica::edge::gateway::{allowed, gateway_image, gateway_part};
use crate::replica::edge::stubs::{outside_image, outside_part, stubs};
use crate::replica::image::site::add_site_images;
use crate::replica::keys::Keys;
use crate::replica::network::Subnet;
use crate::replica::phase::Phase;
use crate::replica::role::{BALANCER, DOOR, GATEWAY, OUTSIDE};
use crate::replica::run::RunSpec;
use crate::replica::service::Making;
use crate::replica::service::resolver_image;
use crate::site::{BaseOrigin, DebianSuite, Site, When};

impl Plan {
    /// Decides everything that becomes of a site in a run; `taken` are the subnets of the engine's other
    /// networks, as its host has an address in each.
    ///
    /// # Errors
    /// Usage or deploy, for what cannot be read or rendered.
    pub fn new(
        run: &RunSpec,
        site: &Site,
        keys: &Keys,
        (subnet, taken): (Subnet, &[String]),
    ) -> Result<Plan, Failure> {
        Builder::new(run, site, keys, (subnet, taken)).finish()
    }
}

impl Builder<'_> {
    fn finish(mut self) -> Result<Plan, Failure> {
        let site = self.site;
        let release = &self.run.release;
        let secrets = &self.keys.secrets;
        let templates = &self.run.templates;
        let ownership = &self.run.ownership;
        let (images, pinned) = add_site_images(&mut self.chain, site, release, templates)?;
        let resolver_base = resolver_base(site);
        let resolver_image = resolver_image(&mut self.chain, &resolver_base, templates)?;
        let (certificates, addresses) = (&self.keys.further, &self.addresses);
        let making = Making { site, secrets, templates, certificates, addresses };
        let services = service_parts(&mut self.chain, site, making)?;
        let outside = match stubs(site).next() {
            Some(_) => Some(outside_image(&mut self.chain, templates)?),
            None => None,
        };
        let passes = allowed(site).next().is_some();
        let is_balanced = site.proxy.behind.is_some();
        let nginx = if passes || self.run.has_door || is_balanced {
            Some(gateway_image(&mut self.chain, templates)?)
        } else {
            None
        };
        self.add_image_steps(images.release);

        self.add_closing(resolver_image);
        let resolver = self.add_resolver(resolver_image)?;
        let mut ready = vec![resolver];
        if let Some(image) = outside {
            let part = outside_part(site, &self.addresses, &self.keys.further, image, templates)?;
            let own = Own { address: self.addresses.outside(), aliases: &[] };
            let spec = self.container(OUTSIDE, &own);
            ready.push(self.add_nginx(spec, part, "stubs answer for the hosts beyond the site"));
        }
        if let Some(image) = nginx.filter(|_| passes) {
            let part = gateway_part(site, &self.addresses, self.taken, image, templates)?;
            let spec = self.between(GATEWAY, self.addresses.gateway());
            ready.push(self.add_nginx(spec, part, "the hosts that are allowed are really reached"));
        }
        if let Some(image) = nginx.filter(|_| self.run.has_door) {
            let certificates = self.keys.certificates.as_ref();
            let part = door_part(site, &self.addresses, certificates, image, templates)?;
            let mut spec = self.between(DOOR, self.addresses.door());
            spec.published = public_ports(site);
            spec.published.push(CLICK_PORT);
            ready.push(self.add_nginx(spec, part, "the way in from this machine"));
        }
        if let Some(image) = nginx.filter(|_| is_balanced) {
            let certificates = self.keys.certificates.as_ref();
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
            if site.has_proxy_host() { Some(self.add_proxy(images.release)?) } else { None };
        ready.extend(proxy.as_ref().map(|(_, start)| *start));
        if self.run.gives_way {
            ready.push(self.add_settle(&host, start, proxy.as_ref()));
        }
        for (role, service, parts) in beside {
            ready.extend(self.add_service(role, service, parts, Some((&host, start))));
        }
        let proxy = proxy.as_ref().map(|(container, _)| container);
        let steps = steps_at(self.site, |when| when != When::Upgrade);
        let deployed = self.add_steps(ready.clone(), steps, &host);
        self.add_serve(deployed, (&host, proxy), false);
        let suite = self.add_suite(images.suite, resolver);
        self.add_held_suite(&ready, suite);
        Ok(Plan {
            target: Target::NewReplica,
            network: self.network(),
            chain: self.chain,
            release: images.release,
            pinned,
            steps: self.steps,
            before: 0,
            handles: Handles::new(site, &ownership.run, self.subnet, is_tree),
            lock_watches: Vec::new(),
        })
    }
}

impl Builder<'_> {
    fn add_settle(
        &mut self,
        host: &str,
        start: StepId,
        proxy: Option<&(String, StepId)>,
    ) -> StepId {
        let hosts = std::iter::once(host).chain(proxy.map(|(host, _)| host.as_str()));
        let hosts = hosts.map(str::to_owned).collect();
        let after: Vec<StepId> =
            std::iter::once(start).chain(proxy.map(|(_, start)| *start)).collect();
        let why = "another release takes its place later".to_owned();
        self.add(Step::Settle { hosts }, &after, Phase::Up, why)
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
