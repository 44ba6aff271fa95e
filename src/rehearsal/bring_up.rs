//! How a site comes up: what can be checked before, its images, a free network, the plan.

use std::time::Duration;

use jiff::Timestamp;

use super::moment::Marks;
use super::turn::{Made, Running, Stand, Turn};
use crate::docker::{DockerError, Engine};
use crate::event::{Events, Outcome, Performed, Resource, ResourceKind, What};
use crate::failure::Failure;
use crate::inside::Replica;
use crate::provision::{Provisioned, prepare_images, provision};
use crate::replica::{Keys, Phase, Plan, Secrets, Subnet, further_certificates, is_frozen};
use crate::site::{NetworkFamilies, Site, Tls};
use crate::tls;

/// How often another subnet is tried when somebody took ours between look and create.
const SUBNET_TRIES: usize = 5;

impl<'r, E: Engine> Turn<'r, E> {
    /// Reads the files that the site is made of, if they are large, on a thread that may wait: plans, which are made
    /// on the runtime's own, find their digests then. What cannot be read is reported where it is used.
    pub(super) async fn read_files(&self) {
        if !self.site.has_large_files() {
            return;
        }
        let site = self.site.clone();
        tokio::task::spawn_blocking(move || site.digest().ok()).await.ok();
    }

    /// Makes the site's images before its turn; starts nothing.
    ///
    /// # Errors
    /// The failure with which its turn will begin.
    pub(super) async fn prepare(&self) -> Result<(), Failure> {
        self.read_files().await;
        let secrets = self
            .supported()
            .and_then(|()| self.known_secrets())
            .inspect_err(|failure| self.report_unchecked(failure))?;
        // Images know nothing of addresses and certificates.
        let keys = Keys::of(secrets.clone());
        self.prepare_upgrade(&keys).await?;
        let (spec, site) = self.first();
        let plan = Plan::new(spec, site, &keys, (Subnet::nth(0), &[]))?;
        let replica = self.replica(site, &plan, &keys);
        let prepared = prepare_images(self.run, &replica, &plan, (self.images, &self.watch)).await;
        prepared.map(drop).map_err(|failure| self.of_live_release(failure))
    }

    /// Provisions the replica and deploys the release, up to the answering site.
    pub(super) async fn bring_up(&self) -> Stand<'r, E> {
        let planned = async {
            self.stop.check()?;
            let keys = self.check().inspect_err(|failure| self.report_unchecked(failure))?;
            self.check_memory().await?;
            Ok(keys)
        };
        let keys = match planned.await {
            Ok(keys) => keys,
            Err(failure) => return Stand::Unmade(failure),
        };
        if let Err(failure) = self.prepare_upgrade(&keys).await {
            return Stand::Unmade(failure);
        }
        self.begin_first_state();
        let (plan, reserved) = match self.reserve_network(&keys).await {
            Ok(reserved) => reserved,
            Err(failure) => return Stand::Unmade(failure),
        };
        let replica = self.replica(self.first().1, &plan, &keys);
        let made = Box::new(Made { plan, replica, keys, since: Marks::default() });
        if let Err(failure) = reserved {
            return Stand::Incomplete(made, failure);
        }
        let shared = (self.images, &self.watch);
        match provision(self.run, &made.replica, &made.plan, shared).await {
            Err(failure) => Stand::Incomplete(made, failure),
            Ok(Provisioned { processes, suite, .. }) => {
                self.is_up.notify_one();
                Stand::Up(made, Running { processes, suite })
            }
        }
    }

    pub(super) fn replica(&self, site: &'r Site, plan: &Plan, keys: &Keys) -> Replica<'r, E> {
        Replica {
            engine: &self.run.engine,
            site,
            handles: plan.handles.clone(),
            secrets: keys.secrets.clone(),
            events: self.events.clone(),
            stop: self.stop.clone(),
        }
    }

    /// Reports that the site ends with its check.
    fn report_unchecked(&self, failure: &Failure) {
        let note = failure.message.clone();
        let outcome = if failure.kind.is_error() { Outcome::Error } else { Outcome::Failed };
        let took = Duration::ZERO;
        self.events.emit(What::PhaseEnded { phase: Phase::Check, took, outcome, note });
    }

    /// Whether the releases are for the site's Python at all.
    fn supported(&self) -> Result<(), Failure> {
        let Site { name, python, .. } = self.site;
        self.run.spec.release.supports_site(name, python)?;
        let Some(upgrade) = self.upgrade else { return Ok(()) };
        let supported = upgrade.spec.release.supports_site(name, python);
        supported.map_err(|failure| self.of_live_release(failure))
    }

    /// What can be known before the first container, in no time.
    fn check(&self) -> Result<Keys, Failure> {
        self.supported()?;
        if !is_frozen(self.site) {
            let message = "no lock file and no `install.as_of`: today's package index decides \
                           what is installed";
            self.events.emit(What::Warning { message: message.to_owned() });
        }
        if self.site.tls.as_ref().is_some_and(|tls| tls.has_changed) {
            let message = "rehearsed with the certificate that comes next (`tls.next`)";
            self.events.emit(What::Warning { message: message.to_owned() });
        }
        for setting in &self.site.settings {
            let message = format!("not as it is described, but with {setting}");
            self.events.emit(What::Warning { message });
        }
        for warning in self.site.tls.iter().flat_map(Tls::warnings) {
            self.events.emit(What::Warning { message: warning });
        }
        let secrets = self.known_secrets()?;
        for message in secrets.weak() {
            self.events.emit(What::Warning { message });
        }
        let (certificates, further) = issue_certificates(&self.run.authority, self.site)?;
        Ok(Keys { secrets: secrets.clone(), certificates, further })
    }

    /// The site's secrets, the same whenever they are asked for in its turn.
    fn known_secrets(&self) -> Result<&Secrets, Failure> {
        if let Some(secrets) = self.secrets.get() {
            return Ok(secrets);
        }
        let secrets = Secrets::for_site(self.site, |key| std::env::var(key).ok())?;
        Ok(self.secrets.get_or_init(|| secrets))
    }

    /// Asks the engine only if a service says how much memory it needs.
    async fn check_memory(&self) -> Result<(), Failure> {
        let described =
            self.site.services.iter().filter_map(|(role, service)| Some((role, service.memory?)));
        let Some((role, needed)) = described.max_by_key(|(_, memory)| *memory) else {
            return Ok(());
        };
        let machine = self.run.engine.info().await?.memory;
        if needed.0 <= machine {
            return Ok(());
        }
        let gibibytes = |bytes: u64| {
            let tenths = (bytes >> 20) * 10 / 1024;
            format!("{}.{}", tenths / 10, tenths % 10)
        };
        Err(Failure::infrastructure(format!(
            "service {role} of {} needs {} GiB of memory, and Docker's machine has {} GiB",
            self.site.name,
            gibibytes(needed.0),
            gibibytes(machine)
        ))
        .hint(format!("lower `services.{role}.memory`, or rehearse on a larger machine")))
    }

    /// Makes the plan of what comes first on a free subnet, and creates its network.
    async fn reserve_network(&self, keys: &Keys) -> Result<(Plan, Result<(), Failure>), Failure> {
        let (spec, site) = self.first();
        let families = self.site.host.resolver.network();
        let plan_on = |subnet, used: &[String]| Plan::new(spec, site, keys, (subnet, used));
        reserve_network(&self.run.engine, &self.events, families, plan_on).await
    }
}

