//! Both families of addresses: what they add to networks, containers, files and jobs, and that a site
//! without them has nothing of it.

use insta::assert_snapshot;
use serde_json::json;

use super::config::file;
use super::host::container;
use super::jobs::diagnosis_job;
use crate::replica::fixture::{self, DESK, FRONT, SHOP, Stand};
use crate::replica::{Attachment, Ipv6Spec, Plan, Step};

const IPV6_FIRST: &str = "host: {resolver: {families: [ipv6, ipv4]}}\n";
const IPV4_FIRST: &str = "host: {resolver: {families: [ipv4, ipv6]}}\n";
const IPV4_ALONE: &str = "host: {resolver: {families: [ipv4]}}\n";

fn plan(text: &str) -> Plan {
    Stand::new(&[("site", text)]).plan()
}

#[test]
fn a_site_that_describes_both_has_a_network_with_both() {
    for families in [IPV6_FIRST, IPV4_FIRST] {
        let network = plan(&format!("{SHOP}{families}")).network;
        let (subnet, nobody) = ("fd73:7461:6765::/64", "fd73:7461:6765::ffff");
        let expected = Ipv6Spec { subnet: subnet.to_owned(), nobody: nobody.to_owned() };
        assert_eq!(network.ipv6, Some(expected));
    }
    for families in ["", IPV4_ALONE] {
        assert_eq!(plan(&format!("{SHOP}{families}")).network.ipv6, None);
    }
    let words = plan(&format!("{SHOP}{IPV6_FIRST}")).to_string();
    let first = words.lines().next().unwrap();
    assert!(first.contains("10.231.0.0/27 and fd73:7461:6765::/64: closed"), "{first}");
    assert!(words.contains("the site's own host: IPv6 before IPv4"), "{words}");
}

#[test]
fn a_network_is_closed_to_the_engine_s_host() {
    let closing = |families: &str| {
        let steps = plan(&format!("{SHOP}{families}")).steps;
        let step = steps.into_iter().find_map(|planned| match planned.step {
            Step::Close { container, must, .. } => Some((container, must)),
            _ => None,
        });
        step.unwrap()
    };
    for (families, expected) in [(IPV6_FIRST, true), (IPV4_ALONE, false), ("", false)] {
        let (container, must) = closing(families);
        assert_eq!(container.network, Attachment::EngineHost);
        assert_eq!(container.capabilities, [""; 0]);
        assert_eq!(must, expected, "{families}");
    }
    let plan = plan(&format!("{SHOP}{IPV6_FIRST}"));
    let bridge = plan.network.bridge.unwrap();
    assert_eq!(closing(IPV6_FIRST).0.command[4..], [bridge.clone(), "must".to_owned()]);
    assert_eq!(closing("").0.command[5], "may");
    assert_eq!(bridge, "br-2b9bda56e25f");
}

#[test]
fn everybody_has_an_address_of_both() {
    let plan = plan(&format!("{SHOP}{IPV6_FIRST}"));
    for (role, number) in [("resolver", 2), ("app", 3), ("cache", 4), ("db", 5)] {
        let Attachment::Own { address, ipv6, .. } = container(&plan, role).network else {
            panic!("{role} has no address");
        };
        assert_eq!(address, format!("10.231.0.{number}"));
        assert_eq!(ipv6, Some(format!("fd73:7461:6765::{number}")), "{role}");
    }
}

