//! A host of which there is an archive of its files: it is described as one that runs, nothing of it is run, and no path in
//! it leads to a file of this machine.

use crate::program::Stagectl;

/// The files of a small host, below `host`.
fn host() -> Stagectl {
    let files = [
        ("etc/hostname", "web1\n"),
        (
            "usr/lib/os-release",
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_CODENAME=bookworm\n",
        ),
        ("etc/passwd", "root:x:0:0::/root:/bin/bash\nshop:x:4711:4711::/srv/shop:/bin/bash\n"),
        ("etc/group", "root:x:0:\nshop:x:4711:\n"),
        ("etc/shadow", "root:$6$planted-secret-1:1::::::\n"),
        ("etc/fstab", "tmpfs /tmp tmpfs noexec,size=64m 0 0\n"),
        (
            "var/lib/dpkg/status",
            "Package: libpq5\nStatus: install ok installed\nPriority: optional\nVersion: 15.8-0\n\nPackage: postgresql-15\nStatus: install ok installed\nPriority: optional\nVersion: 15.8-0\n",
        ),
        (
            "etc/systemd/system/shop.service",
            "[Service]\nUser=shop\nUMask=0027\nEnvironment=SHOP_THEME=paper \"SHOP_NOTE=planted secret 2\" \\\n SHOP_DATA=/srv/shop/data\nEnvironmentFile=/srv/shop/env\nExecStart=/srv/shop/venv/bin/gunicorn --workers 3 --bind 127.0.0.1:8000 shop.wsgi:app\n",
        ),
        (
            "etc/systemd/system/shop.service.d/limits.conf",
            "[Service]\nLimitNOFILE=4096\nEnvironment='SHOP_REGION=north'\n",
        ),
        (
            "srv/shop/env",
            "SHOP_THEME=night\nDATABASE_URL=postgresql://shop:planted-secret-3@localhost/shop\n",
        ),
        ("srv/shop/venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n"),
        (
            "srv/shop/venv/lib/python3.11/site-packages/flask-3.1.0.dist-info/METADATA",
            "Name: Flask\nVersion: 3.1.0\n",
        ),
        ("srv/shop/data/kept", "planted-secret-4"),
        (
            "etc/nginx/sites-available/shop",
            "server {\n listen 80;\n server_name shop.example;\n client_max_body_size 7m;\n location / { proxy_pass http://127.0.0.1:8000; }\n}\n",
        ),
    ];
    files
        .iter()
        .fold(Stagectl::new(), |project, (path, text)| project.file(&format!("host/{path}"), text))
        .file("environments/defaults.yaml", "project: shop\ncritical: {path: ../tests/critical}\n")
}

const PACK: &str = "set -e; mkdir -p host/etc/nginx/sites-enabled; ln -s usr/lib host/lib; ln -s ../usr/lib/os-release host/etc/os-release
    ln -s /etc/nginx/sites-available/shop host/etc/nginx/sites-enabled/shop; chmod 0750 host/srv/shop/data
    ln -s /usr/share/zoneinfo/Europe/Berlin host/etc/localtime
    tar --numeric-owner --owner=4711 --group=4711 -C host -cf live.tar .; ";

