//! The facts of a host: what they add to its container and its jobs, and that nothing else changes.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::config::file;
use super::jobs::{diagnosis_job, serve_job, step_job};
use crate::replica::fixture::{self, DESK, SHOP, Stand};
use crate::replica::template::built_in_folder;
use crate::replica::{ContainerSpec, Plan, Step};

pub(super) const FACTS: &str = r#"
data: [/srv/shop/data]
host:
  hostname: web1
  tmp: {size: 16MiB, exec: false}
  shm: 32MiB
  open_files: "1024:4096"
  limits: {core: 0, stack: unlimited}
  read_only_root: true
  writable: [/var/cache/shop]
  clock: "+400d"
  resolver: {families: [ipv4], search: [corp.example], ndots: 2}
"#;

pub(super) fn container(plan: &Plan, role: &str) -> ContainerSpec {
    let mut starts = plan.steps.iter().filter_map(|planned| match &planned.step {
        Step::Create { container, .. } if container.role == role => Some(container),
        _ => None,
    });
    *starts.next().unwrap().clone()
}

#[test]
fn a_plan_says_what_the_host_is_like() {
    let plan = Stand::new(&[("site", &format!("{SHOP}{FACTS}"))]).plan().to_string();
    let line = plan.lines().find(|line| line.contains("create app")).unwrap().trim();
    assert!(
        line.contains(
            "create app: the site's own host: called web1, /tmp of 16.0 MiB noexec, /dev/shm of \
             32.0 MiB, 1024:4096 open files, limits, read-only root, clock +400d, no IPv6, \
             search corp.example, ndots:2"
        ),
        "{line}"
    );
}

#[test]
fn the_facts_go_into_the_container_of_the_host_alone() {
    let plan = Stand::new(&[("site", &format!("{SHOP}{FACTS}"))]).plan();
    let app = container(&plan, "app");
    assert_eq!(app.hostname.as_deref(), Some("web1"));
    assert_eq!(
        app.tmpfs.get("/tmp").map(String::as_str),
        Some("mode=1777,nosuid,nodev,noexec,size=16777216")
    );
    assert_eq!(app.limits.shm, Some(32 << 20));
    let limits: Vec<String> = app
        .ulimits
        .iter()
        .map(|limit| format!("{} {}:{}", limit.name, limit.soft, limit.hard))
        .collect();
    assert_eq!(limits, ["nofile 1024:4096", "stack -1:-1", "core 0:0"]);
    assert!(app.capabilities.iter().any(|name| name == "SYS_ADMIN"));
    assert_eq!(app.lookup.search, ["corp.example"]);
    assert_eq!(app.sysctls["net.ipv6.conf.all.disable_ipv6"], "1");
    for role in ["db", "cache", "resolver", "suite"] {
        let other = container(&plan, role);
        assert!(other.tmpfs.is_empty() && other.ulimits.is_empty(), "{role}");
        assert!(!other.capabilities.iter().any(|name| name == "SYS_ADMIN"), "{role}");
        let has_clock = other.files.iter().any(|file| file.path == "/etc/faketimerc");
        assert_eq!(has_clock, role == "suite", "{role}");
    }
    let plain = container(&Stand::new(&[("site", SHOP)]).plan(), "app");
    assert!(plain.tmpfs.is_empty() && plain.ulimits.is_empty() && plain.sysctls.is_empty());
    assert_eq!(plain.lookup, crate::replica::LookupSpec::default());
    assert!(!plain.capabilities.iter().any(|name| name == "SYS_ADMIN"));
}

/// The jobs of a site: starting it, one deploy step, the diagnosis.
fn jobs(text: &str) -> [Value; 3] {
    let stand = Stand::new(&[("site", text)]);
    let (site, plan) = (stand.site(), stand.plan());
    let secrets = fixture::secrets(site);
    [
        serve_job(site, &secrets, &plan.handles).unwrap(),
        step_job(site, &secrets, &plan.handles, "true", std::time::Duration::from_secs(1)),
        diagnosis_job(site, &secrets, &plan.handles, &[]),
    ]
}

#[test]
fn the_app_alone_has_the_read_only_root_and_all_its_commands_have_the_clock() {
    let [serve, step, diagnosis] = jobs(&format!("{SHOP}{FACTS}"));
    assert_eq!(
        serve["confine"],
        json!({"roles": ["wsgi"], "writable": ["/tmp", "/var/tmp", "/run/shop", "/srv/shop/data",
               "/var/cache/shop"]})
    );
    let preloads = |env: &Value| env["LD_PRELOAD"].as_str().map(str::to_owned);
    let library = Some("/opt/stagectl/libfaketime.so".to_owned());
    assert_eq!(preloads(&serve["processes"][0]["env"]), library);
    assert_eq!(preloads(&serve["processes"][1]["env"]), None, "nginx keeps the real time");
    assert_eq!(preloads(&step["env"]), library);
    assert_eq!(step["open_files"], json!([1024, 4096]));
    assert_eq!(
        diagnosis["host"],
        json!({
            "hostname": "web1",
            "tmp": {"size": 16_777_216, "exec": false},
            "shm": 33_554_432,
            "open_files": [1024, 4096],
            "limits": {"Max core file size": "0", "Max stack size": "unlimited"},
            "writable": serve["confine"]["writable"],
            "clock": {"shift": 34_560_000},
            "lookup": {"search": ["corp.example"], "options": ["ndots:2"]},
            "without_ipv6": true,
        })
    );
    let standard = diagnosis["standard"].as_array().unwrap();
    assert!(standard.contains(&json!("LD_PRELOAD")));
}