#[test]
fn the_resolver_knows_two_records_of_every_name() {
    let names = "[www.shop.example, shop.example";
    let text = SHOP.replace(names, &format!("{names}, \"*.shop.example\""));
    let config =
        file(&plan(&format!("{text}{IPV4_FIRST}")), "resolver", "/etc/stagectl-resolver.conf");
    let records: Vec<&str> = config
        .lines()
        .filter(|line| line.starts_with("host-record") || line.starts_with("address"))
        .collect();
    assert_snapshot!(records.join("\n"), @"
    host-record=www.shop.example,10.231.0.3,fd73:7461:6765::3
    host-record=shop.example,10.231.0.3,fd73:7461:6765::3
    address=/*.shop.example/10.231.0.3
    address=/*.shop.example/fd73:7461:6765::3
    host-record=cache.internal,10.231.0.4,fd73:7461:6765::4
    host-record=db.internal,10.231.0.5,fd73:7461:6765::5
    ");
}

#[test]
fn the_order_that_is_not_glibc_s_own_is_a_file_of_everybody_who_asks() {
    let has_file = |families: &str, role: &str| {
        let files = container(&plan(&format!("{SHOP}{families}")), role).files;
        files.iter().any(|file| file.path == "/etc/gai.conf")
    };
    for role in ["app", "suite", "db", "cache"] {
        assert!(has_file(IPV4_FIRST, role), "{role}");
        assert!(!has_file(IPV6_FIRST, role), "{role}");
        assert!(!has_file(IPV4_ALONE, role), "{role}");
    }
}

#[test]
fn proxy_and_services_listen_for_both() {
    let both = plan(&format!("{SHOP}{IPV6_FIRST}"));
    let plain = plan(SHOP);
    let nginx = |plan: &Plan| {
        let config = file(plan, "app", "/etc/nginx/sites-enabled/shop.conf");
        config
            .lines()
            .filter(|line| line.contains("listen "))
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_snapshot!(nginx(&both), @"listen 80; listen [::]:80; listen 443 ssl; listen [::]:443 ssl;");
    assert_snapshot!(nginx(&plain), @"listen 80; listen 443 ssl;");
    let redis = |plan: &Plan| {
        let config = file(plan, "cache", "/opt/stagectl/redis.conf");
        config.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(redis(&both), "bind 0.0.0.0 ::");
    assert_eq!(redis(&plain), "bind 0.0.0.0");
}

#[test]
fn the_way_to_allowed_hosts_listens_on_its_addresses_of_both() {
    let plan = plan(&format!("{SHOP}{IPV6_FIRST}outside: {{api.pay.example: allow}}\n"));
    let config = file(&plan, "gateway", "/opt/stagectl/gateway.conf");
    let listens: Vec<&str> =
        config.lines().filter(|line| line.contains("listen ")).map(str::trim).collect();
    assert_snapshot!(listens.join("\n"), @"
    listen 10.231.0.29:443;
    listen [fd73:7461:6765::1d]:443;
    server { listen 10.231.0.29:80 default_server; listen [fd73:7461:6765::1d]:80 default_server; return 444; }
    listen 10.231.0.29:80;
    listen [fd73:7461:6765::1d]:80;
    listen 127.0.0.1:8053;
    ");
    assert_eq!(container(&plan, "gateway").sysctls["net.ipv6.conf.all.forwarding"], "0");
}

#[test]
fn the_diagnosis_wants_every_address_in_the_described_order() {
    let job = |families: &str| {
        let stand = Stand::new(&[("site", &format!("{DESK}{families}"))]);
        diagnosis_job(stand.site(), &fixture::secrets(stand.site()), &stand.plan().handles, &[])
    };
    let (six, four) = (job(IPV6_FIRST), job(IPV4_FIRST));
    assert_eq!(six["ipv6"], "fd73:7461:6765::3");
    let names = |job: &serde_json::Value| job["host"]["families"]["names"].clone();
    let site = six["names"][0].as_str().unwrap();
    assert_eq!(names(&six)[site], json!(["fd73:7461:6765::3", "10.231.0.3"]));
    assert_eq!(names(&four)[site], json!(["10.231.0.3", "fd73:7461:6765::3"]));
    let front = Stand::new(&[("site", &format!("{FRONT}{IPV6_FIRST}"))]);
    let secrets = fixture::secrets(front.site());
    let front = diagnosis_job(front.site(), &secrets, &front.plan().handles, &[]);
    assert_eq!(front["ipv6"], "fd73:7461:6765::1c", "the site's names lead to the proxy's host");
    let none = job("");
    assert_eq!((&none["ipv6"], &none["host"]), (&json!(null), &json!({})));
    assert!(
        none["services"]
            .as_array()
            .unwrap()
            .iter()
            .all(|service| service.get("addresses").is_none())
    );
}

#[test]
fn families_make_no_other_images() {
    let keys = |text: &str| -> Vec<String> {
        plan(text).chain.iter().map(|(_, spec)| spec.recipe.clone()).collect()
    };
    for site in [SHOP, DESK] {
        assert_eq!(keys(&format!("{site}{IPV6_FIRST}")), keys(site));
    }
}
