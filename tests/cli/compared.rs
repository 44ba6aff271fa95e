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
fn what_was_built_is_known_of_sites_that_were_rehearsed() {
    let report = r#"{"run": "20260101-1", "sites": [
        {"name": "shop", "installed": ["flask==3.1.3"], "machine": {"openssl": "OpenSSL 3.0.15"}},
        {"name": "mill", "installed": ["flask==2.2.5"], "machine": {"openssl": "OpenSSL 3.0.15"}}]}"#;
    let project = || Stagectl::new().site("shop", SHOP).site("mill", SHOP);
    project()
        .file(".stagectl/runs/20260101-1/report.json", report)
        .args(["diff", "shop", "mill", "--built"])
        .stdout(
            "shop and mill are the same environment\n\n\
             as built in the runs 20260101-1 and 20260101-1\n\
             FOUND            shop   mill\n\
             installed.flask  3.1.3  2.2.5\n\
             files were not compared: run 20260101-1 did not list those of shop\n\
             files were not compared: run 20260101-1 did not list those of mill\n",
        )
        .exit_code(0);
    let files = |mode: &str| {
        format!(
            r#"{{"schema": "stagectl-files/1", "files":
                {{"/etc/shop.ini": {{"kind": "file", "mode": "{mode}", "owner": "shop", "size": 1}}}}}}"#
        )
    };
    project()
        .file(".stagectl/runs/20260101-1/report.json", report)
        .file(".stagectl/runs/20260101-1/shop/files.json", files("640"))
        .file(".stagectl/runs/20260101-1/mill/files.json", files("644"))
        .args(["diff", "shop", "mill", "--built"])
        .stdout(
            "shop and mill are the same environment\n\n\
             as built in the runs 20260101-1 and 20260101-1\n\
             FOUND                shop      mill\n\
             installed.flask      3.1.3     2.2.5\n\
             files./etc/shop.ini  mode 640  mode 644\n",
        )
        .exit_code(0);
    project()
        .args(["diff", "shop", "mill", "--built"])
        .stderr(
            "error: shop was never built here\nhint: rehearse it first: `stagectl rehearse shop`\n",
        )
        .exit_code(2);
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
