//! Two environments held against each other.

use crate::program::{SHOP, Stagectl};

#[test]
fn the_keys_in_which_two_sites_differ_are_told_with_both_values() {
    Stagectl::new()
        .site("shop", SHOP)
        .site("mill", &(SHOP.replace("bookworm", "trixie") + "env: {THEME: night}\n"))
        .args(["diff", "shop", "mill"])
        .stdout(
            "KEY          shop      mill\n\
             base.debian  bookworm  trixie\n\
             env.THEME    -         night\n\
             python       3.11      3.13\n",
        )
        .stderr("")
        .exit_code(0);
}

#[test]
fn sites_that_are_alike_are_told_to_be_and_unknown_ones_are_not_compared() {
    let project = || Stagectl::new().site("shop", SHOP).site("mill", SHOP);
    project()
        .args(["diff", "shop", "mill"])
        .stdout("shop and mill are the same environment\n")
        .exit_code(0);
    project()
        .args(["diff", "shop", "mil"])
        .stderr("error: there is no site `mil`\nhint: did you mean `mill`?\n")
        .exit_code(2);
}
