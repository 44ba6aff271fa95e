//! What is refused unless the description says that it is meant.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};

/// Letters that make a prefix a key, and are none's.
const LONG: &str = "0123456789abcdefABCDEF0123456789abcdefABCDEF";

fn problems(more: &str) -> String {
    TestProject::new().site("shop", &format!("{LEAST}{more}")).problems()
}

#[test]
fn a_secret_in_a_command_line_is_refused_in_whatever_way_it_comes_there() {
    let more = "secrets: {queue: {generate: 24}}\nenv: {QUEUE_KEY: 'k-${secret.queue}', PLAIN: x}\n\
        processes:\n  worker: {run: 'shop-admin work --key ${secret.queue}'}\n  \
        reader: {run: 'shop-admin read --key \"$${QUEUE_KEY}\"'}\n  quiet: {run: 'echo \"$QUEUE_KEY\" | shop-admin read --like $PLAIN'}\n\
        deploy: {steps: [{name: login, run: 'A=1 shop-admin login $QUEUE_KEY'}]}\n\
        services: {queue: {image: queue, command: 'queued --key ${secret.queue}', ready: 'true'}}\n";
    assert_snapshot!(problems(more), @r"
    error: environments/shop.yaml:8:17: processes.worker.run: the secret `queue` stands in the command line, where all who are on the host see it (`ps`)
    hint: let the program read it from a variable of `env`, from a file (`files`), or from its input; if it is meant, say so: `intended: [processes.worker.run]`
    error: environments/shop.yaml:9:17: processes.reader.run: the secret in `$QUEUE_KEY` stands in the command line, where all who are on the host see it (`ps`)
    hint: let the program read it from a variable of `env`, from a file (`files`), or from its input; if it is meant, say so: `intended: [processes.reader.run]`
    error: environments/shop.yaml:11:37: deploy.steps.0.run: the secret in `$QUEUE_KEY` stands in the command line, where all who are on the host see it (`ps`)
    hint: let the program read it from a variable of `env`, from a file (`files`), or from its input; if it is meant, say so: `intended: [deploy.steps.0.run]`
    error: environments/shop.yaml:12:43: services.queue.command: the secret `queue` stands in the command line, where all who are on the host see it (`ps`)
    hint: let the program read it from a variable (`env` of the service); if it is meant, say so: `intended: [services.queue.command]`
    ");
    let meant = "intended: [processes.worker.run, processes.reader.run, deploy.steps.0.run, services.queue.command]\n";
    TestProject::new().site("shop", &format!("{LEAST}{more}{meant}")).one();
}

#[test]
fn a_live_credential_is_refused_wherever_the_description_has_it() {
    let key = format!("sk_live_{LONG}");
    let more = format!(
        "env_file: shop.env\nenv: {{PAY_KEY: {key}, TEST_KEY: sk_test_{LONG}}}\nfiles:\n  \
         - {{path: /etc/shop.ini, template: shop.ini.j2}}\n  - {{path: /etc/shop.pem, source: shop.pem}}\n"
    );
    let project = TestProject::new()
        .site("shop", &format!("{LEAST}{more}"))
        .file("environments/shop.env", format!("A=1\nGIT_TOKEN=ghp_{LONG}\n"))
        .file("templates/shop.ini.j2", format!("[pay]\n\nkey = {key}\n"))
        .file("environments/shop.pem", "-----BEGIN PRIVATE KEY-----\nMII\n");
    assert_snapshot!(project.problems(), @r"
    error: environments/shop.env:2:1: env.GIT_TOKEN: this is a token of GitHub (`ghp_...`)
    hint: a replica has credentials of its own: `${secret.NAME}` and `secrets: {NAME: {generate: 24}}`, or one for tests by `from_env`; if it is meant, say so: `intended: [env.GIT_TOKEN]`
    error: environments/shop.pem:1:1: files.1.source: this is a private key
    hint: a replica has credentials of its own: `${secret.NAME}` and `secrets: {NAME: {generate: 24}}`, or one for tests by `from_env`; if it is meant, say so: `intended: [files.1.source]`
    error: environments/shop.yaml:6:16: env.PAY_KEY: this is a live key of Stripe (`sk_live_...`)
    hint: a replica has credentials of its own: `${secret.NAME}` and `secrets: {NAME: {generate: 24}}`, or one for tests by `from_env`; if it is meant, say so: `intended: [env.PAY_KEY]`
    error: templates/shop.ini.j2:3:1: files.0.template: this is a live key of Stripe (`sk_live_...`)
    hint: a replica has credentials of its own: `${secret.NAME}` and `secrets: {NAME: {generate: 24}}`, or one for tests by `from_env`; if it is meant, say so: `intended: [files.0.template]`
    ");
    let meant = "intended: [env.PAY_KEY, env.GIT_TOKEN, files.0.template, files.1.source]\n";
    project.site("shop", &format!("{LEAST}{more}{meant}")).one();
}

#[test]
fn a_live_credential_is_refused_in_a_folder_and_in_what_a_stub_answers_too() {
    let more = "files: [{path: /srv/fixture, source: fixture}]\noutside: {api.pay.example: {stub: stubs/pay.yaml}}\n";
    let answer = format!("requests: [{{path: /, answers: [{{body: ghp_{LONG}}}]}}]\n");
    let project = TestProject::new()
        .site("shop", &format!("{LEAST}{more}"))
        .file("environments/stubs/pay.yaml", answer)
        .file("environments/fixture/README", "sk_test_0123456789\n")
        .file("environments/fixture/etc/app.conf", format!("debug = no\nkey = sk_live_{LONG}\n"));
    assert_snapshot!(project.problems(), @r#"
    error: environments/fixture/etc/app.conf:2:1: files.0.source: this is a live key of Stripe (`sk_live_...`)
    hint: a replica has credentials of its own: `${secret.NAME}` and `secrets: {NAME: {generate: 24}}`, or one for tests by `from_env`; if it is meant, say so: `intended: [files.0.source]`
    error: environments/stubs/pay.yaml:1:1: outside."api.pay.example".stub: this is a token of GitHub (`ghp_...`)
    hint: a replica has credentials of its own: `${secret.NAME}` and `secrets: {NAME: {generate: 24}}`, or one for tests by `from_env`; if it is meant, say so: `intended: [outside.api.pay.example.stub]`
    "#);
    let meant = "intended: ['outside.\"api.pay.example\".stub', files.0.source]\n";
    project.site("shop", &format!("{LEAST}{more}{meant}")).one();
}

#[test]
fn a_login_is_at_somebody_of_the_replica() {
    let more = |env: &str| {
        format!(
            "secrets: {{db: {{generate: 24}}}}\nhost: {{hostname: web1, resolver: {{search: [corp.example]}}}}\n\
             services: {{db: {{postgres: '15', password: '${{secret.db}}', names: [db.corp.example]}}, cache: {{redis: '7'}}}}\n\
             outside: {{api.pay.example: {{stub: sql/pay.yaml}}, index.example: allow}}\nenv: {env}\n"
        )
    };
    let stub = "requests: [{path: /, answers: [{}]}]\n";
    let project = |env: &str| {
        let project = TestProject::new().file("environments/sql/pay.yaml", stub);
        project.site("shop", &format!("{LEAST}{}", more(env)))
    };
    let good = "{A: 'postgresql://shop:${secret.db}@db.corp.example:5432/shop', B: 'redis://:x@cache/0', C: 'http://u:p@localhost', \
        D: 'http://u:p@web1:8000', E: 'https://u:p@api.pay.example', F: 'https://u:${secret.db}@index.example', \
        G: 'postgresql://u:p@db/x', H: 'https://u:p@shop.example/'}";
    project(good).one();
    let bad = "{A: 'postgresql://shop:${secret.db}@db.prod.example:5432/shop', B: 'redis://:x@10.0.0.5/0', C: 'https://u:p@index.example', \
        D: 'postgresql://u:p@cache,other/x'}";
    assert_snapshot!(project(bad).problems(), @r"
    error: environments/shop.yaml:9:10: env.A: a login at `db.prod.example`, which nobody of the replica is
    hint: give the name to a service: `names: [db.prod.example]`, or to a stub in `outside`; if it is meant, say so: `intended: [env.A]`
    error: environments/shop.yaml:9:73: env.B: a login at `10.0.0.5`, which nobody of the replica is
    hint: give the name to a service: `names: [10.0.0.5]`, or to a stub in `outside`; if it is meant, say so: `intended: [env.B]`
    error: environments/shop.yaml:9:101: env.C: the password for `index.example`, which is really reached, stands here
    hint: write it as `${secret.NAME}`, with `from_env`; if it is meant, say so: `intended: [env.C]`
    error: environments/shop.yaml:9:133: env.D: a login at `other`, which nobody of the replica is
    hint: give the name to a service: `names: [other]`, or to a stub in `outside`; if it is meant, say so: `intended: [env.D]`
    ");
}

#[test]
fn a_live_site_is_not_reached() {
    let other = LEAST.replace("shop.example", "www.other.example, '*.other.example'");
    let more = "tls: {certificate: {names: [shop.example, admin.shop.example]}}\noutside:\n  www.shop.example: allow\n  \
        admin.shop.example: allow\n  api.other.example: allow\n  api.shop.example: allow\n";
    let project = || TestProject::new().site("other", &other);
    assert_snapshot!(project().site("shop", &format!("{LEAST}{more}")).problems(), @r#"
    error: environments/shop.yaml:7:3: outside."www.shop.example": `www.shop.example` is the live site: the rehearsal would really reach it
    hint: add it to `names`, or describe what it answers: `{stub: ...}`; if it is meant, say so: `intended: [outside.www.shop.example]`
    error: environments/shop.yaml:8:3: outside."admin.shop.example": `admin.shop.example` is the live site: the rehearsal would really reach it
    hint: add it to `names`, or describe what it answers: `{stub: ...}`; if it is meant, say so: `intended: [outside.admin.shop.example]`
    "#);
    // What another site is is known when this one is right by itself.
    let own = "intended: [outside.www.shop.example, 'outside.\"admin.shop.example\"'";
    assert_snapshot!(project().site("shop", &format!("{LEAST}{more}{own}]\n")).problems(), @r#"
    error: environments/shop.yaml:9:3: outside."api.other.example": `api.other.example` is the live other: a rehearsal would really reach it
    hint: describe what it answers: `{stub: ...}`; if it is meant, say so: `intended: [outside.api.other.example]`
    "#);
    let all = format!("{LEAST}{more}{own}, outside.api.other.example]\n");
    project().site("shop", &all).load().unwrap();
}

#[test]
fn what_is_said_to_be_meant_is_there() {
    assert_snapshot!(problems("intended: [env.A, env.A, deploy]\nenv: {A: x}\n"), @r"
    error: environments/shop.yaml:5:12: intended.0: nothing that `env.A` says has to be meant
    hint: take it out, or write the key as `stagectl check` shows it
    error: environments/shop.yaml:5:19: intended.1: `env.A` is there twice
    error: environments/shop.yaml:5:19: intended.1: nothing that `env.A` says has to be meant
    hint: take it out, or write the key as `stagectl check` shows it
    error: environments/shop.yaml:5:26: intended.2: nothing that `deploy` says has to be meant
    hint: take it out, or write the key as `stagectl check` shows it
    ");
    // What all sites share is not every site's.
    let project = TestProject::new().site("defaults", "intended: [env.A]\n");
    project.site("shop", LEAST).one();
}
