//! Whose fault a failed build is, by what it printed.

use super::*;

fn of(image: ImageKind, text: &str) -> Diagnosis {
    diagnose(image, &text.lines().map(str::to_owned).collect::<Vec<_>>())
}

#[test]
fn a_build_that_prints_without_end_is_held_by_its_end() {
    let mut log = BuildLog::default();
    let long = "x".repeat(60_000);
    for number in 0..2000 {
        log.take(&format!("{number} {long}"));
        log.take(&format!("::warn {number}"));
    }
    assert!(log.held <= MOST_HELD + 70_000 && log.held > MOST_HELD / 4, "{}", log.held);
    assert!(log.lines.last().unwrap().starts_with("1999 "));
    assert_eq!(log.warnings().len(), MOST_SAID);
}

#[test]
fn a_failed_build_blames_the_right_one() {
    let table = [
        (ImageKind::Environment, "E: Unable to locate package libfoo9", Kind::Usage),
        (ImageKind::Environment, "E: Failed to fetch http://deb.example/x", Kind::Infrastructure),
        (
            ImageKind::Environment,
            "W: Failed to fetch http://deb.example/x  Could not resolve 'deb.example'\n\
             E: Unable to locate package nginx",
            Kind::Infrastructure,
        ),
        (ImageKind::Environment, "dpkg: error: No space left on device", Kind::Infrastructure),
        (ImageKind::Environment, "script.sh: line 3: apt-get: command not found", Kind::Usage),
        (
            ImageKind::Environment,
            "W: GPG error: http://x ./ InRelease: NO_PUBKEY 4711\n\
             E: The repository 'http://x ./ InRelease' is not signed.",
            Kind::Usage,
        ),
        (
            ImageKind::Environment,
            "E: The repository 'http://x bokworm Release' does not have a Release file.",
            Kind::Usage,
        ),
        (
            ImageKind::Dependencies,
            "  x No solution found when resolving dependencies:",
            Kind::Deploy,
        ),
        (ImageKind::Dependencies, "error: error sending request for url", Kind::Infrastructure),
        (ImageKind::Dependencies, UNREACHABLE, Kind::Infrastructure),
        (
            ImageKind::Release,
            "fetching headers: Connection refused\nerror: Failed to build `/stagectl-build/source`\n  \
             cause: The build backend returned an error",
            Kind::Deploy,
        ),
        (
            ImageKind::Dependencies,
            "error: Failed to build `a==1`\n  cause: The build backend returned an error\n\n         \
             [stderr]\n         key.asc: NO_PUBKEY; make: apt-get: command not found\nhint: build",
            Kind::Deploy,
        ),
        (ImageKind::Suite, "  x No solution found", Kind::NoResult),
        (ImageKind::Suite, "  cause: foo was not found in the registry", Kind::NoResult),
        (ImageKind::Service, "psql: ERROR: syntax error", Kind::Usage),
    ];
    for (image, text, kind) in table {
        assert_eq!(of(image, text).kind, kind, "{text}");
    }
}

#[test]
fn every_missing_package_is_named() {
    let text = "Reading package lists...\nE: Unable to locate package libfoo9\n\
                E: Package 'mysql-client' has no installation candidate\nE: Something else";
    assert_eq!(
        of(ImageKind::Environment, text).causes,
        [
            "E: Unable to locate package libfoo9",
            "E: Package 'mysql-client' has no installation candidate"
        ]
    );
}

#[test]
fn dependencies_that_a_pin_leaves_unmet_are_named() {
    let text = "The following packages have unmet dependencies:\n \
         nginx : Depends: nginx-common (= 1.22.1-9) but 1.22.1-9+deb12u1 is to be installed\n         \
         Depends: libssl3 (>= 3.0.0)\n\
         E: Unable to correct problems, you have held broken packages.";
    let found = of(ImageKind::Environment, text);
    assert_eq!(found.kind, Kind::Usage);
    assert_eq!(
        found.causes,
        [
            "nginx : Depends: nginx-common (= 1.22.1-9) but 1.22.1-9+deb12u1 is to be installed",
            "Depends: libssl3 (>= 3.0.0)"
        ]
    );
}

#[test]
fn the_installer_s_own_cause_is_told() {
    let text = "Using Python 3.9.2 environment at: /v\n\
        error: No solution found when resolving dependencies\n  \
          cause: Because nosuchthing was not found in the package registry and you require nosuchthing,\n         \
                 we can conclude that your requirements are unsatisfiable.\n\
        hint: look";
    assert_eq!(
        of(ImageKind::Dependencies, text).causes,
        [
            "error: No solution found when resolving dependencies",
            "Because nosuchthing was not found in the package registry and you require nosuchthing, \
             we can conclude that your requirements are unsatisfiable."
        ]
    );
}

/// pip's words where the index says nothing for a while.
const UNREACHABLE: &str = "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) \
     after connection broken by 'ReadTimeoutError(\"Read timed out.\")': /simple/flask/\n\
     ERROR: Could not find a version that satisfies the requirement flask==3.0.0 (from versions: none)\n\
     ERROR: No matching distribution found for flask==3.0.0";

#[test]
fn an_index_that_does_not_answer_is_the_cause_and_not_a_missing_distribution() {
    let lines: Vec<String> = UNREACHABLE.lines().map(str::to_owned).collect();
    let found = diagnose(ImageKind::Dependencies, &lines);
    assert_eq!(
        found.causes[0],
        "pip could not reach the package index: Read timed out. (/simple/flask/)"
    );
}
