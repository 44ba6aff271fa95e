//! One site's rehearsal, in the order in which production would do it.

use std::cell::{OnceCell, RefCell};
use tokio::sync::Notify;

use super::{Processes, Run, evidence, phase};
use crate::docker::{DockerError, Engine};
use crate::event::{Events, Resource, ResourceKind, What};
use crate::failure::{Failure, Kind};
use crate::inside::Replica;
use crate::provision::{Stage, prepare_images, provision, teardown};
use crate::replica::Phase;
use crate::replica::{Ingredients, Label, Ownership, Plan, Secrets, Subnet, is_frozen};
use crate::site::{Site, SiteName};
use crate::suite::{critical, diagnosis};

/// How often another subnet is tried when somebody took ours between look and create.
const SUBNET_TRIES: usize = 5;

/// A site's turn: what was made for it so far.
#[derive(Debug)]
pub struct Attempt<'a, E> {
    run: &'a Run<'a, E>,
    site: &'a Site,
    events: &'a Events,
    secrets: OnceCell<Secrets>,
    plan: RefCell<Option<Plan>>,
    processes: Processes,
    images_ready: &'a Notify,
    /// The suite's JUnit XML and its output.
    suite: RefCell<Option<(Vec<u8>, Vec<String>)>>,
}

impl<'a, E: Engine> Attempt<'a, E> {
    #[must_use]
    pub fn new(
        run: &'a Run<'a, E>,
        site: &'a Site,
        events: &'a Events,
        images_ready: &'a Notify,
    ) -> Self {
        Attempt {
            run,
            site,
            events,
            secrets: OnceCell::new(),
            plan: RefCell::new(None),
            processes: Processes::default(),
            images_ready,
            suite: RefCell::new(None),
        }
    }

    /// Everything up to the suite's verdict.
    ///
    /// # Errors
    /// The first thing that is not as it should be.
    pub(super) async fn rehearse(&self) -> Result<(), Failure> {
        self.bring_up().await?;
        let plan = self.plan.borrow().clone();
        let Some(plan) = plan else { return Err(Failure::bug("a site is up without a plan")) };
        let replica = self.replica(&plan)?;
        self.run.stop.check()?;
        let processes = self.processes.borrow().clone();
        let diagnosed = phase(self.events, Phase::Diagnosis, diagnosis(&replica, &processes)).await;
        if let Err(failure) = &diagnosed
            && failure.kind != Kind::Unfit
        {
            return Err(failure.clone());
        }
        // The suite's tests often say best what a failed check means for the app.
        let tested = phase(self.events, Phase::Suite, async {
            let result = critical(&replica, &[], |_, _| {}).await?;
            let verdict = result.verdict();
            if verdict.is_err() {
                self.note_app_log(&replica).await;
            }
            *self.suite.borrow_mut() = Some((result.xml, result.output));
            verdict
        })
        .await;
        diagnosed?;
        tested
    }

    /// Provisions the replica and deploys the release, up to the answering site.
    ///
    /// # Errors
    /// The first failing step's.
    pub async fn bring_up(&self) -> Result<(), Failure> {
        self.run.stop.check()?;
        self.run.release.supports_site(&self.site.name, &self.site.python)?;
        if !is_frozen(self.site) {
            self.events.emit(What::Warning {
                message: "no lock file and no `install.as_of`: today's package index decides what is installed".to_owned(),
            });
        }
        let secrets = Secrets::for_site(self.site, |key| std::env::var(key).ok())?;
        let secrets = self.secrets.get_or_init(|| secrets);
        let certificate = match &self.site.tls {
            Some(tls) => Some(self.run.authority.issue(&tls.certificate, jiff::Timestamp::now())?),
            None => None,
        };
        let plan = self.reserve_network(secrets, certificate.as_ref()).await?;
        let stage = self.stage(&plan)?;
        let provisioned = provision(&stage, self.run.images).await;
        *self.processes.borrow_mut() = provisioned?.processes;
        Ok(())
    }

