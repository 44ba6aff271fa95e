//! The plan of a replica: every step as data, with its cause and what must come before. Printing
//! it is the dry run; executing it makes no decisions.

use std::fmt;
use std::time::Duration;

use super::host::{CAPABILITIES, host_files, inside_files, suite_files, trust_file};
use super::image::{Chain, ImageIndex, ImageKind};
use super::network::{Addresses, Subnet, resolver_config};
use super::phase::Phase;
use super::run::{Ownership, RunId, container_name};
use super::secret::Secrets;
use super::service::{Ready, resolver_image, service_part};
use super::site_image::{SiteImages, add_site_images, network_word};
use super::spec::{Attachment, ContainerSpec, FileEntry, Limits, NetworkSpec};
use super::template::Templates;
use crate::failure::Failure;
use crate::release::{Form, Release};
use crate::site::{BaseOrigin, DebianSuite, DeployStep, HostName, Site, When};
use crate::tls;

/// Services get so much memory when the description says nothing.
const SERVICE_MEMORY: u64 = 512 << 20;

/// One thing to do.
#[derive(Debug, Clone)]
pub enum Step {
    /// Find the image, or make it.
    Image(ImageIndex),
    /// Create the container of that image, put its files in, start it.
    Start {
        container: Box<ContainerSpec>,
        image: ImageIndex,
    },
    AwaitReady {
        role: String,
        container: String,
        ready: Ready,
        within: Duration,
    },
    /// A deploy step of the description.
    Deploy {
        container: String,
        step: DeployStep,
    },
    /// Start the site's processes and wait until the site answers.
    Serve {
        container: String,
    },
}

/// The place of a step in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub usize);

/// A step with its cause.
#[derive(Debug, Clone)]
pub struct Planned {
    pub step: Step,
    /// What must have succeeded before.
    pub after: Vec<StepId>,
    pub phase: Phase,
    pub why: String,
}

/// Everything that a site and a release become.
#[derive(Debug, Clone)]
pub struct Plan {
    pub chain: Chain,
    pub images: SiteImages,
    /// Created before all steps: whoever creates a network has reserved its subnet, and all
    /// addresses are of it.
    pub network: NetworkSpec,
    pub steps: Vec<Planned>,
    pub handles: Handles,
}

/// How the parts of a replica are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handles {
    pub addresses: Addresses,
    /// The container that the proxy and the app share.
    pub host: String,
    /// The container that the critical suite runs in.
    pub suite: String,
    pub resolver: String,
    /// True where the release is a tree, unpacked into the home's `app` folder.
    pub is_tree: bool,
}

impl Handles {
    /// Those of a run's replica of a site.
    #[must_use]
    pub fn new(site: &Site, run: &RunId, subnet: Subnet, is_tree: bool) -> Self {
        let name = |role| container_name(run, &site.name, role);
        Handles {
            addresses: Addresses::new(site, subnet),
            host: name("app"),
            suite: name("suite"),
            resolver: name("resolver"),
            is_tree,
        }
    }
}

/// What a plan is made of.
#[derive(Debug, Clone, Copy)]
pub struct Ingredients<'a> {
    pub site: &'a Site,
    pub release: &'a Release,
    pub secrets: &'a Secrets,
    pub certificate: Option<&'a tls::Chain>,
    pub ownership: &'a Ownership,
    pub subnet: Subnet,
    pub templates: &'a Templates,
}

impl Plan {
    /// Decides everything.
    ///
    /// # Errors
    /// Usage or deploy, for what cannot be read or rendered.
    pub fn new(ingredients: Ingredients<'_>) -> Result<Plan, Failure> {
        Builder::new(ingredients).finish()
    }

    fn number(&self, wanted: impl Fn(&Step) -> bool) -> Option<StepId> {
        self.steps.iter().position(|planned| wanted(&planned.step)).map(StepId)
    }

    /// The step that makes an image.
    #[must_use]
    pub fn image_step(&self, index: ImageIndex) -> Option<StepId> {
        self.number(|step| matches!(step, Step::Image(other) if *other == index))
    }
}

struct Builder<'a> {
    from: Ingredients<'a>,
    chain: Chain,
    steps: Vec<Planned>,
    addresses: Addresses,
    network: String,
}

