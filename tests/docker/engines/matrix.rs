//! Each engine with the same small project: two sites, one of them with IPv6. What came of it is a row of
//! docs/engines.md.

#![expect(clippy::print_stderr, reason = "who waits for the matrix sees what came of each engine")]

use std::fs;
use std::path::Path;

use super::root_of;
use crate::driver::Outcome;
use crate::faults::engine::{Make, SecondEngine};
use crate::faults::house::{House, SITE};
use crate::faults::proxy::{Manner, Proxy};
use crate::faults::second_engine::furnished;

const BEGIN: &str = "<!-- engines -->\n";
const END: &str = "<!-- end of engines -->";

/// What was seen of an engine.
struct Row {
    engine: String,
    storage: String,
    seen: String,
}

/// Engine and storage as `docker info` says.
fn about(address: &str) -> (String, String) {
    let format = "{{.ServerVersion}}|{{.Driver}}{{range .DriverStatus}}{{if eq (index . 0) \"driver-type\"}} (containerd){{end}}{{end}}, cgroup v{{.CgroupVersion}}";
    let mut docker = std::process::Command::new("docker");
    let output = docker.args(["--host", address, "info", "--format", format]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (version, storage) = text.trim().split_once('|').unwrap();
    (version.to_owned(), storage.to_owned())
}

const SITES: [(&str, &str); 2] = [
    ("IPv4", SITE),
    (
        "IPv4 and IPv6",
        "{names: [s.example], health: {path: /healthz, within: 60s}, host: {resolver: {families: [ipv6, ipv4]}}}",
    ),
];

/// Both sites; how each ended and what was warned of.
fn rehearsed(house: &House, address: &str) -> String {
    let site = house.project.path("environments/shop.yaml");
    let mut seen = Vec::new();
    for (families, text) in SITES {
        fs::write(&site, text).unwrap();
        let outcome = house.rehearse_at(address);
        seen.push(format!("{families}: {}", in_words(&outcome)));
    }
    fs::write(&site, SITES[0].1).unwrap();
    seen.join("; ")
}

fn in_words(outcome: &Outcome) -> String {
    let said = &outcome.stderr;
    let warned = said.lines().filter(|line| line.contains("hears what the site says")).count();
    let left = if said.contains("nothing left: 0 containers") { "nothing left" } else { "LEFT" };
    match (outcome.code().unwrap_or(-1), warned) {
        (0, 0) => format!("green, {left}"),
        (0, _) => format!("green, with a warning, {left}"),
        (code, _) => {
            let failures =
                said.lines().skip_while(|line| !line.contains(" could not be rehearsed"));
            let words: Vec<&str> = failures.skip(1).take(2).map(str::trim).collect();
            format!("{code}: {}", words.join(", "))
        }
    }
}

fn docker(name: &str, elsewhere: Option<&Path>, make: Make) -> Row {
    let engine = SecondEngine::of(make, elsewhere, "{}");
    let house = furnished(&engine, "matrix");
    let seen = rehearsed(&house, &engine.address());
    engine.is_clean(std::time::Duration::ZERO);
    eprintln!("{name}: {seen}");
    let (version, storage) = about(&engine.address());
    Row { engine: format!("{name} {version}"), storage, seen }
}

/// Refused by its name; with its name taken away, by what is observed.
fn podman(suite: &str) -> Row {
    let engine = SecondEngine::of(Make::Podman, Some(&root_of(suite)), "{}");
    let house = House::new("podman");
    let refused = house.rehearse_at(&engine.address()).exit_code(75);
    refused.says("which stagectl does not support").says("no replica there is closed");
    for command in ["doctor", "status", "gc"] {
        let mut command = house.project.command(&[command]);
        let begin = std::time::Instant::now();
        let output = command.env("DOCKER_HOST", engine.address()).output().unwrap();
        let outcome = Outcome::of(output, begin).exit_code(75);
        outcome.says(" is Podman ");
    }
    assert_eq!(engine.resources(), [""; 0]);
    drop(house);
    let house = furnished(&engine, "podman");
    let version = |said: &mut serde_json::Value| drop(said["Components"].take());
    let socket = engine.path("docker.sock");
    let proxy = Proxy::mannered(Manner { socket, version, ..Manner::default() });
    let nameless = house.rehearse_at(&proxy.address()).exit_code(75);
    let seen = format!("refused by name; without its name, {}", in_words(&nameless));
    eprintln!("Podman: {seen}");
    let (version, storage) = about(&engine.address());
    Row { engine: format!("Podman {version}"), storage, seen }
}

/// Rules of its own are none of an engine's that was configured so; doctor says what that means.
fn without_rules() -> Row {
    let engine = SecondEngine::configured("{\"iptables\": false}");
    let house = furnished(&engine, "rules");
    let mut doctor = house.project.command(&["doctor"]);
    let begin = std::time::Instant::now();
    let output = doctor.env("DOCKER_HOST", engine.address()).output().unwrap();
    Outcome::of(output, begin).says("Docker makes no packet rules here");
    let seen = rehearsed(&house, &engine.address());
    let (version, storage) = about(&engine.address());
    Row { engine: format!("Docker {version}, `iptables: false`"), storage, seen }
}

#[test]
#[ignore = "make engines"]
fn every_engine_gives_a_verdict_that_holds_or_none() {
    let trixie = root_of("trixie");
    let rows = [
        docker("Docker", None, Make::Docker),
        without_rules(),
        docker("Docker", Some(&trixie), Make::Docker),
        docker("Docker, rootless,", Some(&trixie), Make::Rootless),
        podman("bookworm"),
        podman("trixie"),
    ];
    let mut table = String::from("| engine | storage | what was seen |\n|---|---|---|\n");
    for Row { engine, storage, seen } in &rows {
        table.push_str(&format!("| {engine} | {storage} | {seen} |\n"));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/engines.md");
    let text = fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    fs::write(path, format!("{head}{BEGIN}{table}{END}{tail}")).unwrap();
    rows.iter().for_each(holds);
}

/// The two that differ most from the machine's own; the table stays as it is.
#[test]
#[ignore = "make test-all"]
fn two_engines_give_a_verdict_that_holds_or_none() {
    holds(&docker("Docker, rootless,", Some(&root_of("trixie")), Make::Rootless));
    holds(&podman("trixie"));
}

fn holds(Row { engine, seen, .. }: &Row) {
    let expected: &[&str] = match engine.split(' ').next() {
        Some("Podman") => &["refused by name", "75: could not keep the engine's host off"],
        _ => &["IPv4: green, nothing left; IPv4 and IPv6: green, nothing left"],
    };
    for text in expected {
        assert!(seen.contains(text), "{engine}: {seen}");
    }
}