#[test]
fn apache_is_the_app_where_it_runs_mod_wsgi() {
    let [serve, ..] = jobs(&format!("{DESK}host: {{read_only_root: true, clock: -2h}}\n"));
    assert_eq!(serve["confine"]["roles"], json!(["apache"]));
    let writable = serve["confine"]["writable"].as_array().unwrap();
    assert!(writable.contains(&json!("/var/log/apache2")), "{writable:?}");
    assert_eq!(serve["processes"][0]["env"]["LD_PRELOAD"], "/opt/stagectl/libfaketime.so");
}

#[test]
fn a_site_without_facts_has_none() {
    let [serve, step, diagnosis] = jobs(SHOP);
    assert_eq!(serve["confine"], Value::Null);
    assert_eq!(step["open_files"], Value::Null);
    assert_eq!(diagnosis["host"], json!({}));
    assert_eq!(serve["processes"][0]["env"]["LD_PRELOAD"], Value::Null);
}

#[test]
fn only_the_clock_makes_other_images() {
    let keys = |text: &str| -> Vec<String> {
        let plan = Stand::new(&[("site", text)]).plan();
        plan.chain.iter().map(|(_, spec)| spec.recipe.clone()).collect()
    };
    let without_clock: String =
        FACTS.split_inclusive('\n').filter(|line| !line.contains("clock")).collect();
    let without_data = without_clock.replace("data: [/srv/shop/data]", "");
    assert_eq!(keys(&format!("{SHOP}{without_data}")), keys(SHOP));
    assert_ne!(keys(&format!("{SHOP}host: {{clock: +1d}}\n")), keys(SHOP));
}

/// See `become.py`. This one starts its children while it has one thread.
#[test]
fn no_program_with_threads_runs_python_between_fork_and_exec() {
    let programs = built_in_folder("inside");
    let using = |what: &str| {
        let has = |(_, text): &&(String, &str)| text.contains(what);
        programs.iter().filter(has).map(|(name, _)| name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(using("preexec_fn="), ["serve.py"]);
    assert_eq!(using("threading."), ["diagnose.py", "files.py", "traffic.py"]);
    assert_eq!(using("concurrent.futures"), [""; 0]);
    let (_, serve) = programs.iter().find(|(name, _)| name == "serve.py").unwrap();
    let at = |what: &str| serve.find(what).unwrap();
    assert!(at("children.append((process[\"role\"], launch(") < at("seen.begin()"));
    assert_eq!(serve.matches("preexec_fn").count(), 1);
}

#[test]
fn what_the_host_knows_by_itself_goes_to_it_and_to_the_diagnosis() {
    let more = "host:\n  locales: [fr_FR.UTF-8, C.UTF-8]\n  localtime: Etc/UTC\n  \
                hosts: {www.shop.example: 127.0.0.1, cache-1: cache}\n";
    let text = SHOP
        .replace("base: {debian: bookworm}", "base: {debian: bookworm, timezone: Europe/Berlin}");
    let stand = Stand::new(&[("site", &format!("{text}{more}"))]);
    let (site, plan) = (stand.site(), stand.plan());
    let spec = container(&plan, "app");
    assert_eq!(spec.lookup.hosts, ["cache-1:10.231.0.4", "www.shop.example:127.0.0.1"]);
    let of_the_host = plan.chain.iter().filter(|(_, spec)| {
        ["packages of site", "environment of site"].contains(&spec.title.as_str())
    });
    let lines = of_the_host.flat_map(|(_, spec)| spec.script.lines()).filter(|line| {
        ["locale.gen", "zoneinfo", "/etc/timezone"].iter().any(|word| line.contains(word))
    });
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    echo "fr_FR.UTF-8 UTF-8" >> /etc/locale.gen
    ln -snf "/usr/share/zoneinfo/Etc/UTC" /etc/localtime
    echo "Europe/Berlin" > /etc/timezone
    "#);
    let job = diagnosis_job(site, &fixture::secrets(site), &plan.handles, &[]);
    assert_eq!(
        job["host"],
        json!({
            "locales": ["fr_FR.UTF-8", "C.UTF-8"], "localtime": "Etc/UTC",
            "hosts": {"cache-1": "10.231.0.4", "www.shop.example": "127.0.0.1"},
        })
    );
}

#[test]
fn hosts_beyond_the_site_are_known_to_the_way_out_alone() {
    let more = "outside: {bank.example: allow}\n";
    let open = Stand::new(&[("site", &format!("{SHOP}{more}"))]).plan();
    let closed = Stand::new(&[("site", &format!("{SHOP}{more}host: {{way_out: cache}}\n"))]).plan();
    let names = |plan: &Plan| file(plan, "resolver", "/etc/stagectl-resolver.conf");
    assert!(names(&open).contains("host-record=bank.example,10.231.0.29"));
    assert!(!names(&closed).contains("bank.example"));
    assert_eq!(container(&closed, "cache").lookup.hosts, ["bank.example:10.231.0.29"]);
    assert!(container(&open, "cache").lookup.hosts.is_empty());
    assert!(container(&closed, "app").lookup.hosts.is_empty());
}
