use super::*;
use crate::site::fixture::TestProject;

const DEFAULTS: &str = "\
base: {debian: bookworm}
user: shop
wsgi: {server: gunicorn, application: 'shop.wsgi:application'}
secrets: {db: {generate: 24}}
critical: {path: ../critical}
";
const GREEN: &str = "\
summary: the head office
names: [www.a.example]
tls: {certificate: {names: [www.a.example], key: rsa-2048}}
env: {URL: 'https://www.a.example/', THEME: paper, CACHE: '${services.cache.host}', KEY: '${secret.db}'}
services: {cache: {redis: '7'}}
";
const RED: &str = "\
summary: the harbour
names: [www.b.example, b.example]
tls: {certificate: {names: ['*.b.example', b.example]}}
env: {URL: 'https://www.b.example/', KEY: '${secret.token}', WORKERS: '8'}
secrets: {token: {generate: 12}, db: null}
services: {db: {postgres: '15', user: shop, password: '${secret.token}'}}
base: {locale: de_DE.UTF-8}
";

fn project(green: &str, red: &str) -> (TestProject, Project) {
    let folder = TestProject::empty()
        .file("critical/test_shop.py", "")
        .site("defaults", DEFAULTS)
        .site("green", green)
        .site("red", red);
    let project = folder.load().unwrap();
    (folder, project)
}

fn crossing(project: &Project) -> Crossing {
    let site = |name: &str| project.site(&name.parse().unwrap()).unwrap();
    Crossing::of(project, site("green"), site("red")).unwrap()
}

