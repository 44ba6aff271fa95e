//! What keeps a live site from being looked at, before anything is asked of it or of Docker.

use crate::program::{SHOP, Stagectl};

#[test]
fn a_suite_that_is_a_command_says_what_to_describe() {
    let text = SHOP.replace("path: ../tests/critical", "run: ./smoke.sh");
    Stagectl::new()
        .site("shop", &text)
        .args(["live", "shop"])
        .stderr(
            "error: the suite of shop is a command, `./smoke.sh`: nobody can say which of its tests only read\n\
             hint: describe a command of those that do: `critical.live`\n\
             hint: or a folder of pytest, `critical.path`, and mark its tests: `@pytest.mark.read_only`\n",
        )
        .exit_code(2)
        .made_nothing();
}

#[test]
fn what_is_given_for_the_tests_has_to_be_there() {
    Stagectl::new()
        .site("shop", SHOP)
        .args(["live", "shop", "--env", "NOBODY_SETS_THIS"])
        .stderr(
            "error: the variable NOBODY_SETS_THIS of `--env` is not set\n\
             hint: export NOBODY_SETS_THIS=... before the call\n",
        )
        .exit_code(2)
        .made_nothing();
    Stagectl::new()
        .site("shop", SHOP)
        .args(["live", "shop", "--ca", "ca.pem"])
        .stderr(
            "error: could not read ca.pem\n  caused by: No such file or directory (os error 2)\n",
        )
        .exit_code(2)
        .made_nothing();
    Stagectl::new()
        .site("shop", SHOP)
        .file("ca.pem", "no certificate\n")
        .args(["live", "shop", "--ca", "ca.pem"])
        .stderr(
            "error: could not read ca.pem\n  caused by: there is no certificate in it\n\
             hint: name a PEM file with the certificates of the authority\n",
        )
        .exit_code(2)
        .made_nothing();
}

#[test]
fn another_way_is_a_port_of_a_name_and_a_place() {
    let told = Stagectl::new()
        .site("shop", SHOP)
        .args(["live", "shop", "--resolve", "shop.example=192.0.2.7"])
        .run()
        .exit_code(2);
    let said = told.error();
    assert!(said.contains("`shop.example=192.0.2.7` is not NAME:PORT=ADDRESS[:PORT]"), "{said}");
}

#[test]
fn a_site_that_is_not_there_is_named_with_the_nearest() {
    Stagectl::new()
        .site("shop", SHOP)
        .args(["live", "shp"])
        .stderr("error: there is no site `shp`\nhint: did you mean `shop`?\n")
        .exit_code(2)
        .made_nothing();
}
