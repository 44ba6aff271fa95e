//! A server for tests, on this machine's loopback: with certificates of a described shape, and a few pages.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::Lookout;
use crate::site::{CertificateShape, TlsVersion};
use crate::tls::Authority;

/// A host of the world: what it sends, and the root that has issued it.
pub(super) struct Host {
    folder: tempfile::TempDir,
    secure: u16,
    plain: u16,
}

impl Host {
    /// Begins to serve on ports of its own.
    pub(super) async fn new(shape: &CertificateShape, versions: &[TlsVersion]) -> Host {
        let folder = tempfile::tempdir().unwrap();
        let names = ["www.a.example".to_owned(), "other.example".to_owned()];
        let store = folder.path().join("tls");
        let authority = Authority::load_or_create(&store, "world", &names).unwrap();
        let chain = authority.issue(shape, Timestamp::now()).unwrap();
        std::fs::write(folder.path().join("root.pem"), &chain.root_pem).unwrap();
        let acceptor = acceptor(&chain.certificates_pem, &chain.key_pem, versions);
        let secure = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = Host {
            folder,
            secure: secure.local_addr().unwrap().port(),
            plain: plain.local_addr().unwrap().port(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = secure.accept().await {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, true).await;
                }
            }
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = plain.accept().await {
                serve(stream, false).await;
            }
        });
        host
    }

    /// A place from which `www.a.example` is this host, and which trusts its root, or does not.
    pub(super) fn lookout(&self, is_trusted: bool) -> Lookout {
        let detours = [(443, self.secure), (80, self.plain)];
        let detours =
            detours.map(|(port, own)| format!("www.a.example:{port}=127.0.0.1:{own}").parse());
        let detours = detours.into_iter().collect::<Result<Vec<_>, _>>().unwrap();
        let root = self.folder.path().join("root.pem");
        Lookout::new(detours, is_trusted.then_some(root.as_path())).unwrap()
    }
}

fn acceptor(certificates: &str, key: &str, versions: &[TlsVersion]) -> TlsAcceptor {
    let blocks = pem::parse_many(certificates).unwrap().into_iter();
    let chain: Vec<CertificateDer<'_>> = blocks.map(|block| block.into_contents().into()).collect();
    let key = PrivateKeyDer::Pkcs8(pem::parse(key).unwrap().into_contents().into());
    let versions: Vec<_> = versions
        .iter()
        .map(|version| if *version == TlsVersion::V1_2 { &TLS12 } else { &TLS13 })
        .collect();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_protocol_versions(&versions);
    let config = config.unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, is_secure: bool) {
    let mut request = vec![0; 4096];
    let length = stream.read(&mut request).await.unwrap_or_default();
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let answer = match request.split_whitespace().nth(1) {
        Some("/healthz") if is_secure => {
            "HTTP/1.1 200 OK\r\nServer: board\r\nContent-Length: 18\r\n\r\n{\"database\": true}"
        }
        Some(_) if is_secure => {
            "HTTP/1.1 200 OK\r\nServer: board\r\nStrict-Transport-Security: max-age=60\r\nContent-Length: 2\r\n\r\nok"
        }
        Some(_) => {
            "HTTP/1.1 301 Moved\r\nLocation: https://www.a.example/\r\nContent-Length: 0\r\n\r\n"
        }
        None => return,
    };
    stream.write_all(answer.as_bytes()).await.ok();
    stream.shutdown().await.ok();
}