/// The keys in which they differ, a line each: what the red one has, and the green one.
fn listed(crossing: &Crossing) -> String {
    let lines = crossing.differences().into_iter().enumerate().map(|(place, other)| {
        let Difference { key, one, two } = other;
        let side = |side: Option<String>| side.unwrap_or("-".to_owned());
        let image = if crossing.changes_image(place) { "  image" } else { "" };
        format!("{key}: {} | {}{image}", side(one), side(two))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn two_sites_differ_in_what_is_no_name_and_no_secret_of_theirs() {
    let (_folder, project) = project(GREEN, RED);
    insta::assert_snapshot!(listed(&crossing(&project)), @r#"
    base.locale: de_DE.UTF-8 | -  image
    env.CACHE: - | "${services.cache.host}"
    env.KEY: "${secret.token}" | "${secret.db}"
    env.THEME: - | paper
    env.WORKERS: "8" | -
    names: [www.a.example, a.example] | [www.a.example]
    services.cache: - | {redis: "7"}  image
    services.db: {postgres: "15", user: shop, password: "${secret.token}"} | -  image
    tls.certificate.key: - | rsa-2048
    tls.certificate.names: ["*.a.example", a.example] | [www.a.example]
    "#);
}

#[test]
fn the_ends_are_the_two_sites_in_the_names_of_the_green_one() {
    let (_folder, project) = project(GREEN, RED);
    let crossing = crossing(&project);
    let green = crossing.site([], |_| None).unwrap();
    assert_eq!(green, *project.site(&"green".parse().unwrap()).unwrap());
    let red = crossing.site(0..crossing.keys.len(), |_| None).unwrap();
    assert_eq!(red.name.as_str(), "green");
    assert_eq!(red.env["URL"].to_string(), "https://www.a.example/");
    let differences = super::super::difference::differences(&red, &green);
    let keys: Vec<&str> = differences.iter().map(|other| other.key.as_str()).collect();
    assert!(
        keys.contains(&"tls.certificate.names") && keys.contains(&"secrets.token.generate"),
        "{keys:?}"
    );
}

#[test]
fn what_is_no_description_is_refused_and_says_which_keys_force_which() {
    let (_folder, project) = project(GREEN, RED);
    let crossing = crossing(&project);
    let place =
        |key: &str| crossing.differences().iter().position(|other| other.key == key).unwrap();
    // A variable that refers to a service, which is not there without it; a name that no certificate has.
    let forces = crossing.forces(|_| None);
    assert_eq!(
        forces,
        [
            (place("names"), place("tls.certificate.names")),
            (place("services.cache"), place("env.CACHE"))
        ]
    );
    let problems = crossing.site([place("services.cache")], |_| None).unwrap_err();
    assert!(format!("{problems:?}").contains("services.cache"), "{problems:?}");
    crossing.site([place("services.cache"), place("env.CACHE")], |_| None).unwrap();
}

#[test]
fn a_key_of_the_red_site_is_written_as_the_command_line_takes_it() {
    let (_folder, project) = project(GREEN, RED);
    let crossing = crossing(&project);
    let settings: Vec<String> =
        (0..crossing.keys.len()).flat_map(|key| crossing.settings(&[key])).collect();
    assert_eq!(
        settings[3..6],
        ["env.THEME=null", "env.WORKERS=\"8\"", "names=[www.a.example, a.example]"]
    );
    for setting in settings {
        setting.parse::<crate::site::Setting>().unwrap();
    }
}

#[test]
fn a_plain_site_has_what_the_app_needs_and_everything_else_at_its_default() {
    let red =
        RED.replace("base: {locale", "wsgi: {workers: 4}\nbase: {timezone: Europe/Berlin, locale");
    let red = red.replace("postgres: '15',", "postgres: '15', encoding: SQL_ASCII,");
    let (_folder, project) = project(GREEN, &red);
    let red = project.site(&"red".parse().unwrap()).unwrap();
    let plain = |variables| Crossing::plain(&project, red, variables, |_| None).unwrap();
    insta::assert_snapshot!(listed(&plain(Variables::Referring)), @r#"
    base.locale: de_DE.UTF-8 | -  image
    base.timezone: Europe/Berlin | -  image
    env.WORKERS: "8" | -
    services.db.encoding: SQL_ASCII | -
    tls.certificate.names: ["*.b.example", b.example] | -
    wsgi.workers: 4 | -
    "#);
    let kept = plain(Variables::All);
    assert!(!listed(&kept).contains("env.WORKERS"));
    assert_eq!(kept.settings_back(&[0]), ["base.locale=null"]);
    let same = kept.at(0..kept.keys.len());
    assert_eq!(same.site([], |_| None).unwrap(), *red);
    assert_eq!(same.differences(), []);
}

#[test]
fn two_descriptions_that_runs_kept_are_held_against_each_other_without_anybodys_log_in() {
    let index = "install: {index: 'https://me:secret@pypi.example/simple', as_of: 2026-01-01}\n";
    let (_folder, project) = project(GREEN, &format!("{RED}{index}"));
    let red = project.site(&"red".parse().unwrap()).unwrap();
    let now = description(&project, red).unwrap();
    assert!(now.contains("https://***@pypi.example/simple") && !now.contains("secret@"), "{now}");
    assert!(now.contains("${secret.token}"), "{now}");
    let then = now.replace("2026-01-01", "2025-01-01").replace("'8'", "'4'");
    let crossing = Crossing::of_descriptions(&project, red, [&then, &now]).unwrap();
    insta::assert_snapshot!(listed(&crossing), @r#"
    env.WORKERS: "8" | "4"
    install.as_of: 2026-01-01 | 2025-01-01  image
    "#);
    assert_eq!(crossing.site(0..2, |_| None).unwrap(), *red);
    assert_eq!(crossing.without(&[&["install", "as_of"]]).differences().len(), 1);
}

#[test]
fn each_debian_package_is_a_difference_of_its_own() {
    let with = |site: &str, packages: &str| format!("{site}base: {{packages: {packages}}}\n");
    let red =
        with(&RED.replace("base: {locale: de_DE.UTF-8}\n", ""), "[libpq5=15.3, gettext-base]");
    let (_folder, project) = project(&with(GREEN, "[libmagic1, libpq5=15.1, curl]"), &red);
    let crossing = crossing(&project);
    let listed = listed(&crossing);
    let packages: Vec<&str> = listed.lines().filter(|line| line.starts_with("base.")).collect();
    assert_eq!(
        packages,
        [
            "base.packages.curl: - | curl  image",
            "base.packages.gettext-base: gettext-base | -  image",
            "base.packages.libmagic1: - | libmagic1  image",
            "base.packages.libpq5: \"libpq5=15.3\" | \"libpq5=15.1\"  image",
        ]
    );
    let site = crossing.site([0, 3], |_| None).unwrap();
    let names = |site: &Site| format!("{:?}", site.base.packages);
    assert!(!names(&site).contains("curl") && names(&site).contains("15.3"), "{}", names(&site));
    assert!(names(&site).contains("libmagic1"), "{}", names(&site));
    assert_eq!(
        crossing.settings(&[0, 1]),
        ["base.packages=[libmagic1, \"libpq5=15.1\", gettext-base]"]
    );
    assert_eq!(crossing.settings_back(&[3]), ["base.packages=[\"libpq5=15.1\", gettext-base]"]);
}
