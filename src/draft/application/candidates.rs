//! The WSGI applications that the sources of the app define, the likeliest first.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::served::Application;
use crate::draft::sources::{Source, Sources};
use crate::python::{expression, without_comments};

/// How likely it is that production serves it; the least is the likeliest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likelihood {
    /// In `wsgi.py`, which is there for the server.
    InWsgiModule,
    /// An object of a usual module.
    Usual,
    Factory,
    Elsewhere,
    /// What the project gives away as an addition.
    Contributed,
}

/// An application, and where it is defined.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) application: Application,
    pub(super) source: &'a Source,
    likelihood: Likelihood,
}

/// What a WSGI application is made by; without any of it a variable called `app` says little.
const SIGNS: [&str; 16] = [
    "Flask(",
    "Bottle(",
    "create_app(",
    "make_app(",
    "get_wsgi_application(",
    "make_wsgi_app(",
    "default_app(",
    "falcon.",
    "start_response",
    "WSGI",
    "loadapp(",
    "wsgi_app",
    "web.application(",
    "init_app(",
    "@app.route(",
    "@application.route(",
];
/// What speaks ASGI.
const ASGI: [&str; 5] = ["FastAPI(", "Starlette(", "Quart(", "Sanic(", "Litestar("];
/// Applications of yet another kind, and what only looks like one.
const OTHERS: [&str; 10] = [
    "Fake",
    "Mock",
    "LocalProxy(",
    "Celery(",
    "Typer(",
    "QApplication(",
    "web.Application(",
    "get_asgi_application(",
    "argparse",
    "ProtocolTypeRouter(",
];

/// All of them, the likeliest first.
pub(super) fn candidates(sources: &Sources) -> Vec<Candidate<'_>> {
    let mut found: Vec<Candidate<'_>> = sources.of_app().filter_map(candidate).collect();
    // Sources come by their depth, and a sort keeps that.
    found.sort_by_key(|candidate| candidate.likelihood);
    found
}

/// True where what the app serves is for an ASGI server alone.
pub(super) fn speaks_asgi(sources: &Sources) -> bool {
    sources.of_app().any(|source| ASGI.iter().any(|sign| source.text.contains(sign)))
}

fn candidate(source: &Source) -> Option<Candidate<'_>> {
    let module = source.module.as_ref()?;
    let name = source.path.file_stem()?.to_str()?;
    let is_other = ["asgi", "celery", "conftest", "manage", "setup", "tasks", "routing"]
        .contains(&name)
        || name == "__main__"
        || name.contains("celery")
        || name.contains("worker");
    if is_other {
        return None;
    }
    let is_wsgi_module = name == "wsgi";
    let text = without_comments(&source.text);
    if let Some(object) = object(&text, is_wsgi_module) {
        let is_usual = matches!(name, "app" | "application" | "main" | "__init__" | "server");
        let likelihood = match (is_wsgi_module, is_usual) {
            (true, _) => Likelihood::InWsgiModule,
            // The name that the servers look for when nobody says one.
            _ if name.contains("wsgi") || object == "application" => Likelihood::Usual,
            (_, true) => Likelihood::Usual,
            _ => Likelihood::Elsewhere,
        };
        let application = Application::Object(format!("{module}:{object}"));
        return Some(Candidate {
            application,
            source,
            likelihood: moved(likelihood, &source.path),
        });
    }
    let factory = factory(&text)?;
    let likelihood = if is_wsgi_module { Likelihood::InWsgiModule } else { Likelihood::Factory };
    let application = Application::Factory { module: module.clone(), name: factory };
    Some(Candidate { application, source, likelihood: moved(likelihood, &source.path) })
}

fn moved(likelihood: Likelihood, path: &Path) -> Likelihood {
    let is_contributed = path.iter().any(|part| part == "contrib");
    if is_contributed { Likelihood::Contributed } else { likelihood }
}

/// An object at the top of the module, or a function that is itself an application.
fn object(text: &str, is_wsgi_module: bool) -> Option<String> {
    static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?m)^(application|app|wsgi_app|wsgi)[ \t]*(?::[^=\n]+)?=[ \t]*([^=\s][^\n]*)")
    });
    static MADE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?m)^(\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:flask\.)?(?:Flask|Bottle)\(")
    });
    static IN_WSGI: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?m)^[ \t]*(application|app)[ \t]*=[ \t]*[^=\s]|^(\w+)[ \t]*=[ \t]*\w*(?:create|make|build)\w*app\w*\(",
        )
    });
    static FUNCTION: LazyLock<Regex> = LazyLock::new(|| {
        let one = |name: &str| format!(r"\s*{name}\s*(?::[^,()]+)?");
        let named = one(r"(?:environ|env|environment)");
        let (any, start) = (one(r"\w+"), one("start_response"));
        pattern(&format!(
            r"(?m)^def (?:(application|app|wsgi_app)\({any},{any},?\s*\)|(\w+)\({named},{start},?\s*\))"
        ))
    });
    static IMPORTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?m)^from [\w.]+ import [^\n]*?\b(?:\w+ as )?(application|app)\b[ \t]*(?:#.*)?$")
    });
    let is_wsgi = is_wsgi_module || SIGNS.iter().any(|sign| text.contains(sign));
    let is_good = |made: &str| {
        !made.starts_with("None") && !ASGI.iter().chain(&OTHERS).any(|other| made.contains(other))
    };
    if let Some(found) = MADE.captures(text) {
        return Some(found[1].to_owned());
    }
    let function = FUNCTION.captures(text);
    if let Some(named) = function.as_ref().and_then(|found| found.get(1)) {
        return Some(named.as_str().to_owned());
    }
    let assigned = ASSIGNED.captures_iter(text).find(|found| is_good(&found[2]));
    if let Some(found) = assigned.filter(|_| is_wsgi) {
        return Some(found[1].to_owned());
    }
    // One of another name may be a part of what is assigned.
    if let Some(other) = function.as_ref().and_then(|found| found.get(2)) {
        return Some(other.as_str().to_owned());
    }
    if let Some(found) = IN_WSGI.captures(text).filter(|_| is_wsgi_module) {
        return Some(found.get(1).or(found.get(2))?.as_str().to_owned());
    }
    let found = IMPORTED.captures(text).filter(|_| is_wsgi_module)?;
    Some(found[1].to_owned())
}

/// A function that makes one, and can be called without arguments, as a server does it.
fn factory(text: &str) -> Option<String> {
    static FACTORY: LazyLock<Regex> = LazyLock::new(|| {
        let verbs = "(?:create|make|build|init)_(?:wsgi_)?(?:app|application|server)";
        let names = "wsgi_application|app_factory|application_factory|application|app|wsgi_app";
        pattern(&format!(r"(?m)^def ({verbs}|{names})\("))
    });
    let is_asgi = ASGI.iter().any(|sign| text.contains(sign));
    FACTORY.captures_iter(text).filter(|_| !is_asgi).find_map(|found| {
        let after = &text[found.get(0)?.end()..];
        let mut rest = after.trim_start();
        let mut is_free = true;
        while !rest.starts_with(')') && !rest.is_empty() {
            let argument = expression(rest);
            let is_one = argument.is_empty()
                || argument.contains('=')
                || argument.starts_with('*')
                || argument == "/";
            is_free &= is_one;
            let length = rest.find(argument).map_or(0, |at| at + argument.len());
            let next = rest[length..].trim_start();
            rest = next.strip_prefix(',').unwrap_or(next).trim_start();
            if argument.is_empty() && !rest.starts_with(')') {
                break;
            }
        }
        is_free.then(|| found[1].to_owned())
    })
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}
