//! `deploy.releases`, and what lies in the way of it.

use std::path::Path;

use super::Resolver;
use super::value::Complaint;
use crate::site::file::{DataFile, ReleasesFile, SiteFile};
use crate::site::model::{ProxyServer, Releases, Strategy, WsgiServer};
use crate::site::problem::KeyPath;

/// A unix socket in a folder that is root's alone.
fn is_of_a_socket_unit(listen: &str) -> bool {
    Path::new(listen).parent() == Some(Path::new("/run"))
}

impl Resolver<'_> {
    /// `None` without it, and where its problem is reported.
    pub(super) fn releases(&mut self, file: &SiteFile) -> Option<Releases> {
        self.parallel(file);
        let ReleasesFile { keep } = *file.deploy.releases.as_ref()?;
        let path = KeyPath::from(["deploy", "releases"]);
        if keep == 1 && file.deploy.rollback.rehearse {
            let complaint = Complaint::new("nothing is there to go back to");
            let hint =
                "`deploy.rollback.rehearse` needs the release before: keep 2, or take it out";
            self.complain(&path.key("keep"), complaint.hint(hint));
        }
        self.nothing_of_releases(file);
        Some(Releases { keep })
    }

    /// What `deploy.strategy: parallel` needs: two folders, and a proxy whose configuration can name either server.
    fn parallel(&mut self, file: &SiteFile) {
        if file.deploy.strategy != Strategy::Parallel {
            return;
        }
        let at = KeyPath::from(["deploy", "strategy"]);
        let mut complain = |message: &str, hint: &str| {
            self.complain(&at, Complaint::new(message).hint(hint));
        };
        match file.deploy.releases {
            None => complain(
                "two releases that run at once need a folder each",
                "say so: `deploy.releases: {keep: 2}`",
            ),
            Some(ReleasesFile { keep: 1 }) => complain(
                "the live release runs until the switch, and one release is kept",
                "keep it: `deploy.releases: {keep: 2}`",
            ),
            Some(_) => {}
        }
        let wsgi = file.wsgi.as_ref();
        let server = wsgi.and_then(|wsgi| wsgi.server);
        let listen = wsgi.and_then(|wsgi| wsgi.listen.as_deref());
        if file.proxy.server == ProxyServer::None || server == Some(WsgiServer::ModWsgi) {
            complain(
                "no proxy stands before the server that could lead to another one",
                "it goes with nginx or Apache before gunicorn, uWSGI or waitress; such as `restart` here",
            );
        } else if file.proxy.config.is_some() || wsgi.is_some_and(|wsgi| wsgi.config.is_some()) {
            complain(
                "a live configuration names one place where the server listens, and two run at once",
                "describe proxy and server by keys, or take `restart`",
            );
        } else if listen.is_some_and(is_of_a_socket_unit) {
            complain(
                "a socket that systemd opens goes on with the next server by itself",
                "take `restart`, which loses no request there",
            );
        }
    }

    /// What is described in the folder of one release is not there for the next.
    fn nothing_of_releases(&mut self, file: &SiteFile) {
        let home = Path::new("/srv").join(file.user.name());
        let own = [home.join("releases"), home.join("current")];
        let data = file.data.iter().enumerate().map(|(index, folder)| {
            let at = KeyPath::from(["data"]).key(index);
            let at = if matches!(folder, DataFile::Described(_)) { at.key("path") } else { at };
            (at, folder.path())
        });
        let files = file.files.iter().enumerate().map(|(index, file)| {
            (KeyPath::from(["files"]).key(index).key("path"), file.path.as_deref())
        });
        for (at, path) in data.chain(files).collect::<Vec<_>>() {
            let Some(path) = path else { continue };
            if own.iter().any(|own| Path::new(path).starts_with(own)) {
                let message =
                    format!("`{path}` is in the folder of one release, and the next has another");
                let shared = home.join("shared");
                let hint = format!(
                    "describe it below `{}`, and let a deploy step link it where the app looks",
                    shared.display()
                );
                self.complain(&at, Complaint::new(message).hint(hint));
            }
        }
    }
}
