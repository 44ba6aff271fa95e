//! The plan of a suite that looks at the live site: one container, on a network that leads out.

use std::collections::BTreeSet;

use super::builder::{Builder, Own};
use super::handles::Handles;
use super::whole::{Plan, Target};
use crate::failure::Failure;
use crate::replica::host::files::{owners_file, suite_files};
use crate::replica::host::tls::trust_file;
use crate::replica::image::install::Pinned;
use crate::replica::image::site::add_suite_image;
use crate::replica::keys::Keys;
use crate::replica::network::Subnet;
use crate::replica::run::RunSpec;
use crate::replica::spec::{Attachment, NetworkSpec};
use crate::site::Site;

/// What the suite has that looks at the live site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveSuite {
    /// What is trusted there, as PEM; empty: what the image trusts.
    pub trusted_pem: String,
    /// Names that lead to an address of its own loopback.
    pub hosts: Vec<(String, String)>,
}

impl Plan {
    /// Decides what is made to run a site's suite against the live site. Nothing of a replica is in it, and nothing of the release.
    ///
    /// # Errors
    /// Usage, for what cannot be read or rendered.
    pub fn live_suite(
        run: &RunSpec,
        site: &Site,
        has: &LiveSuite,
        subnet: Subnet,
    ) -> Result<Plan, Failure> {
        let keys = Keys::default();
        let mut builder = Builder::new(run, site, &keys, (subnet, &[]));
        let image = add_suite_image(&mut builder.chain, site, &run.templates)?;
        builder.add_image_steps(image);
        let mut spec = builder.suite_container(&Own { address: String::new(), aliases: &[] });
        if let Attachment::Own { dns, ipv6, .. } = &mut spec.network {
            // Names are looked up where the engine looks them up.
            dns.clear();
            *ipv6 = None;
        }
        let trusted = Some(&has.trusted_pem).filter(|pem| !pem.is_empty());
        spec.files.extend(trusted.map(|pem| trust_file(pem)));
        spec.files.extend(suite_files(site));
        spec.files.push(owners_file(&spec.files));
        let host = |(name, address): &(String, String)| format!("{name}:{address}");
        spec.lookup.hosts = has.hosts.iter().map(host).collect();
        builder.add_start(spec, image, &[], "where the critical suite runs".to_owned());
        let network = NetworkSpec {
            name: builder.network.clone(),
            subnet: subnet.to_string(),
            gateway: None,
            ipv6: None,
            internal: false,
            bridge: None,
            labels: run.ownership.labels(&site.name, "network"),
        };
        Ok(Plan {
            target: Target::NewReplica,
            network,
            chain: builder.chain,
            release: image,
            pinned: Pinned::Names(BTreeSet::new()),
            steps: builder.steps,
            before: 0,
            handles: Handles::new(site, &run.ownership.run, subnet, false),
            lock_watches: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::fixture::{SHOP, Stand, run_spec};
    use crate::replica::{ContainerSpec, ImageKind, Step};

    fn containers(plan: &Plan) -> Vec<(&ContainerSpec, crate::replica::ImageIndex)> {
        let created = plan.steps.iter().filter_map(|planned| match &planned.step {
            Step::Create { container, image } => Some((&**container, *image)),
            _ => None,
        });
        created.collect()
    }

    #[test]
    fn it_is_the_suite_of_a_rehearsal_and_nothing_else_of_a_replica() {
        let stand = Stand::new(&[("site", SHOP)]);
        let has = LiveSuite {
            trusted_pem: "PEM".to_owned(),
            hosts: vec![("www.shop.example".to_owned(), "127.0.71.1".to_owned())],
        };
        let run = run_spec(&stand.release);
        let plan = Plan::live_suite(&run, stand.site(), &has, Subnet::nth(0)).unwrap();
        let whole = stand.plan();
        let (_, of_rehearsal) =
            containers(&whole).into_iter().find(|(spec, _)| spec.role == "suite").unwrap();
        assert_eq!(plan.chain, whole.chain.lineage(of_rehearsal).0);
        let kinds = [ImageKind::Release, ImageKind::Dependencies, ImageKind::Service];
        assert!(plan.chain.iter().all(|(_, spec)| !kinds.contains(&spec.kind)));
        let [(spec, image)] = containers(&plan)[..] else { panic!("one container") };
        assert_eq!((spec.role.as_str(), image), ("suite", plan.release));
        assert_eq!(spec.lookup.hosts, ["www.shop.example:127.0.71.1"]);
        assert!(matches!(&spec.network, Attachment::Own { dns, .. } if dns.is_empty()));
        assert!(!plan.network.internal && plan.network.gateway.is_none());
        let steps: Vec<String> =
            plan.steps.iter().map(|planned| planned.step.to_string()).collect();
        assert_eq!(steps[plan.chain.len()..], ["create suite", "start suite"]);
    }
}