/// Makes a plan on a free subnet and creates its network, which reserves the subnet. An answer
/// that got lost leaves the plan, as its network may be there.
///
/// # Errors
/// The plan's own; infrastructure: no subnet is free, or Docker's.
pub async fn reserve_network<E: Engine>(
    engine: &E,
    events: &Events,
    families: NetworkFamilies,
    plan_on: impl Fn(Subnet, &[String]) -> Result<Plan, Failure>,
) -> Result<(Plan, Result<(), Failure>), Failure> {
    let begin = events.elapsed();
    for _ in 0..SUBNET_TRIES {
        let used = engine.used_subnets().await?;
        let plan = plan_on(free_subnet(&used, families)?, &used)?;
        match engine.create_network(&plan.network).await {
            Ok(()) => {
                let name = plan.network.name.clone();
                let resource = Resource { kind: ResourceKind::Network, name };
                events.emit(What::Created { resource });
                report_network(events, begin);
                return Ok((plan, Ok(())));
            }
            // Somebody took the subnet between the look and the creation.
            Err(DockerError::Conflict { .. }) => {}
            Err(error) => return Ok((plan, Err(error.into()))),
        }
    }
    Err(Failure::infrastructure("could not reserve a subnet: others were faster each time"))
}

/// Reports that the network was made, which began at a time since the run's start.
fn report_network(events: &Events, begin: Duration) {
    let step = Performed {
        number: 0,
        phase: Phase::Up,
        what: "network".to_owned(),
        reached: None,
        origin: None,
        took: events.elapsed().saturating_sub(begin),
        after: Vec::new(),
        outcome: Outcome::Passed,
    };
    events.emit(What::Performed { step });
}

fn free_subnet(used: &[String], families: NetworkFamilies) -> Result<Subnet, Failure> {
    Subnet::free(used, families, rand::random()).ok_or_else(|| {
        let beside = match families {
            NetworkFamilies::Ipv4 => "",
            NetworkFamilies::Both => " with an IPv6 network beside it in fd73:7461:6765::/48",
        };
        Failure::infrastructure(format!("could not find a free subnet in 10.231.0.0/16{beside}"))
            .hint("remove networks of other runs: `stagectl gc`, `docker network prune`")
    })
}

/// The site's own certificates, and those of its stubs and services.
///
/// # Errors
/// A bug, or a root that cannot be used.
pub(super) fn issue_certificates(
    authority: &tls::Authority,
    site: &Site,
) -> Result<(Option<tls::Certificates>, Vec<tls::Chain>), Failure> {
    let now = site.host.clock.map_or_else(Timestamp::now, |clock| clock.at(Timestamp::now()));
    let own = site.tls.as_ref().map(|tls| authority.issue_all(tls, now)).transpose()?;
    let further = further_certificates(site).map(|shape| authority.issue(&shape, now));
    Ok((own, further.collect::<Result<_, _>>()?))
}
