//! What a site starts from, and where its Debian packages come from.

use stagectl::docker::Engine as _;
use stagectl::replica::{Attachment, ContainerSpec, ImageSpec, Labels, Limits, LookupSpec, label};
use stagectl::site::BaseOrigin;

use crate::driver::{Project, endings, with_docker};
use crate::samples::{tiny, tiny_sites};

fn packages(project: &Project, site: &str) -> Vec<String> {
    let report = project.report();
    let site = report.sites.iter().find(|found| found.name == site).unwrap();
    site.machine.as_ref().unwrap().packages.clone()
}

#[test]
fn a_version_that_is_not_there_is_told_with_those_that_are() {
    let project = tiny_sites("pins")
        .site("pinned", "{names: [p.example], base: {packages: [hello=1.0, libnosuchthing7=2]}}");
    let outcome = project.rehearse(&tiny(&project)).exit_code(2);
    let outcome = outcome.says("caused by: there is no hello 1.0; available: 2.10-3 (");
    outcome.says("caused by: there is no package libnosuchthing7 (wanted: version 2)");
}

#[test]
fn packages_come_from_the_project_s_own_sources_if_their_signature_is_right() {
    let project = tiny_sites("sources")
        .folder("tests/apps/packages", "packages")
        .site(
            "right",
            "names: [r.example]\n\
             base:\n  \
               packages: [shop-tools=1.0, shop-notes]\n  \
               sources: [{folder: ../packages/signed, key: ../packages/signed.asc}, {folder: ../packages/plain}]\n\
             critical: {run: 'grep 1.0 /usr/share/shop-tools/version && python3 check.py'}\n",
        )
        .site(
            "wrong",
            "names: [w.example]\n\
             base:\n  \
               packages: [shop-tools]\n  \
               sources: [{folder: ../packages/signed, key: ../packages/other.asc}]\n",
        );
    let outcome = project.rehearse(&tiny(&project)).exit_code(2);
    let said = endings(&project.report());
    assert!(said.starts_with("right 0\nwrong 2 in images"), "{said}\n{}", outcome.stderr);
    assert!(said.contains("NO_PUBKEY") || said.contains("is not signed"), "{said}");
    outcome.says("hint: check the `key` of the source in `base.sources`");
    let packages = packages(&project, "right");
    for package in ["shop-tools=1.0", "shop-notes=2.0"] {
        assert!(packages.iter().any(|found| found == package), "{packages:?}");
    }
}

#[test]
fn a_root_file_system_and_a_local_image_are_bases_like_debian() {
    let project = tiny_sites("rootfs");
    let image = base_image(&project);
    let archive = root_file_system(&project, &image);
    std::fs::write(project.path("environments/base.tar"), archive).unwrap();
    let defaults = std::fs::read_to_string(project.path("environments/defaults.yaml")).unwrap();
    let project = project
        .defaults(&defaults.replace("base: {debian: bookworm}\n", "python: '3.11'\n"))
        .site("image", &format!("{{names: [i.example], base: {{image: '{image}'}}}}"))
        .site("live", "{names: [l.example], base: {rootfs: base.tar}}");
    let outcome = project.rehearse(&tiny(&project)).exit_code(0);
    assert_eq!(endings(&project.report()), "image 0\nlive 0", "{}", outcome.stderr);
    let report = project.report();
    let machines: Vec<_> = report.sites.iter().map(|site| site.machine.clone().unwrap()).collect();
    assert_eq!(machines[0], machines[1]);
    assert!(machines[0].python.starts_with("3.11.") && machines[0].libc.starts_with("glibc 2."));
    project.rehearse(&tiny(&project)).exit_code(0);
    let again = project.report();
    let origins: Vec<_> = (again.sites[1].images.iter())
        .filter(|image| image.role == "root file system base.tar")
        .map(|image| image.origin)
        .collect();
    assert_eq!(origins, [stagectl::event::ImageOrigin::Cached]);
}

#[test]
fn a_snapshot_archive_that_is_not_there_is_nobody_s_fault() {
    let project = tiny_sites("snapshot")
        .variable("STAGECTL_SNAPSHOTS", "http://127.0.0.1:9/archive")
        .site("shop", "{names: [s.example], base: {snapshot: 2026-02-18}}");
    let outcome = project.rehearse(&tiny(&project)).exit_code(75);
    outcome
        .says("could not ask the snapshot archive for Debian bookworm of 2026-02-18")
        .says("STAGECTL_SNAPSHOTS");
}

/// Debian 12's base, which other tests make as well.
fn base_image(project: &Project) -> String {
    let spec = ImageSpec::base(BaseOrigin::Debian("bookworm".parse().unwrap()));
    let mut found = None;
    for attempt in 0..2 {
        found = with_docker(async |docker| {
            for name in [spec.base_tag().unwrap(), "debian:bookworm-slim".to_owned()] {
                if let Some(id) = docker.find_image(&name).await.unwrap() {
                    return Some(id);
                }
            }
            None
        });
        if found.is_some() || attempt == 1 {
            break;
        }
        // Whoever comes first has it made.
        std::fs::write(project.path("environments/shop.yaml"), "{names: [s.example]}").unwrap();
        project.rehearse(&tiny(project)).exit_code(0);
        std::fs::remove_file(project.path("environments/shop.yaml")).unwrap();
    }
    found.expect("the base was made")
}

/// The files of an image, as `tar -C / -c .` on a host would give them.
fn root_file_system(project: &Project, image: &str) -> Vec<u8> {
    let name = format!("{}-live", project.name);
    let spec = ContainerSpec {
        name: name.clone(),
        role: "live".to_owned(),
        image: image.to_owned(),
        network: Attachment::None,
        hostname: None,
        command: vec!["/bin/true".to_owned()],
        env: std::collections::BTreeMap::new(),
        labels: Labels::from([(label::PROJECT.to_owned(), project.name.clone())]),
        files: Vec::new(),
        limits: Limits::default(),
        capabilities: Vec::new(),
        tmpfs: std::collections::BTreeMap::new(),
        volumes: std::collections::BTreeMap::new(),
        sysctls: std::collections::BTreeMap::new(),
        ulimits: Vec::new(),
        lookup: LookupSpec::default(),
        published: Vec::new(),
        stop_signal: None,
    };
    with_docker(async |docker| {
        docker.create_container(&spec).await.unwrap();
        let files = docker.download(&name, "/").await.unwrap();
        docker.remove_container(&name).await.unwrap();
        files
    })
}
