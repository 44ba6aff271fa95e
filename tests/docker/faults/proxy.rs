//! A proxy for Docker's socket that can fail, cut, garble or delay a request, before or after Docker
//! has seen it. What it does to a request is the test's decision.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

type Body = BoxBody<Bytes, hyper::Error>;

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Docker never sees it, and this status is the answer.
    Refused(u16),
    /// Docker does it, and this status is the answer.
    Denied(u16),
    /// The connection ends before Docker has seen it.
    Cut,
    /// The connection ends after Docker has done it.
    AnswerLost,
    /// Docker does it, and nobody can read the answer.
    Garbled,
}

impl Fault {
    pub(crate) const ALL: [Fault; 7] = [
        Fault::Refused(500),
        Fault::AnswerLost,
        Fault::Refused(404),
        Fault::Garbled,
        Fault::Refused(409),
        Fault::Cut,
        Fault::Denied(500),
    ];
}

/// Decides by the request's kind (`POST /containers/{}/start`) and how many of that kind came before.
type Decide = dyn Fn(&str, usize) -> Option<Fault> + Send + Sync;

/// Listens until it is dropped.
pub(crate) struct Proxy {
    folder: tempfile::TempDir,
    seen: Arc<Mutex<Vec<String>>>,
    end: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    pub(crate) fn start(
        delay: Duration,
        decide: impl Fn(&str, usize) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = std::os::unix::net::UnixListener::bind(folder.path().join("docker.sock"));
        let listener = listener.unwrap();
        listener.set_nonblocking(true).unwrap();
        let (seen, end) = (Arc::new(Mutex::new(Vec::new())), CancellationToken::new());
        let desk = Desk { seen: seen.clone(), decide: Arc::new(decide), delay };
        let over = end.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let listener = UnixListener::from_std(listener).unwrap();
                tokio::select! {
                    () = over.cancelled() => {}
                    () = desk.serve(&listener) => {}
                }
            });
        });
        Proxy { folder, seen, end, thread: Some(thread) }
    }

    /// For `DOCKER_HOST`.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.folder.path().join("docker.sock").display())
    }

    /// The kinds of all requests so far, in their order.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end.cancel();
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            ended.unwrap().unwrap();
        }
    }
}

#[derive(Clone)]
struct Desk {
    seen: Arc<Mutex<Vec<String>>>,
    decide: Arc<Decide>,
    delay: Duration,
}

/// Ends the connection without a word.
#[derive(Debug, thiserror::Error)]
#[error("cut")]
struct CutOff;

impl Desk {
    async fn serve(&self, listener: &UnixListener) {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let desk = self.clone();
            tokio::spawn(async move {
                let answer = service_fn(|request| desk.answer(request));
                let server = hyper::server::conn::http1::Builder::new();
                let connection = server.serve_connection(TokioIo::new(stream), answer);
                // A connection that a fault or a killed client ended is what the test is about.
                let _ended = connection.with_upgrades().await;
            });
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, CutOff> {
        let kind = kind_of(request.method().as_str(), request.uri().path());
        let before = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(kind.clone());
            seen.iter().filter(|other| **other == kind).count() - 1
        };
        tokio::time::sleep(self.delay).await;
        match (self.decide)(&kind, before) {
            None => forward(request).await,
            Some(Fault::Refused(status)) => Ok(error(status)),
            Some(Fault::Cut) => Err(CutOff),
            Some(after) => {
                let answer = forward(request).await?;
                let status = answer.status();
                // What Docker does, it has done when its answer ends; a stream has no end to wait for.
                if status != StatusCode::SWITCHING_PROTOCOLS {
                    answer.into_body().collect().await.map_err(|_| CutOff)?;
                }
                match after {
                    Fault::Denied(status) => Ok(error(status)),
                    Fault::Garbled => Ok(plain(200, "{\"Id\": \u{fffd}<<<")),
                    _ => Err(CutOff),
                }
            }
        }
    }
}

fn error(status: u16) -> Response<Body> {
    plain(status, "{\"message\": \"the proxy of a test says no\"}")
}

fn plain(status: u16, text: &'static str) -> Response<Body> {
    let body =
        Full::new(Bytes::from_static(text.as_bytes())).map_err(|never: Infallible| match never {});
    let mut response = Response::new(body.boxed());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
    response
}

/// Passes a request on to Docker; what follows an upgrade is passed both ways.
async fn forward(mut request: Request<Incoming>) -> Result<Response<Body>, CutOff> {
    let stream = UnixStream::connect(socket_of_docker()).await.map_err(|_| CutOff)?;
    let (mut docker, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| CutOff)?;
    tokio::spawn(connection.with_upgrades());
    let client = hyper::upgrade::on(&mut request);
    let mut answer = docker.send_request(request).await.map_err(|_| CutOff)?;
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        let engine = hyper::upgrade::on(&mut answer);
        tokio::spawn(async move {
            if let (Ok(client), Ok(engine)) = tokio::join!(client, engine) {
                let (mut client, mut engine) = (TokioIo::new(client), TokioIo::new(engine));
                // Either end may just go.
                let _passed = tokio::io::copy_bidirectional(&mut client, &mut engine).await;
            }
        });
    }
    Ok(answer.map(http_body_util::BodyExt::boxed))
}

fn socket_of_docker() -> PathBuf {
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    let socket = host.strip_prefix("unix://").unwrap_or("/var/run/docker.sock");
    socket.into()
}

/// Method and path without version, names and ids.
fn kind_of(method: &str, path: &str) -> String {
    const VERBS: [&str; 16] = [
        "json", "create", "start", "wait", "archive", "logs", "exec", "commit", "load", "tag",
        "kill", "connect", "attach", "version", "info", "_ping",
    ];
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let parts = match parts.first() {
        Some(version) if version.starts_with("v1.") => &parts[1..],
        _ => &parts[..],
    };
    let is_last = |index: usize| index + 1 == parts.len();
    let mut shown: Vec<&str> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let is_word = index == 0 || (is_last(index) && VERBS.contains(part));
        let word = if is_word { part } else { "{}" };
        // An image's name has slashes of its own.
        if !(word == "{}" && shown.last() == Some(&"{}")) {
            shown.push(word);
        }
    }
    format!("{method} /{}", shown.join("/"))
}

#[test]
fn requests_of_a_kind_have_one_name() {
    for (method, path, expected) in [
        ("GET", "/version", "GET /version"),
        ("POST", "/v1.41/containers/create", "POST /containers/create"),
        ("POST", "/v1.41/containers/a-b/start", "POST /containers/{}/start"),
        ("GET", "/v1.41/images/stagectl/base:1f/json", "GET /images/{}/json"),
        ("DELETE", "/v1.41/networks/n", "DELETE /networks/{}"),
    ] {
        assert_eq!(kind_of(method, path), expected);
    }
}
