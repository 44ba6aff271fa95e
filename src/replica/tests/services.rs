//! What stands before a service, and who it lets in.

use serde_json::{Value, json};

use super::config::file;
use super::host::container;
use super::jobs::diagnosis_job;
use crate::replica::fixture::{self, SHOP, Stand};
use crate::replica::{Attachment, OWNERS, not_replicated};

fn stand(cache: &str, db: &str, more: &str) -> Stand {
    let text = SHOP
        .replace("names: [cache.internal],", &format!("names: [cache.internal], {cache}"))
        .replace("encoding: UTF8,", &format!("encoding: UTF8, {db}"))
        .replace("deploy:\n", &format!("{more}deploy:\n"));
    Stand::new(&[("site", &text)])
}

/// What the diagnosis is told of the services, by their roles.
fn jobs(stand: &Stand) -> Value {
    let site = stand.site();
    let job = diagnosis_job(site, &fixture::secrets(site), &stand.plan().handles, &[]);
    let services = job["services"].as_array().unwrap().iter();
    services.map(|job| (job["role"].as_str().unwrap().to_owned(), job.clone())).collect()
}

#[test]
fn weather_stands_before_a_service_and_has_its_names() {
    let stand = stand("weather: {latency: 40ms, loss: 1%, cut_after: 64KiB},", "", "");
    let plan = stand.plan();
    let place = |role: &str| match container(&plan, role).network {
        Attachment::Own { address, aliases, .. } => (address, aliases),
        other => panic!("{role}: {other:?}"),
    };
    let names = vec!["cache.internal".to_owned()];
    assert_eq!(place("cache-weather"), ("10.231.0.4".to_owned(), names));
    assert_eq!(place("cache"), ("10.231.0.26".to_owned(), vec![]));
    assert_eq!(place("db").0, "10.231.0.5");
    assert_eq!(container(&plan, "cache-weather").capabilities, ["NET_BIND_SERVICE", "NET_ADMIN"]);
    let late = self::stand("weather: {latency: 40ms},", "", "").plan();
    assert_eq!(container(&late, "cache-weather").capabilities, ["NET_BIND_SERVICE"]);
    let without = Stand::new(&[("site", SHOP)]).plan();
    assert_eq!(container(&plan, "app").capabilities, container(&without, "app").capabilities);
    let text = file(&plan, "cache-weather", "/opt/stagectl/weather.json");
    let expected = json!({
        "address": "10.231.0.26", "ports": [6379], "ipv6": false, "latency": 0.04, "jitter": 0.0, "loss": 0.01,
        "rate": null, "cut_after": 65536, "black_hole": false, "ready": "/run/stagectl.weather",
    });
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    let resolver = file(&plan, "resolver", "/etc/stagectl-resolver.conf");
    assert!(resolver.contains("cache.internal,10.231.0.4"), "{resolver}");
    let job = &jobs(&stand)["cache"];
    assert_eq!(job["weather"], json!({"latency": 0.04, "jitter": 0.0, "black_hole": false}));
}

#[test]
fn pg_hba_conf_has_the_addresses_of_the_replica() {
    let lines = "hba: [\"local all all peer\", \"host all backup 10.9.0.5/32 trust\", \"host shop shop app md5\", \
                 \"hostssl all all pool scram-sha-256\"],";
    let pool = "  pool: {pgbouncer: \"1.18\", leads_to: db, settings: {pool_mode: transaction}}\n";
    let direct = stand("", lines, pool);
    let hba = |stand: &Stand| file(&stand.plan(), "db", "/opt/stagectl/pg_hba.conf");
    assert_eq!(
        hba(&direct),
        "local all postgres peer\nlocal all all peer\nhost all backup 10.9.0.5/32 trust\n\
         host shop shop 10.231.0.3/32 md5\nhostssl all all 10.231.0.6/32 scram-sha-256\n"
    );
    let login = json!({"database": "shop", "user": "shop", "method": "md5"});
    assert_eq!(jobs(&direct)["db"]["login"], login);
    // Whoever comes, comes from the forwarder.
    let slow = stand("", &format!("{lines} weather: {{latency: 1ms}},"), pool);
    assert!(hba(&slow).contains("host shop shop 10.231.0.5/32 md5\n"), "{}", hba(&slow));
    assert_eq!(jobs(&slow)["db"]["login"], login);
    let closed = stand("", "hba: [\"host shop shop pool md5\"],", pool);
    assert_eq!(jobs(&closed)["db"]["login"], Value::Null);
    let patterns = stand("", "hba: [\"host /^sh all all md5\"],", "");
    assert_eq!(jobs(&patterns)["db"]["login"], Value::Null);
}

#[test]
fn a_pooler_knows_the_database_that_it_stands_before() {
    let pool = "  pool: {pgbouncer: \"1.18\", leads_to: db, settings: {pool_mode: transaction}}\n";
    let plan = stand("", "", pool).plan();
    assert_eq!(
        file(&plan, "pool", "/opt/stagectl/pgbouncer.ini"),
        "[databases]\nshop = host=db.internal port=5432 dbname=shop\n\n[pgbouncer]\n\
         listen_addr = 0.0.0.0\nlisten_port = 6432\nauth_file = /opt/stagectl/pgbouncer-users.txt\n\
         auth_type = md5\npool_mode = transaction\n"
    );
    let users = file(&plan, "pool", "/opt/stagectl/pgbouncer-users.txt");
    assert_eq!(users, format!("\"shop\" \"{}\"\n", fixture::SECRET));
}

