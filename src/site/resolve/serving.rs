//! `names`, `proxy`, `wsgi`, and the rules between them.

use super::Resolver;
use super::value::{self, Complaint, Judged};
use crate::site::file::{ProxyFile, SiteFile, WsgiFile};
use crate::site::model::{
    Application, PlainHttp, Proxy, ProxyServer, ServerOrigin, Socket, Wsgi, WsgiServer,
};
use crate::site::problem::KeyPath;
use crate::site::value::HostName;

impl Resolver<'_> {
    /// The exact names, and the domains of the wildcards (`*.` taken off).
    pub(super) fn names(&mut self, written: &[String]) -> Option<(Vec<HostName>, Vec<HostName>)> {
        let path = KeyPath::from(["names"]);
        if written.is_empty() {
            let complaint = Complaint::new("a site has at least one name");
            self.complain(&path, complaint.hint("such as `names: [www.site-b.example]`"));
            return None;
        }
        self.no_twins(&path, written);
        if written[0].starts_with("*.") {
            let complaint = Complaint::new("the first name is the site's address: no wildcard");
            self.complain(
                &path.key(0),
                complaint.hint("begin with the exact name that people use"),
            );
            return None;
        }
        let (mut names, mut wildcards) = (Some(Vec::new()), Some(Vec::new()));
        for (index, name) in written.iter().enumerate() {
            let (list, host) = match name.strip_prefix("*.") {
                Some(domain) => (&mut wildcards, domain),
                None => (&mut names, name.as_str()),
            };
            match self.take(&path.key(index), value::host(host)) {
                Some(host) => list.iter_mut().for_each(|list| list.push(host.clone())),
                None => *list = None,
            }
        }
        Some((names?, wildcards?))
    }

    pub(super) fn proxy(&mut self, file: &ProxyFile, has_tls: bool) -> Option<Proxy> {
        let path = KeyPath::from(["proxy"]);
        let prefix = self.take(&path.key("prefix"), value::url_prefix(&file.prefix));
        let static_path = path.key("static");
        let mut static_files = Some(std::collections::BTreeMap::new());
        for (url, folder) in &file.static_files {
            let at = static_path.key(url);
            let url = self.take(&at, value::url_prefix(url));
            let folder = self.take(&at, value::path_below(folder));
            match (url, folder, &mut static_files) {
                (Some(url), Some(folder), Some(files)) => {
                    files.insert(url, folder);
                }
                (_, _, files) => *files = None,
            }
        }
        let plain_http = file.http.unwrap_or(match (has_tls, file.server) {
            (false, _) => PlainHttp::Serve,
            (true, ProxyServer::None) => PlainHttp::Closed,
            (true, _) => PlainHttp::Redirect,
        });
        if !has_tls && plain_http != PlainHttp::Serve {
            let complaint = Complaint::new("a site without TLS serves plain HTTP");
            let hint = "describe `tls`, or write `http: serve`";
            self.complain(&path.key("http"), complaint.hint(hint));
        }
        Some(Proxy {
            server: file.server,
            static_files: static_files?,
            prefix: prefix?,
            plain_http,
        })
    }

    pub(super) fn wsgi(&mut self, file: &WsgiFile, base_locale: &str) -> Option<Wsgi> {
        let path = KeyPath::from(["wsgi"]);
        let application = self.application(&path, file);
        let locale = match &file.locale {
            Some(locale) => self.take(&path.key("locale"), value::locale(locale)),
            // A wrong one is reported where it stands.
            None => value::locale(base_locale).ok(),
        };
        let mut options = Some(std::collections::BTreeMap::new());
        for (name, option) in &file.options {
            let at = path.key("options").key(name);
            let name = self.take(&at, value::word(name));
            let is_line = option.0.is_empty() || self.take(&at, value::line(&option.0)).is_some();
            match (name, &mut options) {
                (Some(name), Some(options)) if is_line => {
                    options.insert(name, option.0.clone());
                }
                (_, options) => *options = None,
            }
        }
        let server = file.server?;
        let from = file.from.unwrap_or(match server {
            WsgiServer::Uwsgi | WsgiServer::ModWsgi => ServerOrigin::Distribution,
            WsgiServer::Gunicorn | WsgiServer::Waitress => ServerOrigin::Index,
        });
        Some(Wsgi {
            server,
            from,
            application: application?,
            locale: locale?,
            workers: file.workers,
            threads: file.threads,
            socket: file.socket,
            options: options?,
        })
    }

    fn application(&mut self, path: &KeyPath, file: &WsgiFile) -> Option<Application> {
        match (&file.application, &file.file) {
            (Some(written), None) => self.take(&path.key("application"), callable(written)),
            (None, Some(script)) => {
                let at = path.key("file");
                if matches!(file.server, Some(WsgiServer::Gunicorn | WsgiServer::Waitress)) {
                    let complaint = Complaint::new("gunicorn and waitress do not take a script");
                    let hint = "name the application: `application: package.module:callable`";
                    self.complain(&at, complaint.hint(hint));
                    return None;
                }
                let judged = match script.strip_prefix('/') {
                    Some(_) => value::site_path(script),
                    None => value::path_below(script),
                };
                self.take(&at, judged).map(Application::Script)
            }
            (Some(_), Some(_)) => {
                let complaint = Complaint::new("`application` and `file` are both there");
                self.complain(path, complaint.hint("a site has one application"));
                None
            }
            (None, None) => {
                if !["application", "file"].iter().any(|key| self.has_or_had(path, key)) {
                    let complaint = Complaint::new("neither `application` nor `file` is there");
                    let hint = "such as `application: noticeboard.wsgi:application`";
                    self.complain(path, complaint.hint(hint));
                }
                None
            }
        }
    }

    /// What the WSGI server and the proxy can do together.
    pub(super) fn serving_rules(&mut self, file: &SiteFile) {
        let Some(wsgi) = &file.wsgi else { return };
        let Some(server) = wsgi.server else { return };
        let proxy = &file.proxy;
        let proxy_path = KeyPath::from(["proxy"]);
        let wsgi_path = KeyPath::from(["wsgi"]);
        let is_judged = !self.tree.is_spoiled(&proxy_path, "server")
            && !self.tree.is_spoiled(&KeyPath::default(), "proxy");
        if server == WsgiServer::ModWsgi && proxy.server != ProxyServer::Apache && is_judged {
            let complaint = Complaint::new("mod_wsgi runs inside Apache, and the proxy is another")
                .hint("write `proxy: {server: apache}`, or take gunicorn, uwsgi or waitress");
            self.complain(&wsgi_path.key("server"), complaint);
        }
        if proxy.server != ProxyServer::None || server == WsgiServer::ModWsgi {
            return;
        }
        let alone = "the WSGI server answers itself (`proxy: {server: none}`)";
        if wsgi.socket == Socket::Unix {
            let complaint = Complaint::new(format!("{alone}, so nobody reaches a unix socket"));
            self.complain(&wsgi_path.key("socket"), complaint.hint("write `socket: tcp`"));
        }
        if !proxy.static_files.is_empty() {
            let complaint = Complaint::new(format!("{alone}, so nobody serves these folders"));
            let hint = "take `static` out, or put nginx or apache in front";
            self.complain(&proxy_path.key("static"), complaint.hint(hint));
        }
        if file.tls.is_some() {
            if proxy.http.is_some_and(|http| http != PlainHttp::Closed) {
                let complaint = Complaint::new(format!("{alone}, and it listens on one port only"));
                self.complain(&proxy_path.key("http"), complaint.hint("write `http: closed`"));
            }
            if server == WsgiServer::Waitress {
                let complaint = Complaint::new(format!("{alone}, and waitress does not speak TLS"));
                let hint = "put nginx or apache in front, or take `tls` out";
                self.complain(&KeyPath::from(["tls"]), complaint.hint(hint));
            }
        }
    }
}

/// `package.module:callable`.
fn callable(text: &str) -> Judged<Application> {
    let is_dotted = |name: &str| {
        name.split('.').all(|part| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
    };
    let complaint = || Complaint::new(format!("`{text}` is not an application"));
    match text.split_once(':') {
        Some((module, callable)) if is_dotted(module) && is_dotted(callable) => {
            Ok(Application::Callable { module: module.to_owned(), callable: callable.to_owned() })
        }
        None if is_dotted(text) => Err(complaint().hint(format!("write `{text}:application`"))),
        _ => Err(complaint().hint("write it as package.module:callable")),
    }
}
