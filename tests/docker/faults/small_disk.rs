//! The project's own disk: full, or not to be written. It is mounted for the one call alone, in a mount
//! namespace that ends with it.

use std::process::Command;
use std::time::Instant;

use super::engine::needs_root;
use super::house::House;
use crate::driver::Outcome;

/// A rehearsal whose `.stagectl` is a file system with these options.
fn rehearsed(house: &House, options: &str) -> Outcome {
    needs_root("mount a disk of a test's own");
    let rehearse = house.command();
    let folder = house.project.path(".stagectl");
    let mut command = Command::new("unshare");
    command.args([
        "--mount",
        "sh",
        "-c",
        "mount -t tmpfs -o $1 none $2; shift 2; exec \"$@\"",
        "sh",
    ]);
    command.arg(options).arg(folder).arg(rehearse.get_program()).args(rehearse.get_args());
    let begin = Instant::now();
    Outcome::of(command.output().unwrap(), begin)
}

#[test]
fn a_full_or_read_only_disk_of_the_project_is_named_and_nothing_is_left() {
    let house = House::new("small-disk");
    // Named before anything is made.
    let outcome = rehearsed(&house, "ro")
        .exit_code(75)
        .says("  caused by: the file system is read-only")
        .says("hint: run stagectl in a copy of the project that can be written");
    assert!(!outcome.stderr.contains("images"), "{}", outcome.stderr);
    assert_eq!(house.project.resource_names(), [""; 0]);

    // Enough for the root's key and certificate, and for nothing else.
    let full = "size=20k";
    let assert_disk_full = |outcome: Outcome| {
        outcome
            .exit_code(75)
            .says("nothing left: 0 containers, 0 networks, 0 volumes")
            .says("error: could not write ")
            .says("  caused by: the disk is full")
            .says("hint: make room there, or remove old runs from `.stagectl/runs`")
    };
    assert_disk_full(rehearsed(&house, full)).says("PASSED   1 of 1 site");
    house.is_clean();

    let red = "{names: [s.example], env: {TINY_TRACEBACK: 'yes'}}";
    std::fs::write(house.project.path("environments/shop.yaml"), red).unwrap();
    assert_disk_full(rehearsed(&house, full))
        .says("1 of 8 checks of the diagnosis failed")
        .says("could not save evidence in ")
        .says("No space left on device");
    house.is_clean();
}
