//! Releases that cannot be rehearsed, and the plan of one that can.

use crate::program::{SHOP, Stagectl};

#[test]
fn without_a_release_there_is_nothing_to_rehearse() {
    for args in [["rehearse", "shop"], ["up", "shop"], ["plan", "shop"]] {
        Stagectl::new()
            .site("shop", SHOP)
            .args(args)
            .stderr(
                "error: there is no release to rehearse\n\
                 hint: name it: `--release dist/app-1.0-py3-none-any.whl`, or `release:` in \
                 environments/defaults.yaml\n",
            )
            .exit_code(2)
            .made_nothing();
    }
}

#[test]
fn a_release_that_is_not_there_is_a_mistake_of_the_command_line() {
    Stagectl::new()
        .site("shop", SHOP)
        .args(["rehearse", "--release", "dist/shop.whl"])
        .stderr(
            "error: could not find release `dist/shop.whl`\n  \
             caused by: No such file or directory (os error 2)\n\
             hint: build it, or mend the path: `ls dist/`\n",
        )
        .exit_code(2)
        .made_nothing();
}

#[test]
fn a_file_of_another_kind_is_no_release() {
    Stagectl::new()
        .site("shop", SHOP)
        .file("notes.txt", "x")
        .args(["rehearse", "--release", "notes.txt"])
        .stderr(
            "error: `notes.txt` is not a kind of release that stagectl knows\n\
             hint: give a wheel (.whl), an sdist (.tar.gz), a .tar.gz or .zip of a tree, or a folder\n",
        )
        .exit_code(2)
        .made_nothing();
}

#[test]
fn a_broken_release_fails_as_a_deploy() {
    Stagectl::new()
        .site("shop", SHOP)
        .file("dist/shop-1.0-py3-none-any.whl", "no zip at all")
        .args(["rehearse", "--release", "dist/shop-1.0-py3-none-any.whl"])
        .stderr(
            "error: could not read release `dist/shop-1.0-py3-none-any.whl`\n  \
             caused by: it is not a zip archive, but text\n\
             hint: give a wheel, an sdist, a .tar.gz or .zip of a tree, or a folder\n",
        )
        .exit_code(3)
        .made_nothing();
}

#[test]
fn a_release_for_another_python_fails_before_anything_is_made() {
    Stagectl::new()
        .site("shop", SHOP)
        .wheel(">=3.12")
        .args(["plan", "--release", "dist/shop-1.0-py3-none-any.whl"])
        .stderr(
            "error: shop 1.0 needs Python >=3.12; shop has 3.11\n\
             hint: rehearse a release that supports this Python, or correct `python:`\n",
        )
        .exit_code(3)
        .made_nothing();
}

#[test]
fn a_plan_of_a_redeploy_makes_nothing_of_a_replica() {
    let answer = Stagectl::new()
        .site("shop", SHOP)
        .wheel(">=3.9")
        .args(["plan", "shop", "--redeploy", "--release", "dist/shop-1.0-py3-none-any.whl"])
        .run()
        .exit_code(0);
    let (printed, steps) =
        (answer.out(), ["stop processes of app", "replace the release", "serve"]);
    let places = steps.map(|step| printed.find(step).unwrap());
    assert!(places.is_sorted(), "{printed}");
    assert!(!printed.contains("network") && !printed.contains("tear down"), "{printed}");
}

#[test]
fn a_plan_needs_no_docker() {
    Stagectl::new()
        .site("shop", SHOP)
        .site("mill", SHOP)
        .file("environments/defaults.yaml", "release: dist/shop-1.0-py3-none-any.whl\n")
        .wheel(">=3.9")
        .args(["plan", "shop"])
        .stdout(
            "shop  shop 1.0
  0  up        network 10.231.0.0/27: closed, the site's own
  1  images    base image: Debian bookworm (downloads)
  2  images    installer image: uv on Debian bookworm (downloads)  after 1
  3  images    packages image: packages of shop (downloads)  after 2
  4  images    environment image: environment of shop (offline)  after 3
  5  images    suite image: test tools of shop (downloads)  after 3
  6  images    environment image: environment of the suite of shop (offline)  after 5
  7  images    dependencies image: dependencies of shop for shop (downloads)  after 4
  8  images    release image: shop for shop (offline)  after 7
  9  images    packages image: dnsmasq-base of Debian bookworm (downloads)  after 1
 10  up        close network: the engine's host does not hear what is said there  after 9
 11  up        see network closed: it stays so while others are there  after 10
 12  up        create resolver: its names, and no others, resolve  after 9
 13  up        start resolver: the network is closed  after 10, 12
 14  up        create app: the site's own host  after 8
 15  up        start app: the network is closed  after 10, 14
 16  up        observe network: nothing leads out of there, and the resolver is the site's  after 13, 15
 17  ready     serve: the site answers under its own name  after 13, 15, 16
 18  up        create suite: where the critical suite runs  after 13, 6
 19  up        start suite: the network is closed  after 10, 18
 20  suite     begin pytest: it waits until the site answers  after 13, 15, 16, 19
 21  diagnosis diagnose: names, TLS, health, logs and what is described  after 17, 20
 22  suite     critical suite: whatever the diagnosis says  after 21
 23  down      tear down: whatever happened, with its logs saved  after 22
which images are there is not known: could not reach Docker at unix:///nonexistent

",
        )
        .stderr("")
        .exit_code(0)
        .made_nothing();
}

#[test]
fn an_application_that_the_build_does_not_package_is_found_without_one() {
    let project = || {
        Stagectl::new()
            .site("shop", &SHOP.replace("shop.wsgi:app", "wsgi:app"))
            .file("environments/defaults.yaml", "release: app\n")
            .file(
                "app/pyproject.toml",
                "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n\
                 [project]\nname = \"shop\"\nversion = \"1.0\"\n",
            )
            .file("app/shop/__init__.py", "")
            .file("app/shop/wsgi.py", "app = None\n")
            .file("app/wsgi.py", "from shop.wsgi import app\n")
    };
    for command in ["check", "plan"] {
        project()
            .args([command])
            .stderr(
                "error: environments/shop.yaml:4:39: wsgi.application: no module `wsgi` in the release\n    \
                 4 | wsgi: {server: ***, application: 'wsgi:app'}\n      \
                 |                                  ^\n\
                 hint: wsgi.py is not packaged (pyproject.toml): package it, or name `shop.wsgi`\n\
                 1 error in 1 file\n",
            )
            .exit_code(2)
            .made_nothing();
    }
}
