//! `proxy`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::systemd::Unit;
use crate::site::file::{AnyScalar, BalancerFile, ProxyFile};
use crate::site::model::{Balancer, Header, PlainHttp, Proxy, ProxyServer};
use crate::site::problem::KeyPath;
use crate::site::resolve::value::{self, Complaint, Judged};
use crate::site::resolve::{Resolver, Wanted, amount};

impl Resolver<'_> {
    pub(in crate::site::resolve) fn proxy(
        &mut self,
        file: &ProxyFile,
        has_tls: bool,
    ) -> Option<Proxy> {
        let path = KeyPath::from(["proxy"]);
        let prefix = self.take(&path.key("prefix"), value::url_prefix(&file.prefix));
        let static_files = self.url_folders(&path.key("static"), &file.static_files, |text| {
            plain_word(text).and_then(|()| value::path_below(text))
        });
        let media = self.url_folders(&path.key("media"), &file.media, |text| {
            plain_word(text).and_then(|()| value::place(text))
        });
        let folders = self.folders_of_the_proxy(&path.key("folders"), &file.folders);
        let headers = self.sent_headers(&path.key("headers"), &file.headers);
        let behind = self.balancer(&path.key("behind"), file.behind.as_ref());
        let body = self.take_some(&path.key("body"), file.body.as_deref(), |text| {
            amount::size_of_at_least(text, 1024)
        });
        let timeout =
            self.take_some(&path.key("timeout"), file.timeout.as_deref(), amount::seconds);
        let hsts = self.take_some(&path.key("hsts"), file.hsts.as_deref(), hsts);
        let config = self.take_path(&path.key("config"), file.config.as_deref(), Wanted::File);
        let modules = self.take_all(&path.key("modules"), &file.modules, value::word);
        let systemd = self.systemd(&path.key("systemd"), &file.systemd, Unit::Proxy);
        let plain_http = file.http.or(match (has_tls, file.server) {
            (false, _) => Some(PlainHttp::Serve),
            (true, _) if file.behind.is_some() => Some(PlainHttp::Redirect),
            (true, ProxyServer::None) => Some(PlainHttp::Closed),
            // The live configuration says it, and nobody has to repeat it.
            (true, _) if file.config.is_some() => None,
            (true, _) => Some(PlainHttp::Redirect),
        });
        if !has_tls && plain_http != Some(PlainHttp::Serve) {
            let complaint = Complaint::new("a site without TLS serves plain HTTP");
            let hint = "describe `tls`, or write `http: serve`";
            self.complain(&path.key("http"), complaint.hint(hint));
        }
        Some(Proxy {
            server: file.server,
            host: file.host,
            behind: behind?,
            static_files: static_files?,
            media: media?,
            folders: folders?,
            prefix: prefix?,
            plain_http,
            headers: headers?,
            body: body?,
            timeout: timeout?,
            hsts: hsts?,
            config: config?,
            modules: modules?,
            systemd: systemd?,
        })
    }

    #[expect(
        clippy::option_option,
        reason = "the outer one is the judgement, the inner one the key"
    )]
    fn balancer(
        &mut self,
        path: &KeyPath,
        file: Option<&BalancerFile>,
    ) -> Option<Option<Balancer>> {
        let Some(file) = file else { return Some(None) };
        let headers = self.sent_headers(&path.key("headers"), &file.headers);
        Some(Some(Balancer { headers: headers? }))
    }

    /// Folders by the URL prefix under which they are served.
    fn url_folders(
        &mut self,
        path: &KeyPath,
        written: &BTreeMap<String, String>,
        judge: impl Fn(&str) -> Judged<PathBuf>,
    ) -> Option<BTreeMap<String, PathBuf>> {
        let mut folders = Some(BTreeMap::new());
        for (url, folder) in written {
            let at = path.key(url);
            let url = self.take(&at, value::url_prefix(url));
            let folder = self.take(&at, judge(folder));
            match (url, folder, &mut folders) {
                (Some(url), Some(folder), Some(folders)) => {
                    folders.insert(url, folder);
                }
                (_, _, folders) => *folders = None,
            }
        }
        folders
    }

    /// Folders of the app's host by their places on the proxy's.
    fn folders_of_the_proxy(
        &mut self,
        path: &KeyPath,
        written: &BTreeMap<String, String>,
    ) -> Option<BTreeMap<PathBuf, PathBuf>> {
        let mut folders = Some(BTreeMap::new());
        for (place, folder) in written {
            let at = path.key(place);
            let place = self.take(&at, value::site_path(place));
            let folder = self.take(&at, value::place(folder));
            match (place, folder, &mut folders) {
                (Some(place), Some(folder), Some(folders)) => {
                    folders.insert(place, folder);
                }
                (_, _, folders) => *folders = None,
            }
        }
        folders
    }

    fn sent_headers(
        &mut self,
        path: &KeyPath,
        written: &BTreeMap<String, AnyScalar>,
    ) -> Option<BTreeMap<String, Header>> {
        let mut headers = Some(BTreeMap::new());
        let mut seen: Vec<&str> = Vec::new();
        for (name, AnyScalar(text)) in written {
            let at = path.key(name);
            if let Some(twin) = seen.iter().find(|other| other.eq_ignore_ascii_case(name)) {
                let message = format!("`{twin}` and `{name}` are the same header");
                self.complain_of_key(&at, Complaint::new(message).hint("take one of them out"));
            }
            seen.push(name);
            match (self.take(&at, header_name(name)), self.take(&at, header(text)), &mut headers) {
                (Some(name), Some(header), Some(headers)) => {
                    headers.insert(name, header);
                }
                (_, _, headers) => *headers = None,
            }
        }
        headers
    }
}

/// A path that the proxy's configuration may have as it is: one word, that ends no directive and names no variable.
fn plain_word(text: &str) -> Judged<()> {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@,=:~".contains(c);
    match text.chars().find(|c| !is_plain(*c)) {
        None => Ok(()),
        Some(found) => {
            let message = format!(
                "the proxy's configuration cannot have a folder with {found:?} in its name"
            );
            Err(Complaint::new(message)
                .hint("give the folder another name, or bring the live configuration along: `proxy.config`"))
        }
    }
}

/// A token of RFC 9110, of the letters that proxies send.
fn header_name(text: &str) -> Judged<String> {
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if is_name {
        return Ok(text.to_owned());
    }
    let complaint = Complaint::new(format!("`{text}` is not the name of a header"));
    Err(complaint.hint("write letters, digits and `-`"))
}

fn header(text: &str) -> Judged<Header> {
    match text {
        "false" => Ok(Header::NotSent),
        "true" => Err(Complaint::new("`true` does not say what is sent")
            .hint("write the value in the proxy's own words, or leave the header out")),
        _ => value::line(text).map(Header::Sent),
    }
}

/// `max-age=31536000; includeSubDomains; preload` (RFC 6797, section 6.1).
fn hsts(text: &str) -> Judged<String> {
    let directives: Vec<String> =
        text.split(';').map(|directive| directive.trim().to_ascii_lowercase()).collect();
    let is_age = |directive: &String| {
        directive
            .strip_prefix("max-age=")
            .is_some_and(|age| !age.is_empty() && age.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_known = |directive: &String| {
        is_age(directive) || directive == "includesubdomains" || directive == "preload"
    };
    if directives.iter().filter(|directive| is_age(directive)).count() == 1
        && directives.iter().all(is_known)
    {
        return Ok(text.to_owned());
    }
    Err(Complaint::new(format!("`{text}` is not a value of Strict-Transport-Security"))
        .hint("write it as the site sends it: max-age=31536000; includeSubDomains"))
}
