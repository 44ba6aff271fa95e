use super::super::scene::{Scene, Wishes};
use super::*;
use crate::capture::app::{App, Server};
use crate::capture::host::{Host, Process};

fn front(config: &str, group: &str) -> Front {
    let mut host = Host::default();
    host.files.insert(
        "/etc/apache2/sites-enabled/all.conf".to_owned(),
        config.lines().map(str::to_owned).collect(),
    );
    let app = App {
        name: group.to_owned(),
        server: Server::ModWsgi,
        process: Some(Process::default()),
        unit: None,
        argv: Vec::new(),
        ini: Vec::new(),
        ini_path: None,
    };
    of(&Scene { host: &host, proxy: &host, app: &app, looks: &[], wishes: &Wishes::default() })
}

const THREE: &str = "<VirtualHost *:80>\nServerName board.example\nRedirect permanent / https://board.example/\n</VirtualHost>\n\
    <VirtualHost *:443>\nServerName board.example\nServerAlias *.board.example\nSSLEngine on\nSSLCertificateFile /etc/ssl/b.pem\n\
    SSLCertificateKeyFile /etc/ssl/b.key\nSSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\nWSGIDaemonProcess board user=board threads=5\n\
    WSGIScriptAlias / /srv/board/app.wsgi process-group=board\n<Directory /srv/board>\nRequire all granted\n</Directory>\n</VirtualHost>\n\
    <VirtualHost *:443>\nServerName other.example\nSSLEngine on\nWSGIScriptAlias / /srv/other/app.wsgi process-group=other\n</VirtualHost>\n";

#[test]
fn the_site_of_the_daemon_is_chosen_of_three() {
    let front = front(THREE, "board");
    assert_eq!(front.names, ["board.example", "*.board.example"]);
    assert_eq!(
        (front.versions.clone(), front.config.clone()),
        (vec!["TLSv1.2".to_owned(), "TLSv1.3".to_owned()], None)
    );
    assert!(front.keys.is_empty(), "{:?}", front.keys);
}

#[test]
fn what_no_key_says_is_brought_along_without_the_others() {
    let text = THREE.replace("SSLProtocol all", "SetEnv BOARD x\nSSLProtocol all");
    let (text, why) = front(&text, "board").config.unwrap();
    assert_eq!(why, "it has setenv");
    assert!(text.contains("SetEnv BOARD x") && !text.contains("other.example"), "{text}");
}

#[test]
fn on_another_host_the_apps_site_is_the_one_that_leads_to_its_host() {
    let text = "<VirtualHost *:80>\nServerName www.x.example\nProxyPass /static/ !\nProxyPass / http://app1.corp.example:8080/\n</VirtualHost>\n\
        <VirtualHost *:80>\nServerName wiki.x.example\nProxyPass / http://10.0.0.9:8080/\n</VirtualHost>\n\
        <VirtualHost *:80>\nServerName own.x.example\nProxyPass / http://127.0.0.1:8080/\n</VirtualHost>\n";
    let (mut host, mut proxy) = (Host::default(), Host::default());
    "app1".clone_into(&mut host.system.hostname);
    let lines = text.lines().map(str::to_owned).collect();
    proxy.files.insert("/etc/apache2/sites-enabled/all.conf".to_owned(), lines);
    let app = App {
        name: "shop".to_owned(),
        server: Server::Gunicorn,
        process: None,
        unit: None,
        argv: ["gunicorn", "--bind=0.0.0.0:8080", "shop:app"].map(str::to_owned).to_vec(),
        ini: Vec::new(),
        ini_path: None,
    };
    let wishes = Wishes::default();
    let front = of(&Scene { host: &host, proxy: &proxy, app: &app, looks: &[], wishes: &wishes });
    assert_eq!(
        (&front.names[..], &front.places[..]),
        (&["www.x.example".to_owned()][..], &["app1.corp.example:8080".to_owned()][..])
    );
}
