//! Command lines that mean nothing.

use crate::program::{SHOP, Stagectl};

#[test]
fn an_unknown_command_is_a_usage_error() {
    Stagectl::new()
        .args(["rehearsal"])
        .stderr(
            "error: unrecognized subcommand 'rehearsal'\n\n  \
             tip: a similar subcommand exists: 'rehearse'\n\n\
             Usage: stagectl [OPTIONS] <COMMAND>\n\nFor more information, try '--help'.\n",
        )
        .exit_code(2);
}

#[test]
fn a_mistyped_option_is_told_with_the_right_one() {
    Stagectl::new()
        .args(["rehearse", "--relaese", "x"])
        .stderr(
            "error: unexpected argument '--relaese' found\n\n  \
             tip: a similar argument exists: '--release'\n  \
             tip: to pass '--relaese' as a value, use '-- --relaese'\n\n\
             Usage: stagectl rehearse --release <PATH> [SITE]... [-- <PYTEST ARGS>...]\n\n\
             For more information, try '--help'.\n",
        )
        .exit_code(2);
}

#[test]
fn a_lease_has_a_unit() {
    Stagectl::new()
        .site("shop", SHOP)
        .args(["up", "shop", "--for", "8"])
        .stderr(
            "error: invalid value '8' for '--for <DURATION>': write a number and its unit: 90min, 8h\n\n\
             For more information, try '--help'.\n",
        )
        .exit_code(2);
}

#[test]
fn the_first_word_of_a_command_may_be_the_site() {
    Stagectl::new()
        .site("shop", SHOP)
        .args(["exec", "shop"])
        .stderr(
            "error: there is no command to run\n\
             hint: name a command: `stagectl exec site-a printenv`; a shell is `stagectl shell`\n",
        )
        .exit_code(2);
    let answer = Stagectl::new().site("shop", SHOP).args(["exec", "shpo", "printenv"]).run();
    answer.exit_code(2).made_nothing();
}

#[test]
fn a_replica_that_stays_or_goes_is_named_where_there_is_a_choice() {
    Stagectl::new()
        .site("shop", SHOP)
        .site("mill", SHOP)
        .args(["up"])
        .stderr("error: which site? there are mill, shop\nhint: name it: `stagectl up mill`\n")
        .stdout("")
        .exit_code(2)
        .made_nothing();
    let answer = Stagectl::new().site("shop", SHOP).args(["down", "shop", "--all"]).run();
    answer.stdout("").exit_code(2);
}
