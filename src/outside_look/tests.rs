//! Hosts of several shapes, looked at.

use jiff::{SignedDuration, Timestamp};

use super::server::Host;
use super::{CertificateSeen, Look, Trust};
use crate::site::{CertificateShape, IssuedBy, KeyShape, Moment, SentChain, TlsVersion, Validity};

const BOTH: [TlsVersion; 2] = [TlsVersion::V1_2, TlsVersion::V1_3];

fn shape() -> CertificateShape {
    CertificateShape::new(vec!["www.a.example".to_owned()], KeyShape::EcdsaP256, 1)
}

async fn look(shape: &CertificateShape, versions: &[TlsVersion], is_trusted: bool) -> Look {
    let host = Host::new(shape, versions).await;
    host.lookout(is_trusted).look("www.a.example", "/healthz").await
}

async fn trust(shape: &CertificateShape, is_trusted: bool) -> Trust {
    look(shape, &BOTH, is_trusted).await.tls.unwrap().trust
}

#[tokio::test]
async fn all_that_a_host_shows_is_seen() {
    let look = look(&shape(), &BOTH, true).await;
    let tls = look.tls.unwrap();
    assert_eq!(tls.trust, Trust::Trusted);
    assert_eq!((tls.versions.as_slice(), &tls.refused), (&BOTH[..], &None));
    assert_eq!((tls.chain.len(), tls.sent_above()), (2, 1));
    assert_eq!(tls.chain_pem().matches("BEGIN CERTIFICATE").count(), 2);
    let CertificateSeen { names, key, is_self_signed, .. } = &tls.certificate;
    assert_eq!((names.join(" ").as_str(), key.as_str()), ("www.a.example", "ecdsa-p256"));
    assert!(!is_self_signed);
    let days = tls.certificate.days_left(Timestamp::now().as_second());
    assert!((80..=90).contains(&days), "{days}");
    let health = look.secure.unwrap();
    assert_eq!((health.status, health.header("server")), (200, Some("board")));
    assert_eq!(health.body, b"{\"database\": true}");
    assert_eq!(look.plain.unwrap().redirect(), Some("https://www.a.example/"));
}

#[tokio::test]
async fn what_is_wrong_with_a_chain_is_told_apart() {
    assert_eq!(trust(&shape(), true).await, Trust::Trusted);
    let alone = CertificateShape { sent: SentChain::LeafOnly, ..shape() };
    assert!(matches!(trust(&alone, true).await, Trust::Incomplete { .. }));
    let own = CertificateShape { issuer: IssuedBy::Itself, intermediates: 0, ..shape() };
    assert_eq!(trust(&own, false).await, Trust::SelfSigned);
    // What ends with a root that nobody knows here ends with an issuer that is not sent.
    assert!(matches!(trust(&shape(), false).await, Trust::Incomplete { .. }));
}

#[tokio::test]
async fn a_certificate_whose_time_is_over_is_seen_all_the_same() {
    let until = Some(Moment::In(SignedDuration::from_hours(-72)));
    let expired = CertificateShape { valid: Validity::Described { from: None, until }, ..shape() };
    let tls = look(&expired, &BOTH, true).await.tls.unwrap();
    assert_eq!(tls.trust, Trust::Trusted);
    let days = tls.certificate.days_left(Timestamp::now().as_second());
    assert!((-5..0).contains(&days), "{days}");
}

#[tokio::test]
async fn the_versions_are_those_that_it_speaks() {
    for version in BOTH {
        let tls = look(&shape(), &[version], true).await.tls.unwrap();
        assert_eq!(tls.versions, [version]);
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_of_each_part() {
    let host = Host::new(&shape(), &BOTH).await;
    let look = host.lookout(true).look("nobody.invalid", "/").await;
    let said = look.addresses.unwrap_err();
    assert!(said.starts_with("nobody.invalid: "), "{said}");
    assert!(look.tls.is_err() && look.secure.is_err() && look.plain.is_err());
}
