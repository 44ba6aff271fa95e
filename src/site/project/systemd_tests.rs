//! What can be wrong in `systemd`, `timers` and the live configuration of a server.

use super::tests::{LEAST, TestProject};

/// Every message of the description's problems, in order.
fn messages(project: &TestProject) -> Vec<String> {
    let problems = project.load().map(|project| project.sites.len()).unwrap_err();
    problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}

fn shop(serving: &str) -> TestProject {
    let text = format!(
        "base: {{debian: bookworm}}\nnames: [shop.example]\ncritical: {{path: ../tests/critical}}\n\
         user: shop\n{serving}"
    );
    TestProject::new().site("shop", &text)
}

#[test]
fn units_and_timers_say_what_their_process_can_have() {
    let project = shop(
        "wsgi: {server: gunicorn, application: 'shop.wsgi:app', systemd: {protect_home: maybe, restart: always}}\n\
         proxy: {systemd: {group: www-data}}\n\
         processes: {worker: {run: a, systemd: {group: 'a b'}}}\n\
         timers: {worker: {run: a}, nightly: {run: ' ', timeout: 1h}}\nenv_syntax: systemd\n",
    );
    assert_eq!(
        messages(&project),
        [
            "wsgi.systemd.protect_home: `maybe` is no way to protect homes",
            "proxy.systemd.group: the proxy's own configuration says whose its workers are",
            "processes.worker.systemd.group: `a b` is not a name of a user or group, or its number",
            "timers.worker: `worker` is a process of the site",
            "timers.nightly.run: the command is empty",
            "timers.nightly.timeout: a timer of a rehearsal may take 5 minutes",
            "env_syntax: there is no `env_file` that could be read so",
        ]
    );
    let apache = shop(
        "proxy: {server: apache, systemd: {private_tmp: true}}\n\
         wsgi: {server: mod_wsgi, application: 'shop.wsgi:app', systemd: {private_tmp: true}}\n",
    );
    assert_eq!(messages(&apache), ["wsgi.systemd: mod_wsgi runs inside Apache, and has its unit"]);
    let own = shop(
        "proxy: {server: nginx, host: own, systemd: {private_tmp: true}}\n\
         wsgi: {server: gunicorn, application: 'shop.wsgi:app'}\n",
    );
    assert_eq!(messages(&own), ["proxy.systemd: nothing of the app is on the proxy's own host"]);
}

#[test]
fn a_file_of_variables_may_be_read_as_systemd_does() {
    let more = "env_file: site.env\nenv_syntax: systemd\n";
    let project = TestProject::new()
        .file("environments/site.env", "export A=1\nB=\"x\" # y\n")
        .site("shop", &format!("{LEAST}{more}"));
    let shown: Vec<String> =
        project.one().env.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(shown, ["B=x# y"]);
}

#[test]
fn a_live_configuration_says_where_the_server_listens() {
    let text = "bind = 'unix:/run/shop/a.sock'\n";
    let wsgi = "wsgi: {server: gunicorn, application: 'shop.wsgi:app', config: live.conf.py}\n";
    let project = shop(wsgi).file("environments/live.conf.py", text);
    let listen = serde_json::to_value(project.one().wsgi.listen).unwrap();
    assert_eq!(listen, "/run/shop/a.sock");
}

#[test]
fn what_a_live_configuration_of_a_server_lacks_is_said_of_its_lines() {
    let gunicorn = "wsgi: {server: gunicorn, application: 'shop.wsgi:app', config: live.conf.py, listen: '127.0.0.1:9000'}\n";
    let text = "bind = ':9001'\nuser = 'www-data'\ngroup = 'www-data'\npidfile = '/run/other/a.pid'\n\
                errorlog = '-'\naccesslog = '/srv/shop/log'\nchdir = '/var/lib/other'\n";
    let project = shop(gunicorn).file("environments/live.conf.py", text);
    let rendered = project.problems();
    for line in [
        "live.conf.py:1:1: this is `:9001`, and `wsgi.listen` is `127.0.0.1:9000`",
        "live.conf.py:2:1: this is `www-data`, and the site's server runs as `shop`\nhint: write `user: www-data`",
        "live.conf.py:3:1: this is `www-data`, and the site's server runs as `shop`\nhint: write `wsgi: {systemd: {group: www-data}}`",
        "live.conf.py:4:1: nobody makes the folder of this file, `/run/other`\nhint: add it to `data`: `data: [/run/other]`",
        "live.conf.py:7:1: nobody makes this folder, `/var/lib/other`\nhint: add it to `data`, also where a package makes it: `data: [/var/lib/other]`",
    ] {
        assert!(rendered.contains(line), "{line}\n{rendered}");
    }
    assert_eq!(rendered.matches("error: ").count(), 5, "{rendered}");

    let uwsgi = "wsgi: {server: uwsgi, application: 'shop.wsgi:app', config: live.ini, workers: 2}\n\
                 proxy: {server: apache}\n";
    let project =
        shop(uwsgi).file("environments/live.ini", "[uwsgi]\nsocket = /run/shop/%n.sock\n");
    assert_eq!(
        messages(&project),
        [
            ": this is uWSGI's own protocol, and the made Apache speaks HTTP",
            ": where the server listens is computed here",
            "wsgi.workers: the live configuration says this itself, and is taken as it is",
        ]
    );
    for (server, message) in [
        ("waitress", "waitress reads no configuration file"),
        ("uwsgi", "the live configuration is a `.ini` file"),
    ] {
        let wsgi = format!("wsgi: {{server: {server}, application: 'a:b', config: live.txt}}\n");
        let project = shop(&wsgi).file("environments/live.txt", "");
        assert_eq!(messages(&project), [format!("wsgi.config: {message}")]);
    }
}
