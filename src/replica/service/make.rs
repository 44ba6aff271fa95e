//! Which service is made how.

use super::cache::{REDIS_PROGRAM, VALKEY_PROGRAM, memcached_part, redis_part};
use super::mail::mail_part;
use super::mariadb::mariadb_part;
use super::other::other_part;
use super::part::{CERTIFICATE, KEY, Making, ServicePart, packages};
use super::pgbouncer::pgbouncer_part;
use super::postgres::postgres_part;
use super::rabbitmq::rabbitmq_part;
use crate::failure::Failure;
use crate::replica::image::chain::{Chain, ImageIndex};
use crate::replica::spec::FileEntry;
use crate::replica::template::Templates;
use crate::site::{DebianSuite, Role, Service, ServiceKind, ServiceTls};
use crate::tls;

/// Adds the service's images to the chain.
///
/// # Errors
/// Usage: an init file or a seed that cannot be read.
pub(in crate::replica) fn service_part(
    chain: &mut Chain,
    role: &Role,
    service: &Service,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let mut part = part_of(chain, role, service, making)?;
    let named =
        |chain: &&tls::Chain| chain.names.iter().any(|name| *name == service.names[0].as_str());
    if let (true, Some(certificate)) =
        (service.tls != ServiceTls::None, making.certificates.iter().find(named))
    {
        part.files.push(FileEntry::new(
            CERTIFICATE,
            0o644,
            certificate.certificates_pem.as_bytes(),
        ));
        // These start as root and give it to the service; nobody else is on the others' hosts.
        let mode = match service.kind {
            ServiceKind::Postgres(_) | ServiceKind::Mariadb(_) | ServiceKind::Smtp(_) => 0o600,
            _ => 0o644,
        };
        part.files.push(FileEntry::new(KEY, mode, certificate.key_pem.as_bytes()));
    }
    Ok(part)
}

fn part_of(
    chain: &mut Chain,
    role: &Role,
    service: &Service,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let image = service.image.as_deref();
    match &service.kind {
        ServiceKind::Postgres(postgres) => postgres_part(chain, role, postgres, service, making),
        ServiceKind::Mariadb(mariadb) => mariadb_part(chain, role, mariadb, service, making),
        ServiceKind::Redis(described) => {
            redis_part(chain, &REDIS_PROGRAM, described, service, making)
        }
        ServiceKind::Valkey(described) => {
            redis_part(chain, &VALKEY_PROGRAM, described, service, making)
        }
        ServiceKind::Memcached { version } => memcached_part(chain, version, service, making),
        ServiceKind::Rabbitmq(rabbitmq) => rabbitmq_part(chain, rabbitmq, service, making),
        ServiceKind::Pgbouncer(pooler) => pgbouncer_part(chain, pooler, image, making),
        ServiceKind::Smtp(smtp) => mail_part(chain, service, smtp, making),
        ServiceKind::Other(other) => other_part(chain, role, other, image, making),
    }
}

/// The image of the resolver: the newest suite that is there anyway.
///
/// # Errors
/// None of a user's making.
pub(in crate::replica) fn resolver_image(
    chain: &mut Chain,
    suite: &DebianSuite,
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    packages(chain, suite.clone(), &["dnsmasq-base", "tcpdump"], &[], templates)
}
