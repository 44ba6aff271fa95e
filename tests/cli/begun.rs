//! A project that has no description yet, and one that gets another site.

use insta::assert_snapshot;

use crate::program::{Answer, SHOP, Stagectl};

const FLASK: &str = "from flask import Flask\n\napp = Flask(__name__)\n\n\
    @app.route(\"/healthz\")\ndef well():\n    return \"well\"\n";

fn flask() -> Stagectl {
    Stagectl::new()
        .file("app.py", FLASK)
        .file("requirements.txt", "flask==3.1.2\ngunicorn==23.0.0\n")
        .file("pyproject.toml", "[project]\nname = \"shop\"\nrequires-python = \">=3.11\"\n")
}

/// A shell line after a first description was made without a word.
fn after_init(project: Stagectl, script: &str) -> Answer {
    project.shell(&format!("stagectl init --yes >/dev/null && {{ {script}; }}"))
}

#[test]
fn a_first_description_says_what_it_wrote_and_guessed() {
    let answer = flask().args(["init"]).stderr("").exit_code(0).made_nothing();
    assert_snapshot!(answer.out(), @"
    wrote environments/defaults.yaml
    wrote environments/site-a.yaml
    wrote tests/critical/requirements.txt

    guessed, each to be changed in these files:
      Debian bookworm                   it has Python 3.11, and requires-python says >=3.11
      release: this folder as it is     nothing here says how to build a package
      requirements of requirements.txt  it is there
      server gunicorn                   it is among the requirements
      application app:app               defined in app.py
      health page /healthz              a route in app.py

    next: stagectl rehearse
    ");
    after_init(flask(), "stagectl check | tail -1").stdout("1 site of board: no problems\n");
}

#[test]
fn the_first_line_of_a_description_names_its_schema_for_editors() {
    let schema = stagectl::site::schema();
    let line = format!("# yaml-language-server: $schema={}\n", schema["$id"].as_str().unwrap());
    after_init(flask(), "head -qn 1 environments/*.yaml").stdout(&line.repeat(2));
}

#[test]
fn what_is_asked_for_is_what_is_written() {
    let script = "stagectl init --site harbour --name shop.harbour.org --debian trixie --output json \
        | head -7 && stagectl check | cut -c1-14 && grep -h 'names:\\|debian:' environments/harbour.yaml";
    flask().shell(script).stderr("").stdout(
        "{\n  \"written\": [\n    \"environments/defaults.yaml\",\n    \"environments/harbour.yaml\",\n    \
         \"tests/critical/requirements.txt\"\n  ],\n  \"guesses\": [\nharbour       \n1 site of boar\n  \
         debian: trixie                         # asked for\n\
         names: [shop.harbour.org]                # what the world calls it; the first is its address\n  \
         certificate: {names: [shop.harbour.org]}  # as the live one: `\"*.example.org\"`, several, ...\n",
    );
}

#[test]
fn descriptions_that_are_there_are_left_alone() {
    let script = "before=$(cat environments/* tests/critical/*); stagectl init; echo $?; \
        [ \"$before\" = \"$(cat environments/* tests/critical/*)\" ] && echo unchanged";
    after_init(flask(), script)
        .stderr(
            "error: environments/ is there already, with defaults.yaml, site-a.yaml: nothing was written\n\
             hint: describe another site like one of them: `stagectl site new NAME --like site-a`\n",
        )
        .stdout("2\nunchanged\n");
    // A template of that name is somebody's, too.
    flask().file("environments/site-a.yaml", "").args(["init"]).run().exit_code(2);
}

#[test]
fn a_folder_without_a_project_is_told() {
    Stagectl::new()
        .args(["init"])
        .stderr(
            "error: there is no Python project in /tmp/project/board\n\
             hint: go to the folder of the app, or name it with `-C`\n",
        )
        .exit_code(2);
    Stagectl::new()
        .args(["-C", "nowhere", "init"])
        .stderr(
            "error: could not find the folder nowhere\n  caused by: No such file or directory (os error 2)\n",
        )
        .exit_code(2);
}

#[test]
fn broken_projects_get_a_description_and_a_word() {
    let answer = flask()
        .file("pyproject.toml", b"[project]\nname = \xff\n")
        .file("broken.py", b"\x00\xff app = Flask(")
        .args(["init"])
        .stderr("")
        .exit_code(0);
    let notes = answer.out().split_once("to be seen to:\n").unwrap().1.to_owned();
    assert_snapshot!(notes, @"
      pyproject.toml cannot be read (line 2: string values must be quoted, expected literal string), so nothing was taken from it
      could not read release `/tmp/project/board/`: its pyproject.toml is not readable as such: it is not UTF-8 (environments/site-a.yaml)

    next: stagectl rehearse
    ");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_left_as_it_was() {
    // A file where the folder of the tests would be.
    let script = "rm -r tests && touch tests && stagectl init; echo $?; ls";
    flask()
        .shell(script)
        .stderr(
            "error: could not write tests/critical/test_shop.py\n  caused by: Not a directory (os error 20)\n",
        )
        .stdout("75\napp.py\nenvironments\npyproject.toml\nrequirements.txt\ntests\n");
}

#[test]
fn one_more_site_is_like_another() {
    let like = SHOP.replace("summary: The shop", "summary: The shop   # in town\norder: 4")
        + "tls: {certificate: {names: ['*.shop.example', shop.example]}}\n";
    let project = || Stagectl::new().site("shop", &like);
    let script = "stagectl site new mill --like shop && diff environments/shop.yaml environments/mill.yaml; \
        stagectl check | tail -1";
    let answer = project().shell(script).stderr("");
    assert_snapshot!(answer.out(), @"
    wrote environments/mill.yaml, like environments/shop.yaml
      shop.example is mill.example there
      it runs last: order 10
    next: edit it, and see `stagectl diff shop mill`
    2c2
    < order: 4
    ---
    > order: 10
    4c4
    < names: [shop.example]
    ---
    > names: [mill.example]
    7c7
    < tls: {certificate: {names: ['*.shop.example', shop.example]}}
    ---
    > tls: {certificate: {names: ['*.mill.example', mill.example]}}
    2 sites of board: no problems
    ");
    project()
        .site("mill", &like)
        .args(["site", "new", "mill", "--like", "shop"])
        .stderr(
            "error: there is a site mill already: nothing was written\n\
             hint: choose another name, or edit environments/mill.yaml\n",
        )
        .stdout("")
        .exit_code(2);
    project()
        .args(["site", "new", "mill", "--like", "shpo"])
        .stderr("error: there is no site `shpo`\nhint: did you mean `shop`?\n")
        .exit_code(2);
}

#[test]
fn names_that_are_nearly_right_are_said() {
    let answer = Stagectl::new().args(["rehears"]).run().exit_code(2);
    assert!(
        answer.error().contains("a similar subcommand exists: 'rehearse'"),
        "{}",
        answer.error()
    );
    Stagectl::new()
        .site("shop", SHOP)
        .args(["check", "shpo"])
        .stderr("error: there is no site `shpo`\nhint: did you mean `shop`?\n")
        .exit_code(2);
    let overlap = Stagectl::new().site("shop", SHOP).args(["rehearse", "--overlap", "never"]).run();
    let error = overlap.exit_code(2).error();
    assert!(error.contains("there is no site `never`"), "{error}");
    assert!(error.contains("hint: `--overlap=never` is written with `=`"), "{error}");
}
