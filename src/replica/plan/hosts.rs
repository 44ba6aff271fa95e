//! The site's own hosts, and where its suite runs.

use super::builder::{Builder, Own};
use super::step::{Step, StepId};
use crate::failure::Failure;
use crate::replica::host::clock::clock_files;
use crate::replica::host::facts::{facts_in_words, family_files, give_facts};
use crate::replica::host::files::{
    capabilities, host_files, inside_files, owners_file, proxy_host_files, suite_files,
};
use crate::replica::host::observe::observing_files;
use crate::replica::host::tls::{suite_tls_files, trust_file};
use crate::replica::image::chain::ImageIndex;
use crate::replica::paths;
use crate::replica::phase::Phase;
use crate::replica::role::PROXY;
use crate::replica::spec::{Attachment, ContainerSpec, Limits};
use crate::site::{HostName, Site, SuiteSource};

impl Builder<'_> {
    pub(super) fn add_host(
        &mut self,
        image: ImageIndex,
        is_tree: bool,
    ) -> Result<(String, StepId), Failure> {
        let site = self.site;
        let secrets = &self.keys.secrets;
        let certificates = self.keys.certificates.as_ref();
        let templates = &self.run.templates;
        let beside = site.services.values().filter(|service| service.is_on_the_app_s_host());
        let app = [site.app_host_name()];
        let own = match &site.proxy.behind {
            // Nobody but the balancer asks for it, by its address.
            Some(_) => &[],
            None if site.has_proxy_host() => &app[..],
            None => &site.names,
        };
        let names: Vec<HostName> =
            own.iter().chain(beside.flat_map(|service| &service.names)).cloned().collect();
        let own = Own { address: self.addresses.host(), aliases: &names };
        let mut spec = self.container("app", &own);
        spec.hostname = Some(site.name.to_string());
        spec.volumes = self.shared_folders();
        spec.command = ["/bin/sh", paths::HOST_SH].map(str::to_owned).into();
        spec.capabilities = capabilities();
        // In front: what the site describes itself is put over it.
        spec.files = family_files(site).into_iter().collect();
        let root_pem = self.keys.root_pem();
        spec.files.extend(host_files(site, certificates, root_pem, secrets, is_tree, templates)?);
        if self.run.observes {
            spec.files.extend(observing_files(site));
        }
        spec.files.push(owners_file(&spec.files));
        spec.limits = limits_of_a_host(site);
        give_facts(site, &self.addresses, &mut spec);
        let name = spec.name.clone();
        let why = format!("the site's own host{}", facts_in_words(site));
        let step = self.add_start(spec, image, &[], why);
        Ok((name, step))
    }

    /// The proxy's own host: the release is there as well, for its static files.
    pub(super) fn add_proxy(&mut self, image: ImageIndex) -> Result<(String, StepId), Failure> {
        let site = self.site;
        let certificates = self.keys.certificates.as_ref();
        let secrets = &self.keys.secrets;
        let templates = &self.run.templates;
        let own = Own { address: self.addresses.front(), aliases: &site.names };
        let mut spec = self.container(PROXY, &own);
        spec.hostname = Some(PROXY.to_owned());
        spec.command = ["/bin/sh", paths::HOST_SH].map(str::to_owned).into();
        spec.capabilities = capabilities();
        spec.files = proxy_host_files(site, certificates, secrets, templates)?;
        spec.files.extend(clock_files(site));
        spec.files.push(owners_file(&spec.files));
        spec.limits = limits_of_a_host(site);
        let name = spec.name.clone();
        let step = self.add_start(spec, image, &[], "the proxy's own host".to_owned());
        Ok((name, step))
    }

    /// The container that the suite runs in.
    pub(super) fn add_suite(&mut self, image: ImageIndex, resolver: StepId) -> StepId {
        let site = self.site;
        let certificates = self.keys.certificates.as_ref();
        let ownership = &self.run.ownership;
        let own = Own { address: String::new(), aliases: &[] };
        let mut spec = self.suite_container(&own);
        spec.network = Attachment::SharedWith(ownership.name(&site.name, "resolver"));
        spec.files.extend(self.keys.root_pem().map(trust_file));
        spec.files.extend(certificates.iter().flat_map(|some| suite_tls_files(site, some)));
        spec.files.extend(suite_files(site));
        spec.files.extend(clock_files(site));
        spec.files.extend(family_files(site));
        spec.files.push(owners_file(&spec.files));
        self.add_start(spec, image, &[resolver], "where the critical suite runs".to_owned())
    }

    /// What it is wherever the suite looks at: its files are still to come.
    pub(super) fn suite_container(&self, own: &Own<'_>) -> ContainerSpec {
        let mut spec = self.container("suite", own);
        spec.command = ["/bin/sh", paths::HOST_SH].map(str::to_owned).into();
        spec.capabilities = capabilities();
        spec.files = inside_files();
        spec.limits = Limits { memory: Some(1 << 30), pids: Some(256), ..Limits::default() };
        spec
    }

    /// Begins pytest while the release is deployed, where the suite is one of pytest's and will be run.
    pub(super) fn add_held_suite(&mut self, ready: &[StepId], suite: StepId) {
        let Some(arguments) = self.run.suite.clone() else { return };
        if !matches!(self.site.critical.suite, SuiteSource::Pytest { .. }) {
            return;
        }
        let container = self.run.ownership.name(&self.site.name, "suite");
        let after: Vec<StepId> = ready.iter().copied().chain([suite]).collect();
        let why = "it waits until the site answers".to_owned();
        self.add(Step::HoldSuite { container, arguments }, &after, Phase::Suite, why);
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