impl<'a> Builder<'a> {
    fn new(from: Ingredients<'a>) -> Self {
        let addresses = Addresses::new(from.site, from.subnet);
        let network = from.ownership.name(&from.site.name, "network");
        Builder { from, chain: Chain::default(), steps: Vec::new(), addresses, network }
    }

    fn finish(mut self) -> Result<Plan, Failure> {
        let Ingredients { site, release, secrets, templates, ownership, .. } = self.from;
        let images = add_site_images(&mut self.chain, site, release, templates)?;
        let resolver_base = resolver_base(site);
        let resolver_image = resolver_image(&mut self.chain, &resolver_base, templates)?;
        let mut services = Vec::new();
        for (role, service) in &site.services {
            services.push((
                role,
                service,
                service_part(&mut self.chain, role, service, secrets, templates)?,
            ));
        }
        self.add_image_steps(images.release);

        let resolver = self.add_resolver(resolver_image)?;
        let mut ready = vec![resolver];
        for (role, service, part) in services {
            let own = Own { address: self.addresses.service(role), aliases: &service.names };
            let mut spec = self.container(role.as_str(), &own);
            spec.command.clone_from(&part.command);
            spec.capabilities.clone_from(&part.capabilities);
            spec.files.clone_from(&part.files);
            let memory = service.memory.map_or(SERVICE_MEMORY, |size| size.0);
            spec.limits = Limits { memory: Some(memory), pids: Some(256), ..Limits::default() };
            let container = spec.name.clone();
            let start = self.add_start(spec, part.image, &[], format!("the site leans on {role}"));
            let step = Step::AwaitReady {
                role: role.to_string(),
                container,
                ready: part.ready,
                within: service.startup,
            };
            ready.push(self.add(
                step,
                &[start],
                Phase::Up,
                format!("{role} must take connections"),
            ));
        }
        let is_tree = matches!(release.form, Form::Tree(_));
        let (host, start) = self.add_host(images.release, is_tree)?;
        ready.push(start);
        let mut last = ready;
        for step in site.steps.iter().filter(|step| step.when != When::Upgrade) {
            let why = format!("deploy step `{}`", step.name);
            let step = Step::Deploy { container: host.clone(), step: step.clone() };
            last = vec![self.add(step, &last, Phase::Deploy, why)];
        }
        let why = "the site answers under its own name".to_owned();
        self.add(Step::Serve { container: host.clone() }, &last, Phase::Ready, why);
        self.add_suite(images.suite, resolver);
        Ok(Plan {
            network: self.network(),
            chain: self.chain,
            images,
            steps: self.steps,
            handles: Handles::new(site, &ownership.run, self.from.subnet, is_tree),
        })
    }

    fn add(&mut self, step: Step, after: &[StepId], phase: Phase, why: String) -> StepId {
        self.steps.push(Planned { step, after: after.to_vec(), phase, why });
        StepId(self.steps.len() - 1)
    }

