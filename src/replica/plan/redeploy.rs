//! The plan of another release in the place of the one that runs.

use super::builder::{Builder, steps_at};
use super::handles::Handles;
use super::step::{Before, HostFiles, Planned, Step, StepId};
use super::whole::{Plan, Target};
use crate::failure::Failure;
use crate::replica::host::layout::proxy_role;
use crate::replica::image::chain::ImageIndex;
use crate::replica::keys::Keys;
use crate::replica::network::Subnet;
use crate::replica::phase::Phase;
use crate::replica::role::PROXY;
use crate::replica::run::{RunId, RunSpec};
use crate::replica::spec::{Attachment, ContainerSpec, FileEntry};
use crate::site::{DeployStep, Site, Strategy, When, WsgiServer};

/// Which part of a deploy over a release that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it, with the site down meanwhile, on a site that may be described otherwise by now.
    Redeploy,
    /// All of it, with the app's server down meanwhile.
    Whole(Before),
    /// The new release and the steps of an upgrade beside the live one, which is in its place again afterwards.
    Beside,
    /// After that: the site is started again as the new release, or led to it.
    Restart,
    /// The way back to the release that was kept.
    Back,
}

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
        at: (&RunId, Subnet),
    ) -> Result<Plan, Failure> {
        Plan::upgrade(run, site, keys, at, Part::Redeploy)
    }

    /// Decides what a part of a deploy over a live release does.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn upgrade(
        run: &RunSpec,
        site: &Site,
        keys: &Keys,
        (standing, subnet): (&RunId, Subnet),
        part: Part,
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
        let serving = (&handles.host, handles.proxy());
        let goes_on = proxy_goes_on(site, part);
        match part {
            Part::Whole(_) | Part::Redeploy => {
                let before = if let Part::Whole(before) = part { before } else { Before::Gone };
                builder.add_image_steps(release);
                let last = builder.add_stop(&hosts, vec![StepId(release.0)], goes_on);
                let steps = before_the_upgrade(site);
                let last = builder.add_steps_of(&site.current(), last, steps, &handles.host);
                let last = builder.add_replace(last, source, (release, hosts), before);
                let steps = steps_at(site, |when| when != When::First);
                let last = builder.add_steps(last, steps, &handles.host);
                builder.add_serve(last, serving, goes_on);
            }
            Part::Beside => {
                builder.add_image_steps(release);
                let last = vec![StepId(release.0)];
                let steps = before_the_upgrade(site);
                let last = builder.add_steps_of(&site.current(), last, steps, &handles.host);
                let is_beside = site.releases.is_some();
                let before = if is_beside { Before::Runs } else { Before::Kept };
                let last = builder.add_replace(last, source, (release, hosts.clone()), before);
                let steps = steps_at(site, |when| when != When::First);
                let last = builder.add_steps(last, steps, &handles.host);
                match site.strategy {
                    Strategy::Parallel => {
                        builder.add_serve_beside(hosts, &last);
                    }
                    _ if is_beside => {}
                    _ => {
                        let why = "the live release runs until the restart";
                        builder.add_exchange(&hosts, last, why);
                    }
                }
            }
            Part::Back => {
                let last = builder.add_stop(&hosts, Vec::new(), goes_on);
                let steps = ("step of the way back", site.rollback.steps.iter());
                let last = builder.add_steps(last, steps, &handles.host);
                let last = builder.add_exchange(&hosts, last, "the live release, as it was kept");
                let restore = site.backup.as_ref().and_then(|backup| backup.restore.as_ref());
                let steps = ("step of the way back", restore.into_iter());
                let last = builder.add_steps_of(&site.current(), last, steps, &handles.host);
                builder.add_serve(last, serving, goes_on);
            }
            Part::Restart if site.strategy == Strategy::Parallel => {
                let why = "the new release, as it was deployed";
                let last = builder.add_exchange(&hosts, Vec::new(), why);
                builder.add_switch(&hosts, last);
            }
            Part::Restart => {
                let last = builder.add_stop(&hosts, Vec::new(), goes_on);
                let last =
                    builder.add_exchange(&hosts, last, "the new release, as it was deployed");
                builder.add_serve(last, serving, goes_on);
            }
        }
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

/// Whether the proxy is left alone, as by whoever restarts the app's server on the live host. That of a redeploy may be
/// described otherwise by now, `mod_wsgi` is one with its proxy, and after a switch the proxy leads to another place.
fn proxy_goes_on(site: &Site, part: Part) -> bool {
    let was_switched = part == Part::Back && site.strategy == Strategy::Parallel;
    part != Part::Redeploy
        && !was_switched
        && proxy_role(site).is_some()
        && site.wsgi.server != WsgiServer::ModWsgi
}

/// What is done with the live release still in its place.
fn before_the_upgrade(site: &Site) -> (&'static str, impl Iterator<Item = &DeployStep>) {
    ("before the upgrade:", site.backup.iter().map(|backup| &backup.run))
}

impl Builder<'_> {
    fn add_stop(
        &mut self,
        hosts: &[HostFiles],
        mut last: Vec<StepId>,
        proxy_goes_on: bool,
    ) -> Vec<StepId> {
        let is_stopped = |host: &&HostFiles| !(proxy_goes_on && host.role == PROXY);
        for host in hosts.iter().filter(is_stopped) {
            let why = "the release before gives way".to_owned();
            let step = Step::Stop { host: host.clone(), proxy_goes_on };
            last = vec![self.add(step, &last, Phase::Deploy, why)];
        }
        last
    }

    fn add_replace(
        &mut self,
        last: Vec<StepId>,
        source: ContainerSpec,
        (image, hosts): (ImageIndex, Vec<HostFiles>),
        before: Before,
    ) -> Vec<StepId> {
        let why = match before {
            Before::Gone | Before::Kept => {
                "the release, as its image has it; data and services stay"
            }
            Before::Runs => "the release, in a folder of its own beside the one that runs",
        };
        let why = why.to_owned();
        let step = Step::Replace { source: Box::new(source), image, hosts, before };
        vec![self.add(step, &last, Phase::Deploy, why)]
    }

    fn add_serve_beside(&mut self, hosts: Vec<HostFiles>, last: &[StepId]) {
        let why = "both releases run until the switch".to_owned();
        self.add(Step::ServeBeside { hosts }, last, Phase::Deploy, why);
    }

    fn add_switch(&mut self, hosts: &[HostFiles], last: Vec<StepId>) {
        // The proxy's own host first, which comes last.
        let host = hosts[0].container.clone();
        let hosts = hosts.iter().rev().map(|host| host.container.clone()).collect();
        let why = "the live release ends when nobody asks it any more".to_owned();
        let last = self.add(Step::Switch { hosts }, &last, Phase::Deploy, why);
        let why = "the site answers under its own name".to_owned();
        self.add(Step::Answer { container: host }, &[last], Phase::Ready, why);
    }

    fn add_exchange(&mut self, hosts: &[HostFiles], last: Vec<StepId>, why: &str) -> Vec<StepId> {
        let hosts = hosts.iter().map(|host| host.container.clone()).collect();
        vec![self.add(Step::Exchange { hosts }, &last, Phase::Deploy, why.to_owned())]
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
