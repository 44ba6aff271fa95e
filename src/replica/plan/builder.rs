//! A plan while it is made: its steps so far, and how one is added.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::step::{Planned, Step, StepId};
use crate::replica::image::chain::{Chain, ImageIndex, ImageKind, Parent};
use crate::replica::keys::Keys;
use crate::replica::network::{Addresses, Subnet};
use crate::replica::phase::Phase;
use crate::replica::run::RunSpec;
use crate::replica::service::ServicePart;
use crate::replica::spec::{Attachment, ContainerSpec, Limits, LookupSpec};
use crate::site::{DeployStep, HostName, Site, When};

/// nginx with its stubs, or as a gateway, takes a few MiB.
const OUTSIDE_MEMORY: u64 = 128 << 20;
const OUTSIDE_STARTUP: Duration = Duration::from_secs(30);

/// Of a service: what a live server may have, and not all that a machine has.
const PROCESSES: u32 = 4096;

/// A plan while it is made.
pub(super) struct Builder<'a> {
    pub(super) run: &'a RunSpec,
    pub(super) site: &'a Site,
    pub(super) keys: &'a Keys,
    pub(super) subnet: Subnet,
    pub(super) taken: &'a [String],
    pub(super) chain: Chain,
    pub(super) steps: Vec<Planned>,
    pub(super) addresses: Addresses,
    pub(super) network: String,
    /// The step after which the site's own containers may start.
    pub(super) closing: Option<StepId>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        run: &'a RunSpec,
        site: &'a Site,
        keys: &'a Keys,
        (subnet, taken): (Subnet, &'a [String]),
    ) -> Self {
        let addresses = Addresses::new(site, subnet);
        let network = run.ownership.name(&site.name, "network");
        let (chain, steps) = (Chain::default(), Vec::new());
        Builder { run, site, keys, subnet, taken, chain, steps, addresses, network, closing: None }
    }

    pub(super) fn add(
        &mut self,
        step: Step,
        after: &[StepId],
        phase: Phase,
        why: String,
    ) -> StepId {
        self.steps.push(Planned { step, after: after.to_vec(), phase, why });
        StepId(self.steps.len() - 1)
    }

    /// Images first, in the chain's order: image `n` is step `n`.
    pub(super) fn add_image_steps(&mut self, release: ImageIndex) {
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

    /// Steps of the run's release, and what they are, in their order, on the app's host and after `last`; what comes
    /// last then.
    pub(super) fn add_steps(
        &mut self,
        last: Vec<StepId>,
        steps: (&str, impl Iterator<Item = &'a DeployStep>),
        host: &str,
    ) -> Vec<StepId> {
        let release = self.site.folder_of(&self.run.release.folder_name());
        self.add_steps_of(&release, last, steps, host)
    }

    /// The same, of the release in this folder.
    pub(super) fn add_steps_of(
        &mut self,
        release: &Path,
        mut last: Vec<StepId>,
        (what, steps): (&str, impl Iterator<Item = &'a DeployStep>),
        host: &str,
    ) -> Vec<StepId> {
        for step in steps {
            let why = format!("{what} `{}`", step.name);
            let (container, release) = (host.to_owned(), release.to_owned());
            let step = Step::Deploy { container, step: step.clone(), release };
            last = vec![self.add(step, &last, Phase::Deploy, why)];
        }
        last
    }

    /// The start of the site.
    pub(super) fn add_serve(
        &mut self,
        mut last: Vec<StepId>,
        (host, proxy): (&String, Option<&String>),
        proxy_goes_on: bool,
    ) {
        if let Some(container) = proxy {
            let why = "the site's names lead to its own host".to_owned();
            let step = Step::ServeProxy { container: container.clone(), goes_on: proxy_goes_on };
            last = vec![self.add(step, &last, Phase::Ready, why)];
        }
        let why = "the site answers under its own name".to_owned();
        let step = Step::Serve { container: host.clone(), proxy_goes_on };
        self.add(step, &last, Phase::Ready, why);
    }

    /// Creates a container, and starts it when the network is closed.
    pub(super) fn add_start(
        &mut self,
        container: ContainerSpec,
        image: ImageIndex,
        after: &[StepId],
        why: String,
    ) -> StepId {
        let (role, name) = (container.role.clone(), container.name.clone());
        let before: Vec<StepId> = after.iter().copied().chain([StepId(image.0)]).collect();
        let create = Step::Create { container: Box::new(container), image };
        let create = self.add(create, &before, Phase::Up, why);
        let before: Vec<StepId> = self.closing.into_iter().chain([create]).collect();
        let why = "the network is closed".to_owned();
        self.add(Step::Start { role, container: name }, &before, Phase::Up, why)
    }

    /// Starts a container beside the site's host, and waits until it is ready.
    pub(super) fn add_part(
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
    pub(super) fn add_nginx(
        &mut self,
        spec: ContainerSpec,
        part: ServicePart,
        why: &str,
    ) -> StepId {
        self.add_part(spec, part, OUTSIDE_MEMORY, (why.to_owned(), OUTSIDE_STARTUP), &[])
    }

    /// What all containers of the replica have in common.
    pub(super) fn container(&self, role: &str, own: &Own<'_>) -> ContainerSpec {
        let site = self.site;
        let ownership = &self.run.ownership;
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

    /// A container on the site's network and on the engine's own.
    pub(super) fn between(&self, role: &str, address: String) -> ContainerSpec {
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
}

/// The steps of a site's deploy that are run at such a time, and what they are.
pub(super) fn steps_at(
    site: &Site,
    wanted: impl Fn(When) -> bool,
) -> (&'static str, impl Iterator<Item = &DeployStep>) {
    ("deploy step", site.steps.iter().filter(move |step| wanted(step.when)))
}

/// A namespace of its own: its address and the names that lead to it.
pub(super) struct Own<'a> {
    pub(super) address: String,
    pub(super) aliases: &'a [HostName],
}