#[test]
fn an_archive_is_described_like_a_host_that_runs() {
    let script = format!(
        "{PACK} gzip -k live.tar; mkdir deep; cd deep
         stagectl -C .. capture site-r rootfs://../live.tar.gz --no-look > ../said.txt 2>&1; cd ..; cat said.txt
         stagectl check site-r > checked.txt; cat environments/site-r.yaml environments/site-r/requirements.lock
         stagectl drift site-r --no-look; ls ${{TMPDIR:-/tmp}} | grep -c '^stagectl-unpacked-.*' || true
         sed -i 's/workers 3/workers 4/' host/etc/systemd/system/shop.service
         tar --numeric-owner --owner=4711 --group=4711 -C host -czf live.tar.gz .
         stagectl drift site-r --no-look || echo \"code $?\""
    );
    let said = host().variable("TMPDIR", ".").shell(&script).exit_code(0).out();
    for line in [
        "reading rootfs://../live.tar.gz: 1 script, nothing is written there",
        "as archived     Debian GNU/Linux 12 (bookworm), 2 packages",
        "  debian: bookworm                       # os-release: Debian GNU/Linux 12 (bookworm)",
        "  timezone: Europe/Berlin ",
        "  workers: 3                             # /etc/systemd/system/shop.service",
        "  umask: \"0027\"                          # UMask of the unit",
        "  body: \"7MiB\" ",
        "names: [shop.example] ",
        "  open_files: 4096 ",
        "  tmp: {size: \"64MiB\", exec: false}",
        "  SHOP_THEME: night",
        "  SHOP_REGION: north",
        "  SHOP_NOTE: \"${secret.shop_note}\" ",
        "  DATABASE_URL: \"postgresql://shop:${secret.db}@localhost/shop\"",
        "    postgres: \"15\" ",
        "data: [{mode: \"0750\", path: /srv/shop/data}] ",
        "  hosts: [rootfs://../live.tar.gz] ",
        "flask==3.1.0",
        "#   processes, limits, mounts and what services say of themselves: an archive has none of it",
        "site-r  true: 26 keys of its description compared with rootfs://../live.tar.gz",
        "  wsgi.workers   described 3, live 4 ",
        "code 6",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(!said.contains("planted"), "{said}");
    assert!(said.contains("\n0\n"), "nothing is left of what was unpacked: {said}");
}

#[test]
fn a_configuration_on_few_lines_is_read_and_stays_one() {
    let nginx = "server { listen 80; server_name SHOP.example .board.example; location / { proxy_pass http://127.0.0.1:8000; } # old; ones\n\
                 if ($arg_token = planted) { return 403; } set $api_key \"planted\"; include /etc/nginx/${host}.conf; }\n";
    let script = format!(
        "{PACK} stagectl capture site-r rootfs://live.tar --no-look > said.txt 2>&1; cat said.txt environments/site-r.yaml environments/site-r/nginx.conf"
    );
    let said = host().file("host/etc/nginx/sites-available/shop", nginx).shell(&script);
    let said = said.exit_code(0).out();
    for line in [
        "names: [shop.example, board.example, \"*.board.example\"]",
        "if ($arg_token = HIDDEN) {",
        "set $api_key HIDDEN;",
        "proxy_pass http://127.0.0.1:8000;",
        "include /etc/nginx/${host}.conf;",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(!said.contains("planted") && !said.contains("ones"), "{said}");
}

#[test]
fn no_path_in_an_archive_leads_to_a_file_of_this_machine() {
    let script = format!(
        "printf 'CANARY=on\\nserver {{ server_name canary.example; }}\\n' > canary; cp canary canary.ini
         mkdir -p host/etc/nginx/conf.d host/etc/uwsgi/apps-enabled host/etc/apache2/sites-enabled host/etc/cron.d
         up=/../../../../../../../../../..$PWD
         ln -s $PWD/canary host/etc/nginx/conf.d/absolute.conf; ln -s ../../..$up/canary host/etc/nginx/conf.d/up.conf
         ln -s $PWD host/srv/out; ln -s $PWD/canary host/etc/cron.d/shop; ln -s $PWD/canary host/etc/default
         printf '[Service]\\nEnvironmentFile=%s\\nEnvironmentFile=/srv/out/canary\\n' $up/canary > host/etc/systemd/system/shop.service.d/out.conf
         printf '[uwsgi]\\nfor-readline = %s\\nmodule = a:b\\n' $up/canary > host/etc/uwsgi/apps-enabled/other.ini
         printf 'WSGIScriptAlias / %s\\nSSLCertificateFile %s\\n' $up/canary $up/canary > host/etc/apache2/sites-enabled/other.conf
         {PACK} stagectl capture site-r rootfs://live.tar --unit shop --no-look --print 2>&1"
    );
    let said = host().shell(&script).exit_code(0).out();
    assert!(said.contains("names: [shop.example]"), "{said}");
    assert!(!said.to_lowercase().contains("canary:") && !said.contains("canary.example"), "{said}");
}

#[test]
fn what_is_no_archive_and_what_is_damaged_is_said() {
    for (make, words) in [
        ("true", "could not read live.tar.gz"),
        ("echo text > live.tar.gz", "live.tar.gz is no archive of files"),
        (
            "tar -C host -czf whole .; head -c 300 whole > live.tar.gz",
            "see whether the archive is whole",
        ),
        ("tar -czf live.tar.gz host", "are etc, srv and the like at the top of the archive?"),
        ("mkdir empty; tar -C empty -czf live.tar.gz .", "there is no Python app on the host that"),
    ] {
        let script = format!(
            "set -e; {make}; stagectl capture site-r rootfs://live.tar.gz --no-look 2>&1 || echo \"code $?\"; ls environments"
        );
        let said = host().shell(&script).exit_code(0).out();
        assert!(said.contains(words) && said.contains("code 2"), "{make}: {said}");
        assert!(said.ends_with("\ndefaults.yaml\n"), "{said}");
    }
}

#[test]
fn an_interruption_leaves_nothing_of_what_was_unpacked() {
    // Sixteen gibibytes of nothing, which lie on no disk.
    let mut header = tar::Header::new_ustar();
    header.set_path("srv/large").unwrap();
    header.set_size(16 << 30);
    header.set_cksum();
    let script = "truncate -s 16G live.tar; stagectl capture site-r rootfs://live.tar --no-look > said.txt 2>&1 & pid=$!
        until ls -d stagectl-unpacked-*; do kill -0 $pid || exit 1; done
        kill -INT $pid; wait $pid; echo \"code $?\"; ls";
    let said = host().file("live.tar", header.as_bytes()).variable("TMPDIR", ".").shell(script);
    let said = said.exit_code(0).out();
    assert!(
        said.contains("code 130") && !said.split("code").nth(1).unwrap().contains("unpacked"),
        "{said}"
    );
}
