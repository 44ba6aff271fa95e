//! What is put on the site's host, and to whom it belongs there.

use insta::assert_snapshot;

use super::config::file;
use crate::replica::fixture::{self, Stand};
use crate::replica::{Content, OWNERS, Plan, Step};

const SITE: &str = "base: {debian: bookworm}\nnames: [shop.example]\n\
     install: {extra: ['gunicorn==23.0.0'], as_of: 2026-02-18}\n\
     wsgi: {server: gunicorn, application: 'shop:app'}\ncritical: {path: ../critical}\n";

fn stand(more: &str) -> Stand {
    let files = [
        ("templates/a.ini.j2", "a = {{ site.user }}\n"),
        ("environments/live/theme/css/a.css", "a {}\n"),
        ("environments/live/theme/run.sh", "#!/bin/sh\n"),
    ];
    Stand::with_files(&[("site", &format!("{SITE}{more}"))], &files)
}

/// The lines of the environment's script that make users and folders.
fn makes(plan: &Plan) -> String {
    let (_, spec) = plan.chain.iter().find(|(_, spec)| spec.kind.name() == "environment").unwrap();
    let lines = spec.script.lines().skip_while(|line| !line.starts_with("# A user that"));
    let lines = lines.take_while(|line| !line.starts_with("rm -f /etc/nginx"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_user_has_the_home_and_the_groups_that_are_described() {
    let homeless = stand("user: {name: shop, home: none, groups: [ssl-cert, media]}\n").plan();
    assert_snapshot!(makes(&homeless), @r#"
    # A user that the base or its packages have stays as it is.
    if ! id shop >/dev/null 2>&1; then
      getent group shop >/dev/null || groupadd --gid 10001 shop
      # As `adduser --system --group --no-create-home` makes it.
      useradd --uid 10001 --gid shop --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin shop
    fi
    if [ ! -d /srv/shop ]; then
      # Where the release goes.
      mkdir /srv/shop
      chown shop: /srv/shop
    fi
    found=$(getent passwd shop | cut -d : -f 6)
    if [ "$found" != /nonexistent ]; then
      printf '::hint %s\n' "a user of the base stays as it is: take \`home\` out of \`user\`"
      fail "the base has the user \`shop\`, and its home is $found"
    fi
    getent group ssl-cert >/dev/null || groupadd ssl-cert
    usermod --append --groups ssl-cert shop
    getent group media >/dev/null || groupadd media
    usermod --append --groups media shop
    "#);
    let other = makes(&stand("user: {name: shop, home: '/home/the shop'}\n").plan());
    assert!(other.contains("--home-dir '/home/the shop' --create-home"), "{other}");
    assert!(other.contains(r#"[ "$found" != '/home/the shop' ]"#), "{other}");
}

#[test]
fn folders_that_live_on_are_made_as_mkdir_makes_them() {
    let plan = stand("user: shop\ndata: [/srv/shop/data, '/srv/a b']\n").plan();
    assert_snapshot!(makes(&plan), @"
    # A user that the base or its packages have stays as it is.
    if ! id shop >/dev/null 2>&1; then
      getent group shop >/dev/null || groupadd --gid 10001 shop
      useradd --uid 10001 --gid shop --home-dir /srv/shop --create-home --shell /bin/bash shop
      chmod 755 /srv/shop
    elif [ ! -d /srv/shop ]; then
      # Where the release goes.
      mkdir /srv/shop
      chown shop: /srv/shop
    fi
    mkdir -p /srv/shop/data
    chown shop: /srv/shop/data
    mkdir -p '/srv/a b'
    chown shop: '/srv/a b'
    ");
    let described = "user: shop\ndata: [{path: /srv/x, mode: '2770', owner: root, group: adm}]\n\
         files: [{path: /etc/a.ini, template: a.ini.j2, owner: '0', group: ssl-cert}]\n";
    let lines = makes(&stand(described).plan());
    let lines: Vec<&str> =
        lines.lines().skip_while(|line| !line.contains("getent group adm")).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    if ! getent group adm >/dev/null; then
      printf '::hint %s\n' "users and groups come with the base and its packages: name one of those, or add the package to base.packages"
      fail "the host has no group \`adm\`, to whom "/srv/x" belongs"
    fi
    if ! getent group ssl-cert >/dev/null; then
      printf '::hint %s\n' "users and groups come with the base and its packages: name one of those, or add the package to base.packages"
      fail "the host has no group \`ssl-cert\`, to whom "/etc/a.ini" belongs"
    fi
    mkdir -p /srv/x
    chmod 2770 /srv/x
    chown root:adm /srv/x
    "#);
}

#[test]
fn files_get_their_owners_by_name() {
    let stand = stand(
        "user: www-data\nproxy: {server: none}\ntls: {}\n\
         files:\n  - {path: /etc/a.ini, template: a.ini.j2}\n  \
         - {path: /etc/b.ini, template: a.ini.j2, owner: root, group: adm, mode: '4750'}\n  \
         - {path: /srv/theme, source: live/theme, owner: nobody}\n  \
         - {path: /srv/own, source: live/theme, mode: '0640'}\n",
    );
    let script = stand.root().join("environments/live/theme/run.sh");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(script, mode).unwrap();
    let plan = fixture::plan(stand.site(), &stand.release).unwrap();
    assert_snapshot!(file(&plan, "app", OWNERS), @"
    600 www-data: /etc/ssl/site/privkey.pem
    640 www-data: /etc/a.ini
    4750 root:adm /etc/b.ini
    755 nobody: /srv/theme
    755 nobody: /srv/theme/css
    644 nobody: /srv/theme/css/a.css
    755 nobody: /srv/theme/run.sh
    750 www-data: /srv/own
    750 www-data: /srv/own/css
    640 www-data: /srv/own/css/a.css
    640 www-data: /srv/own/run.sh
    ");
    assert_eq!(file(&plan, "app", "/etc/a.ini").trim(), "a = www-data");
    let of_suite = file(&plan, "suite", OWNERS);
    assert_eq!(of_suite, "755 www-data: /opt/stagectl/results\n");
    let files = plan.steps.iter().find_map(|planned| match &planned.step {
        Step::Create { container, .. } if container.role == "app" => Some(&container.files),
        _ => None,
    });
    let copied = files.unwrap().iter().find(|file| file.path == "/srv/theme/css/a.css").unwrap();
    assert!(
        matches!(&copied.content, Content::HostFile(from) if from.ends_with("live/theme/css/a.css"))
    );
}
