//! What is on the link of a replica: its own containers, and nobody else.

use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};

use serde_json::json;

use crate::confined::{intruders, tried};
use crate::samples::packed;

/// Where everybody on a link listens.
const EVERYBODY: [&str; 2] = ["255.255.255.255", "224.0.0.1"];

/// The addresses of the engine's host, which is this machine.
fn addresses_of_the_host() -> Vec<String> {
    let text = std::fs::read_to_string("/proc/net/if_inet6").unwrap();
    let of_line = |line: &str| {
        let digits = line.split_whitespace().next()?;
        let groups: Vec<&str> = (0..8).map(|n| &digits[4 * n..4 * n + 4]).collect();
        Some(groups.join(":"))
    };
    let addresses = text.lines().filter_map(of_line);
    addresses
        .filter(|address| !address.starts_with("fe80") && !address.ends_with(":0001"))
        .collect()
}

#[test]
fn nobody_in_a_replica_with_ipv6_reaches_the_host() {
    let tcp = TcpListener::bind("[::]:0").unwrap();
    let port = tcp.local_addr().unwrap().port();
    // Of IPv4 as well.
    let udp = UdpSocket::bind(("::", port)).unwrap();
    let mut places: Vec<_> =
        addresses_of_the_host().iter().map(|address| json!([address, port])).collect();
    places.extend(EVERYBODY.map(|address| json!([address, port])));
    let targets = json!({"ports": [port], "places": places, "link": true});
    let project = intruders("link").site(
        "link",
        &format!(
            "{{names: [link.example], health: {{within: 60s}}, env: {{TARGETS: '{targets}', KEY: '${{secret.key}}'}}, \
              host: {{resolver: {{families: [ipv6, ipv4]}}}}}}"
        ),
    );
    let outcome = project.rehearse(&packed(&project, "intruder"));
    assert_eq!(outcome.code(), Some(1), "{}", outcome.stderr);
    let found = tried(&project, "link");
    for who in ["app", "step", "suite", "worker"] {
        let mut network = found[who]["network"].as_object().unwrap().clone();
        // The resolver, whose network is the suite's, and the app.
        let link = network.remove("link").unwrap();
        assert_eq!(link.as_array().map(Vec::len), Some(2), "{who}: {link}");
        assert!(!link.to_string().contains("\"fe80::1\""), "{who}: {link}");
        let own: Vec<&String> = network.keys().filter(|place| place.contains(" fd73:")).collect();
        assert_eq!(own.len(), 3, "{who}: {network:?}");
        for (place, came_of_it) in network {
            // What goes to everybody is answered by nobody; on the link, the kernel tells TCP of it by a
            // time-out, and others at once; nothing else leads anywhere.
            let is_for_all = ["ff02", "255.255", "224."].iter().any(|many| place.contains(many));
            let expected: &[&str] = if is_for_all {
                &["timed out"]
            } else if place.contains(" fe80") {
                &["timed out", "EHOSTUNREACH"]
            } else {
                &["EHOSTUNREACH"]
            };
            let came_of_it = came_of_it.as_str().unwrap();
            assert!(expected.contains(&came_of_it), "{who}: {place}: {came_of_it}");
        }
    }
    tcp.set_nonblocking(true).unwrap();
    udp.set_nonblocking(true).unwrap();
    let came = tcp.accept().map(|(_, from)| from);
    assert_eq!(came.unwrap_err().kind(), ErrorKind::WouldBlock);
    let came = udp.recv_from(&mut [0; 64]).map(|(_, from)| from);
    assert_eq!(came.unwrap_err().kind(), ErrorKind::WouldBlock);
    let report = project.report();
    let said = &report.sites[0].not_replicated;
    assert!(!said.iter().any(|what| what.contains("host is not on")), "{said:?}");
}

#[test]
fn nobody_on_the_host_hears_what_a_replica_says_to_everybody() {
    let host = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = host.local_addr().unwrap().port();
    let places = EVERYBODY.map(|address| json!([address, port]));
    let targets = json!({"places": places});
    let project = intruders("loud").site(
        "loud",
        &format!("{{names: [loud.example], health: {{within: 60s}}, env: {{TARGETS: '{targets}', KEY: '${{secret.key}}'}}}}"),
    );
    let outcome = project.rehearse(&packed(&project, "intruder"));
    assert_eq!(outcome.code(), Some(1), "{}", outcome.stderr);
    let found = tried(&project, "loud");
    for who in ["app", "step", "suite", "worker"] {
        let expected =
            EVERYBODY.map(|address| (format!("udp {address} {port}"), json!("timed out")));
        assert_eq!(
            found[who]["network"],
            serde_json::Value::Object(expected.into_iter().collect()),
            "{who}"
        );
    }
    // What is heard first is what is said now.
    let own = UdpSocket::bind("127.0.0.1:0").unwrap();
    own.send_to(b"own", ("127.0.0.1", port)).unwrap();
    let (_, from) = host.recv_from(&mut [0; 64]).unwrap();
    assert_eq!(from, own.local_addr().unwrap());
    // A run also says what it removed of others' that were killed.
    let warnings = project.report().warnings;
    let own: Vec<&str> = warnings
        .iter()
        .filter(|warning| !warning.sites.is_empty())
        .map(|warning| warning.message.as_str())
        .collect();
    assert!(matches!(own[..], [only] if only.starts_with("no lock file")), "{warnings:?}");
}
