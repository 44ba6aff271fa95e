//! `wsgi.config`: what the live configuration of the server means for the rest of the description.

use std::path::{Path, PathBuf};

use super::wsgi::listen;
use crate::bounded;
use crate::site::file::{DataFile, SiteFile, WsgiFile};
use crate::site::live_server::{LiveServer, Said};
use crate::site::model::{Listen, ProxyServer, WsgiServer};
use crate::site::problem::{KeyPath, Place, Problem};
use crate::site::resolve::value::Complaint;
use crate::site::resolve::{Resolver, Wanted};

/// The most bytes of a live configuration.
const LARGEST: u64 = 1 << 20;
/// Settings of files that the server writes, of gunicorn and of uWSGI.
const WRITTEN: [&str; 6] = ["pidfile", "errorlog", "accesslog", "logto", "daemonize", "logto2"];
/// Settings of folders that it works in.
const WORKED_IN: [&str; 2] = ["chdir", "chdir2"];
/// Folders of the distribution's own files.
const DISTRIBUTION: [&str; 3] = ["/usr", "/etc", "/lib"];
/// Folders that everybody may write to, or that are no folders of files.
const OPEN: [&str; 4] = ["/tmp", "/var/tmp", "/dev", "/proc"];

impl Resolver<'_> {
    /// Where the live configuration says that the server listens, if `listen` does not.
    pub(super) fn live_server(&mut self, file: &WsgiFile, config: &Path) -> Option<Listen> {
        let server = file.server?;
        let at = KeyPath::from(["wsgi", "config"]);
        let (wanted, complaint) = match server {
            WsgiServer::Gunicorn => ("py", None),
            WsgiServer::Uwsgi => ("ini", None),
            WsgiServer::ModWsgi => {
                let complaint =
                    Complaint::new("mod_wsgi runs inside Apache, and has its configuration");
                ("", Some(complaint.hint("bring that one: `proxy: {config: ...}`")))
            }
            WsgiServer::Waitress => {
                let complaint = Complaint::new("waitress reads no configuration file");
                ("", Some(complaint.hint("write its options: `options: {threads: 8}`")))
            }
        };
        let has_suffix = config.extension().is_some_and(|suffix| suffix == wanted);
        let complaint = complaint.or_else(|| {
            let message = format!("the live configuration is a `.{wanted}` file");
            (!has_suffix).then(|| Complaint::new(message).hint("rename it, or rewrite it as one"))
        });
        if let Some(complaint) = complaint {
            self.complain(&at, complaint);
            return None;
        }
        let text = match bounded::read_text(config, LARGEST) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("the file cannot be read: {error}");
                self.complain_of_live(config, 0, Complaint::new(message));
                return None;
            }
        };
        let said = LiveServer::new(server, &text).place()?;
        let complaint = match (&said.value, &file.listen) {
            (None, None) => Complaint::new("where the server listens is computed here")
                .hint("say it beside: `wsgi: {listen: /run/shop/shop.sock}`"),
            (None, Some(_)) => return None,
            (Some(value), described) => match (listen(bare(value).as_ref()), described) {
                (Err(complaint), _) => complaint,
                (Ok(place), None) => return Some(place),
                (Ok(place), Some(described)) => match listen(described) {
                    Ok(other) if other != place => Complaint::new(format!(
                        "this is `{value}`, and `wsgi.listen` is `{described}`"
                    ))
                    .hint("take `listen` out"),
                    _ => return None,
                },
            },
        };
        self.complain_of_live(config, said.line, complaint);
        None
    }

    /// What cannot be beside a live configuration of the server, and what it needs.
    pub(super) fn live_server_rules(&mut self, file: &SiteFile, wsgi: &WsgiFile) {
        let Some(server @ (WsgiServer::Gunicorn | WsgiServer::Uwsgi)) = wsgi.server else { return };
        let Some(written) = &wsgi.config else { return };
        let at = KeyPath::from(["wsgi"]);
        if server == WsgiServer::Uwsgi {
            for (key, is_there) in [
                ("workers", wsgi.workers.is_some()),
                ("threads", wsgi.threads.is_some()),
                ("umask", wsgi.umask.is_some()),
                ("mounts", !wsgi.mounts.is_empty()),
                ("options", !wsgi.options.is_empty()),
            ] {
                if is_there {
                    let message = "the live configuration says this itself, and is taken as it is";
                    let hint = format!("take `{key}` out, or `config`");
                    self.complain_of_key(&at.key(key), Complaint::new(message).hint(hint));
                }
            }
            if file.proxy.server == ProxyServer::None {
                let message = "the WSGI server answers itself (`proxy: {server: none}`) on the site's own port, \
                               whatever its live configuration says";
                let hint = "put nginx or apache in front, or write its lines as `options`";
                self.complain_of_key(&at.key("config"), Complaint::new(message).hint(hint));
            }
        }
        // A file that is not there is reported.
        let Ok(config) = self.folders.find(written, Wanted::File) else { return };
        let Ok(text) = bounded::read_text(&config, LARGEST) else { return };
        let live = LiveServer::new(server, &text);
        let is_made = file.proxy.config.is_none() && file.proxy.server == ProxyServer::Apache;
        if let Some(said) = live.place().filter(|_| is_made && !live.speaks_http()) {
            let complaint =
                Complaint::new("this is uWSGI's own protocol, and the made Apache speaks HTTP");
            let hint =
                "bring the live Apache's, too: `proxy: {config: ..., modules: [proxy_uwsgi]}`";
            self.complain_of_live(&config, said.line, complaint.hint(hint));
        }
        for (said, complaint) in of_another_user(file, wsgi, live) {
            self.complain_of_live(&config, said.line, complaint);
        }
        self.complain_of_folders(file, &config, live);
        let said = live.place().and_then(|said| said.value);
        let place = wsgi.listen.clone().or(said).map(|place| bare(&place));
        for said in WRITTEN.iter().filter_map(|key| live.last_setting_of(&[key])) {
            if let Some(folder) =
                said.value.as_deref().and_then(|path| nobody_s(path, file, place.as_deref()))
            {
                let message =
                    format!("nobody makes the folder of this file, `{}`", folder.display());
                let hint = format!("add it to `data`: `data: [{}]`", folder.display());
                self.complain_of_live(&config, said.line, Complaint::new(message).hint(hint));
            }
        }
    }

    /// Folders that the server works in, which the distribution does not have and the description does not make.
    fn complain_of_folders(&mut self, file: &SiteFile, config: &Path, live: LiveServer<'_>) {
        for said in WORKED_IN.iter().filter_map(|key| live.last_setting_of(&[key])) {
            let folder = said.value.as_deref().map(|folder| Path::new(folder).join("file"));
            let folder = folder.and_then(|inside| nobody_s(&inside.to_string_lossy(), file, None));
            let folder = folder.filter(|folder| {
                folder != Path::new("/") && !DISTRIBUTION.iter().any(|own| folder.starts_with(own))
            });
            if let Some(folder) = folder {
                let message = format!("nobody makes this folder, `{}`", folder.display());
                let hint = format!(
                    "add it to `data`, also where a package makes it: `data: [{}]`",
                    folder.display()
                );
                self.complain_of_live(config, said.line, Complaint::new(message).hint(hint));
            }
        }
    }

    fn complain_of_live(&mut self, config: &Path, line: usize, complaint: Complaint) {
        let shown = config.strip_prefix(&self.folders.root).unwrap_or(config);
        let place = Place { line, column: usize::from(line > 0), ..Place::file(shown) };
        let problem = Problem::new(place, KeyPath::default(), complaint.message);
        self.problems.push(problem.maybe_hint(complaint.hint));
    }
}

