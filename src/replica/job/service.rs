//! What the diagnosis is told of the services: where each is, what it says, and how the way there is.

use serde_json::{Value, json};

use crate::replica::network::Addresses;
use crate::replica::service::hba_rules;
use crate::site::{
    Asked, Comer, NetworkFamilies, Postgres, Role, Service, ServiceKind, ServiceTls, Site, Weather,
    asked,
};

/// One for each service, in their order.
#[must_use]
pub(in crate::replica) fn service_jobs(site: &Site, addresses: &Addresses) -> Vec<Value> {
    site.services
        .iter()
        .map(|(role, service)| service_job(site, role, service, addresses))
        .collect()
}

fn service_job(site: &Site, role: &Role, service: &Service, addresses: &Addresses) -> Value {
    let address = addresses.service(role);
    let host = service.names.first().map_or_else(|| address.clone(), ToString::to_string);
    let behaviour = match &service.kind {
        ServiceKind::Smtp(smtp) => Some(smtp.behaviour),
        _ => None,
    };
    let ports = service.ports();
    let mut job = json!({
        "role": role,
        "kind": service.kind.row().speaks,
        "host": host,
        "port": ports.plain,
        "tls_port": ports.secured,
        "closed": ports.closed,
        "behaviour": behaviour,
        "tls": service.tls,
    });
    if let (Some(redis), true) = (service.kind.as_redis(), service.is_on_the_app_s_host()) {
        job["socket"] = json!(redis.socket());
    }
    if let Some(weather) = &service.weather {
        job["weather"] = weather_job(weather);
    }
    if let ServiceKind::Postgres(postgres) = &service.kind {
        job["login"] = login_job(site, (role, service), postgres, addresses).unwrap_or_default();
    }
    // Where its own command says where it listens, one of both is enough.
    if let (Some(ipv6), false) =
        (addresses.ipv6_of(&address), matches!(service.kind, ServiceKind::Other(_)))
    {
        job["addresses"] = json!([ipv6, address]);
    }
    job
}

/// What can be seen of the network to a service by one question.
fn weather_job(weather: &Weather) -> Value {
    json!({
        "latency": weather.latency.unwrap_or_default().as_secs_f64(),
        "jitter": weather.jitter.unwrap_or_default().as_secs_f64(),
        "black_hole": weather.black_hole,
    })
}

/// What is asked of the app's user by the described lines of `pg_hba.conf`, if that can be known and is anything.
fn login_job(
    site: &Site,
    (role, service): (&Role, &Service),
    postgres: &Postgres,
    addresses: &Addresses,
) -> Option<Value> {
    let is_known = !postgres.hba.is_empty()
        && !service.is_on_the_app_s_host()
        && site.host.resolver.network() == NetworkFamilies::Ipv4;
    let from = if service.weather.is_some() { addresses.service(role) } else { addresses.host() };
    let comer = Comer {
        database: &postgres.database,
        user: &postgres.user,
        address: from.parse().ok().filter(|_| is_known)?,
        has_tls: service.tls != ServiceTls::None,
    };
    // Who is not let in does not ask: the server would write down a failure that is nobody's.
    let Asked::For(method) = asked(&hba_rules(site, role, postgres, addresses), comer) else {
        return None;
    };
    Some(json!({ "database": postgres.database, "user": postgres.user, "method": method }))
}
