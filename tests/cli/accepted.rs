//! What a host has is written into the description: all of it, or nothing.

use crate::captured::{ANSWER, CAPTURE, captured};
use crate::program::Answer;

/// What is accepted of a host as it is now, and how the description, edited by a person before, is changed by that.
fn accept(keys: &str, edit: &str, now: &str) -> Answer {
    let script = format!(
        "{CAPTURE} sed -i -f edit.sed environments/site-d.yaml; cp environments/site-d.yaml before.yaml; set +e\n\
         stagectl drift site-d --from-file now.txt --no-look --accept {keys} > /dev/null; code=$?\n\
         diff before.yaml environments/site-d.yaml; ls -A environments; stagectl check > /dev/null || echo 'not taken'; exit $code"
    );
    captured().file("now.txt", now).file("edit.sed", edit).shell(&script)
}

const FILES: &str = "defaults.yaml\nsite-d\nsite-d.yaml\n";

#[test]
fn a_list_with_an_item_a_line_keeps_its_remarks() {
    let edit = "s/^  packages: .*/  packages:   # by hand\\n    - libpq5   # the driver\\n    # For health.\\n    - wget/\n";
    let now = ANSWER.replace("|base-files", "|curl\t7.88\toptional\t\n|base-files");
    let expected = format!("9c9\n<     - wget\n---\n>     - curl\n{FILES}");
    accept("base.packages", edit, &now).exit_code(0).stdout(&expected).stderr(
        "environments/site-d.yaml: base.packages.curl is asked for by hand now\n\
         environments/site-d.yaml: base.packages.wget is not there now\n",
    );
}

#[test]
fn a_secret_goes_with_the_last_key_that_refers_to_it() {
    let now = ANSWER.replace("|SHOP_KEY=f: 0123456789abcdef0123  -\n", "");
    let answer = accept("env", "", &now).exit_code(0);
    let said = answer.out();
    let gone: Vec<&str> = said.lines().filter(|line| line.starts_with(['<', '>'])).collect();
    assert!(said.ends_with(FILES), "{said}");
    assert_eq!(
        gone,
        [
            "<   SHOP_KEY: \"${secret.shop_key}\"         # kept back on the host",
            "<   shop_key: {generate: 32}               # made for each run; edit it where the app minds its shape"
        ]
    );
}

#[test]
fn nothing_is_written_where_one_key_is_for_a_person() {
    let now = ANSWER
        .replace("|3\n|--bind", "|5\n|--bind")
        .replace("v:paper", "v:night")
        .replace("Flask 3.1.0", "Flask 3.1.1")
        .replace("timezone\n|Europe/Berlin", "timezone\n|Europe/Paris");
    let edit = "s/^  SHOP_THEME: .*/  SHOP_THEME: |\\n    paper/\n\
                s/^  timezone: .*/  timezone: \\&zone Europe\\/Berlin/\n";
    accept("wsgi.workers env install base.timezone", edit, &now).exit_code(2).stdout(FILES).stderr(
        "error: environments/site-d.yaml stays as it is: 3 keys are for a person to write\n  \
           caused by: environments/site-d.yaml:8: base.timezone: described Europe/Berlin, live Europe/Paris: \
                      an anchor or an alias stands there: other keys may change with it\n  \
           caused by: environments/site-d.yaml:32: env.SHOP_THEME: described paper, live night: it goes over several lines\n  \
           caused by: environments/site-d.yaml:13: install.requirements.flask: described 3.1.0, live 3.1.1: \
                      it is in a file beside the description, site-d/requirements.lock\n\
         hint: accept the others: `stagectl drift site-d --accept wsgi.workers`\n",
    );
}

#[test]
fn nothing_is_written_that_check_refuses() {
    let now = ANSWER.replace("|3\n|--bind", "|0\n|--bind").replace("v:paper", "v:night");
    accept("wsgi.workers env.SHOP_THEME", "", &now).exit_code(2).stdout(FILES).stderr(
        "error: environments/site-d.yaml stays as it is: 1 key is for a person to write\n  \
           caused by: environments/site-d.yaml:26: wsgi.workers: described 3, live 0: \
                      `stagectl check` refuses it: 0 is not between 1 and 512\n\
         hint: accept the others: `stagectl drift site-d --accept env.SHOP_THEME`\n",
    );
}
