//! A host that was read by hand, its description, and whether that is still true; mistakes that a person makes.

mod hidden;
mod several;

use crate::program::Stagectl;

/// What the script says on a small host.
pub(crate) const ANSWER: &str = "stagectl-capture 1\n= me\n|shop\n|1000\n|shop\n|Linux 6.1 x86_64\n|web1\n|0\n. 0\n= os\n|PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n\
    |ID=debian\n|VERSION_CODENAME=bookworm\n. 0\n= packages\n|libpq5\t15.8-0+deb12u1\toptional\t\n|base-files\t12.4\trequired\tyes\n. 0\n= automatic\n. 0\n\
    = locale\n|LANG=de_DE.UTF-8\n. 0\n= timezone\n|Europe/Berlin\n|/usr/share/zoneinfo/Europe/Berlin\n. 0\n= users\n|root:0:0:/root:/bin/bash\n\
    |shop:1000:1000:/srv/shop:/bin/bash\n. 0\n= groups\n|shop:1000:\n. 0\n= processes\n|10 1 1000 gunicorn\n|12 1 33 nginx\n. 0\n\
    = units\n|# /etc/systemd/system/shop.service\n|[Service]\n|User=shop\n|ExecStart=/srv/shop/venv/bin/gunicorn --workers 3 shop.wsgi:app\n. 0\n\
    = process 10\n|command\n|/srv/shop/venv/bin/python\n|/srv/shop/venv/bin/gunicorn\n|--workers\n|3\n|--bind\n|127.0.0.1:8000\n|shop.wsgi:app\n|status\n\
    |PPid:\t1\n|Uid:\t1000\t1000\t1000\t1000\n|Umask:\t0022\n|cgroup\n|0::/system.slice/shop.service\n|limits\n|links\n|cwd /srv/shop\n. 0\n\
    = environment 10\n|SHOP_THEME=v:paper\n|SHOP_KEY=f: 0123456789abcdef0123  -\n|DATABASE_URL=u:lup:postgresql://db.internal/shop 00ff00ff00ff00ff  -\n. 0\n\
    = python /srv/shop/venv\n|version = 3.11.2\n|distribution python3.11 flask-3.1.0.dist-info Flask 3.1.0\n\
    |distribution python3.11 gunicorn-23.0.0.dist-info gunicorn 23.0.0\n. 0\n\
    = file /etc/nginx/sites-enabled/shop\n|server {\n| listen 80;\n| server_name shop.example;\n| location / { include proxy_params; proxy_pass http://127.0.0.1:8000; }\n|}\n. 0\n\
    = services 10\n|DATABASE_URL version 15.8 (Debian 15.8-0+deb12u1)\n|DATABASE_URL user shop\n|DATABASE_URL database shop\n|DATABASE_URL encoding UTF8\n. 0\n\
    stagectl-capture end\n";

pub(crate) fn captured() -> Stagectl {
    Stagectl::new()
        .file("environments/defaults.yaml", "project: shop\ncritical: {path: ../tests/critical}\n")
        .file("answer.txt", ANSWER)
        .file(
            "later.txt",
            ANSWER.replace("|3\n|--bind", "|5\n|--bind").replace("v:paper", "v:night"),
        )
}

pub(crate) const CAPTURE: &str =
    "set -e; stagectl capture site-d --from-file answer.txt --no-look > said.txt 2>&1; ";

