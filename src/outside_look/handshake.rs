//! Handshakes that take any certificate and keep what was sent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    SupportedProtocolVersion,
};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificate::{CertificateSeen, end_of_path};
use super::{Lookout, Roots};
use crate::site::TlsVersion;

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same of one with each version, with the ways to the host.
const ALTOGETHER: Duration = Duration::from_secs(30);

const VERSIONS: [(TlsVersion, &SupportedProtocolVersion); 2] =
    [(TlsVersion::V1_2, &TLS12), (TlsVersion::V1_3, &TLS13)];

/// What a port with TLS shows of itself.
#[derive(Debug, Clone)]
pub struct TlsSeen {
    /// The certificates as they are sent, in DER: the site's own, then whatever comes with it.
    pub chain: Vec<Vec<u8>>,
    /// The first of them.
    pub certificate: CertificateSeen,
    pub trust: Trust,
    /// The versions that it agrees to, of those that stagectl knows; the oldest first.
    pub versions: Vec<TlsVersion>,
    /// Why it agrees to none, where it does not: it wants a client's certificate, or something older.
    pub refused: Option<String>,
}

/// Whether the chain as it was sent leads to a root that is trusted; its names and its time are not looked at here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    Trusted,
    /// It was issued by itself, and nobody has said that it is good.
    SelfSigned,
    /// The certificate of this issuer was not sent, and is no root that is trusted.
    Incomplete {
        issuer: String,
    },
    /// All was sent, to a root that is not trusted.
    UnknownRoot,
    /// Something else is wrong with it, in words.
    Bad(String),
}

impl TlsSeen {
    /// The certificates as they are sent, as PEM.
    #[must_use]
    pub fn chain_pem(&self) -> String {
        let block = |der: &Vec<u8>| pem::encode(&pem::Pem::new("CERTIFICATE", der.clone()));
        self.chain.iter().map(block).collect()
    }

    /// How many certificates are sent beside the site's own.
    #[must_use]
    pub fn sent_above(&self) -> usize {
        self.chain.len() - 1
    }
}

impl Lookout {
    /// What a port shows of its TLS to who asks for a name.
    ///
    /// # Errors
    /// In words: it is not reached, or speaks no TLS.
    pub async fn look_at_tls(&self, name: &str, port: u16) -> Result<TlsSeen, String> {
        let seen = timeout(ALTOGETHER, self.shake_hands(name, port)).await;
        seen.unwrap_or_else(|_| Err(format!("no handshakes within {ALTOGETHER:?}")))
    }

    async fn shake_hands(&self, name: &str, port: u16) -> Result<TlsSeen, String> {
        let (mut versions, mut seen, mut refused) = (Vec::new(), Vec::new(), None);
        for (word, version) in VERSIONS {
            let stream = self.connect(name, port).await?;
            let (chain, shaken) = shake(stream, name, &[version]).await;
            match shaken {
                Ok(_) => versions.push(word),
                Err(why) => refused = Some(why),
            }
            // What the newest shows is what clients of today see.
            if !chain.is_empty() {
                seen = chain;
            }
        }
        let certificate = seen.first().and_then(|der| CertificateSeen::read(der));
        let Some(certificate) = certificate else {
            return Err(refused.unwrap_or_else(|| "it sends no certificate".to_owned()));
        };
        let trust = trust(&seen, &certificate, &self.roots);
        let refused = refused.filter(|_| versions.is_empty());
        Ok(TlsSeen { chain: seen, certificate, trust, versions, refused })
    }

    /// A connection with TLS to a port of a name, whatever its certificate is.
    ///
    /// # Errors
    /// In words, as [`Lookout::look_at_tls`].
    pub(super) async fn secure(
        &self,
        name: &str,
        port: u16,
    ) -> Result<TlsStream<TcpStream>, String> {
        let stream = self.connect(name, port).await?;
        shake(stream, name, &[&TLS12, &TLS13]).await.1
    }
}

/// The certificates that were sent, and the connection if the handshake came to its end.
async fn shake(
    stream: TcpStream,
    name: &str,
    versions: &[&'static SupportedProtocolVersion],
) -> (Vec<Vec<u8>>, Result<TlsStream<TcpStream>, String>) {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let keeper = Arc::new(Keeper { provider: provider.clone(), chain: Mutex::default() });
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions);
    let config = match config {
        Ok(config) => config,
        Err(error) => return (Vec::new(), Err(error.to_string())),
    };
    let config = config.dangerous().with_custom_certificate_verifier(keeper.clone());
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let Ok(server) = ServerName::try_from(name.to_owned()) else {
        return (Vec::new(), Err(format!("`{name}` is not the name of a host")));
    };
    let connecting = TlsConnector::from(Arc::new(config)).connect(server, stream);
    let shaken = match timeout(PATIENCE, connecting).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(format!("no handshake: {error}")),
        Err(_) => Err(format!("no handshake within {PATIENCE:?}")),
    };
    let chain = keeper.chain.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (chain, shaken)
}

/// Whether the chain leads to a root. Its time is another question, so that it is looked at when the certificate is good.
fn trust(chain: &[Vec<u8>], certificate: &CertificateSeen, roots: &Roots) -> Trust {
    if chain.first().is_some_and(|der| roots.has_given(der)) {
        return Trust::Trusted;
    }
    let now = UnixTime::now().as_secs();
    let within = |moment: i64| u64::try_from(moment).unwrap_or_default();
    let now = now.min(within(certificate.not_after)).max(within(certificate.not_before));
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
    let sent: Vec<CertificateDer<'_>> =
        chain.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
    let verified = ParsedCertificate::try_from(&sent[0]).and_then(|parsed| {
        verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &roots.store,
            &sent[1..],
            now,
            algorithms.all,
        )
    });
    match verified {
        Ok(()) => Trust::Trusted,
        Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            match end_of_path(chain) {
                Some(issuer) => Trust::Incomplete { issuer },
                None if certificate.is_self_signed => Trust::SelfSigned,
                None => Trust::UnknownRoot,
            }
        }
        Err(_) if certificate.is_self_signed => Trust::SelfSigned,
        Err(Error::InvalidCertificate(error)) => Trust::Bad(error.to_string()),
        Err(error) => Trust::Bad(error.to_string()),
    }
}

/// Keeps the certificates that are sent, and takes all of them.
#[derive(Debug)]
struct Keeper {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Vec<Vec<u8>>>,
}

impl ServerCertVerifier for Keeper {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(own).chain(above).map(|der| der.to_vec()).collect();
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = all;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
