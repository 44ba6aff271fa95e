//! Services as described in ways beside the usual ones: seeds of every form, settings, versions of
//! another Debian, images of the site's own.

use std::collections::BTreeMap;

use stagectl::docker::Engine as _;
use stagectl::replica::{Attachment, ContainerSpec, Labels, Limits, LookupSpec, label};

use crate::driver::{Project, endings, repository, with_docker};
use crate::samples::{tiny, tiny_sites};

const DESCRIBED: &str = r#"
names: [b.example]
secrets: {db: {generate: 24}}
services:
  db: {postgres: "15", owner: curator, password: "${secret.db}", seed: seeds/parts.tar.gz,
       init: [seeds/curator.sql], tls: offered}
  tarred: {postgres: "15", owner: curator, password: "${secret.db}", seed: seeds/notices.tar,
           init: [seeds/curator.sql]}
  sql: {mariadb: "11.8", database: shop, password: "${secret.db}", grants: [select, insert],
        seed: seeds/notices.sh, tls: offered}
  cache: {redis: "7", settings: {maxmemory: 10mb, maxmemory-policy: allkeys-lru, databases: 3}}
  mq: {rabbitmq: "4.0", password: "${secret.db}", settings: {channel_max: 77, heartbeat: 13}, startup: 5min}
  mail: {smtp: closed}
critical: {path: ../ways, run: null, budget: 120s, requirements: ../ways/requirements.txt,
           env: {PASSWORD: "${secret.db}"}}
health: {within: 60s}
install: {as_of: 2026-02-18}
"#;

#[test]
fn what_a_site_leans_on_may_be_described_in_other_ways() {
    let project = tiny_sites("ways")
        .folder("tests/apps/leaning/ways", "ways")
        .folder("tests/apps/leaning/seeds", "environments/seeds")
        .file("environments/seeds/curator.sql", "GRANT curator TO tiny;\n")
        .site("b", DESCRIBED);
    let tools = repository().join("tests/apps/leaning/critical/requirements.txt");
    std::fs::copy(tools, project.path("ways/requirements.txt")).unwrap();
    pack_parts(&project);
    let outcome = project.rehearse(&tiny(&project));
    let report = project.report();
    assert_eq!(endings(&report), "b 0", "{}", outcome.stderr);
    let detail = |name: &str| {
        let check = report.sites[0].checks.iter().find(|check| check.name == name);
        check.map_or("no such check", |check| check.detail.as_str())
    };
    assert_eq!(detail("mail answers"), "mail:25 refuses connections, as described");
    assert!(detail("db answers").ends_with(", certificate verified"), "{}", detail("db answers"));
    assert_eq!(detail("tarred answers"), "tarred:5432");
    assert_eq!(detail("sql answers"), "sql:3306, TLS");
}

const VALKEY: &str = r#"
base: {debian: trixie}
names: [v.example]
user: {name: tiny, groups: [valkey]}
health: {within: 60s}
secrets: {cache: {generate: 24}}
services:
  cache: {valkey: "8", names: [cache.internal], password: "${secret.cache}", tls: offered, settings: {maxmemory: 10mb}}
  beside: {valkey: "8.1", host: app, settings: {port: 0, unixsocket: /run/valkey/valkey-server.sock}}
"#;

#[test]
fn valkey_is_asked_as_redis_is() {
    let project = tiny_sites("valkey").site("v", VALKEY);
    let outcome = project.rehearse(&tiny(&project));
    let report = project.report();
    assert_eq!(endings(&report), "v 0", "{}", outcome.stderr);
    let checks = report.sites[0].checks.iter().filter(|check| check.name.ends_with(" answers"));
    let seen: Vec<&str> = checks.map(|check| check.detail.as_str()).collect();
    let socket = "/run/valkey/valkey-server.sock of valkey:valkey (0770)";
    let cache = "cache.internal:6379, cache.internal:6380, TLSv1.3, certificate verified";
    assert_eq!(seen, [socket, cache]);
}

