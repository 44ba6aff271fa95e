//! Hosts beyond the site that the app talks to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tls::{CertificateShape, KeyShape};
use crate::site::value::HostName;

/// What becomes of a host beyond the site.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outside {
    Stub(Stub),
    /// The real one is reached, on ports 80 and 443.
    Allow,
}

/// Answers in the place of a real host.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Stub {
    /// On this machine; what it says is `requests`.
    pub file: PathBuf,
    #[serde(skip)]
    pub requests: Vec<StubRequest>,
}

impl Stub {
    /// The certificate that the host shows.
    #[must_use]
    pub fn certificate(host: &HostName) -> CertificateShape {
        CertificateShape::new(vec![host.to_string()], KeyShape::EcdsaP256, 0)
    }
}

/// A request that a stub knows: every condition holds.
#[derive(Debug, Clone, PartialEq)]
pub struct StubRequest {
    /// `None` is any.
    pub method: Option<String>,
    pub path: StubPath,
    pub query: BTreeMap<String, String>,
    /// Names in lowercase.
    pub headers: BTreeMap<String, String>,
    pub body: Option<String>,
    /// Members that its JSON body has.
    pub json: Option<serde_json::Value>,
    /// In their order, at least one; the last one is given from then on.
    pub answers: Vec<StubAnswer>,
}

/// Which paths an answer of a stub is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StubPath {
    Exact(String),
    /// Everything that begins so.
    Below(String),
}

/// What a stub does after a while.
#[derive(Debug, Clone, PartialEq)]
pub struct StubAnswer {
    pub delay: Option<Duration>,
    pub kind: AnswerKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum AnswerKind {
    Says { status: u16, headers: Vec<(String, String)>, body: String },
    Error(StubError),
}

/// What happens to the connection instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StubError {
    Reset,
    Close,
}
