//! One site's rehearsal, in the order in which production would do it.

use std::cell::{OnceCell, RefCell};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::confirm::confirmed;
use super::examine::{Examined, SuiteOutput, Wish, look};
use super::lease::leave_up;
use super::moment::Marks;
use super::{Processes, Run, evidence};
use crate::cancel::Stop;
use crate::docker::{DockerError, Engine};
use crate::event::{Events, Outcome, Resource, ResourceKind, What, timed};
use crate::failure::{Excerpt, Failure, Kind};
use crate::inside::Replica;
use crate::provision::{Stage, prepare_images, provision, teardown, ways_out};
use crate::replica::Phase;
use crate::replica::{
    Ingredients, Ownership, Plan, Secrets, SessionFacts, Subnet, beside, is_frozen, label,
};
use crate::site::{NetworkFamilies, Site, SiteName, Tls};
use crate::suite::SuiteResult;
use crate::tls;

/// How often another subnet is tried when somebody took ours between look and create.
const SUBNET_TRIES: usize = 5;

/// A site's turn: what was made for it so far.
#[derive(Debug)]
pub struct Attempt<'a, E> {
    pub(super) run: &'a Run<'a, E>,
    pub(super) site: &'a Site,
    pub(super) events: Events,
    /// The run's, and this site's alone: its turn may be given up before it comes.
    pub(super) stop: Stop,
    secrets: OnceCell<Secrets>,
    /// The certificates beside its own: of stubs and services.
    beside: OnceCell<Vec<tls::Chain>>,
    pub(super) plan: RefCell<Option<Plan>>,
    processes: Processes,
    started: RefCell<Vec<String>>,
    /// Told when all of the site's images are there.
    pub(super) images_ready: Notify,
    /// Told when the site is up, and only its examination is left.
    pub(super) is_up: Notify,
    pub(super) examined: RefCell<Option<Examined>>,
    /// What the logs said when it did not come up.
    pub(super) said: RefCell<Vec<Excerpt>>,
}

impl<'a, E: Engine> Attempt<'a, E> {
    #[must_use]
    pub fn new(run: &'a Run<'a, E>, site: &'a Site) -> Self {
        Attempt {
            run,
            site,
            events: run.events.of_site(&site.name),
            stop: run.stop.for_part(),
            secrets: OnceCell::new(),
            beside: OnceCell::new(),
            plan: RefCell::new(None),
            processes: Processes::default(),
            started: RefCell::default(),
            images_ready: Notify::new(),
            is_up: Notify::new(),
            examined: RefCell::new(None),
            said: RefCell::default(),
        }
    }

    /// Diagnosis and suite of a site that is up.
    ///
    /// # Errors
    /// The first thing that is not as it should be.
    pub(super) async fn examine(&self) -> Result<(), Failure> {
        let plan = self.plan.borrow().clone();
        let Some(plan) = plan else { return Err(Failure::bug("a site is up without a plan")) };
        let replica = self.replica(&plan)?;
        self.stop.check()?;
        let processes = self.processes.borrow().clone();
        let wish = Wish { pytest: &[], output: SuiteOutput::Kept };
        let examined = look(&replica, &processes, wish, Marks::default()).await;
        if let Some(suite) = &examined.suite {
            self.keep_result(suite);
        }
        let outcome = examined.outcome.clone();
        *self.examined.borrow_mut() = Some(examined);
        outcome
    }

    /// Keeps the suite's own XML beside the report, of a green site, too.
    fn keep_result(&self, suite: &SuiteResult) {
        let folder = self.run.folder.join(self.site.name.as_str());
        if let Err(failure) = evidence::save_result(&folder, suite) {
            let reasons: Vec<String> =
                std::iter::once(failure.message).chain(failure.causes).collect();
            self.events.emit(What::Warning { message: reasons.join(": ") });
        }
    }

    /// The failure, or what it really is.
    pub async fn confirmed(&self, failure: Failure) -> Failure {
        let Some(plan) = self.plan.borrow().clone() else { return failure };
        let started = self.started.borrow().clone();
        confirmed(self.run.engine, &started, &plan.handles.host, failure).await
    }

