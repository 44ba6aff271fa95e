//! Files as they lie beside real apps.

use super::*;

fn at_hand(files: &[(&str, &str)]) -> AtHand {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        std::fs::write(folder.path().join(path), text).unwrap();
    }
    AtHand::of(&Sources::of(folder.path()))
}

#[test]
fn services_of_compose_come_with_the_names_that_the_app_knows() {
    let text = "services:\n  db:\n    image: postgres:15-alpine\n    environment:\n      POSTGRES_USER: shop\n\
        \x20     POSTGRES_PASSWORD: ${DB_PASSWORD:-hunter2}\n  cache:\n    image: docker.io/library/redis\n\
        \x20 mail:\n    image: axllent/mailpit:v1\n  web:\n    build: .\n    environment:\n\
        \x20     - DATABASE_URL=postgresql://shop:hunter2@db/shop\n      - DB_PASS=hunter2\n      - DATA=/var/lib/x\n\
        \x20     - WHO=${NOBODY}\n      - MODE=live\n";
    let found = at_hand(&[("compose.yaml", text)]);
    let services: Vec<String> = found
        .services
        .iter()
        .map(|service| format!("{} {} {}", service.name, service.kind.key, service.version))
        .collect();
    assert_eq!(services, ["db postgres 15", "cache redis ", "mail smtp "]);
    assert_eq!(found.services[0].database.as_deref(), Some("shop"));
    let variables: Vec<String> =
        found.variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        variables,
        [
            "DATABASE_URL=postgresql://shop:${secret.db}@db/shop",
            "DB_PASS=${secret.db}",
            "MODE=live"
        ]
    );
}

#[test]
fn a_dockerfile_says_debian_python_and_packages() {
    let text = "ARG PY=3.11\nARG P=2\nFROM node:20 AS front\nRUN apt-get install -y nodejs\n\
        FROM python:$PY-slim-bookworm AS base\nRUN apt-get update && apt-get install -y --no-install-recommends \\\n\
        \x20   libpq5 gcc libpq-dev=15.1 curl && rm -rf /var/lib/apt/lists/*\nENV MODE=live DATA=/data\n";
    let image = at_hand(&[("Dockerfile", text)]).image;
    assert_eq!(image.debian.unwrap().as_str(), "bookworm");
    assert_eq!(image.python.unwrap().to_string(), "3.11");
    assert_eq!(
        (image.packages, image.build_packages),
        (vec!["libpq5".to_owned()], vec!["gcc".to_owned(), "libpq-dev".to_owned()])
    );
    assert_eq!(image.variables, [("MODE".to_owned(), "live".to_owned())]);
}

#[test]
fn examples_and_a_procfile_are_taken_at_what_they_say() {
    let found = at_hand(&[
        (
            ".env.example",
            "# a\nexport MODE=\"live\"\nKEY=change-me\nURL=http://localhost:1\nN=3 # three\n",
        ),
        ("Procfile", "release: cd backend && python manage.py migrate\nweb: x\n"),
    ]);
    let examples: Vec<&str> = found.examples.keys().map(String::as_str).collect();
    assert_eq!(examples, ["MODE", "N"]);
    assert_eq!(found.release_step.as_deref(), Some("python manage.py migrate"));
}
