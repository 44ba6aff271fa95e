//! Instances of a unit's template: as the host has them, and one of them described.

use crate::captured::{ANSWER, captured};
use crate::given::on_host;

const FOLDER: &str = "host/etc/systemd/system";

#[test]
fn instances_are_found_and_have_their_names_in_what_their_template_says() {
    let template = "[Service]\nUser=shop-%i\nEnvironmentFile=/etc/shop/%i.env\nWorkingDirectory=/srv/%p/%I\n\
                    ExecStart=/srv/%i/venv/bin/gunicorn --env SHOP_STAGE=%i --name %N --access-logformat %%(h)s shop:app\n";
    let said = captured()
        .file(format!("{FOLDER}/shop@.service").as_str(), template)
        .file(format!("{FOLDER}/shop@.service.d/all.conf").as_str(), "[Service]\nUMask=0027\n")
        .file(format!("{FOLDER}/shop@eu.service.d/own.conf").as_str(), "[Service]\nEnvironment=%j_THEME=zq1\n")
        .file(format!("{FOLDER}/digest@.service").as_str(), "[Service]\nExecStart=/x %i\n")
        .file(format!("{FOLDER}/digest@.timer").as_str(), "[Timer]\nOnCalendar=daily\n")
        .file(format!("{FOLDER}/plain.service").as_str(), "[Service]\nExecStart=/x %N %i%h\n")
        .file("host/lib/systemd/system/getty@.service", "[Service]\nExecStart=/getty %i\n")
        .shell(&on_host(&format!(
            "mkdir {FOLDER}/multi-user.target.wants && cd {FOLDER}/multi-user.target.wants\n\
             ln -s ../shop@.service 'shop@us-west\\x2d1.service'; ln -s ../digest@.timer digest@eu.timer\n\
             ln -s /lib/systemd/system/getty@.service getty@tty1.service; cd ../../../../..\n\
             root=$PWD/host; unit=shop@asia; instances=$(known_instances); unit_files | cut -c1-132; service_texts | grep EnvironmentFile"
        )))
        .exit_code(0)
        .out();
    let of = |name: &str, place: &str| {
        format!(
            "# /etc/systemd/system/shop@.service as shop@{name}.service\n[Service]\nUser=shop-{name}\nEnvironmentFile=/etc/shop/{name}.env\n\
             WorkingDirectory=/srv/shop/{place}\n\
             ExecStart=/srv/{name}/venv/bin/gunicorn --env SHOP_STAGE={name} --name shop@{name} --access-logformat %%(h)s shop:app\n"
        )
    };
    for part in [
        &of("asia", "asia"),
        &of("eu", "eu"),
        "X-Given=\nX-Given=SHOP_STAGE=v:eu\n# /etc/systemd/system/shop@.service.d/all.conf as shop@eu.service\n[Service]\nUMask=0027\n\
         # /etc/systemd/system/shop@eu.service.d/own.conf as shop@eu.service\n[Service]\nEnvironment= shop_THEME\n",
        "WorkingDirectory=/srv/shop/us/west-1\n",
        "# /etc/systemd/system/digest@.service as digest@eu.service\n[Service]\nExecStart=/x eu\n",
        "# /etc/systemd/system/digest@.timer as digest@eu.timer\n",
        "# /etc/systemd/system/plain.service\n[Service]\nExecStart=/x plain %h\n",
        "\nEnvironmentFile=/etc/shop/asia.env\nEnvironmentFile=/etc/shop/eu.env\n",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert!(!said.contains("getty") && !said.contains("zq"), "{said}");
}

#[test]
fn one_instance_is_described_and_those_of_others_are_not_its_processes() {
    let unit = "# /etc/systemd/system/shop.service\n|[Service]\n|User=shop\n|ExecStart=/srv/shop/venv/bin/gunicorn --workers 3 shop.wsgi:app\n";
    let of = |template: &str, name: &str, command: &str| {
        format!(
            "# /etc/systemd/system/{template}@.service as {template}@{name}.service\n|[Service]\n|User=shop\n|ExecStart=/srv/shop/venv/bin/{command}\n|"
        )
    };
    let units = [
        of("shop", "eu", "gunicorn --workers 3 shop.wsgi:app"),
        of("shop", "us", "gunicorn --workers 2 shop.wsgi:app"),
        of("worker", "eu", "shop-work"),
        of("worker", "us", "shop-work"),
    ]
    .concat();
    let answer = ANSWER
        .replace(unit, units.trim_end_matches(|c| "\n|".contains(c)))
        .replace("/system.slice/shop.service", "/system.slice/system-shop.slice/shop@eu.service");
    let said = captured()
        .file("answer.txt", answer)
        .shell(
            "stagectl capture site-d --from-file answer.txt --no-look 2>&1 || true; set -e\n\
             stagectl capture site-d --from-file answer.txt --no-look --unit shop@eu.service 2>&1; stagectl check; cat environments/site-d.yaml\n\
             stagectl drift site-d --from-file answer.txt --no-look --unit shop@eu",
        )
        .exit_code(0)
        .out();
    for line in [
        "shop@eu (gunicorn), shop@us (gunicorn)",
        "  the app        shop@eu by gunicorn, as shop",
        "  workers: 3                             # /etc/systemd/system/shop@.service\n",
        "processes:\n  worker-eu:\n    run: shop-work                       # /etc/systemd/system/worker@.service\n\n",
        "#   shop@us.service is of another instance, and is not described\n",
        "site-d  true: ",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
}
