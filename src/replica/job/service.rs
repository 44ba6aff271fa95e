//! What the diagnosis is told of the services: where each is, what it says, and how the way there is.

use serde::Serialize;

use crate::replica::network::Addresses;
use crate::replica::service::hba_rules;
use crate::site::{
    Asked, Comer, MailBehaviour, NetworkFamilies, Postgres, Role, Service, ServiceKind, ServiceTls,
    Site, Weather, asked,
};

/// A service, as the app finds it.
#[derive(Debug, Serialize)]
pub(in crate::replica) struct ServiceJob {
    role: Role,
    /// The protocol that it is asked in.
    kind: &'static str,
    /// Its first name, or its address.
    host: String,
    port: Option<u16>,
    /// Where TLS begins at once.
    tls_port: Option<u16>,
    /// The port at which nobody may listen.
    closed: Option<u16>,
    /// What a mail host does to who comes; null for others.
    behaviour: Option<MailBehaviour>,
    tls: ServiceTls,
    #[serde(flatten)]
    beside: Option<Beside>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weather: Option<WeatherJob>,
    #[serde(flatten)]
    postgres: Option<PostgresJob>,
    /// Where it answers, if the network has more than one family.
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<[String; 2]>,
}

/// Redis or Valkey on the app's own host.
#[derive(Debug, Serialize)]
struct Beside {
    /// The path of its unix socket, if it has one.
    socket: Option<String>,
}

/// PostgreSQL.
#[derive(Debug, Serialize)]
struct PostgresJob {
    /// Null where nothing is asked of the app's user.
    login: Option<LoginJob>,
}

/// What can be seen of the network to a service by one question.
#[derive(Debug, Serialize)]
struct WeatherJob {
    /// Seconds, one way.
    latency: f64,
    /// Seconds more, at most.
    jitter: f64,
    /// Whether nothing comes through.
    black_hole: bool,
}

/// How the app's user shall be asked who it is.
#[derive(Debug, Serialize)]
struct LoginJob {
    database: String,
    user: String,
    /// As `pg_hba.conf` calls it.
    method: String,
}

/// One for each service, in their order.
#[must_use]
pub(super) fn service_jobs(site: &Site, addresses: &Addresses) -> Vec<ServiceJob> {
    site.services
        .iter()
        .map(|(role, service)| service_job(site, role, service, addresses))
        .collect()
}

fn service_job(site: &Site, role: &Role, service: &Service, addresses: &Addresses) -> ServiceJob {
    let address = addresses.service(role);
    let ports = service.ports();
    let redis = service.kind.as_redis().filter(|_| service.is_on_the_app_s_host());
    // Where its own command says where it listens, one of both is enough.
    let ipv6 =
        addresses.ipv6_of(&address).filter(|_| !matches!(service.kind, ServiceKind::Other(_)));
    ServiceJob {
        role: role.clone(),
        kind: service.kind.row().speaks,
        host: service.names.first().map_or_else(|| address.clone(), ToString::to_string),
        port: ports.plain,
        tls_port: ports.secured,
        closed: ports.closed,
        behaviour: match &service.kind {
            ServiceKind::Smtp(smtp) => Some(smtp.behaviour),
            _ => None,
        },
        tls: service.tls,
        beside: redis.map(|redis| Beside { socket: redis.socket().map(str::to_owned) }),
        weather: service.weather.as_ref().map(weather_job),
        postgres: match &service.kind {
            ServiceKind::Postgres(postgres) => {
                Some(PostgresJob { login: login_job(site, (role, service), postgres, addresses) })
            }
            _ => None,
        },
        addresses: ipv6.map(|ipv6| [ipv6, address]),
    }
}

fn weather_job(weather: &Weather) -> WeatherJob {
    WeatherJob {
        latency: weather.latency.unwrap_or_default().as_secs_f64(),
        jitter: weather.jitter.unwrap_or_default().as_secs_f64(),
        black_hole: weather.black_hole,
    }
}

/// What is asked of the app's user by the described lines of `pg_hba.conf`, if that can be known and is anything.
fn login_job(
    site: &Site,
    (role, service): (&Role, &Service),
    postgres: &Postgres,
    addresses: &Addresses,
) -> Option<LoginJob> {
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
    Some(LoginJob { database: postgres.database.clone(), user: postgres.user.clone(), method })
}
