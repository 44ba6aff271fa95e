//! The page of a Django project that says whether it is well, from its routes.

use super::Django;
use crate::draft::sources::Sources;
use crate::python::{assigned, expression, literal, literals, without_comments};

impl Django {
    /// The page, and why it is thought to answer without a log-in.
    pub(super) fn page(&self, sources: &Sources, settings: &str) -> (String, String) {
        let module = assigned(settings, "ROOT_URLCONF").and_then(literal).unwrap_or_default();
        let Some(urls) = self.source(sources, module) else {
            return ("/".to_owned(), "its URLs are not known".to_owned());
        };
        let routes = routes(&urls.text);
        let names: Vec<(String, String)> = routes
            .iter()
            .flat_map(|(route, view)| match find_included_module(view) {
                None => vec![(route.clone(), urls.display_path())],
                Some(module) => self.source(sources, &module).map_or(Vec::new(), |below| {
                    let inside = self::routes(&below.text);
                    let plain =
                        inside.iter().filter(|(_, view)| find_included_module(view).is_none());
                    plain
                        .map(|(inner, _)| (format!("{route}{inner}"), below.display_path()))
                        .collect()
                }),
            })
            .collect();
        for wanted in ["healthz", "healthz/", "health", "health/", "ping", "ping/", ""] {
            if let Some((route, file)) = names.iter().find(|(route, _)| route == wanted) {
                return (format!("/{route}"), format!("a route in {file}"));
            }
        }
        if let Some((route, _)) = routes.iter().find(|(_, view)| view.contains("admin.site")) {
            return (
                format!("/{route}login/"),
                "the admin's log-in: nothing answers at /".to_owned(),
            );
        }
        let first = names.into_iter().find(|(route, _)| !route.contains(['<', '(', '^']));
        match first {
            Some((route, file)) => (format!("/{route}"), format!("the first route in {file}")),
            None => ("/".to_owned(), format!("no route in {} says more", urls.display_path())),
        }
    }
}

/// The routes of a URL configuration and what answers there, both as they are written.
fn routes(text: &str) -> Vec<(String, String)> {
    let text = without_comments(text);
    let calls = text.match_indices("path(").map(|(at, _)| &text[at + "path(".len()..]);
    let found = calls.filter_map(|call| {
        let route = expression(call);
        let view = expression(call.trim_start()[route.len()..].trim_start().strip_prefix(',')?);
        let route = route.trim_start_matches('r');
        let route = literal(route)?.trim_start_matches('^').trim_end_matches('$').to_owned();
        Some((route, view.to_owned()))
    });
    found.collect()
}

/// The module whose routes are taken in: of `include("shop.urls")`.
fn find_included_module(view: &str) -> Option<String> {
    let inside = view.trim().strip_prefix("include(")?;
    literals(inside).into_iter().next().or(Some(String::new()))
}
