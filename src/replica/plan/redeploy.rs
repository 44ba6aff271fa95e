//! The plan of another release in the place of the one that runs.

use super::builder::Builder;
use super::handles::Handles;
use super::step::{HostFiles, Planned, Step, StepId};
use super::whole::{Plan, Target};
use crate::failure::Failure;
use crate::replica::keys::Keys;
use crate::replica::network::Subnet;
use crate::replica::phase::Phase;
use crate::replica::role::PROXY;
use crate::replica::run::{RunId, RunSpec};
use crate::replica::spec::{Attachment, ContainerSpec, FileEntry};
use crate::site::{Site, When};

impl Plan {
    /// Decides what a redeploy does: the release's image is made, the site's processes are stopped, the release takes
    /// the place of the one before, the steps of an upgrade run, and the site starts again. What is made for it is of
    /// the run `run`; it goes into the replica of the run `standing`, whose network is `subnet`.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn redeploy(
        run: &RunSpec,
        site: &Site,
        keys: &Keys,
        (standing, subnet): (&RunId, Subnet),
    ) -> Result<Plan, Failure> {
        let whole = Plan::new(run, site, keys, (subnet, &[]))?;
        let app = container_of(&whole.steps, "app")
            .ok_or_else(|| Failure::bug("a plan without the app's host"))?;
        let handles = Handles::new(site, standing, subnet, whole.handles.is_tree);
        let (chain, release) = whole.chain.lineage(whole.release);
        let source = ContainerSpec {
            name: run.ownership.name(&site.name, "release"),
            role: "release".to_owned(),
            network: Attachment::None,
            files: Vec::new(),
            ..app.clone()
        };
        let own =
            HostFiles { role: "app", container: handles.host.clone(), files: app.files.clone() };
        let proxy = handles.proxy().map(|container| HostFiles {
            role: PROXY,
            container: container.clone(),
            files: files_of(&whole.steps, PROXY),
        });
        let hosts: Vec<HostFiles> = std::iter::once(own).chain(proxy).collect();

        let mut builder = Builder::new(run, site, keys, (subnet, &[]));
        builder.chain = chain;
        builder.add_image_steps(release);
        let mut last = StepId(release.0);
        for host in hosts.clone() {
            let why = "the release before gives way".to_owned();
            last = builder.add(Step::Stop { host }, &[last], Phase::Deploy, why);
        }
        let why = "the release, as its image has it; data and services stay".to_owned();
        let step = Step::Replace { source: Box::new(source), image: release, hosts };
        let last = builder.add(step, &[last], Phase::Deploy, why);
        let at_upgrade = |when| when != When::First;
        builder.add_deploy(vec![last], at_upgrade, (&handles.host, handles.proxy()));
        Ok(Plan {
            target: Target::StandingReplica,
            chain: builder.chain,
            steps: builder.steps,
            handles,
            release,
            ..whole
        })
    }
}

fn container_of<'a>(steps: &'a [Planned], role: &str) -> Option<&'a ContainerSpec> {
    steps.iter().find_map(|planned| match &planned.step {
        Step::Create { container, .. } if container.role == role => Some(&**container),
        _ => None,
    })
}

fn files_of(steps: &[Planned], role: &str) -> Vec<FileEntry> {
    container_of(steps, role).map(|container| container.files.clone()).unwrap_or_default()
}
