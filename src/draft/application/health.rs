//! The page of a plain application that says whether it is well, from its routes.

use std::sync::LazyLock;

use regex::Regex;

use crate::draft::sources::Sources;

/// Pages that say whether an app is well, the best first.
const HEALTH_PAGES: [&str; 8] =
    ["/healthz", "/health", "/health/", "/_health", "/livez", "/ping", "/status", "/"];

/// A page, and what is answered there when all is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::draft) struct HealthPage {
    pub(in crate::draft) path: String,
    /// The HTTP status.
    pub(in crate::draft) status: u16,
    pub(in crate::draft) why: String,
}

impl HealthPage {
    pub(in crate::draft) fn well(path: impl Into<String>, why: impl Into<String>) -> Self {
        HealthPage { path: path.into(), status: 200, why: why.into() }
    }
}

impl Default for HealthPage {
    fn default() -> Self {
        HealthPage::well("/", "no route says more")
    }
}

/// Routes as they are written, and their files.
#[derive(Debug, Default)]
struct Routes {
    /// Those that answer by themselves.
    answering: Vec<(String, String)>,
    /// Those that lead somewhere else, as to a log-in.
    leading: Vec<(String, String)>,
    /// Those that take no GET.
    refusing: Vec<(String, String)>,
}

impl Routes {
    fn of(sources: &Sources) -> Self {
        static ROUTE: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r#"(?m)^[ \t]*@\w+(?:\.\w+)?\.(?:route|get)\(\s*["']([^"'<>\s]+)["']([^\n]*)"#,
            )
            .expect("a constant pattern")
        });
        static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r#"url_prefix\s*=\s*["']([^"'<>\s]*)["']"#).expect("a constant pattern")
        });
        let mut routes = Routes::default();
        for source in sources.of_app() {
            let prefix =
                PREFIX.captures(&source.text).map_or(String::new(), |found| found[1].to_owned());
            for found in ROUTE.captures_iter(&source.text) {
                let methods = &found[2];
                let route = (format!("{prefix}{}", &found[1]), source.display_path());
                let after = found.get(0).map_or("", |whole| &source.text[whole.end()..]);
                // A log-in leads on only who has logged in.
                let is_login = route.0.trim_end_matches('/').ends_with("/login");
                if methods.contains("methods") && !methods.contains("GET") {
                    routes.refusing.push(route);
                } else if !is_login && leads_away(after) {
                    routes.leading.push(route);
                } else {
                    routes.answering.push(route);
                }
            }
        }
        routes
    }
}

/// The page of a Flask-like app that says most, if its routes can be read.
pub(in crate::draft) fn health_page(sources: &Sources) -> Option<HealthPage> {
    let Routes { answering, leading, refusing } = Routes::of(sources);
    let of = |routes: &[(String, String)], wanted: &dyn Fn(&str) -> bool| {
        routes.iter().find(|(route, _)| wanted(route)).cloned()
    };
    let is_guarded = sources.of_app().any(|source| is_guarded(&source.text));
    let mut pages = HEALTH_PAGES.iter().filter(|page| !(is_guarded && **page == "/"));
    let best = pages.find_map(|page| of(&answering, &|route| route == *page));
    // Others beside the main one are for special ways of it.
    let login = || {
        let all =
            answering.iter().filter(|(route, _)| route.trim_end_matches('/').ends_with("/login"));
        all.min_by_key(|(route, _)| route.len()).cloned()
    };
    let page = best
        .or_else(login)
        .or_else(|| of(&leading, &|route| route == "/"))
        .or_else(|| of(&answering, &|route| route.starts_with('/')))
        .or_else(|| of(&leading, &|route| route.starts_with('/')));
    if let Some((path, file)) = page {
        return Some(HealthPage::well(path, format!("a route in {file}")));
    }
    if let Some((path, file)) = compared(sources).filter(|_| refusing.is_empty()) {
        return Some(HealthPage::well(path, format!("{file} looks for it")));
    }
    // An interface without a page: that it says so is the sign that it is there.
    let (path, file) = of(&refusing, &|route| route == "/")
        .or_else(|| of(&refusing, &|route| route.starts_with('/')))?;
    Some(HealthPage { path, status: 405, why: format!("a route in {file}; no page takes GET") })
}

