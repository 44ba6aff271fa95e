//! A stub's own file: read, checked and judged as a description is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::value::{self, Complaint, Judged};
use super::{Folders, Resolver, amount};
use crate::bounded;
use crate::site::check::{check, missing};
use crate::site::file::{AnswerFile, AnyScalar, RequestFile, StubFile};
use crate::site::model::{AnswerKind, StubAnswer, StubPath, StubRequest};
use crate::site::problem::{KeyPath, Place, Problem, Problems};
use crate::site::schema::of_stubs;
use crate::site::yaml;

/// The requests of a stub's file.
///
/// # Errors
/// All problems of the file.
pub(super) fn read(folders: &Folders, file: &Path) -> Result<Vec<StubRequest>, Problems> {
    let shown = file.strip_prefix(&folders.root).unwrap_or(file);
    let bytes = bounded::start(file, yaml::MAX_BYTES as u64 + 1).map_err(|error| {
        let mut problems = Problems::default();
        let message = format!("the file cannot be read: {error}");
        problems.push(Problem::new(Place::file(shown), KeyPath::default(), message));
        problems
    })?;
    let mut tree = yaml::read(shown, &bytes)?;
    let mut problems = check(&mut tree, of_stubs());
    problems.extend(missing(&tree, of_stubs()));
    let mut judge = Resolver {
        tree: &tree,
        folders,
        texts: BTreeMap::new(),
        broken: BTreeSet::new(),
        secrets: BTreeSet::new(),
        elsewhere: Vec::new(),
        problems,
    };
    let requests = match serde_yaml::from_value::<StubFile>(tree.to_yaml()) {
        Ok(file) => judge.requests(&file.requests.unwrap_or_default()),
        Err(error) => {
            let message = format!("the stub cannot be read: {error}");
            judge.complain(&KeyPath::default(), Complaint::new(message));
            None
        }
    };
    match requests {
        Some(requests) if judge.problems.is_empty() => Ok(requests),
        _ => Err(judge.problems),
    }
}

impl Resolver<'_> {
    fn requests(&mut self, files: &[RequestFile]) -> Option<Vec<StubRequest>> {
        let path = KeyPath::from(["requests"]);
        let judged: Vec<_> = files
            .iter()
            .enumerate()
            .map(|(index, file)| self.request(&path.key(index), file))
            .collect();
        let requests: Vec<StubRequest> = judged.into_iter().collect::<Option<_>>()?;
        for (index, request) in requests.iter().enumerate() {
            let same = |other: &StubRequest| {
                StubRequest { answers: request.answers.clone(), ..other.clone() } == *request
            };
            if let Some(earlier) = requests[..index].iter().position(same) {
                let complaint = Complaint::new(format!(
                    "request {earlier} is the same, and always comes first"
                ));
                self.complain(&path.key(index), complaint.hint("put its answers there, in order"));
            }
        }
        Some(requests)
    }

    fn request(&mut self, path: &KeyPath, file: &RequestFile) -> Option<StubRequest> {
        let method = self.take_some(&path.key("method"), file.method.as_deref(), method);
        let at = self.take_some(&path.key("path"), file.path.as_deref(), request_path);
        let headers = self.headers(&path.key("headers"), &file.headers);
        self.one_body(path, file.body.is_some() && file.json.is_some());
        let answers_path = path.key("answers");
        let answers: Vec<_> = file
            .answers
            .iter()
            .flatten()
            .enumerate()
            .map(|(index, answer)| self.answer(&answers_path.key(index), answer))
            .collect();
        if file.answers.as_ref().is_some_and(Vec::is_empty) {
            let complaint = Complaint::new("a request has at least one answer");
            self.complain(&answers_path, complaint.hint("such as `answers: [{status: 200}]`"));
            return None;
        }
        Some(StubRequest {
            method: method?,
            path: at??,
            query: file.query.iter().map(|(name, text)| (name.clone(), text.0.clone())).collect(),
            headers: headers?
                .into_iter()
                .map(|(name, text)| (name.to_ascii_lowercase(), text))
                .collect(),
            body: file.body.clone(),
            json: file.json.clone(),
            answers: answers.into_iter().collect::<Option<_>>()?,
        })
    }

    fn answer(&mut self, path: &KeyPath, file: &AnswerFile) -> Option<StubAnswer> {
        let delay = self.take_some(&path.key("delay"), file.delay.as_deref(), amount::duration);
        let headers = self.headers(&path.key("headers"), &file.headers);
        self.one_body(path, file.body.is_some() && file.json.is_some());
        if let Some(error) = file.error {
            for key in ["status", "headers", "body", "json"] {
                if self.tree.find(&path.key(key)).is_some() {
                    let complaint = Complaint::new(format!("`error` leaves no `{key}` to answer"));
                    self.complain_of_key(&path.key(key), complaint.hint("take one of them out"));
                }
            }
            return Some(StubAnswer { delay: delay?, kind: AnswerKind::Error(error) });
        }
        let mut headers = headers?;
        let is_typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let body = match (&file.json, &file.body) {
            (Some(json), _) => {
                if !is_typed {
                    headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
                }
                json.to_string()
            }
            (None, body) => body.clone().unwrap_or_default(),
        };
        if matches!(file.status, 204 | 304) && !body.is_empty() {
            let complaint =
                Complaint::new(format!("an answer of status {} has no body", file.status));
            self.complain(&path.key("status"), complaint.hint("take out the body"));
        }
        let kind = AnswerKind::Says { status: file.status, headers, body };
        Some(StubAnswer { delay: delay?, kind })
    }

    fn one_body(&mut self, path: &KeyPath, both: bool) {
        if both {
            let complaint = Complaint::new("`body` and `json` are both there");
            self.complain(path, complaint.hint("there is one body: write it in one way"));
        }
    }

    fn headers(
        &mut self,
        path: &KeyPath,
        written: &BTreeMap<String, AnyScalar>,
    ) -> Option<Vec<(String, String)>> {
        let judged: Vec<_> = written
            .iter()
            .map(|(name, text)| {
                let at = path.key(name);
                let is_name = !name.is_empty()
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
                if !is_name {
                    let complaint = Complaint::new(format!("`{name}` is not a header's name"));
                    self.complain_of_key(&at, complaint.hint("such as `Content-Type`"));
                }
                let text = self.take(&at, value::line(&text.0))?;
                is_name.then(|| (name.clone(), text))
            })
            .collect();
        judged.into_iter().collect()
    }
}

fn method(text: &str) -> Judged<String> {
    if (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'-') {
        return Ok(text.to_owned());
    }
    let complaint = Complaint::new(format!("`{text}` is not an HTTP method"));
    Err(complaint.hint("write it in capitals, such as POST; leave it out for any"))
}

fn request_path(text: &str) -> Judged<StubPath> {
    let (front, is_open) = match text.strip_suffix('*') {
        Some(front) => (front, true),
        None => (text, false),
    };
    let complaint = Complaint::new(format!("`{text}` is not the path of a request"));
    if front.contains('?') {
        return Err(complaint.hint("write what its query has as `query: {name: value}`"));
    }
    if !front.starts_with('/') || front.contains('*') || front.contains(char::is_control) {
        return Err(complaint.hint("such as `/v1/charges`, or `/v1/*` for everything below"));
    }
    Ok(if is_open { StubPath::Below(front.to_owned()) } else { StubPath::Exact(front.to_owned()) })
}