#[test]
fn a_service_speaks_tls_where_it_does_so_live() {
    let mq = "  mq: {rabbitmq: \"3.10\", password: \"${secret.db}\", tls: required}\n";
    let configs = |cache: &str, more: &str| {
        let stand = stand(cache, "", more);
        let plan = stand.plan();
        let redis = file(&plan, "cache", "/opt/stagectl/redis.conf");
        let from =
            redis.find("port").map_or(0, |at| at - usize::from(redis[..at].ends_with("tls-")) * 4);
        (redis[from..].to_owned(), jobs(&stand), plan)
    };
    let files = "tls-cert-file /opt/stagectl/certificate.pem\n\
                 tls-key-file /opt/stagectl/certificate-key.pem\ntls-auth-clients no\n";
    let (redis, jobs, plan) = configs("tls: required,", mq);
    assert_eq!(redis, format!("port 0\ntls-port 6379\n{files}"));
    let ports = |jobs: &Value, role: &str| {
        ["port", "tls_port", "closed"].map(|key| jobs[role][key].as_u64())
    };
    assert_eq!(ports(&jobs, "cache"), [None, Some(6379), None]);
    assert_eq!(ports(&jobs, "mq"), [None, Some(5671), Some(5672)]);
    assert_eq!(
        file(&plan, "mq", "/opt/stagectl/rabbitmq.conf"),
        "listeners.tcp = none\nlisteners.ssl.1 = 0.0.0.0:5671\n\
         ssl_options.certfile = /opt/stagectl/certificate.pem\n\
         ssl_options.keyfile = /opt/stagectl/certificate-key.pem\n\
         load_definitions = /run/stagectl-definitions.json\n"
    );
    let offered = "tls: offered, settings: {tls-port: 6390}, weather: {latency: 1ms},";
    let (redis, jobs, plan) = configs(offered, &mq.replace("required", "offered"));
    assert_eq!(redis, format!("port 6379\ntls-port 6390\n{files}tls-port 6390\n"));
    assert_eq!(ports(&jobs, "cache"), [Some(6379), Some(6390), None]);
    assert_eq!(ports(&jobs, "mq"), [Some(5672), Some(5671), None]);
    let weather = file(&plan, "cache-weather", "/opt/stagectl/weather.json");
    assert!(weather.contains("\"ports\":[6379,6390]"), "{weather}");
}

#[test]
fn redis_has_a_socket_on_the_app_s_host() {
    let socket = "host: app, settings: {port: 0, unixsocket: /var/run/redis/redis.sock},";
    let stand = stand(socket, "", "");
    let plan = stand.plan();
    let volumes = |role: &str| container(&plan, role).volumes;
    assert_eq!(volumes("cache"), volumes("app"));
    assert_eq!(volumes("app").into_keys().collect::<Vec<_>>(), ["/run/redis"]);
    let owners = file(&plan, "app", OWNERS);
    assert!(owners.contains("2755 redis:redis /run/redis\n"), "{owners}");
    let cache = container(&plan, "cache");
    assert_eq!(cache.command[1..3], ["/opt/stagectl/redis.sh", "/run/redis"]);
    assert_eq!(jobs(&stand)["cache"]["socket"], "/run/redis/redis.sock");
    assert_eq!(jobs(&stand)["cache"]["port"], Value::Null);
    let text = SHOP.replace("THEME: plain", "CACHE: \"unix:///run/redis/redis.sock\"");
    let limits = not_replicated(Stand::new(&[("site", &text)]).site());
    assert!(limits.iter().any(|limit| limit.contains("socket of Redis (`CACHE`")), "{limits:?}");
}

#[test]
fn a_server_is_built_with_all_its_databases() {
    let further = "databases: {reports: {user: reporting, password: \"${secret.db}\", owner: curator, encoding: LATIN1}},";
    let pool = "  pool: {pgbouncer: \"1.18\", leads_to: db}\n";
    let plan = stand("", further, pool).plan();
    let built = plan
        .chain
        .iter()
        .find(|(_, spec)| spec.title == "databases shop and reports of PostgreSQL 15");
    let script = built.expect("an image of both").1.script.clone();
    for line in [
        "CREATE ROLE \"shop\" LOGIN'\n",
        "CREATE ROLE \"reporting\" LOGIN'\n",
        "CREATE ROLE \"curator\" LOGIN'\n",
        "CREATE DATABASE \"shop\" OWNER \"shop\"'\n",
        "CREATE DATABASE \"reports\" OWNER \"curator\"'",
    ] {
        assert_eq!(script.matches(line).count(), 1, "{line} in {script}");
    }
    let config = file(&plan, "pool", "/opt/stagectl/pgbouncer.ini");
    assert!(config.contains("\nreports = host=db.internal port=5432 dbname=reports\n"), "{config}");
    let users = file(&plan, "pool", "/opt/stagectl/pgbouncer-users.txt");
    assert!(users.contains("\"reporting\" \"") && users.contains("\"shop\" \""), "{users}");
}

#[test]
fn what_cannot_be_said_of_a_service_is_named() {
    let text =
        SHOP.replace("THEME: plain", "CACHE: \"rediss://cache.internal\", QUEUE: \"amqps://mq\"");
    let limits = not_replicated(Stand::new(&[("site", &text)]).site());
    // There is no queue.
    let of_services: Vec<&String> =
        limits.iter().filter(|limit| limit.contains("speaks of")).collect();
    assert_eq!(of_services, ["TLS of Redis (`CACHE` speaks of it)"]);
}