/// The best page that a plain application without routes compares its requests' paths with, and where. The begin of
/// many pages is none, but for one that bears the project's name: an application that answers for others has its own
/// pages there.
fn compared(sources: &Sources) -> Option<(String, String)> {
    static COMPARED: LazyLock<Regex> = LazyLock::new(|| {
        let path = r#"(?i:\bpath\w*|["']PATH_INFO["']\s*\]|["']PATH_INFO["'][^)\n]*\))"#;
        Regex::new(&format!(r#"{path}\s*(==|\.startswith\()\s*["'](/[\w/-]*)["']"#))
            .expect("a constant pattern")
    });
    let (mut pages, mut begins) = (Vec::new(), Vec::new());
    for source in sources.of_app().filter(|source| source.text.contains("start_response")) {
        for seen in COMPARED.captures_iter(&source.text) {
            if &seen[1] == "==" {
                pages.push((seen[2].to_owned(), source.display_path()));
            } else if source.package().is_some_and(|name| seen[2].contains(name)) {
                begins.push((format!("{}/", seen[2].trim_end_matches('/')), source.display_path()));
            }
        }
    }
    let best = HEALTH_PAGES.iter().find_map(|page| pages.iter().find(|(path, _)| path == page));
    best.or(pages.first()).or(begins.first()).cloned()
}

/// True where every request is led to a log-in that has none yet.
fn is_guarded(text: &str) -> bool {
    let guards = text.match_indices("before_request").filter_map(|(at, _)| {
        let after = &text[at..];
        let function = &after[after.find("\ndef ")? + 1..];
        let end = ["\n@", "\ndef ", "\nclass "].iter().filter_map(|next| function.find(next)).min();
        Some(&function[..end.unwrap_or(function.len())])
    });
    guards.into_iter().any(|guard| guard.contains("redirect(") && guard.contains("login"))
}

/// True for a view that redirects, or asks for a log-in: the text behind its route, up to the next one.
fn leads_away(after: &str) -> bool {
    let begin = after.find("def ").unwrap_or(after.len());
    let (decorators, view) = after.split_at(begin);
    let ends = ["\n@", "\ndef ", "\nclass "].iter().filter_map(|next| view.find(next));
    let view = &view[..ends.min().unwrap_or(view.len())];
    view.contains("redirect(") || decorators.contains("login_required")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(routes: &str) -> (String, u16) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("shop")).unwrap();
        std::fs::write(folder.path().join("shop/app.py"), routes).unwrap();
        let found = health_page(&Sources::of(folder.path())).unwrap_or_default();
        (found.path, found.status)
    }

    #[test]
    fn an_interface_without_pages_is_well_when_it_says_so() {
        let view = "def x(): ...\n";
        let post = format!("@app.route('/rpc/', methods=['POST'])\n{view}");
        let root = format!("@app.route('/', methods=['OPTIONS'])\n{view}");
        let get = format!("@app.route('/list')\n{view}");
        let logins = format!("@app.route('/remote/login')\n{view}@app.route('/login')\n{view}");
        assert_eq!(page(&logins), ("/login".to_owned(), 200));
        let guard =
            "@app.before_request\ndef log_in():\n    return redirect(url_for('login'))\n\n\n";
        let guarded = format!("{guard}@app.route('/')\n{view}@app.route('/user/login')\n{view}");
        assert_eq!(page(&guarded), ("/user/login".to_owned(), 200));
        assert_eq!(page(""), ("/".to_owned(), 200));
        assert_eq!(page(&post), ("/rpc/".to_owned(), 405));
        assert_eq!(page(&format!("{post}{root}")), ("/".to_owned(), 405));
        assert_eq!(page(&format!("{post}{root}{get}")), ("/list".to_owned(), 200));
    }

    #[test]
    fn a_plain_application_is_well_on_a_page_that_it_looks_for() {
        let of = |code: &str| page(&format!("def app(environ, start_response):\n    {code}\n"));
        let well = |path: &str| (path.to_owned(), 200);
        assert_eq!(of("if environ['PATH_INFO'] == '/healthz': ..."), well("/healthz"));
        assert_eq!(of("if environ.get('PATH_INFO', '') == '/list': ..."), well("/list"));
        let both = "path = environ['PATH_INFO']\n    if path.startswith('/door') or path == '/favicon.ico': ...";
        assert_eq!(of(both), well("/"));
        assert_eq!(of(&both.replace("door", "shop-door")), well("/shop-door/"));
        assert_eq!(of("if path.startswith('/shop') or path_info == '/list': ..."), well("/list"));
        assert_eq!(of("..."), well("/"));
    }
}
