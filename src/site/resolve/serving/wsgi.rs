//! `wsgi`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::systemd::Unit;
use crate::site::file::WsgiFile;
use crate::site::model::{
    Application, ApplicationGroup, Callable, Listen, ServerOrigin, Wsgi, WsgiServer,
};
use crate::site::problem::KeyPath;
use crate::site::resolve::value::{self, Complaint, Judged};
use crate::site::resolve::{Resolver, Wanted, amount};

impl Resolver<'_> {
    pub(in crate::site::resolve) fn wsgi(
        &mut self,
        file: &WsgiFile,
        base_locale: &str,
    ) -> Option<Wsgi> {
        let path = KeyPath::from(["wsgi"]);
        let application = self.application(&path, file);
        let locale = match &file.locale {
            Some(locale) => self.take(&path.key("locale"), value::locale(locale)),
            // The `envvars` of Debian's Apache say so.
            None if file.server == Some(WsgiServer::ModWsgi) => Some("C".to_owned()),
            // A wrong one is reported where it stands.
            None => value::locale(base_locale).ok(),
        };
        let folder = self.take_some(&path.key("folder"), file.folder.as_deref(), working_folder);
        let umask = self.take_some(&path.key("umask"), file.umask.as_deref(), amount::umask);
        let listen = self.take_some(&path.key("listen"), file.listen.as_deref(), listen);
        let group = self.application_group(&path, file);
        let mounts = self.mounts(&path, file);
        let mut options = Some(BTreeMap::new());
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
        let systemd = self.systemd(&path.key("systemd"), &file.systemd, Unit::Server(file.server));
        let config = self.take_path(&path.key("config"), file.config.as_deref(), Wanted::File);
        let said = match &config {
            Some(Some(config)) => self.live_server(file, config),
            _ => None,
        };
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
            listen: listen?.or(said),
            config: config?,
            systemd: systemd?,
            folder: folder?,
            umask: umask?,
            application_group: group?,
            mounts: mounts?,
            pass_authorization: file.pass_authorization,
            options: options?,
        })
    }

    fn application(&mut self, path: &KeyPath, file: &WsgiFile) -> Option<Application> {
        match (&file.application, &file.file) {
            (Some(written), None) => {
                self.take(&path.key("application"), callable(written)).map(Application::Callable)
            }
            (None, Some(script)) => {
                let at = path.key("file");
                if matches!(file.server, Some(WsgiServer::Gunicorn | WsgiServer::Waitress)) {
                    let complaint = Complaint::new("gunicorn and waitress do not take a script");
                    let hint = "name the application: `application: package.module:callable`";
                    self.complain(&at, complaint.hint(hint));
                    return None;
                }
                self.take(&at, value::place(script)).map(Application::Script)
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

    fn application_group(&mut self, path: &KeyPath, file: &WsgiFile) -> Option<ApplicationGroup> {
        let Some(written) = &file.application_group else {
            return Some(ApplicationGroup::default());
        };
        let at = path.key("application_group");
        if file.server.is_some_and(|server| server != WsgiServer::ModWsgi) {
            let complaint = Complaint::new("only mod_wsgi has application groups");
            let hint = "take it out; uwsgi has `options: {single-interpreter: true}`";
            self.complain_of_key(&at, complaint.hint(hint));
            return None;
        }
        match written.as_str() {
            "global" => Some(ApplicationGroup::Global),
            "own" => Some(ApplicationGroup::Own),
            name => self.take(&at, value::word(name)).map(ApplicationGroup::Named),
        }
    }

    fn mounts(&mut self, path: &KeyPath, file: &WsgiFile) -> Option<BTreeMap<String, Callable>> {
        let path = path.key("mounts");
        if !file.mounts.is_empty()
            && matches!(file.server, Some(WsgiServer::Gunicorn | WsgiServer::Waitress))
        {
            let complaint = Complaint::new("gunicorn and waitress serve one application");
            let hint = "take uwsgi or mod_wsgi, or mount the applications inside the release";
            self.complain_of_key(&path, complaint.hint(hint));
            return None;
        }
        let mut mounts = Some(BTreeMap::new());
        for (url, written) in &file.mounts {
            let at = path.key(url);
            let url = match url.as_str() {
                "/" => {
                    let complaint = Complaint::new("`/` is the application's own place");
                    self.complain_of_key(&at, complaint.hint("write it as `application`"));
                    None
                }
                _ => self.take(&at, value::url_prefix(url)),
            };
            match (url, self.take(&at, callable(written)), &mut mounts) {
                (Some(url), Some(callable), Some(mounts)) => {
                    mounts.insert(url, callable);
                }
                (_, _, mounts) => *mounts = None,
            }
        }
        mounts
    }
}

/// `127.0.0.1:5000`, `/run/shop/shop.sock`: where the app's user may listen.
pub(super) fn listen(text: &str) -> Judged<Listen> {
    if text.starts_with('/') {
        let written = text.strip_prefix("/var/run/").map(|rest| format!("/run/{rest}"));
        let path = value::site_path(written.as_deref().unwrap_or(text))?;
        let folder = path.parent().map(|folder| folder.display().to_string());
        if matches!(folder.as_deref(), Some("/" | "/etc" | "/usr" | "/var" | "/srv")) {
            return Err(Complaint::new(format!("the app's user cannot make `{text}`"))
                .hint("name a folder of the app's own: /run/shop/shop.sock"));
        }
        return Ok(Listen::Unix(path));
    }
    let wrong = || {
        Complaint::new(format!("`{text}` is not a place to listen"))
            .hint("write `127.0.0.1:5000`, or the path of a unix socket")
    };
    let (address, port) = text.split_once(':').ok_or_else(wrong)?;
    if address != "localhost" && address.parse::<std::net::Ipv4Addr>().is_err() {
        return Err(wrong());
    }
    let port: u16 = port.parse().map_err(|_| wrong())?;
    if port < 1024 {
        return Err(Complaint::new(format!("the app's user cannot listen on port {port}"))
            .hint("write the port of the WSGI server, not the proxy's"));
    }
    Ok(Listen::Tcp { address: address.to_owned(), port })
}

/// Absolute, or from the app's home; any folder of the system will do to work in.
pub(super) fn working_folder(text: &str) -> Judged<PathBuf> {
    if text == "/" { Ok(PathBuf::from("/")) } else { value::place(text) }
}

/// `package.module:callable`, or `package.module:factory()`.
fn callable(text: &str) -> Judged<Callable> {
    let is_dotted = |name: &str| {
        name.split('.').all(|part| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
    };
    let complaint = || Complaint::new(format!("`{text}` is not an application"));
    match text.split_once(':') {
        Some((module, callable))
            if is_dotted(module) && is_dotted(callable.strip_suffix("()").unwrap_or(callable)) =>
        {
            Ok(Callable { module: module.to_owned(), callable: callable.to_owned() })
        }
        None if is_dotted(text) => Err(complaint().hint(format!("write `{text}:application`"))),
        Some((_, callable)) if callable.contains('(') => {
            Err(complaint().hint("a factory is called without arguments: package.module:factory()"))
        }
        _ => Err(complaint().hint("write it as package.module:callable")),
    }
}
