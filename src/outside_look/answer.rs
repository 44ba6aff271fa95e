//! What a page answers: one request, no redirect is followed.

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::{Lookout, PLAIN, SECURE};

/// How long an answer may take, with all of its body.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of a body that are kept.
const LARGEST: usize = 1 << 20;

/// How a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// In their order, with lowercase names.
    pub headers: Vec<(String, String)>,
    /// The first MiB.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, by its lowercase name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Where it leads, if it is a redirect.
    #[must_use]
    pub fn redirect(&self) -> Option<&str> {
        self.header("location").filter(|_| matches!(self.status, 301 | 302 | 303 | 307 | 308))
    }
}

impl Lookout {
    /// Asks a name for a path, with whatever certificate it has.
    ///
    /// # Errors
    /// In words: it is not reached, or does not answer in time.
    pub async fn ask(&self, scheme: Scheme, name: &str, path: &str) -> Result<Answer, String> {
        let asking = async {
            match scheme {
                Scheme::Https => get(self.secure(name, SECURE).await?, name, path).await,
                Scheme::Http => get(self.connect(name, PLAIN).await?, name, path).await,
            }
        };
        let answer = timeout(PATIENCE, asking).await;
        answer.unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}")))
    }
}

async fn get<S>(stream: S, name: &str, path: &str) -> Result<Answer, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let no_answer = |error: hyper::Error| format!("no answer: {}", with_causes(&error));
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(no_answer)?;
    let going = tokio::spawn(connection);
    let request = Request::get(path)
        .header(header::HOST, name)
        .header(header::USER_AGENT, concat!("stagectl/", env!("CARGO_PKG_VERSION")))
        .header(header::ACCEPT, "*/*")
        .body(Empty::<Bytes>::new())
        .map_err(|error| format!("cannot ask for {path}: {error}"))?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(no_answer)?;
        read(response).await.map_err(no_answer)
    };
    let answer = answer.await;
    going.abort();
    answer
}

async fn read(response: Response<Incoming>) -> Result<Answer, hyper::Error> {
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let status = response.status().as_u16();
    let (mut incoming, mut body) = (response.into_body(), Vec::new());
    while let Some(frame) = incoming.frame().await {
        if let Ok(data) = frame?.into_data() {
            body.extend_from_slice(&data[..data.len().min(LARGEST - body.len())]);
        }
        if body.len() == LARGEST {
            break;
        }
    }
    Ok(Answer { status, headers, body })
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}
