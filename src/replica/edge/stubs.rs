//! The hosts beyond the site: one container in which nginx answers for all stubs under their real
//! names, and notes what is asked.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::replica::image::chain::{Chain, ImageIndex};
use crate::replica::network::Addresses;
use crate::replica::paths;
use crate::replica::service::{ServicePart, packages, port_ready, script_file, words};
use crate::replica::spec::{FileEntry, folder};
use crate::replica::template::{Templates, built_in, context};
use crate::site::{
    AnswerKind, CertificateShape, HostName, NetworkFamilies, Outside, Service, Site, Stub,
    StubAnswer, StubError, StubPath, StubRequest,
};
use crate::tls;

/// Where everything that was asked stands in the container, a JSON object a line.
pub const JOURNAL: &str = paths::OUTSIDE_JOURNAL;
/// Where the suite asks what was asked: on the stubs' address.
pub(in crate::replica) const TELLING_PORT: u16 = 8053;
const FOLDER: &str = paths::OUTSIDE;
/// The same for all sites, whatever their own Debian is.
pub(in crate::replica) const SUITE: &str = "bookworm";

/// The stubs of a site by host.
pub fn stubs(site: &Site) -> impl Iterator<Item = (&HostName, &Stub)> {
    site.outside.iter().filter_map(|(host, outside)| match outside {
        Outside::Stub(stub) => Some((host, stub)),
        Outside::Allow => None,
    })
}

/// The address at which the suite asks.
pub(in crate::replica) fn telling_url(address: &str) -> String {
    format!("http://{address}:{TELLING_PORT}")
}

/// Adds the stubs' image to the chain.
///
/// # Errors
/// None of a user's making.
pub(in crate::replica) fn outside_image(
    chain: &mut Chain,
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    let suite = SUITE.parse().expect("a suite");
    packages(chain, suite, &["nginx", "libnginx-mod-http-lua", "lua-cjson"], &[], templates)
}

/// What runs in the container; `certificates` are those of the stubs, each for one host.
///
/// # Errors
/// None of a user's making.
pub(in crate::replica) fn outside_part(
    site: &Site,
    addresses: &Addresses,
    certificates: &[tls::Chain],
    image: ImageIndex,
    templates: &Templates,
) -> Result<ServicePart, Failure> {
    let certificate = |host: &HostName| format!("{FOLDER}/{host}.pem");
    let key = |host: &HostName| format!("{FOLDER}/{host}.key");
    let servers: Vec<Value> = stubs(site)
        .map(|(host, _)| json!({"host": host, "certificate": certificate(host), "key": key(host)}))
        .collect();
    let ipv6 = site.host.resolver.network() == NetworkFamilies::Both;
    let config = templates.render(
        "outside/nginx.conf.j2",
        context! {
            site => site.name, stubs => servers, port => TELLING_PORT, ipv6,
            suite => addresses.of_the_suite(),
        },
    )?;
    let described: BTreeMap<&HostName, Vec<Value>> = stubs(site)
        .map(|(host, stub)| (host, stub.requests.iter().map(request).collect()))
        .collect();
    let described = serde_json::to_vec(&described).unwrap_or_default();
    let mut files = vec![
        folder(paths::LOGS, 0o755),
        FileEntry::new(format!("{FOLDER}/nginx.conf"), 0o644, config),
        FileEntry::new(format!("{FOLDER}/answers.lua"), 0o644, built_in("outside/answers.lua")),
        FileEntry::new(format!("{FOLDER}/stubs.json"), 0o644, described),
        script_file("port-ready.sh", "service/port-ready.sh"),
    ];
    for (host, chain) in stubs(site).filter_map(|(host, _)| {
        let named = |chain: &&tls::Chain| chain.names.iter().any(|name| name == host.as_str());
        Some((host, certificates.iter().find(named)?))
    }) {
        files.push(FileEntry::new(certificate(host), 0o644, chain.certificates_pem.as_bytes()));
        files.push(FileEntry::new(key(host), 0o600, chain.key_pem.as_bytes()));
    }
    Ok(ServicePart {
        image,
        command: words(&["/usr/sbin/nginx", "-c", &format!("{FOLDER}/nginx.conf")]),
        files,
        capabilities: words(&["NET_BIND_SERVICE", "SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE"]),
        ready: port_ready(TELLING_PORT, "GET /ready HTTP/1.0\r\n", "HTTP/1.1 200"),
    })
}

/// A request as `answers.lua` reads it: what is not there is no condition.
fn request(request: &StubRequest) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        map.extend(value.map(|value| (key.to_owned(), value)));
    };
    put("method", request.method.clone().map(Value::from));
    match &request.path {
        StubPath::Exact(path) => put("path", Some(path.as_str().into())),
        StubPath::Below(path) => put("below", Some(path.as_str().into())),
    }
    put("query", Some(json!(request.query)));
    put("headers", Some(json!(request.headers)));
    put("body", request.body.clone().map(Value::from));
    put("json", request.json.clone());
    put("answers", Some(request.answers.iter().map(answer).collect()));
    Value::Object(map)
}

fn answer(answer: &StubAnswer) -> Value {
    let mut value = match &answer.kind {
        AnswerKind::Says { status, headers, body } => {
            json!({"status": status, "headers": headers, "body": body})
        }
        AnswerKind::Error(StubError::Reset) => json!({"error": "reset"}),
        AnswerKind::Error(StubError::Close) => json!({"error": "close"}),
    };
    if let Some(delay) = answer.delay {
        value["delay"] = delay.as_secs_f64().into();
    }
    value
}

/// What they say: those of the hosts beyond the site, and of the services that speak TLS.
pub fn further_certificates(site: &Site) -> impl Iterator<Item = CertificateShape> {
    let stubs = stubs(site).map(|(host, _)| Stub::certificate(host));
    stubs.chain(site.services.values().filter_map(Service::certificate))
}
