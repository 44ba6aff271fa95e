//! Variables from a file, and those that the app requires.

use std::fs;

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};

fn project(file: &str, more: &str) -> TestProject {
    let project = TestProject::new();
    fs::create_dir_all(project.root.join("environments/env")).unwrap();
    project.file("environments/env/shop.env", file).site("shop", &format!("{LEAST}{more}"))
}

#[test]
fn a_file_has_variables_and_what_the_description_says_wins() {
    let more = "env_file: env/shop.env\nenv: {B: mine}\nrequired: [A, B]\n";
    let site = project("A=1\nB=2\n", more).one();
    let shown: Vec<String> = site.env.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(shown, ["A=1", "B=mine"]);
    assert_eq!(site.filed, ["A".to_owned()].into());
}

#[test]
fn what_a_file_lacks_is_said_of_its_lines_and_what_a_site_lacks_of_the_site() {
    let more = "env_file: env/shop.env\n";
    assert_snapshot!(project("A=1\nnonsense\n", more).problems(), @r"
    error: environments/env/shop.env:2:1: there is no `=` in the line
    hint: write `NAME=value`; remarks begin with `#`
    ");
    assert_snapshot!(project("HOME=/root\nPATH=/srv/shop/venv/bin\nSTAGECTL_X=1\n", more).problems(), @r"
    error: environments/env/shop.env:3:1: `STAGECTL_X` is set by stagectl itself
    hint: no live process has it: variables of this kind are the suite's
    ");
    assert_snapshot!(project("", "env_file: env/shp.env\n").problems(), @r"
    error: environments/shop.yaml:5:11: env_file: there is no file `environments/env/shp.env`
    hint: did you mean `shop.env`?
    ");
    let defaults = "required: [SECRET_KEY, DEBUG, THEME, THEME]\nenv: {DEBUG: '0'}\n";
    let project =
        project("SECRETKEY=1\n", "env_file: env/shop.env\nenv: {DEBUG: null, THEME: 5}\n");
    assert_snapshot!(project.file("environments/defaults.yaml", defaults).problems(), @r#"
    error: environments/defaults.yaml:1:38: required.3: `THEME` is there twice
    error: environments/shop.yaml:1:1: env: the app requires the variable `DEBUG`, which this site does not have
    hint: add it: `env: {DEBUG: ...}`
    error: environments/shop.yaml:1:1: env: the app requires the variable `SECRET_KEY`, which this site does not have
    hint: it has `SECRETKEY`; add `SECRET_KEY` to `env`
    error: environments/shop.yaml:6:27: env.THEME: expected text, found the number 5
    hint: write it as a string: "5"
    "#);
}

#[test]
fn a_required_variable_that_is_empty_is_not_there() {
    let more = "env_file: env/shop.env\nenv: {DEBUG: '', THEME: '${secret.theme}'}\n\
                secrets: {theme: {generate: 8}}\nrequired: [SECRET_KEY, DEBUG, THEME]\n";
    assert_snapshot!(project("SECRET_KEY=\n", more).problems(), @"
    error: environments/shop.yaml:1:1: env: the app requires the variable `SECRET_KEY`, which is empty here
    hint: give it a value; an app that takes an empty one does not require it
    error: environments/shop.yaml:6:14: env.DEBUG: the app requires the variable `DEBUG`, which is empty here
    hint: give it a value; an app that takes an empty one does not require it
    ");
}

#[test]
fn the_suite_names_what_it_has_of_the_site_and_says_what_else_it_has() {
    let more = "env_file: env/shop.env\nenv: {B: 'x ${secret.a}'}\nsecrets: {a: {generate: 24}}\n\
        critical: {path: ../tests/critical, env: {C: '${secret.a}@${site.host}'}, site_env: [A, B]}\n";
    let least = LEAST.replace("critical: {path: ../tests/critical}\n", "");
    let project = TestProject::new();
    fs::create_dir_all(project.root.join("environments/env")).unwrap();
    let project = project.file("environments/env/shop.env", "A=1\n");
    let critical = project.site("shop", &format!("{least}{more}")).one().critical;
    assert_eq!(critical.site_env, ["A".to_owned(), "B".to_owned()].into());
    let shown: Vec<String> =
        critical.env.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(shown, ["C=${secret.a}@shop.example"]);
}

#[test]
fn what_the_suite_cannot_have_is_said_at_its_place() {
    let more = "env: {DATABASE_URL: b, ANY: c}\n\
        critical: {path: ../tests/critical, env: {PATH: /x, STAGECTL_URL: y, ANY: '${secret.none}', a-b: c}, \
        site_env: [DATABASE_URLS, THEME, ANY, HOME, '1', THEME]}\n";
    let least = LEAST.replace("critical: {path: ../tests/critical}\n", "");
    let project = TestProject::new().site("shop", &format!("{least}{more}"));
    assert_snapshot!(project.problems(), @"
    error: environments/shop.yaml:5:43: critical.env.PATH: `PATH` is set by stagectl itself
    error: environments/shop.yaml:5:53: critical.env.STAGECTL_URL: `STAGECTL_URL` is set by stagectl itself
    error: environments/shop.yaml:5:75: critical.env.ANY: there is no secret `none`
    hint: add it: `secrets: {none: {generate: 24}}`
    error: environments/shop.yaml:5:93: critical.env.a-b: `a-b` is not the name of a variable
    hint: write letters, digits and `_`, the first one no digit
    error: environments/shop.yaml:5:113: critical.site_env.0: the site has no variable `DATABASE_URLS`
    hint: did you mean `DATABASE_URL`?
    error: environments/shop.yaml:5:128: critical.site_env.1: the site has no variable `THEME`
    hint: add it to `env`, or say what the tests have: `critical.env: {THEME: ...}`
    error: environments/shop.yaml:5:135: critical.site_env.2: `critical.env` says what `ANY` is
    hint: take it out here or there
    error: environments/shop.yaml:5:140: critical.site_env.3: `HOME` is set by stagectl itself
    error: environments/shop.yaml:5:146: critical.site_env.4: `1` is not the name of a variable
    hint: write letters, digits and `_`, the first one no digit
    error: environments/shop.yaml:5:151: critical.site_env.5: `THEME` is there twice
    error: environments/shop.yaml:5:151: critical.site_env.5: the site has no variable `THEME`
    hint: add it to `env`, or say what the tests have: `critical.env: {THEME: ...}`
    ");
}

#[test]
fn a_key_that_is_uncovered_begins_with_one_that_a_description_has() {
    let more = "uncovered: [env.THEME, services.cache, evn.THEME, anything, env.THEME]\n";
    assert_snapshot!(project("", more).problems(), @r"
    error: environments/shop.yaml:5:40: uncovered.2: `evn.THEME` is no key of a description
    hint: did you mean `env.THEME`?
    error: environments/shop.yaml:5:51: uncovered.3: `anything` is no key of a description
    hint: write it as `stagectl crucial` does, such as `env.SHOP_THEME`
    error: environments/shop.yaml:5:61: uncovered.4: `env.THEME` is there twice
    ");
}
