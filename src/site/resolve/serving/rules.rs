//! What the WSGI server and the proxy can do together.

use crate::site::file::SiteFile;
use crate::site::model::{PlainHttp, ProxyHost, ProxyServer, Socket, WsgiServer};
use crate::site::problem::KeyPath;
use crate::site::resolve::Resolver;
use crate::site::resolve::value::Complaint;

impl Resolver<'_> {
    /// What the WSGI server and the proxy can do together.
    pub(in crate::site::resolve) fn serving_rules(&mut self, file: &SiteFile) {
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
        self.url_rules(file);
        self.live_rules(file, server);
        self.option_rules(file, wsgi, server);
        self.live_server_rules(file, wsgi);
        if proxy.host == ProxyHost::Own && is_judged {
            self.host_rules(file, server);
        }
        if proxy.server != ProxyServer::None || server == WsgiServer::ModWsgi {
            return;
        }
        let alone = "the WSGI server answers itself (`proxy: {server: none}`)";
        if wsgi.socket == Socket::Unix {
            let complaint = Complaint::new(format!("{alone}, so nobody reaches a unix socket"));
            self.complain(&wsgi_path.key("socket"), complaint.hint("write `socket: tcp`"));
        }
        for (key, is_there, lost) in [
            ("static", !proxy.static_files.is_empty(), "nobody serves these folders"),
            ("media", !proxy.media.is_empty(), "nobody serves these folders"),
            ("headers", !proxy.headers.is_empty(), "nobody sends these headers"),
            ("body", proxy.body.is_some(), "nobody holds this limit"),
            ("timeout", proxy.timeout.is_some(), "nobody waits for it"),
            ("hsts", proxy.hsts.is_some(), "nobody adds this header"),
            ("config", proxy.config.is_some(), "nobody reads this file"),
        ] {
            if is_there {
                let complaint = Complaint::new(format!("{alone}, so {lost}"));
                let hint = format!("take `{key}` out, or put nginx or apache in front");
                self.complain(&proxy_path.key(key), complaint.hint(hint));
            }
        }
        if file.tls.is_some() && proxy.behind.is_none() {
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

    /// What a proxy on a host of its own cannot share with the app.
    fn host_rules(&mut self, file: &SiteFile, server: WsgiServer) {
        let (proxy, wsgi) = (KeyPath::from(["proxy"]), KeyPath::from(["wsgi"]));
        if file.proxy.behind.is_some() {
            let message = "the load balancer leads to the app's host, and the proxy is on its own";
            let hint = "take `host` out, or describe the balancer alone: `proxy: {host: own}`";
            self.complain(&proxy.key("host"), Complaint::new(message).hint(hint));
        }
        let alone = if server == WsgiServer::ModWsgi {
            Some((
                "mod_wsgi runs inside Apache",
                "take `host` out, or take gunicorn, uwsgi or waitress",
            ))
        } else if file.proxy.server == ProxyServer::None {
            Some((
                "there is no proxy (`server: none`)",
                "take `host` out, or put nginx or apache in front",
            ))
        } else {
            None
        };
        if let Some((message, hint)) = alone {
            self.complain(&proxy.key("host"), Complaint::new(message).hint(hint));
            return;
        }
        if !file.proxy.media.is_empty() {
            let message = "the proxy's own host has no folder that the app writes to";
            let hint = "let the app serve them, or write `proxy: {host: app}`";
            self.complain_of_key(&proxy.key("media"), Complaint::new(message).hint(hint));
        }
        let unit = &file.proxy.systemd;
        if unit.private_tmp || unit.memory_deny_write_execute || unit.protect_home.is_some() {
            let complaint = Complaint::new("nothing of the app is on the proxy's own host");
            let hint = "take `systemd` out: it makes no difference there";
            self.complain_of_key(&proxy.key("systemd"), complaint.hint(hint));
        }
        let Some(written) = &file.wsgi else { return };
        if written.socket == Socket::Unix {
            let message = "a unix socket is not there on the proxy's own host";
            let hint = "write `socket: tcp`, or `proxy: {host: app}`";
            self.complain(&wsgi.key("socket"), Complaint::new(message).hint(hint));
        }
        let is_wrong = |listen: &&String| {
            let address = listen.split(':').next().unwrap_or_default();
            listen.starts_with('/') || address == "localhost" || is_one_address(address)
        };
        if let Some(listen) = written.listen.as_ref().filter(is_wrong) {
            let message = format!("the proxy's own host does not reach `{listen}`");
            let port = listen.rsplit_once(':').map_or("8000", |(_, port)| port);
            let hint = format!("write `0.0.0.0:{port}`, or `proxy: {{host: app}}`");
            self.complain(&wsgi.key("listen"), Complaint::new(message).hint(hint));
        }
    }

    /// A live configuration says everything itself.
    fn live_rules(&mut self, file: &SiteFile, server: WsgiServer) {
        let (proxy, wsgi) = (KeyPath::from(["proxy"]), KeyPath::from(["wsgi"]));
        if file.proxy.config.is_some() {
            let has_a_host = file.proxy.host == ProxyHost::Own;
            for (key, is_there) in [
                ("static", !file.proxy.static_files.is_empty() && !has_a_host),
                ("media", !file.proxy.media.is_empty()),
                ("headers", !file.proxy.headers.is_empty()),
                ("timeout", file.proxy.timeout.is_some()),
            ] {
                if is_there {
                    let message = "the live configuration says this itself, and is taken as it is";
                    let hint = format!("take `{key}` out, or `config`");
                    self.complain(&proxy.key(key), Complaint::new(message).hint(hint));
                }
            }
        }
        if !file.proxy.folders.is_empty() && file.proxy.host == ProxyHost::App {
            let complaint =
                Complaint::new("the proxy is on the app's host, and has all its folders");
            let hint = "take `folders` out, or write `host: own`";
            self.complain_of_key(&proxy.key("folders"), complaint.hint(hint));
        }
        if file.wsgi.as_ref().is_some_and(|wsgi| wsgi.pass_authorization.is_some())
            && server != WsgiServer::ModWsgi
        {
            let complaint = Complaint::new("only mod_wsgi keeps `Authorization` back");
            let hint = "take it out: this server passes the header on";
            self.complain_of_key(&wsgi.key("pass_authorization"), complaint.hint(hint));
        }
        for name in file.proxy.headers.keys().filter(|name| name.contains('_')) {
            let (message, hint) = match server {
                WsgiServer::ModWsgi => (
                    "Apache keeps headers with `_` from the application",
                    "write it with `-`, or describe `prefix` where this is `SCRIPT_NAME`",
                ),
                WsgiServer::Uwsgi if file.proxy.server == ProxyServer::Nginx => (
                    "over uWSGI's own protocol this is no header",
                    "describe `prefix` where this is `SCRIPT_NAME`, or write it with `-`",
                ),
                _ => continue,
            };
            let at = proxy.key("headers").key(name);
            self.complain_of_key(&at, Complaint::new(message).hint(hint));
        }
        let in_run = |listen: &String| {
            listen.rsplit_once('/').is_some_and(|(folder, _)| matches!(folder, "/run" | "/var/run"))
        };
        if server == WsgiServer::Waitress
            && file.wsgi.as_ref().is_some_and(|wsgi| wsgi.listen.as_ref().is_some_and(in_run))
        {
            let complaint = Complaint::new(
                "waitress takes no socket from systemd, and its user cannot make one in `/run`",
            );
            let hint = "name a folder of the app's own: /run/shop/shop.sock";
            self.complain(&wsgi.key("listen"), complaint.hint(hint));
        }
        if file.proxy.body.is_some()
            && file.proxy.server == ProxyServer::Apache
            && server != WsgiServer::ModWsgi
        {
            // `ap_http_filter` leaves `LimitRequestBody` out for them.
            let complaint = Complaint::new("Apache limits no body that it passes on to a server");
            let hint = "take `body` out: the live Apache lets every body through, too";
            self.complain_of_key(&proxy.key("body"), complaint.hint(hint));
        }
        if !file.proxy.modules.is_empty() && file.proxy.server != ProxyServer::Apache {
            let complaint = Complaint::new("only Apache has modules to enable");
            let hint = "take `modules` out; nginx's come with a package in `base.packages`";
            self.complain_of_key(&proxy.key("modules"), complaint.hint(hint));
        }
        if file.wsgi.as_ref().is_some_and(|wsgi| wsgi.listen.is_some()) {
            let complaint = if server == WsgiServer::ModWsgi {
                Complaint::new("mod_wsgi runs inside Apache and listens nowhere")
            } else if file.proxy.server == ProxyServer::None {
                Complaint::new("the WSGI server answers itself, on the site's own port")
            } else if self.tree.find(&wsgi.key("socket")).is_some() {
                Complaint::new("`listen` and `socket` are both there")
            } else {
                return;
            };
            self.complain_of_key(&wsgi.key("listen"), complaint.hint("take it out"));
        }
    }

    /// One URL prefix leads to one place.
    fn url_rules(&mut self, file: &SiteFile) {
        let proxy = KeyPath::from(["proxy"]);
        if file.proxy.hsts.is_some() && file.tls.is_none() {
            let complaint =
                Complaint::new("browsers heed it over HTTPS only, and there is no `tls`");
            self.complain(&proxy.key("hsts"), complaint.hint("take `hsts` out, or describe `tls`"));
        }
        let mounts = file.wsgi.iter().flat_map(|wsgi| wsgi.mounts.keys());
        let mut taken: Vec<(&str, KeyPath)> = Vec::new();
        for (url, at) in (file.proxy.static_files.keys().map(|url| (url, proxy.key("static"))))
            .chain(file.proxy.media.keys().map(|url| (url, proxy.key("media"))))
            .chain(mounts.map(|url| (url, KeyPath::from(["wsgi", "mounts"]))))
        {
            let at = at.key(url);
            let bare = url.trim_end_matches('/');
            if let Some((_, other)) = taken.iter().find(|(other, _)| *other == bare) {
                let complaint = Complaint::new(format!("`{other}` has this URL already"));
                self.complain_of_key(&at, complaint.hint("a URL leads to one place"));
            }
            taken.push((bare, at));
        }
    }
}

/// Whether this is one of a host's addresses, and not all of them.
fn is_one_address(text: &str) -> bool {
    text.parse().is_ok_and(|address: std::net::Ipv4Addr| !address.is_unspecified())
}