/// A dump in `pg_dump`'s own format, and a script that goes on from there.
fn pack_parts(project: &Project) {
    let file = std::fs::File::create(project.path("environments/seeds/parts.tar.gz")).unwrap();
    let packed = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    let mut tar = tar::Builder::new(packed);
    for (name, part) in [("notices.dump", "1-notices.dump"), ("more.sh", "2-more.sh")] {
        let source = repository().join("tests/apps/leaning/seeds").join(name);
        tar.append_path_with_name(source, part).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
}

#[test]
fn a_service_may_be_an_image_of_the_site_s_own() {
    let project = tiny_sites("own-image").site(
        "packages",
        "{names: [p.example], health: {within: 60s}, services: {cache: {redis: '7'}}}",
    );
    let release = tiny(&project);
    project.rehearse(&release).exit_code(0);
    let report = project.report();
    let packages = report.sites[0].images.iter().find(|image| image.role.starts_with("redis"));
    let own = OwnImage::made_of(&packages.expect("an image with Redis").id, &project);
    std::fs::remove_file(project.path("environments/packages.yaml")).unwrap();
    let described = format!(
        "{{names: [i.example], health: {{within: 60s}}, services: {{
             cache: {{redis: '7.2', image: '{name}', settings: {{databases: 3}}}},
             queue: {{image: '{name}', command: 'redis-server --port 7000 --protected-mode no', port: 7000,
                      ready: 'redis-cli -p 7000 ping'}}}}}}",
        name = own.name
    );
    let project = project.site("image", &described);
    let outcome = project.rehearse(&release);
    let report = project.report();
    assert_eq!(endings(&report), "image 0", "{}", outcome.stderr);
    let checks = &report.sites[0].checks;
    let seen = checks.iter().filter(|check| check.name.ends_with(" answers"));
    let seen: Vec<&str> = seen.map(|check| check.detail.as_str()).collect();
    assert_eq!(seen, ["cache:6379", "queue:7000 takes connections"]);
}

/// An image that no Debian package made: its server is where one's own build puts it. Removed when
/// dropped.
struct OwnImage {
    name: String,
}

impl OwnImage {
    fn made_of(image: &str, project: &Project) -> OwnImage {
        let own = OwnImage { name: format!("stagectl-test/{}:own", project.name) };
        let script = "cp -L /usr/bin/redis-server /usr/local/bin/ && rm /usr/bin/redis-server";
        let builder = ended_container(image, &["/bin/sh", "-c", script], project);
        with_docker(async |docker| {
            docker.commit(&builder, &own.name, &labels_of(project)).await.unwrap();
            docker.remove_container(&builder).await.unwrap();
        });
        own
    }
}

fn labels_of(project: &Project) -> Labels {
    Labels::from([(label::PROJECT.to_owned(), project.name.clone())])
}

/// A container of an image in which this command has run, without a network, and with success.
pub(crate) fn ended_container(image: &str, command: &[&str], project: &Project) -> String {
    let spec = ContainerSpec {
        name: format!("{}-builder", project.name),
        role: "builder".to_owned(),
        image: image.to_owned(),
        network: Attachment::None,
        hostname: None,
        command: command.iter().map(|&word| word.to_owned()).collect(),
        env: BTreeMap::new(),
        labels: labels_of(project),
        files: Vec::new(),
        limits: Limits::default(),
        capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID"]
            .map(str::to_owned)
            .to_vec(),
        tmpfs: BTreeMap::new(),
        volumes: BTreeMap::new(),
        sysctls: BTreeMap::new(),
        ulimits: Vec::new(),
        lookup: LookupSpec::default(),
        published: Vec::new(),
        stop_signal: None,
    };
    with_docker(async |docker| {
        docker.create_container(&spec).await.unwrap();
        docker.start(&spec.name).await.unwrap();
        let code = docker.wait(&spec.name).await.unwrap();
        assert_eq!(code, 0, "{:?}", docker.logs(&spec.name, 20).await.unwrap());
    });
    spec.name
}

impl Drop for OwnImage {
    fn drop(&mut self) {
        with_docker(async |docker| docker.remove_image(&self.name).await.unwrap());
    }
}
