use super::words::begins;
use super::*;
use crate::site::fixture::TestProject;
use crate::site::model::Site;

/// Two sites and more, the first of which failed and the second of which is nearest to it.
fn sites(descriptions: &[(&str, &str)]) -> Vec<Site> {
    let defaults = "base: {debian: bookworm}\ntls: {certificate: {}}\n\
                    wsgi: {server: gunicorn, application: 'shop.wsgi:application'}\n\
                    critical: {path: ../tests}\n";
    let folder = TestProject::empty().file("tests/test_shop.py", "").site("defaults", defaults);
    let folder = descriptions.iter().fold(folder, |folder, (name, text)| folder.site(name, text));
    let project = folder.load().unwrap();
    let named = |(name, _): &(&str, &str)| {
        project.sites.iter().find(|site| site.name.as_str() == *name).unwrap().clone()
    };
    descriptions.iter().map(named).collect()
}

fn peers(sites: &[Site]) -> Peers<'_> {
    let [failing, passed @ ..] = sites else { panic!("a site that failed") };
    Peers { failing, nearest: &passed[0], passed: passed.iter().collect(), failed_alike: vec![] }
}

/// Keys and reasons of the difference of the first two, a line each.
fn ranked(sites: &[Site], signs: &Signs<'_>) -> String {
    let found = crate::site::differences(&sites[0], &sites[1]);
    let lines = by_suspicion(found, signs, &peers(sites)).into_iter().map(|suspect| {
        format!("{}: {}", suspect.difference.key, suspect.why.as_deref().unwrap_or("-"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The keys as words and phase rank them.
fn rank(keys: &[&str], phase: &str, text: &str) -> Vec<String> {
    let signs = Signs { phase, said: vec![text], ..Signs::default() };
    let services = "secrets: {db: {generate: 24}}\nservices: {db: {postgres: '15', user: a, password: '${secret.db}'}}";
    let sites = sites(&[
        ("one", &format!("names: [www.one.example]\n{services}")),
        ("two", &format!("names: [www.two.example]\n{services}")),
    ]);
    let found = keys.iter().map(|key| Difference {
        key: (*key).to_owned(),
        one: Some("a".to_owned()),
        two: Some("b".to_owned()),
    });
    // None of them is a key of the two.
    let peers = Peers { passed: vec![], ..peers(&sites) };
    let ranked = by_suspicion(found.collect(), &signs, &peers);
    ranked.into_iter().map(|suspect| suspect.difference.key).collect()
}

#[test]
fn words_of_a_failure_point_to_keys() {
    let keys = [
        "base.debian",
        "base.locale",
        "base.packages",
        "deploy.rollback.steps",
        "deploy.steps",
        "deploy.strategy",
        "env.SHOP_CURRENCY",
        "env.THEME",
        "host.clock",
        "host.tmp.size",
        "proxy.body",
        "python",
        "services.db.owner",
        "tls.certificate.names",
        "wsgi.locale",
    ];
    let table = [
        ("NameMismatch: www.shop.example is none of ['*.shop.example']", "tls.certificate.names"),
        (
            "ssl.SSLCertVerificationError: unable to get local issuer certificate",
            "tls.certificate.names",
        ),
        ("ImportError: libpq.so.5: cannot open shared object file", "base.packages"),
        ("ImportError: failed to find libmagic", "base.packages"),
        ("ModuleNotFoundError: No module named 'cgi'", "python"),
        ("UnicodeEncodeError: 'ascii' codec can't encode character", "wsgi.locale"),
        (
            "psycopg2.errors.InsufficientPrivilege: must be owner of table notices",
            "services.db.owner",
        ),
        ("KeyError: 'SHOP_CURRENCY'", "env.SHOP_CURRENCY"),
        ("client intended to send too large body: 2000000 bytes", "proxy.body"),
        ("OSError: [Errno 28] No space left on device", "host.tmp.size"),
        ("ExpiredSignatureError: Signature has expired", "host.clock"),
        (
            "the live release of shop is red after the steps of the new one: 1 of 9 tests failed",
            "deploy.strategy",
        ),
        ("the live release of shop is red after the way back: ...", "deploy.rollback.steps"),
        ("`visit --check` failed with exit code 1", "deploy.steps"),
    ];
    for (text, key) in table {
        assert_eq!(rank(&keys, "suite", text)[0], key, "{text}");
    }
}

#[test]
fn a_phase_points_to_keys_where_words_say_nothing() {
    assert_eq!(
        rank(&["base.debian", "names", "services.db.postgres"], "up", "?")[0],
        "services.db.postgres"
    );
    assert_eq!(rank(&["base.debian", "base.locale"], "suite", "?"), ["base.debian", "base.locale"]);
}

#[test]
fn a_key_is_meant_with_what_is_below_it_alone() {
    assert!(
        begins("tls.versions", "tls", None)
            && begins("tls", "tls", None)
            && begins("services.db.owner", "services.", None)
    );
    assert!(!begins("base.packages_more", "base.packages", None) && !begins("names", "name", None));
}

#[test]
fn what_only_the_failing_site_has_stands_before_what_green_ones_have_too() {
    let sites = sites(&[
        ("red", "names: [www.red.example]\nenv: {A_COLOUR: loud, B_COLOUR: loud}"),
        ("green", "names: [www.green.example]\nenv: {A_COLOUR: calm, B_COLOUR: calm}"),
        ("blue", "names: [www.blue.example]\nenv: {A_COLOUR: loud, B_COLOUR: cool}"),
        ("grey", "names: [www.grey.example]\nenv: {A_COLOUR: loud, B_COLOUR: pale}"),
    ]);
    insta::assert_snapshot!(ranked(&sites, &Signs::default()), @"
    env.B_COLOUR: no site that passed has this value
    env.A_COLOUR: 2 sites passed with this value
    names: only the site's own names differ
    tls.certificate.names: only the site's own names differ
    ");
}

#[test]
fn what_the_failure_names_stands_first_and_names_of_the_site_itself_last() {
    let site = |name: &str, debian: &str, host: &str| {
        format!(
            "names: [www.{name}.example]\nbase: {{debian: {debian}}}\n\
             env: {{PUBLIC_URL: 'https://www.{name}.example/', STOCK_URL: 'https://{host}/v1'}}\n\
             outside: {{stock.partner.example: allow, depot.partner.example: allow}}\n\
             services: {{cache: {{redis: '{}', names: [cache.internal]}}}}",
            if debian == "trixie" { 8 } else { 7 }
        )
    };
    let sites = sites(&[
        ("red", &site("red", "trixie", "stock.partner.example")),
        ("green", &site("green", "bookworm", "depot.partner.example")),
    ]);
    let failing =
        |text: &'static str| Signs { phase: "suite", said: vec![text], ..Signs::default() };
    let text =
        "requests.exceptions.ConnectionError: https://stock.partner.example/v1/today: no route";
    insta::assert_snapshot!(ranked(&sites, &failing(text)), @"
        env.STOCK_URL: the failure names `stock.partner.example`
        base.debian: -
        services.cache.redis: -
        python: it is that of `base.debian`
        env.PUBLIC_URL: only the site's own names differ
        names: only the site's own names differ
        tls.certificate.names: only the site's own names differ
        ");
    let text = "it took too long to reach cache.internal";
    insta::assert_snapshot!(ranked(&sites, &failing(text)), @"
    services.cache.redis: the failure names `cache.internal`
    base.debian: -
    env.STOCK_URL: -
    python: it is that of `base.debian`
    env.PUBLIC_URL: only the site's own names differ
    names: only the site's own names differ
    tls.certificate.names: only the site's own names differ
    ");
}

#[test]
fn a_value_of_a_file_of_variables_is_named_nowhere() {
    let mut sites = sites(&[
        ("red", "names: [www.red.example]\nenv: {STOCK: stock.partner.example}"),
        ("green", "names: [www.green.example]\nenv: {STOCK: depot.partner.example}"),
    ]);
    sites[0].filed.insert("STOCK".to_owned());
    let said = vec!["could not reach stock.partner.example"];
    let shown = ranked(&sites, &Signs { phase: "suite", said, ..Signs::default() });
    assert!(!shown.contains("stock.partner"), "{shown}");
}
