//! The mutants of a described site, and what observations say of its keys.

use std::fs;

use insta::assert_snapshot;

use crate::experiment::crucial::{Mutants, Observed, Origin};
use crate::site::{Project, differences};

const DEFAULTS: &str = "\
base: {debian: bookworm}
install: {as_of: 2026-02-18}
user: shop
wsgi: {server: gunicorn, application: 'shop.wsgi:application'}
secrets: {db: {generate: 24}, key: {generate: 24}}
critical: {path: ../critical}
";
const ONE: &str = "\
names: [www.one.example]
tls: {certificate: {names: [www.one.example]}}
env: {THEME: paper, KEY: '${secret.key}', URL: 'postgresql://shop:${secret.db}@db/shop'}
services: {db: {postgres: '15', password: '${secret.db}'}, mail: {smtp: sink}}
outside: {api.pay.example: allow}
data: [/srv/shop/data]
";
const TWO: &str = "\
names: [www.two.example]
tls: {certificate: {names: ['*.two.example']}}
env: {THEME: night, TOKEN: '${secret.token}', KEY: '${secret.key}', URL: 'postgresql://shop:${secret.db}@db/shop'}
secrets: {token: {generate: 12}}
services: {db: {postgres: '15', password: '${secret.db}'}}
";

fn project() -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("environments")).unwrap();
    fs::create_dir_all(folder.path().join("critical")).unwrap();
    for (name, text) in [("defaults", DEFAULTS), ("one", ONE), ("two", TWO)] {
        fs::write(folder.path().join(format!("environments/{name}.yaml")), text).unwrap();
    }
    let project = Project::load(folder.path(), |_| None).unwrap();
    (folder, project)
}

#[test]
fn the_mutants_of_a_site_are_those_that_hold_and_change_something() {
    let (_folder, project) = project();
    let site = project.site(&"one".parse().unwrap()).unwrap();
    let mutants = Mutants::of(&project, site).unwrap();
    let lines: Vec<String> = mutants
        .planned
        .iter()
        .map(|one| {
            let kind = match &one.origin {
                Origin::Adversity => "adversity",
                Origin::Plain => "plain",
                Origin::OtherSite(_) => "other",
            };
            let image = if one.changes_image { "  image" } else { "" };
            format!("{kind}  {}  {}{image}", one.name, one.settings.join(" "))
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @r#"
    adversity  env.KEY absent  env.KEY=null
    adversity  env.THEME absent  env.THEME=null
    adversity  env.URL absent  env.URL=null
    adversity  services.db is slow  services.db.weather={latency: 300ms}
    adversity  services.db is a black hole  services.db.weather={black_hole: true}
    adversity  services.db 17  services.db.postgres="17"  image
    adversity  services.mail refuses  services.mail.smtp=closed
    adversity  services.mail is silent  services.mail.smtp=silent
    adversity  services.mail is not there  services.mail=null
    adversity  api.pay.example refused  outside."api.pay.example"=null
    adversity  certificate expired  tls.certificate.valid={from: -91d, until: -1d}
    adversity  certificate of the next kind: wildcard  tls.certificate.names=["*.one.example"]
    adversity  certificate of the next kind: ecdsa-p256  tls.certificate.key=ecdsa-p256
    adversity  intermediate not sent  tls.certificate.intermediates=1 tls.certificate.send_intermediates=false
    adversity  clock + 30 days  host.clock=+30d
    adversity  noexec /tmp  host.tmp.exec=false
    adversity  IPv6 first  host.resolver.families=[ipv6, ipv4]
    adversity  base.locale C  base.locale=C  image
    adversity  base.locale de_DE.UTF-8  base.locale=de_DE.UTF-8  image
    adversity  time zone Asia/Kolkata  base.timezone="Asia/Kolkata"  image
    other  data as at two  data=null
    other  env.THEME as at two  env.THEME=night
    other  env.TOKEN as at two  env.TOKEN="${secret.token}" secrets.token={generate: 24}
    "#);
    // Each is what the command line makes of it.
    for one in &mutants.planned {
        let settings: Vec<_> =
            one.settings.iter().map(|setting| setting.parse().unwrap()).collect();
        let names = [site.name.clone()];
        let (changed, _) = Project::load_for(&project.root, &names, &settings, |_| None)
            .unwrap_or_else(|problems| panic!("{}: {problems:?}", one.name));
        let changed = changed.site(&site.name).unwrap();
        let expected = mutants.site(&one.settings).unwrap();
        // A secret that nobody refers to is there or not: no process has it.
        let keys = differences(changed, &expected).into_iter().map(|one| one.key);
        let keys: Vec<String> = keys.filter(|key| !key.starts_with("secrets.")).collect();
        assert_eq!(keys, [""; 0], "{}", one.name);
    }
}

#[test]
fn what_was_seen_inside_says_which_keys_are_touched() {
    let (_folder, project) = project();
    let site = project.site(&"one".parse().unwrap()).unwrap();
    let packages = "/srv/shop/venv/lib/python3.11/site-packages";
    let lines = [
        format!(r#"{{"kind": "variable", "what": "THEME", "by": "{packages}/shop/settings.py"}}"#),
        format!(r#"{{"kind": "variable", "what": "HOME", "by": "{packages}/shop/settings.py"}}"#),
        format!(r#"{{"kind": "variable", "what": "STRICT", "by": "{packages}/shop/pay.py"}}"#),
        format!(r#"{{"kind": "copy", "what": "", "by": "{packages}/shop/run.py"}}"#),
        r#"{"kind": "copy", "what": "", "by": "/usr/lib/python3.11/subprocess.py"}"#.to_owned(),
        r#"{"kind": "connection", "what": "db", "address": "10.231.0.4", "port": 5432, "by": ""}"#
            .to_owned(),
        format!(r#"{{"kind": "host", "what": "api.pay.example", "by": "{packages}/shop/pay.py"}}"#),
        format!(
            r#"{{"kind": "file", "what": "/srv/shop/data/a.txt", "by": "{packages}/shop/files.py"}}"#
        ),
        "no line".to_owned(),
    ];
    let variables = ["THEME", "STRICT"].map(str::to_owned).into();
    let observed = Observed::of(site, &variables, &lines.join("\n"));
    assert_eq!(observed.copied_by, ["shop/run.py"]);
    let seen: Vec<String> = observed
        .touched
        .iter()
        .filter(|(key, how)| !how[0].starts_with("every") && *key != "wsgi")
        .map(|(key, how)| format!("{key}: {}", how.join(", ")))
        .collect();
    assert_snapshot!(seen.join("\n"), @r"
    data: a file opened by shop/files.py
    env.STRICT: asked for by shop/pay.py, and not there
    env.THEME: read by shop/settings.py
    host.resolver: api.pay.example looked up by shop/pay.py
    outside.api.pay.example: api.pay.example looked up by shop/pay.py
    services.db: connected on port 5432
    ");
    // A test that led there was taken away since.
    let later = Observed::default().and_earlier(&observed);
    let twice = Observed::default().and_earlier(&later);
    assert_eq!(later.touches("env.THEME"), ["read by shop/settings.py, in an earlier study"]);
    assert_eq!(twice, later);
    assert_eq!(observed.clone().and_earlier(&later), observed);
    assert!(observed.touches("services.mail.smtp").is_empty());
    assert!(!observed.touches("services.db.weather").is_empty());
    assert!(observed.touches("env.THEME_2").is_empty());
    // Nothing but connections: nobody in the release wrote anything.
    assert!(Observed::of(site, &variables, &lines[5]).missing.is_some());
}
