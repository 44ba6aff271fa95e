//! The image for CI: a job in it rehearses by the engine's socket, as the documented pipelines do.

use std::process::Command;

use super::{Image, Made, in_container, said, version};
use crate::driver::repository;
use crate::samples::{tiny, tiny_sites};

#[test]
fn a_job_in_the_image_rehearses_by_the_engine_s_socket() {
    let made = Made::now();
    let project = tiny_sites("image").site("shop", "{names: [shop.example]}");
    let image = Image(format!("stagectl-test:{}", project.name));
    let mut make = Command::new(repository().join("packaging/image.sh"));
    make.arg(made.file(".deb")).arg(&image.0);
    assert_eq!(said(&mut make), format!("{}\n", image.0));

    let release = tiny(&project);
    let release = release.file_name().unwrap().to_str().unwrap();
    let script = format!(
        "stagectl --version; stagectl doctor >doctor.txt; stagectl check; \
         stagectl rehearse --release {release} 2>rehearsal.txt; man -w stagectl 2>/dev/null || true"
    );
    let told = said(&mut in_container(&image, &project.path("."), &[], &script));
    assert!(told.starts_with(&version()), "{told}");
    let read = |file: &str| std::fs::read_to_string(project.path(file)).unwrap();
    assert!(read("doctor.txt").contains("ok       mmdebstrap"), "{}", read("doctor.txt"));
    assert!(read("rehearsal.txt").contains("\nPASSED   1 of 1 site"), "{}", read("rehearsal.txt"));
    assert_eq!(project.report().sites[0].code, Some(0));
}