#[test]
fn what_the_script_said_becomes_a_description_that_check_takes() {
    let answer = captured().shell(&format!("{CAPTURE} cat said.txt; stagectl check > checked.txt; cat environments/site-d.yaml environments/site-d/requirements.lock"));
    let answer = answer.exit_code(0);
    let said = answer.out();
    for line in [
        "wrote environments/site-d.yaml, environments/site-d/{requirements.lock}; every key says where it comes from",
        "next: stagectl check site-d, stagectl rehearse site-d --release ...",
        "  debian: bookworm                       # os-release: Debian GNU/Linux 12 (bookworm)",
        "  application: shop.wsgi:app             # /etc/systemd/system/shop.service",
        "  workers: 3                             # /etc/systemd/system/shop.service",
        "  DATABASE_URL: \"postgresql://shop:${secret.db}@db.internal/shop\"",
        "  SHOP_KEY: \"${secret.shop_key}\"         # kept back on the host",
        "  SHOP_THEME: paper",
        "    postgres: \"15\"                       # it says 15.8 (Debian 15.8-0+deb12u1)",
        "flask==3.1.0",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
}

#[test]
fn rabbitmq_has_the_virtual_host_of_the_apps_url() {
    let queue = |url: &str| {
        ANSWER
            .replace("|SHOP_THEME", &format!("|QUEUE_URL=u:{url} 00ff00ff00ff00aa  -\n|SHOP_THEME"))
            .replace("= services 10\n", "= services 10\n|QUEUE_URL version 3.10.8\n")
    };
    let answer = captured()
        .file("answer.txt", queue("lup:amqp://mq.internal/board"))
        .file("usual.txt", queue("lup:amqp://mq.internal/%2F"))
        .file("cut.txt", queue("lupq:amqp://mq.internal"))
        .shell(&format!(
            "{CAPTURE} stagectl check; cat environments/site-d.yaml; set +e; for look in answer usual cut; do stagectl drift site-d --from-file $look.txt --no-look; done; true"
        ));
    let said = answer.exit_code(0).out();
    for line in [
        "    rabbitmq: \"3.10\"                     # it says 3.10.8\n",
        "    virtual_host: board                  # by QUEUE_URL\n",
        "site-d  true: ",
        "  services.queue.virtual_host   described board, live not there ",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert_eq!(said.matches("services.queue.virtual_host ").count(), 1, "{said}");
}

#[test]
fn drift_is_named_accepted_and_written_with_every_remark() {
    let script = format!(
        "{CAPTURE} stagectl drift site-d --from-file answer.txt --no-look; set +e\n\
         stagectl drift site-d --from-file later.txt --no-look --junit drift.xml --html drift.html; echo \"code $?\"\n\
         stagectl drift site-d --from-file later.txt --no-look --accept wsgi.workers env.SHOP_THEME 2>&1; echo \"code $?\"\n\
         stagectl drift site-d --from-file later.txt --no-look; echo \"code $?\"\n\
         grep -E 'workers|SHOP_THEME' environments/site-d.yaml; grep -c '<failure' drift.xml; grep -c 'wsgi.workers' drift.html"
    );
    let said = captured().shell(&script).exit_code(0).out();
    for line in [
        "site-d  true: ",
        "site-d  2 keys have drifted: ",
        "  wsgi.workers   described 3, live 5   since ",
        "code 6",
        "environments/site-d.yaml: wsgi.workers is 5 now",
        "  workers: 5                             # /etc/systemd/system/shop.service",
        "  SHOP_THEME: night",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(said.ends_with("\n2\n1\n") && said.matches("code 0").count() == 2, "{said}");
}

#[test]
fn a_site_that_was_not_looked_at_is_refused_where_that_is_asked() {
    let script = format!(
        "{CAPTURE} set +e; stagectl rehearse --fresh 7d --release dist/shop-1.0-py3-none-any.whl 2>&1; echo \"code $?\"\n\
         rm .stagectl/looks/site-d.json; stagectl rehearse --fresh 7d --release dist/shop-1.0-py3-none-any.whl 2>&1; echo \"code $?\""
    );
    let said = captured().wheel(">=3.9").shell(&script).exit_code(0).out();
    assert!(
        said.contains("site-d: its live host was looked at just now, and was as described"),
        "{said}"
    );
    assert!(
        said.contains("caused by: site-d was never looked at") && said.contains("code 6"),
        "{said}"
    );
}

#[test]
fn mistakes_have_their_ways_out_and_change_nothing() {
    for (arguments, code, words) in [
        (&["capture", "site-d"][..], 2, "there is no host to read"),
        (&["capture", "site-d", "--from-file", "nothing.txt"], 2, "could not read nothing.txt"),
        (
            &["capture", "site-d", "--from-file", "said.txt"],
            2,
            "said.txt is no answer of the script",
        ),
        (&["capture", "site-d", "-oProxyCommand=x"], 2, "unexpected argument '-o'"),
        (&["capture", "site-d", "a b"], 2, "a host is [USER@]HOST[:PORT] for ssh"),
        (
            &["capture", "site-d", "--from-file", "answer.txt", "--no-look", "--unit", "shopp"],
            2,
            "those that are there, the nearest first: shop",
        ),
        (
            &["capture", "site-d", "--from-file", "answer.txt", "--unit", "a;b"],
            2,
            "`a;b` is no name of a unit or a variable",
        ),
        (
            &["capture", "defaults", "--from-file", "answer.txt"],
            2,
            "`defaults` is the file of what all sites share",
        ),
        (&["drift"], 2, "no site says where its host is"),
        (&["drift", "--host", "local"], 2, "whose host is that?"),
    ] {
        let mut program =
            captured().file("said.txt", "Permission denied\n").site("shop", crate::program::SHOP);
        program.add_args(arguments);
        let answer = program.run().exit_code(code);
        let root = answer.root();
        assert!(answer.error().contains(words), "{arguments:?}: {}", answer.error());
        assert!(
            !root.join("environments/site-d.yaml").exists()
                && !root.join("environments/site-d").exists()
        );
    }
}

#[test]
fn a_host_that_cannot_be_reached_is_no_drift() {
    let mut program = captured().site("shop", crate::program::SHOP);
    program.add_args(&[
        "drift",
        "shop",
        "--host",
        "nobody@127.0.0.1:1",
        "--no-look",
        "--output",
        "json",
    ]);
    let answer = program.run().exit_code(75);
    let said: serde_json::Value = serde_json::from_str(&answer.out()).unwrap();
    let error = said["sites"][0]["error"].as_str().unwrap();
    assert!(error.starts_with("could not reach nobody@127.0.0.1 by ssh"), "{error}");
}

/// Lines of configurations and commands, and what may be written of each.
const LINES: [(&str, &str); 15] = [
    (
        "ExecStart=/venv/bin/python w.py --db-pass=zq06 --tier gold --auth a:zq08 --login=b:zq37",
        "ExecStart=/venv/bin/python w.py --db-pass=HIDDEN --tier gold --auth HIDDEN --login=HIDDEN",
    ),
    (
        "ExecStart=/venv/bin/gunicorn -e DB_PASS=zq04 -e \"DOOR=door zq36\" kiosk:app",
        "ExecStart=/venv/bin/gunicorn -e DB_PASS=HIDDEN -e DOOR=HIDDEN kiosk:app",
    ),
    ("fastcgi_param DB_PASS zq16;", "fastcgi_param DB_PASS HIDDEN;"),
    (
        "proxy_pass http://127.0.0.1:9000/feed?token=zq17&u=$uri;",
        "proxy_pass http://127.0.0.1:9000/feed?HIDDEN;",
    ),
    ("proxy_pass http://user:zq18@127.0.0.1:9000/;", "proxy_pass http://HIDDEN@127.0.0.1:9000/;"),
    ("proxy_set_header X-Gate \"zq14\";", "proxy_set_header X-Gate HIDDEN;"),
    (
        "proxy_set_header X-Verify \"3f1c9a2e-8b4d-4c6f-9e1a-3f1c9a2e8b4d\";",
        "proxy_set_header X-Verify HIDDEN;",
    ),
    ("client_max_body_size 20m;   # ask ops/zq15", "client_max_body_size 20m;"),
    ("            \"Basic enFBMTI6\";", "\"HIDDEN\";"),
    // What a replica needs to be exact stays.
    (
        "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    ),
    ("ssl_certificate_key /etc/ssl/shop.key;", "ssl_certificate_key /etc/ssl/shop.key;"),
    (
        "ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256;",
        "ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256;",
    ),
    ("return 301 https://$host$request_uri;", "return 301 https://$host$request_uri;"),
    (
        "add_header Content-Security-Policy \"default-src 'self'\" always;",
        "add_header Content-Security-Policy \"default-src 'self'\" always;",
    ),
    ("proxy_pass http://unix:/run/shop.sock;", "proxy_pass http://unix:/run/shop.sock;"),
];

#[test]
fn what_may_be_a_secret_is_hidden_in_lines_of_configurations() {
    let lines = LINES.map(|(line, _)| line).join("\n") + "\n";
    let wanted = LINES.map(|(_, line)| line).join("\n") + "\n";
    // The script itself, with its last line, which reads the host, given way.
    let script = "stagectl capture --script | sed '$d' > script.sh; echo 'awk \"$harmless{ print cleaned(\\$0) }\" lines.txt' >> script.sh; sh script.sh";
    captured().file("lines.txt", &lines).shell(script).stderr("").stdout(&wanted);
}

#[test]
fn timers_say_in_their_remarks_when_they_start() {
    let units = "|# /etc/systemd/system/digest.service\n|[Service]\n|User=shop\n|Type=oneshot\n|ExecStart=/srv/shop/venv/bin/shop-digest\n\
                 |# /etc/systemd/system/digest.timer\n|[Timer]\n|OnCalendar=*-*-* 03:00\n. 0\n= process 10\n";
    let lines = "= scheduled\n|0 3 * * 1 shop /srv/shop/venv/bin/shop-week --all\n|of shop @daily /srv/shop/venv/bin/shop-day\n\
                 |of board 1 1 * * * board-day\n|own 2 2 * * * root-day\n. 0\nstagectl-capture end";
    let answer = ANSWER
        .replace("= me\n|shop\n|1000", "= me\n|root\n|0")
        .replace(". 0\n= process 10\n", units)
        .replace("stagectl-capture end", lines);
    let said = captured()
        .file("answer.txt", answer)
        .shell(&format!(
            "{CAPTURE} stagectl check; sed -n '/^timers/,/^$/p' environments/site-d.yaml"
        ))
        .exit_code(0)
        .out();
    let timers = "timers:\n  digest: {run: shop-digest}             # /etc/systemd/system/digest.service, OnCalendar=*-*-* 03:00\n  \
                  cron-shop-week: {run: \"shop-week --all\"}  # cron: 0 3 * * 1\n  \
                  cron-shop-day: {run: shop-day}         # cron: @daily\n\n";
    assert!(said.ends_with(timers), "{said}");
}

#[test]
fn root_reads_the_crontab_of_the_apps_user_and_what_is_secret_stays_there() {
    let lines = "bounded() { \"$@\"; }; id() { echo 0; }; stat() { echo shop; }; pids='7 8'; root=\n\
                 crontab() { [ $# = 1 ] && echo '1 2 * * * root-job' || echo \"3 4 * * * job --password zq1 $3\"; }\n\
                 scheduled | grep -E '^(own|of) '";
    let script = format!(
        "stagectl capture --script | sed '$d' > script.sh; cat >> script.sh <<'END'\n{lines}\nEND\nsh script.sh"
    );
    let expected = "own 1 2 * * * root-job\nof shop 3 4 * * * job --password HIDDEN shop\n";
    captured().shell(&script).stdout(expected).exit_code(0);
}