    /// Images first, in the chain's order: image `n` is step `n`.
    fn add_image_steps(&mut self, release: ImageIndex) {
        let specs: Vec<_> = self.chain.iter().map(|(index, spec)| (index, spec.clone())).collect();
        for (index, spec) in specs {
            let after = match spec.parent {
                super::image::Parent::Origin(_) => Vec::new(),
                super::image::Parent::Image(parent) => vec![StepId(parent.0)],
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
            gateway: Some(subnet.address(1)),
            internal: true,
            labels: ownership.labels(&site.name, "network"),
        }
    }

    fn add_resolver(&mut self, image: ImageIndex) -> Result<StepId, Failure> {
        let own = Own { address: self.addresses.resolver(), aliases: &[] };
        let mut spec = self.container("resolver", &own);
        let config = resolver_config(self.from.site, &self.addresses, self.from.templates)?;
        spec.files.push(FileEntry::new("/etc/stagectl-resolver.conf", 0o644, config));
        spec.command = ["/usr/sbin/dnsmasq", "--conf-file=/etc/stagectl-resolver.conf"]
            .map(str::to_owned)
            .into();
        spec.capabilities = ["NET_BIND_SERVICE", "SETUID", "SETGID"].map(str::to_owned).into();
        spec.limits = Limits { memory: Some(64 << 20), pids: Some(32), ..Limits::default() };
        Ok(self.add_start(spec, image, &[], "its names, and no others, resolve".to_owned()))
    }

    fn add_host(&mut self, image: ImageIndex, is_tree: bool) -> Result<(String, StepId), Failure> {
        let Ingredients { site, secrets, certificate, templates, .. } = self.from;
        let own = Own { address: self.addresses.host(), aliases: &site.names };
        let mut spec = self.container("app", &own);
        spec.hostname = Some(site.name.to_string());
        spec.command = ["/bin/sh", "/opt/stagectl/host.sh"].map(str::to_owned).into();
        spec.capabilities = CAPABILITIES.map(str::to_owned).into();
        spec.files = host_files(site, certificate, secrets, is_tree, templates)?;
        spec.limits = Limits {
            memory: Some(site.resources.memory.0),
            milli_cpus: Some(site.resources.milli_cpus),
            pids: Some(site.resources.pids),
            shm: None,
        };
        let name = spec.name.clone();
        let step = self.add_start(spec, image, &[], "the site's own host".to_owned());
        Ok((name, step))
    }

    fn add_suite(&mut self, image: ImageIndex, resolver: StepId) {
        let Ingredients { site, certificate, ownership, .. } = self.from;
        let own = Own { address: String::new(), aliases: &[] };
        let mut spec = self.container("suite", &own);
        spec.network = Attachment::SharedWith(ownership.name(&site.name, "resolver"));
        spec.command = ["/bin/sh", "/opt/stagectl/host.sh"].map(str::to_owned).into();
        spec.capabilities = CAPABILITIES.map(str::to_owned).into();
        spec.files = inside_files();
        spec.files.extend(certificate.map(|chain| trust_file(&chain.root_pem)));
        spec.files.extend(suite_files(site));
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
                aliases: own.aliases.iter().map(ToString::to_string).collect(),
                dns: vec![self.addresses.resolver()],
            },
            hostname: None,
            command: Vec::new(),
            env: std::collections::BTreeMap::new(),
            labels: ownership.labels(&site.name, role),
            files: Vec::new(),
            limits: Limits::default(),
            capabilities: Vec::new(),
            tmpfs: std::collections::BTreeMap::new(),
            sysctls: std::collections::BTreeMap::new(),
            stop_signal: None,
        }
    }
}

/// The suite whose dnsmasq resolves the site's names: the site's own, as it is there anyway. Only
/// since 2.86 a wildcard is one, and does not stand for the bare domain as well.
fn resolver_base(site: &Site) -> DebianSuite {
    let newer = || "bookworm".parse().expect("a suite");
    match &site.base.origin {
        BaseOrigin::Image(_) => newer(),
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

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Image(_) => formatter.write_str("image"),
            Step::Start { container, .. } => write!(formatter, "start {}", container.role),
            Step::AwaitReady { role, within, .. } => {
                write!(formatter, "await {role} (within {within:?})")
            }
            Step::Deploy { step, .. } => write!(formatter, "run `{}`", step.run),
            Step::Serve { .. } => formatter.write_str("serve"),
        }
    }
}

impl Plan {
    /// One line a step, in the order of the plan: number, phase, what and why, what must come
    /// before; `note` says what is known of an image.
    pub fn describe(&self, note: impl Fn(ImageIndex) -> String) -> String {
        let mut text = format!(
            "{:>3}  {:<9} network {}: closed, the site's own\n",
            0, "up", self.network.subnet
        );
        for (number, planned) in self.steps.iter().enumerate() {
            let what = match &planned.step {
                Step::Image(index) => {
                    let spec = self.chain.get(*index);
                    format!("{} image: {} ({})", spec.kind.name(), spec.title, note(*index))
                }
                step => format!("{step}: {}", planned.why),
            };
            let after: Vec<String> =
                planned.after.iter().map(|id| (id.0 + 1).to_string()).collect();
            let after = if after.is_empty() {
                String::new()
            } else {
                format!("  after {}", after.join(", "))
            };
            let phase = planned.phase.name();
            text.push_str(&format!("{:>3}  {phase:<9} {what}{after}\n", number + 1));
        }
        text
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = |index| network_word(self.chain.get(index).network).to_owned();
        formatter.write_str(&self.describe(network))
    }
}