    /// Makes the plan on a free subnet and creates its network, which reserves the subnet.
    async fn reserve_network(
        &self,
        secrets: &Secrets,
        certificate: Option<&crate::tls::Chain>,
    ) -> Result<Plan, Failure> {
        for _ in 0..SUBNET_TRIES {
            let plan = self.plan_on_free_subnet(secrets, certificate).await?;
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
        certificate: Option<&crate::tls::Chain>,
    ) -> Result<Plan, Failure> {
        let used = self.run.engine.used_subnets().await?;
        let subnet = Subnet::free(&used, rand::random()).ok_or_else(|| {
            Failure::infrastructure("could not find a free subnet in 10.231.0.0/16")
                .hint("remove networks of other runs: `stagectl gc`, `docker network prune`")
        })?;
        Plan::new(Ingredients {
            site: self.site,
            release: self.run.release,
            secrets,
            certificate,
            ownership: self.run.ownership,
            subnet,
            templates: self.run.templates,
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
            events: self.events,
            stop: self.run.stop,
            images_ready: self.images_ready,
        })
    }

    fn replica<'b>(&'b self, plan: &'b Plan) -> Result<Replica<'b, E>, Failure> {
        Ok(self.stage(plan)?.replica())
    }

    fn known_secrets(&self) -> Result<&Secrets, Failure> {
        self.secrets.get().ok_or_else(|| Failure::bug("a site is up without its secrets"))
    }

    /// The app's own words, while they are fresh.
    async fn note_app_log(&self, replica: &Replica<'_, E>) {
        if let Some(excerpt) = evidence::app_log(replica).await {
            self.events.emit(What::AppLog { excerpt });
        }
    }

    /// Tells what was installed, and which names beyond the site were asked for so far.
    pub async fn take_notes(&self) {
        let plan = self.plan.borrow().clone();
        if let Some(plan) = plan
            && let Ok(replica) = self.replica(&plan)
        {
            evidence::note_installed(&replica).await;
            evidence::note_refused_names(&replica).await;
        }
    }

    /// Saves what a person needs to understand the failure; never fails the rehearsal itself.
    pub async fn save_evidence(&self, failure: &Failure) {
        let saved = phase(self.events, Phase::Evidence, async {
            let plan = self.plan.borrow().clone();
            let (Some(plan), Ok(secrets)) = (plan, self.known_secrets()) else { return Ok(()) };
            let replica = self.replica(&plan)?;
            let folder = self.run.folder.join(self.site.name.as_str());
            let suite = self.suite.borrow();
            evidence::save(&replica, &folder, failure, suite.as_ref(), secrets).await?;
            let shown = format!("{}/{}/", self.run.shown_folder, self.site.name);
            self.events.emit(What::EvidenceSaved { folder: shown });
            Ok(())
        })
        .await;
        if let Err(failure) = saved {
            self.events.emit(What::Warning { message: failure.message });
        }
    }

    /// Removes everything of this site's in this run.
    ///
    /// # Errors
    /// `LeftBehind`, or infrastructure when Docker does not answer.
    pub async fn tear_down(&self) -> Result<(), Failure> {
        phase(
            self.events,
            Phase::Down,
            tear_down(self.run.engine, self.run.ownership, &self.site.name, self.events),
        )
        .await
    }

    #[must_use]
    pub fn plan(&self) -> Option<Plan> {
        self.plan.borrow().clone()
    }
}

async fn tear_down<E: Engine>(
    engine: &E,
    ownership: &Ownership,
    site: &SiteName,
    events: &Events,
) -> Result<(), Failure> {
    let mut labels = Ownership::of_run(&ownership.run);
    labels.insert(Label::Site.key(), site.to_string());
    let left = teardown(engine, &labels, events).await?;
    if left.is_empty() {
        return Ok(());
    }
    let what = left.iter().map(|left| match left.resource.kind {
        ResourceKind::Container
        | ResourceKind::Network
        | ResourceKind::Volume
        | ResourceKind::Image => {
            format!("{} {}: {}", left.resource.kind.name(), left.resource.name, left.error)
        }
    });
    let failure =
        Failure::new(Kind::LeftBehind, format!("{} of {site} are still there", left.len()));
    Err(what.fold(failure, Failure::cause).hint("try again: `stagectl gc`"))
}

/// Prepares a site's images before its turn.
///
/// # Errors
/// The failure with which its turn will begin.
pub(super) async fn prepare<E: Engine>(run: &Run<'_, E>, site: &Site) -> Result<(), Failure> {
    let events = run.events.of_site(&site.name);
    let nobody = Notify::new();
    let attempt = Attempt::new(run, site, &events, &nobody);
    run.release.supports_site(&site.name, &site.python)?;
    let secrets = Secrets::for_site(site, |key| std::env::var(key).ok())?;
    let secrets = attempt.secrets.get_or_init(|| secrets);
    let plan = Plan::new(Ingredients {
        site,
        release: run.release,
        secrets,
        certificate: None,
        ownership: run.ownership,
        subnet: Subnet::nth(0),
        templates: run.templates,
    })?;
    prepare_images(&attempt.stage(&plan)?, run.images).await?;
    Ok(())
}