/// A place to listen as a description has it.
fn bare(value: &str) -> String {
    let path = value.strip_prefix("unix:").unwrap_or(value);
    let path = path
        .strip_prefix("//")
        .map_or(path.to_owned(), |rest| format!("/{}", rest.trim_start_matches('/')));
    if path.starts_with(':') { format!("0.0.0.0{path}") } else { path }
}

/// The folder of an absolute path that neither Debian nor the description makes for the user.
fn nobody_s(path: &str, file: &SiteFile, place: Option<&str>) -> Option<PathBuf> {
    let folder = Path::new(path).parent().filter(|_| path.starts_with('/'))?;
    let data = file.data.iter().filter_map(|data| match data {
        DataFile::Path(path) => Some(path),
        DataFile::Described(folder) => folder.path.as_ref(),
    });
    let files = file.files.iter().filter_map(|file| file.path.as_ref());
    let home = format!("/srv/{}", file.user.name());
    let socket = place.filter(|place| place.starts_with('/'));
    let socket = socket.and_then(|place| Path::new(place).parent());
    let mut own = data
        .chain(files)
        .map(Path::new)
        .chain(OPEN.iter().map(Path::new))
        .chain([Path::new(&home)])
        .chain(socket);
    let is_made = own.any(|known| folder.starts_with(known) && known != Path::new("/"));
    (!is_made).then(|| folder.to_owned())
}

/// The server is started as the site's user, and cannot become another.
fn of_another_user(
    file: &SiteFile,
    wsgi: &WsgiFile,
    live: LiveServer<'_>,
) -> Vec<(Said, Complaint)> {
    let group = wsgi.systemd.group.as_deref().unwrap_or(file.user.name());
    [
        (["user", "uid"], file.user.name(), "user: ", ""),
        (["group", "gid"], group, "wsgi: {systemd: {group: ", "}}"),
    ]
    .into_iter()
    .filter_map(|(keys, own, before, after)| {
        let said = live.last_setting_of(&keys)?;
        let value = said.value.clone().filter(|value| value != own && value != "None")?;
        let message = format!("this is `{value}`, and the site's server runs as `{own}`");
        let hint = format!("write `{before}{value}{after}`");
        Some((said, Complaint::new(message).hint(hint)))
    })
    .collect()
}
