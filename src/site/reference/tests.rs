use super::*;
use crate::site::yaml;
use insta::assert_snapshot;

const SITE: &str = "names: [a.example, 'www.${names.0}']\ntls: {}\nproxy: {prefix: /board/}\n\
    user: board\nsecrets: {db: {generate: 24}}\n\
    services: {db: {postgres: '15', names: ['${site.name}-db.internal']}, cache: {redis: '7'}}\n";

fn followed(more: &str) -> (Node, Followed) {
    let mut tree = yaml::read("e/a.yaml", format!("{SITE}{more}").as_bytes()).unwrap();
    let followed = follow(&mut tree, &"site-a".parse().unwrap());
    (tree, followed)
}

fn value(written: &str) -> String {
    let (_, followed) = followed(&format!("env: {{A: '{written}'}}"));
    assert_eq!(followed.problems.render(), "");
    followed.texts[&KeyPath::from(["env", "A"])].to_string()
}

fn problems(more: &str) -> String {
    followed(more).1.problems.render()
}

#[test]
fn references_lead_to_values() {
    let table = [
        ("plain $ {text} $x", "plain $ {text} $x"),
        ("${site.name}", "site-a"),
        ("${site.url}", "https://a.example/board/"),
        ("${site.host} ${names.1}", "a.example www.a.example"),
        ("${services.db.host}", "site-a-db.internal"),
        ("${services.cache.name}", "cache"),
        ("${services.db.user}@${services.db.database}", "board@board"),
        ("x${secret.db}y", "x${secret.db}y"),
        ("$${site.name}", "${site.name}"),
        ("", ""),
    ];
    for (written, expected) in table {
        assert_eq!(value(written), expected, "{written}");
    }
}

#[test]
fn an_escaped_reference_is_not_a_secret() {
    let (_, followed) = followed("env: {A: '$${secret.db}'}");
    let text = &followed.texts[&KeyPath::from(["env", "A"])];
    assert_eq!(*text, Text::literal("${secret.db}"));
}

#[test]
fn references_that_lead_nowhere_say_what_there_is() {
    assert_snapshot!(problems("env: {A: '${site.nmae}', B: '${HOME}', C: '${site.name'}"), @r"
    error: e/a.yaml:7:10: env.A: nothing is known as `${site.nmae}`
    hint: did you mean `site.name`?
    error: e/a.yaml:7:29: env.B: nothing is known as `${HOME}`
    hint: for a literal `${HOME}`, write `$${HOME}`; what can be referred to: `site.name`, `site.url`, `site.host`, `names.0`, `names.1`, `services.db.name`, `services.db.host`, `services.db.database`, `services.db.user`, `services.cache.name`, `services.cache.host`, `secret.db`
    error: e/a.yaml:7:43: env.C: a `${` is not closed by `}`
    ");
    assert_snapshot!(problems("env: {A: '${secret.bd}', B: '${secret.session}', C: '${services.cache.user}'}"), @r"
    error: e/a.yaml:7:10: env.A: there is no secret `bd`
    hint: did you mean `db`?
    error: e/a.yaml:7:29: env.B: there is no secret `session`
    hint: the secrets of this site: `db`
    error: e/a.yaml:7:53: env.C: nothing is known as `${services.cache.user}`
    hint: did you mean `services.cache.host`?
    ");
}

#[test]
fn what_is_reported_already_is_not_reported_again() {
    let mut tree = yaml::read("e/a.yaml", b"env: {A: '${site.url}', B: '${names.0}'}").unwrap();
    let followed = follow(&mut tree, &"a".parse().unwrap());
    assert_eq!(followed.problems, Problems::default());
    assert_eq!(followed.broken.len(), 2);
}

#[test]
fn secrets_stand_only_where_they_stay_secret() {
    assert_snapshot!(problems("summary: '${secret.db}'\nbase: {packages: ['${secret.db}']}"), @r"
    error: e/a.yaml:7:10: summary: the secret `db` cannot stand here
    hint: secrets may stand in `env`, in `files`, and in a service's `password`
    error: e/a.yaml:8:19: base.packages.0: the secret `db` cannot stand here
    hint: secrets may stand in `env`, in `files`, and in a service's `password`
    ");
}

#[test]
fn references_to_themselves_are_refused() {
    let mut tree =
        yaml::read("e/a.yaml", b"names: ['${names.1}', '${site.host}']\nuser: '${site.url}'")
            .unwrap();
    let followed = follow(&mut tree, &"a".parse().unwrap());
    assert_snapshot!(followed.problems.render(), @r"
    error: e/a.yaml:1:9: names.0: the reference leads back to itself: ${names.1} -> ${site.host} -> ${names.1}
    error: e/a.yaml:1:23: names.1: the reference leads back to itself: ${names.1} -> ${site.host} -> ${names.1}
    error: e/a.yaml:2:7: user: the reference leads back to itself: ${names.1} -> ${site.host} -> ${names.1}
    ");
}

#[test]
fn doubling_references_are_refused_in_a_moment() {
    let names: Vec<_> =
        (1..90).map(|next| format!("'${{names.{next}}}${{names.{next}}}'")).collect();
    let text = format!("names: [{}, 'x']", names.join(", "));
    let mut tree = yaml::read("e/a.yaml", text.as_bytes()).unwrap();
    let followed = follow(&mut tree, &"a".parse().unwrap());
    assert!(followed.problems.render().contains("too long after following its references"));
}
