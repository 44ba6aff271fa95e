//! The live configuration as it is, and what the host has to have because of it.

use std::path::Path;

use crate::bounded;
use crate::failure::Failure;
use crate::replica::added;
use crate::replica::host::layout::{CERTIFICATE, CERTIFICATE_KEY};
use crate::replica::spec::FileEntry;
use crate::site::{FileContent, ProxyServer, Site};
use crate::tls::Chain;

/// The most bytes of a live configuration.
const LARGEST: u64 = 1 << 20;
/// Directives that name a file with the certificate, in lowercase.
const CERTIFICATES: [&str; 3] =
    ["ssl_certificate", "sslcertificatefile", "sslcertificatechainfile"];
/// Directives that name a file with its key.
const KEYS: [&str; 2] = ["ssl_certificate_key", "sslcertificatekeyfile"];

/// The text of a live configuration.
#[derive(Debug, Clone)]
pub(in crate::replica) struct Live {
    text: String,
    /// Of the files beside it that are brought along.
    included: String,
    server: ProxyServer,
}

impl Live {
    /// # Errors
    /// Usage: the file cannot be read, or is not text.
    pub(in crate::replica) fn of(site: &Site) -> Result<Option<Self>, Failure> {
        let Some(path) = &site.proxy.config else { return Ok(None) };
        let text = bounded::read_text(path, LARGEST).map_err(|error| {
            Failure::usage(format!("could not read {}", path.display())).because(&error)
        })?;
        let sources = site.files.iter().filter_map(|file| match &file.content {
            FileContent::Source(source) if file.path.starts_with(proxy_folder(site)) => {
                Some(source).filter(|source| source.is_file())
            }
            _ => None,
        });
        // One that is no text holds no directives.
        let included = sources.filter_map(|source| bounded::read_text(source, LARGEST).ok());
        let included = included.collect::<Vec<_>>().join("\n");
        Ok(Some(Live { text, included, server: site.proxy.server }))
    }

    /// Where it goes on the host.
    #[must_use]
    pub(super) fn file(&self, site: &Site) -> FileEntry {
        let path = match self.server {
            ProxyServer::Apache => added::APACHE_SITE.of(site),
            _ if self.has("http") || self.has("events") => "/etc/nginx/nginx.conf".to_owned(),
            _ => added::NGINX_SITE.of(site),
        };
        FileEntry::new(path, 0o644, self.text.as_bytes())
    }

    /// Whether it says itself on which ports Apache listens.
    #[must_use]
    pub(super) fn listens(&self) -> bool {
        self.server == ProxyServer::Apache && self.has("listen")
    }

    /// Whether the proxy speaks uWSGI's own protocol with the server.
    #[must_use]
    pub(in crate::replica) fn speaks_uwsgi(&self) -> bool {
        self.has("uwsgi_pass") || self.text.contains("uwsgi://")
    }

    /// The site's certificate in every place where the configuration looks for one.
    #[must_use]
    pub(in crate::replica) fn certificate_files(&self, chain: &Chain) -> Vec<FileEntry> {
        let root = folder_of(self.server);
        let mut files: Vec<FileEntry> = Vec::new();
        for (name, value) in directives(&self.text).chain(directives(&self.included)) {
            let path = root.join(value).display().to_string();
            let is_made = [CERTIFICATE, CERTIFICATE_KEY].contains(&path.as_str())
                || files.iter().any(|file| file.path == path);
            if is_made || value.contains('$') || value.contains(':') {
                continue;
            }
            if CERTIFICATES.contains(&name.as_str()) {
                files.push(FileEntry::new(path, 0o644, chain.certificates_pem.as_bytes()));
            } else if KEYS.contains(&name.as_str()) {
                files.push(FileEntry::new(path, 0o600, chain.key_pem.as_bytes()));
            }
        }
        files
    }

    fn has(&self, name: &str) -> bool {
        directives(&self.text).any(|(directive, _)| directive == name)
    }
}

/// Every directive in lowercase, with its value without quotes.
fn directives(text: &str) -> impl Iterator<Item = (String, &str)> {
    text.lines()
        .filter_map(|line| line.split('#').next())
        .flat_map(|line| line.split([';', '{', '}']))
        .filter_map(|statement| {
            let statement = statement.trim();
            let (name, value) =
                statement.split_once(char::is_whitespace).unwrap_or((statement, ""));
            (!name.is_empty())
                .then(|| (name.to_lowercase(), value.trim().trim_matches(['"', '\''])))
        })
}

/// Where the proxy's configuration is.
#[must_use]
pub(in crate::replica) fn proxy_folder(site: &Site) -> &'static Path {
    folder_of(site.proxy.server)
}

fn folder_of(server: ProxyServer) -> &'static Path {
    Path::new(match server {
        ProxyServer::Apache => "/etc/apache2",
        _ => "/etc/nginx",
    })
}