    /// Reads the files that the site is made of, if they are large, on a thread that may wait: plans, which are made
    /// on the runtime's own, find their digests then. What cannot be read is told where it is used.
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
        let supported = self.run.release.supports_site(&self.site.name, &self.site.python);
        let secrets = supported
            .and_then(|()| Secrets::for_site(self.site, |key| std::env::var(key).ok()))
            .inspect_err(|failure| self.tell_unchecked(failure))?;
        let secrets = self.secrets.get_or_init(|| secrets);
        // Images know nothing of addresses and certificates.
        let plan = self.plan_on((Subnet::nth(0), &[]), secrets, None)?;
        prepare_images(&self.stage(&plan)?, self.run.images).await?;
        Ok(())
    }

    /// Provisions the replica and deploys the release, up to the answering site.
    ///
    /// # Errors
    /// The first failing step's.
    pub async fn bring_up(&self) -> Result<(), Failure> {
        self.stop.check()?;
        self.read_files().await;
        let (secrets, certificates) =
            self.check().inspect_err(|failure| self.tell_unchecked(failure))?;
        self.fits_into_the_machine().await?;
        let plan = self.reserve_network(secrets, certificates.as_ref()).await?;
        let stage = self.stage(&plan)?;
        let provisioned = provision(&stage, self.run.images).await;
        *self.processes.borrow_mut() = provisioned?.processes;
        self.is_up.notify_one();
        Ok(())
    }

    /// Tells that the site ends with its check.
    fn tell_unchecked(&self, failure: &Failure) {
        let note = failure.message.clone();
        let outcome = if failure.kind.is_error() { Outcome::Error } else { Outcome::Failed };
        let took = Duration::ZERO;
        self.events.emit(What::PhaseEnded { phase: Phase::Check, took, outcome, note });
    }

    /// What can be known before the first container, in no time.
    fn check(&self) -> Result<(&Secrets, Option<tls::Certificates>), Failure> {
        self.run.release.supports_site(&self.site.name, &self.site.python)?;
        if !is_frozen(self.site) {
            let message = "no lock file and no `install.as_of`: today's package index decides \
                           what is installed";
            self.events.emit(What::Warning { message: message.to_owned() });
        }
        if self.site.tls.as_ref().is_some_and(|tls| tls.has_changed) {
            let message = "rehearsed with the certificate that comes next (`tls.next`)";
            self.events.emit(What::Warning { message: message.to_owned() });
        }
        for warning in self.site.tls.iter().flat_map(Tls::warnings) {
            self.events.emit(What::Warning { message: warning });
        }
        let secrets = Secrets::for_site(self.site, |key| std::env::var(key).ok())?;
        for message in secrets.weak() {
            self.events.emit(What::Warning { message });
        }
        let (certificates, beside) = certificates_of(self.run.authority, self.site)?;
        self.beside.get_or_init(|| beside);
        Ok((self.secrets.get_or_init(|| secrets), certificates))
    }

    /// Asks the engine only if a service says how much memory it needs.
    async fn fits_into_the_machine(&self) -> Result<(), Failure> {
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

    /// Makes the plan on a free subnet and creates its network, which reserves the subnet.
    async fn reserve_network(
        &self,
        secrets: &Secrets,
        certificates: Option<&tls::Certificates>,
    ) -> Result<Plan, Failure> {
        for _ in 0..SUBNET_TRIES {
            let plan = self.plan_on_free_subnet(secrets, certificates).await?;
            let network = plan.network.clone();
            *self.plan.borrow_mut() = Some(plan.clone());
            match self.run.engine.create_network(&network).await {
                Ok(()) => {
                    let resource = Resource { kind: ResourceKind::Network, name: network.name };
                    self.events.emit(What::Created { resource });
                    return Ok(plan);
                }
                // Somebody took the subnet between the look and the creation.
                Err(DockerError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::infrastructure("could not reserve a subnet: others were faster each time"))
    }

    async fn plan_on_free_subnet(
        &self,
        secrets: &Secrets,
        certificates: Option<&tls::Certificates>,
    ) -> Result<Plan, Failure> {
        let used = self.run.engine.used_subnets().await?;
        let families = self.site.host.resolver.network();
        let subnet = Subnet::free(&used, families, rand::random()).ok_or_else(|| {
            let beside = match families {
                NetworkFamilies::Ipv4 => "",
                NetworkFamilies::Both => " with an IPv6 network beside it in fd73:7461:6765::/48",
            };
            Failure::infrastructure(format!(
                "could not find a free subnet in 10.231.0.0/16{beside}"
            ))
            .hint("remove networks of other runs: `stagectl gc`, `docker network prune`")
        })?;
        self.plan_on((subnet, &used), secrets, certificates)
    }

    fn plan_on(
        &self,
        (subnet, taken): (Subnet, &[String]),
        secrets: &Secrets,
        certificates: Option<&tls::Certificates>,
    ) -> Result<Plan, Failure> {
        Plan::new(Ingredients {
            site: self.site,
            release: self.run.release,
            secrets,
            certificates,
            beside: self.beside.get().map_or(&[][..], Vec::as_slice),
            ownership: self.run.ownership,
            subnet,
            taken,
            templates: self.run.templates,
            has_door: self.run.has_door,
        })
    }

    fn stage<'b>(&'b self, plan: &'b Plan) -> Result<Stage<'b, E>, Failure> {
        Ok(Stage {
            engine: self.run.engine,
            site: self.site,
            plan,
            secrets: self.known_secrets()?,
            ownership: self.run.ownership,
            workshop: self.run.workshop,
            events: &self.events,
            stop: &self.stop,
            images_ready: &self.images_ready,
            started: &self.started,
        })
    }

    pub(super) fn replica<'b>(&'b self, plan: &'b Plan) -> Result<Replica<'b, E>, Failure> {
        Ok(self.stage(plan)?.replica())
    }

    /// As far as they were made.
    pub(super) fn secrets(&self) -> Option<&Secrets> {
        self.secrets.get()
    }

    fn known_secrets(&self) -> Result<&Secrets, Failure> {
        self.secrets.get().ok_or_else(|| Failure::bug("a site is up without its secrets"))
    }

    /// Leaves the replica up, until its lease ends.
    ///
    /// # Errors
    /// Docker's: then it is not left up, and goes with this process.
    pub async fn leave_up(&self) -> Result<(), Failure> {
        let Run { engine, ownership, lease, .. } = *self.run;
        let now = Timestamp::now().as_second();
        let host = self.plan.borrow().as_ref().map(|plan| plan.handles.clone());
        if let (Some(handles), Some(secrets)) = (host, self.secrets.get()) {
            let facts = SessionFacts::of(self.site, secrets, &handles);
            match engine.upload_files(&handles.host, &[facts.file()]).await {
                // What has not even got that far has nothing to be entered.
                Ok(()) | Err(DockerError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let name = leave_up(engine, ownership, &self.site.name, lease, now).await?;
        let resource = Resource { kind: ResourceKind::Volume, name };
        self.events.emit(What::Created { resource });
        Ok(())
    }

    /// Removes everything of this site's in this run.
    ///
    /// # Errors
    /// `LeftBehind`, or infrastructure when Docker does not answer.
    pub async fn tear_down(&self) -> Result<(), Failure> {
        timed(
            &self.events,
            Phase::Down,
            tear_down(self.run.engine, self.run.ownership, &self.site.name, &self.events),
        )
        .await
    }

    /// The site, and its stream of events.
    #[must_use]
    pub fn site(&self) -> (&'a Site, &Events) {
        (self.site, &self.events)
    }

    /// The command that brings the same replica up again.
    #[must_use]
    pub(super) fn again(&self) -> String {
        let changed = self.site.tls.as_ref().is_some_and(|tls| tls.has_changed);
        let certificate = if changed { " --next-certificate" } else { "" };
        format!(
            "stagectl up {} --release {}{certificate}",
            self.site.name, self.run.release_argument
        )
    }

    #[must_use]
    pub fn plan(&self) -> Option<Plan> {
        self.plan.borrow().clone()
    }
}

/// The site's own certificates, and those of its stubs and services.
///
/// # Errors
/// A bug, or a root that cannot be used.
pub fn certificates_of(
    authority: &tls::Authority,
    site: &Site,
) -> Result<(Option<tls::Certificates>, Vec<tls::Chain>), Failure> {
    let now = site.host.clock.map_or_else(Timestamp::now, |clock| clock.at(Timestamp::now()));
    let own = site.tls.as_ref().map(|tls| authority.issue_all(tls, now)).transpose()?;
    let beside = beside(site).map(|shape| authority.issue(&shape, now));
    Ok((own, beside.collect::<Result<_, _>>()?))
}

async fn tear_down<E: Engine>(
    engine: &E,
    ownership: &Ownership,
    site: &SiteName,
    events: &Events,
) -> Result<(), Failure> {
    let mut labels = Ownership::of_run(&ownership.run);
    labels.insert(label::SITE.to_owned(), site.to_string());
    let left = teardown(engine, &labels, events).await?;
    if left.is_empty() {
        return Ok(());
    }
    let what = left.iter().map(|left| {
        format!("{} {}: {}", left.resource.kind.name(), left.resource.name, left.error)
    });
    let failure =
        Failure::new(Kind::LeftBehind, format!("{} of {site} are still there", left.len()));
    let failure = what.fold(failure, Failure::cause);
    Err(ways_out(&left).into_iter().fold(failure, Failure::hint))
}
