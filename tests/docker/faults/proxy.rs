//! A proxy for Docker's socket that can fail, cut, garble or delay a request, before or after Docker
//! has seen it, or behave as another engine does. What it does to a request is the test's decision.

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
use serde_json::Value;
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

/// How an engine behaves that is not the machine's own.
#[derive(Clone)]
pub(crate) struct Manner {
    /// Where the engine behind it listens.
    pub(crate) socket: PathBuf,
    /// What becomes of what it is asked for, by the request's kind.
    pub(crate) asked: fn(&str, &mut Value),
    /// What it says of its version, beside Docker's own words.
    pub(crate) version: fn(&mut Value),
    /// Where it is to listen itself, if that matters.
    pub(crate) at: Option<PathBuf>,
    /// The oldest API that it speaks, where that is not the engine's.
    pub(crate) floor: Option<u32>,
}

impl Default for Manner {
    fn default() -> Self {
        let socket = socket_of_docker();
        Manner { socket, asked: |_, _| (), version: |_| (), at: None, floor: None }
    }
}

/// Listens until it is dropped.
pub(crate) struct Proxy {
    _folder: tempfile::TempDir,
    path: PathBuf,
    seen: Arc<Mutex<Vec<String>>>,
    end: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    pub(crate) fn start(
        delay: Duration,
        decide: impl Fn(&str, usize) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        Self::with(delay, decide, Manner::default())
    }

    /// One that fails nothing.
    pub(crate) fn mannered(manner: Manner) -> Self {
        Self::with(Duration::ZERO, |_, _| None, manner)
    }

    fn with(
        delay: Duration,
        decide: impl Fn(&str, usize) -> Option<Fault> + Send + Sync + 'static,
        manner: Manner,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = manner.at.clone().unwrap_or_else(|| folder.path().join("docker.sock"));
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (seen, end) = (Arc::new(Mutex::new(Vec::new())), CancellationToken::new());
        let desk = Desk { seen: seen.clone(), decide: Arc::new(decide), delay, manner };
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
        Proxy { _folder: folder, path, seen, end, thread: Some(thread) }
    }

    /// For `DOCKER_HOST`.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.path.display())
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
    manner: Manner,
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
            None => self.forward(&kind, request).await,
            Some(Fault::Refused(status)) => Ok(error(status)),
            Some(Fault::Cut) => Err(CutOff),
            Some(after) => {
                let answer = self.forward(&kind, request).await?;
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

    /// Passes a request on to the engine as the manner has it; what follows an upgrade is passed both ways.
    async fn forward(
        &self,
        kind: &str,
        mut request: Request<Incoming>,
    ) -> Result<Response<Body>, CutOff> {
        if let Some(refusal) = self.too_old(&mut request) {
            return Ok(refusal);
        }
        let stream = UnixStream::connect(&self.manner.socket).await.map_err(|_| CutOff)?;
        let (mut docker, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|_| CutOff)?;
        tokio::spawn(connection.with_upgrades());
        let client = hyper::upgrade::on(&mut request);
        let (mut head, body) = request.into_parts();
        let body = if kind == "POST /networks/create" || kind == "POST /containers/create" {
            let altered = altered(body, |json| (self.manner.asked)(kind, json)).await?;
            head.headers.insert(hyper::header::CONTENT_LENGTH, altered.len().into());
            whole(altered)
        } else {
            body.boxed()
        };
        let asked = docker.send_request(Request::from_parts(head, body)).await;
        let mut answer = asked.map_err(|_| CutOff)?;
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
        if kind == "GET /version" {
            let (mut head, body) = answer.into_parts();
            let altered = altered(body, self.manner.version).await?;
            head.headers.insert(hyper::header::CONTENT_LENGTH, altered.len().into());
            return Ok(Response::from_parts(head, whole(altered)));
        }
        Ok(answer.map(http_body_util::BodyExt::boxed))
    }

    /// As an engine answers a version below its floor; one above is asked for in words of the real engine's.
    fn too_old(&self, request: &mut Request<Incoming>) -> Option<Response<Body>> {
        let (floor, uri) = (self.manner.floor?, request.uri().to_string());
        let (minor, rest) = uri.strip_prefix("/v1.")?.split_once('/')?;
        if minor.parse::<u32>().unwrap() < floor {
            return Some(plain(400, "{\"message\": \"client version is too old\"}"));
        }
        *request.uri_mut() = format!("/v1.41/{rest}").parse().unwrap();
        None
    }
}

async fn altered(body: Incoming, change: impl FnOnce(&mut Value)) -> Result<Vec<u8>, CutOff> {
    let bytes = body.collect().await.map_err(|_| CutOff)?.to_bytes();
    let mut json = serde_json::from_slice(&bytes).map_err(|_| CutOff)?;
    change(&mut json);
    Ok(serde_json::to_vec(&json).unwrap())
}

fn whole(bytes: Vec<u8>) -> Body {
    Full::new(Bytes::from(bytes)).map_err(|never: Infallible| match never {}).boxed()
}

fn error(status: u16) -> Response<Body> {
    plain(status, "{\"message\": \"the proxy of a test says no\"}")
}

fn plain(status: u16, text: &'static str) -> Response<Body> {
    let mut response = Response::new(whole(text.as_bytes().to_vec()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
    response
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
