//! The report as a page for people: one file that needs no network, no script and no other file.
//!
//! What it says is worked out here; how it looks is in `templates/report/`. Everything that comes from
//! apps and tests is escaped by the one formatter of this module.

mod deploy;
mod failing;
mod grid;
mod in_use;
mod links;
mod page;
mod part;
mod steps;
mod timeline;
mod trends;
mod why;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, escape_formatter};
use serde::Serialize;

use super::model::Report;
use super::tail::printable;
use super::trends::Trends;
use crate::failure::Failure;
use crate::replica::built_in;

pub use links::{Beside, SavedFiles};
pub(super) use links::{TRENDS, saved_files};

/// The parts of the page, the whole one first.
const TEMPLATES: [&str; 6] = [
    "report/page.html.j2",
    "report/failing.html.j2",
    "report/in-use.html.j2",
    "report/site.html.j2",
    "report/steps.html.j2",
    "report/tests.html.j2",
];

/// The page of a run; `beside` is what lies beside it.
///
/// # Errors
/// A bug: a template that does not fit to what it is given.
pub fn html(report: &Report, beside: &Beside) -> Result<String, Failure> {
    let page = page::Page::of(report, beside);
    written(&TEMPLATES, Value::from(Serde(page)))
}

/// The page of a project's trends.
///
/// # Errors
/// As [`html`].
pub(super) fn trends_page(trends: &Trends) -> Result<String, Failure> {
    let page = trends::TrendsPage::of(trends);
    written(&["report/trends.html.j2"], Value::from(Serde(page)))
}

/// Another page of the same look: a template below `templates/`, and what it is given.
///
/// # Errors
/// As [`html`].
pub fn page_of(template: &'static str, values: impl Serialize) -> Result<String, Failure> {
    written(&[template], Value::from(Serde(values)))
}

/// The first of the templates, which includes the others.
fn written(templates: &[&'static str], values: Value) -> Result<String, Failure> {
    let bug = |error: minijinja::Error| {
        Failure::bug("could not write the report as a page").because(&error)
    };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    environment.set_syntax(syntax.map_err(bug)?);
    environment.set_formatter(|out, state, value| {
        // Not even an escaped text may turn the direction of the page.
        if value.kind() == ValueKind::String && !value.is_safe() {
            let text = printable(value.as_str().unwrap_or_default());
            return escape_formatter(out, state, &Value::from(text));
        }
        escape_formatter(out, state, value)
    });
    for name in templates {
        environment.add_template(name, built_in(name)).map_err(bug)?;
    }
    environment
        .add_global("style", Value::from_safe_string(built_in("report/page.css").to_owned()));
    environment.get_template(templates[0]).and_then(|page| page.render(values)).map_err(bug)
}

#[cfg(test)]
pub(super) mod tests;
