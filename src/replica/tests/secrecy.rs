//! A secret is only where it is needed: in the files and jobs of a running container.

use super::jobs::{diagnosis_job, serve_job, step_job, suite_job};
use crate::replica::fixture::{SECRET, SHOP, Stand, secrets};
use crate::replica::{Content, SESSION_FILE, SessionFacts, Step, Tests, Ways};

/// A secret in a variable, a service, a rendered file and a deploy step.
fn stand() -> Stand {
    let text = SHOP.replace("run: shop-admin migrate", "run: \"shop-admin migrate ${secret.db}\"");
    let text = format!(
        "{text}intended: [deploy.steps.0.run]\nfiles: [{{path: /etc/shop.ini, template: shop.ini.j2}}]\n"
    );
    let template = ("templates/shop.ini.j2", "password = {{ secret.db }}\n");
    Stand::with_files(&[("site", &text)], &[template])
}

#[test]
fn no_text_made_of_a_plan_holds_a_secret() {
    let stand = stand();
    let plan = stand.plan();
    let secrets = secrets(stand.site());
    let mut texts = vec![
        plan.to_string(),
        format!("{plan:?}"),
        format!("{plan:#?}"),
        format!("{secrets:?}"),
        format!("{:?}", stand.site()),
        serde_json::to_string(stand.site()).unwrap(),
        serde_json::to_string(&plan.chain).unwrap(),
        serde_json::to_string(&plan.network).unwrap(),
    ];
    for planned in &plan.steps {
        texts.push(planned.step.to_string());
        if let Step::Create { container, .. } = &planned.step {
            texts.push(serde_json::to_string(container).unwrap());
        }
    }
    for text in texts {
        assert!(!text.contains(SECRET), "{text}");
        assert!(!text.contains("PRIVATE KEY"), "{text}");
    }
}

#[test]
fn nothing_that_goes_into_an_image_holds_a_secret() {
    let plan = stand().plan();
    for (_, spec) in plan.chain.iter() {
        assert!(!spec.script.contains(SECRET), "{}", spec.title);
        for file in &spec.files {
            if let Content::Bytes(bytes) = &file.content {
                let text = String::from_utf8_lossy(bytes);
                assert!(!text.contains(SECRET), "{} of {}", file.path, spec.title);
                assert!(!text.contains("PRIVATE KEY"), "{} of {}", file.path, spec.title);
            }
        }
    }
}

#[test]
fn files_with_secrets_are_on_the_site_s_host_alone_and_not_for_everybody() {
    let plan = stand().plan();
    let mut found = Vec::new();
    for planned in &plan.steps {
        let Step::Create { container, .. } = &planned.step else { continue };
        for file in &container.files {
            if let Content::Bytes(bytes) = &file.content {
                let text = String::from_utf8_lossy(bytes);
                if text.contains(SECRET) || text.contains("PRIVATE KEY") {
                    found.push(format!("{} {} {:o}", container.role, file.path, file.mode));
                }
            }
        }
    }
    insta::assert_snapshot!(found.join("\n"), @"
    app /etc/ssl/site/privkey.pem 600
    app /etc/shop.ini 640
    app /opt/stagectl/secrets.json 600
    ");
}

#[test]
fn a_file_that_is_rendered_with_a_secret_is_listed_without_its_digest() {
    // Nobody finds the secret in it: it stands there the other way round.
    let text =
        format!("{SHOP}files: [{{path: /etc/a, template: a}}, {{path: /etc/b, template: b}}]\n");
    let templates =
        [("templates/a", "{{ secret.db | reverse }}\n"), ("templates/b", "{{ site.name }}\n")];
    let stand = Stand::with_files(&[("site", &text)], &templates);
    let job = serve_job(stand.site(), &secrets(stand.site()), &stand.plan().handles).unwrap();
    assert_eq!(job["files"]["secret"], serde_json::json!(["/etc/a"]));
    assert_eq!(job["files"]["values"], serde_json::json!([SECRET]));
}

#[test]
fn jobs_hold_the_secrets_that_the_site_has() {
    let shop = SHOP.replace("critical: {", "critical: {site_env: [DATABASE_URL], ");
    let shop = shop.replace("run: shop-admin migrate", "run: \"shop-admin migrate ${secret.db}\"")
        + "intended: [deploy.steps.0.run]\n";
    let stand = Stand::with_files(&[("site", &shop)], &[]);
    let (site, plan) = (stand.site(), stand.plan());
    let secrets = secrets(site);
    let command = secrets.reveal(&site.steps[0].run);
    let jobs = [
        step_job(site, &secrets, &plan.handles, &command, std::time::Duration::from_secs(1)),
        serve_job(site, &secrets, &plan.handles).unwrap(),
        diagnosis_job(site, &secrets, &plan.handles, &[]),
        suite_job(site, &secrets, &plan.handles, Tests::All(&[])),
    ];
    for job in jobs {
        let text = job.to_string();
        assert!(text.contains(SECRET));
        assert!(!secrets.redact(&text).contains(SECRET));
    }
}

#[test]
fn a_redacted_text_names_the_secret() {
    let stand = stand();
    let secrets = secrets(stand.site());
    assert_eq!(secrets.redact(&format!("a {SECRET} b {SECRET}")), "a [secret db] b [secret db]");
}

/// The suite is the users' browser: what the site's process has is not the suite's, unless it is named.
#[test]
fn the_suite_has_its_own_variables_and_those_of_the_site_that_it_names() {
    let text = SHOP
        .replace("THEME: plain", "THEME: plain, PYTHONOPTIMIZE: \"1\", LD_PRELOAD: x.so, LANG: C")
        .replace(
            "critical: {path: ../critical,",
            "critical: {path: ../critical, site_env: [THEME], env: {PASSWORD: \"${secret.db}\", TZ: UTC},",
        );
    let stand = Stand::with_files(&[("site", &text)], &[]);
    let (site, secrets, plan) = (stand.site(), secrets(stand.site()), stand.plan());
    let job = suite_job(site, &secrets, &plan.handles, Tests::All(&[]));
    let told: Vec<String> = job["env"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap()))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    LANG=C.UTF-8
    LOGNAME=shop
    PASSWORD=s3cr3t-Value-that-is-nowhere-else
    PATH=/opt/stagectl/suite/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    STAGECTL_JUNIT=/opt/stagectl/results/junit.xml
    STAGECTL_SITE=site
    STAGECTL_URL=https://www.shop.example/
    THEME=plain
    TZ=UTC
    USER=shop
    ");
    let facts = SessionFacts::of(site, &secrets, &plan.handles, Ways::of(site, None));
    assert_eq!(serde_json::json!(facts.enter_suite.env), job["env"]);
    // Who enters later has the same, out of a file that root alone reads.
    let file = facts.file();
    assert_eq!((file.path.as_str(), file.mode), (SESSION_FILE, 0o600));
    let Content::Bytes(bytes) = &file.content else { panic!("{file:?}") };
    assert_eq!(serde_json::from_slice::<SessionFacts>(bytes).unwrap(), facts);
}
