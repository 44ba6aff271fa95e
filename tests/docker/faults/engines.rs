//! Engines that do not do what they are asked for, as Podman does not, or speak a later API: where a
//! network is not closed, or another resolver is asked, there is no verdict. A proxy makes the machine's
//! own engine behave so; whole engines of other makes are in `engines`.

use super::house::House;
use super::proxy::{Manner, Proxy};

/// What is asked for and not done; what is said of it.
type Loosening = (fn(&str, &mut serde_json::Value), &'static [&'static str]);

const LOOSE: [Loosening; 3] = [
    (
        |_, body| drop(body["Options"].take()),
        &["could not keep the engine's host off the network of shop", "has no interface br-"],
    ),
    (
        // The bridge's address, and nothing else.
        |kind, body| {
            if kind == "POST /networks/create" {
                body["Options"]["com.docker.network.bridge.inhibit_ipv4"] = "false".into();
            }
        },
        &[
            "could not keep the engine's host off the network of shop",
            "the engine's host has an address on the network",
        ],
    ),
    (
        // With a resolver that is not the site's, and a way out.
        |kind, body| match kind {
            "POST /networks/create" => {
                let subnet = body["IPAM"]["Config"][0]["Subnet"].as_str().unwrap();
                let (start, _) = subnet.rsplit_once('.').unwrap();
                let end = 30 + start_of(subnet);
                body["IPAM"]["Config"][0]["Gateway"] = format!("{start}.{end}").into();
            }
            _ => drop(body["HostConfig"]["Dns"].take()),
        },
        &[
            "the network of shop is not closed",
            "a route leads out of the network, through 10.231.",
            "the containers ask the resolver 127.0.0.11: ",
        ],
    ),
];

/// The last number of a subnet's first address.
fn start_of(subnet: &str) -> u32 {
    let (_, end) = subnet.rsplit_once('.').unwrap();
    end.split_once('/').unwrap().0.parse().unwrap()
}

#[test]
fn where_a_network_is_not_closed_or_another_resolver_is_asked_there_is_no_verdict() {
    let house = House::new("loose");
    for (asked, expected) in LOOSE {
        let proxy = Proxy::mannered(Manner { asked, ..Manner::default() });
        let mut outcome = house.rehearse(&proxy).exit_code(75);
        for text in expected {
            outcome = outcome.says(text);
        }
        outcome.says("nothing left: 0 containers, 0 networks, 0 volumes");
        house.is_clean();
    }
}

#[test]
fn an_engine_that_speaks_nothing_older_than_docker_29_is_asked_in_its_words() {
    let house = House::new("floor");
    let version = |said: &mut serde_json::Value| {
        said["ApiVersion"] = "1.52".into();
        said["MinAPIVersion"] = "1.44".into();
    };
    let proxy = Proxy::mannered(Manner { version, floor: Some(44), ..Manner::default() });
    house.rehearse(&proxy).exit_code(0).says("nothing left: 0 containers");
    assert!(proxy.seen().len() > 20, "{:?}", proxy.seen());
    house.is_clean();
}
