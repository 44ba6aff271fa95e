//! Descriptions and what is said of them.

use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::program::{SHOP, Stagectl};

#[test]
fn an_unknown_key_is_told_with_its_place_and_the_nearest_name() {
    let description = SHOP.to_owned() + "services: {db: {postgress: '15'}}\n";
    let said = "error: environments/shop.yaml:6:17: services.db: unknown key `postgress`\n    \
                6 | services: {db: {postgress: ***\n      \
                |                 ^\n\
                hint: did you mean `postgres`?\n\
                1 error in 1 file\n";
    for command in ["check", "plan", "rehearse"] {
        let project = Stagectl::new().site("shop", &description);
        project.args([command]).stderr(said).stdout("").exit_code(2).made_nothing();
    }
}

#[test]
fn a_wrong_type_is_told_with_what_is_right() {
    Stagectl::new()
        .site("shop", &(SHOP.to_owned() + "order: first\nhealth: [/healthz]\npython: 3.11\n"))
        .args(["check"])
        .stderr(
            "error: environments/shop.yaml:6:8: order: expected a whole number, found the text `first`\n    \
             6 | order: first\n      \
             |        ^\n\
             error: environments/shop.yaml:7:9: health: expected a map, found a list\n    \
             7 | health: [/healthz]\n      \
             |         ^\n\
             error: environments/shop.yaml:8:9: python: expected text, found the number 3.11\n    \
             8 | python: 3.11\n      \
             |         ^\n\
             hint: write it as a string: \"3.11\"\n\
             3 errors in 1 file\n",
        )
        .exit_code(2);
}

/// Whatever is wrong with it: nothing that may be a secret is in what is said of it, in whatever form.
#[test]
fn no_secret_of_a_description_is_shown_with_its_problems() {
    let description = SHOP.to_owned()
        + "evn: {KEY: hunter2}\n\
           services: {db: {postgres: '15', password: hunter2, pasword: hunter2}}\n\
           secrets: {session: hunter2, other: 1234567}\n\
           env:\n  A: [hunter2]\n  \
           URL: {postgresql://me:hunter2@db/x: 1}\n";
    let project = |form: &str| {
        let project = Stagectl::new().site("shop", &description).variable("GITHUB_ACTIONS", "true");
        project.args(["check", "--output", form]).run().exit_code(2)
    };
    for form in ["human", "plain", "json"] {
        let answer = project(form);
        let said = answer.out() + &answer.error();
        let shown: Vec<&str> =
            said.lines().filter(|line| line.contains(" | ") && line.contains("hunter2")).collect();
        assert_eq!(shown, [""; 0]);
        let of_secrets: Vec<&str> = said.lines().filter(|line| line.contains("secrets.")).collect();
        assert!(!of_secrets.is_empty());
        assert!(
            of_secrets.iter().all(|line| !line.contains("hunter2") && !line.contains("1234567")),
            "{said}"
        );
    }
}

#[test]
fn a_key_that_is_there_twice_is_a_problem() {
    Stagectl::new()
        .site("shop", &(SHOP.to_owned() + "order: 1\norder: 2\n"))
        .args(["check"])
        .stderr(
            "error: environments/shop.yaml:7:1: order: the key is there twice\n    \
             7 | order: ***\n      \
             | ^\n\
             hint: it is there already, in line 6\n\
             1 error in 1 file\n",
        )
        .exit_code(2);
}

#[test]
fn all_problems_of_all_files_come_at_once() {
    Stagectl::new()
        .site("shop", &SHOP.replace("bookworm", "bookwrm"))
        .site("mill", &(SHOP.to_owned() + "ordr: 4\n"))
        .site("barn", "summary: [")
        .args(["check"])
        .stderr(
            "error: environments/barn.yaml:2:1: summary.0: not readable as YAML: \
             while parsing a node, did not find expected node content\n\
             error: environments/mill.yaml:6:1: unknown key `ordr`\n    \
             6 | ordr: ***\n      \
             | ^\n\
             hint: did you mean `order`?\n\
             error: environments/shop.yaml:2:16: base.debian: \
             `bookwrm` is no Debian suite that stagectl knows\n    \
             2 | base: {debian: bookwrm}\n      \
             |                ^\n\
             hint: did you mean `bookworm`?\n\
             3 errors in 3 files\n",
        )
        .exit_code(2);
}

#[test]
fn a_site_is_checked_while_others_have_problems() {
    let project = || {
        Stagectl::new()
            .site("shop", SHOP)
            .site("mill", &(SHOP.to_owned() + "ordr: 4\n"))
            .site("barn", "summary: [")
    };
    let warned = "warning: environments/barn.yaml has problems: see `stagectl check`\n\
        warning: environments/mill.yaml has problems: see `stagectl check`\n";
    let answer = project().args(["check", "shop"]).stderr(warned).exit_code(0);
    assert!(answer.out().ends_with(": no problems\n"), "{}", answer.out());
    project()
        .args(["check", "mill"])
        .stderr(
            "error: environments/mill.yaml:6:1: unknown key `ordr`\n    \
             6 | ordr: ***\n      \
             | ^\n\
             hint: did you mean `order`?\n\
             1 error in 1 file\n",
        )
        .exit_code(2);
}

#[test]
fn a_site_that_nobody_described_is_told_with_the_nearest_name() {
    for command in ["check", "plan", "rehearse", "up", "test", "down"] {
        Stagectl::new()
            .site("shop", SHOP)
            .args([command, "sohp"])
            .stderr("error: there is no site `sohp`\nhint: did you mean `shop`?\n")
            .exit_code(2)
            .made_nothing();
    }
}

#[test]
fn a_project_without_sites_is_a_problem() {
    Stagectl::new()
        .args(["check"])
        .stderr(
            "error: environments: no site is described here\n\
             hint: describe one in `environments/site-a.yaml`\n\
             1 error in 1 file\n",
        )
        .exit_code(2);
}

#[test]
fn a_suite_without_a_test_is_warned_of() {
    let project = || {
        Stagectl::new()
            .site("shop", &SHOP.replace("../tests/critical", "../checks"))
            .file("checks/shop.py", "def test_shop(): pass\n")
    };
    project()
        .args(["check"])
        .stderr(
            "warning: shop: no test_*.py and no *_test.py is in checks, the `critical.path`: no tests is never \
             green\n",
        )
        .exit_code(0);
    // Its own settings may give tests other names.
    for (path, text) in [("checks/sub/shop_test.py", ""), ("checks/pytest.ini", "[pytest]\n")] {
        project().file(path, text).args(["check"]).stderr("").exit_code(0);
    }
}

#[test]
fn deeper_folders_are_not_named_as_the_nearest() {
    for (folder, hint) in [
        ("shop", "describe a first site: `stagectl init`, in the folder of the app"),
        (".", "the nearest is in "),
    ] {
        let root = tempfile::tempdir().unwrap();
        let below = root.path().join("shop/very/deep/environments");
        std::fs::create_dir_all(below).unwrap();
        std::fs::create_dir_all(root.path().join("shop/environments.d")).unwrap();
        let start = root.path().join(folder);
        if folder == "." {
            std::fs::create_dir_all(root.path().join("board/environments")).unwrap();
        }
        let start = start.to_str().unwrap().to_owned();
        let said = Stagectl::new().args(["-C", &start, "check"]).run().error();
        assert!(said.contains(hint) && !said.contains("deep"), "{said}");
    }
}

#[test]
fn a_folder_without_environments_is_no_project() {
    for (folder, real, hint) in [
        (
            "..",
            "/tmp/project",
            "the nearest is in /tmp/project/board: go there, or name that folder with `-C`",
        ),
        ("/etc", "/etc", "describe a first site: `stagectl init`, in the folder of the app"),
    ] {
        let error = format!(
            "error: there is no folder `environments` in {real} or above it\nhint: {hint}\n"
        );
        for command in ["check", "down"] {
            Stagectl::new().args(["-C", folder, command]).stderr(&error).exit_code(2);
        }
    }
    Stagectl::new()
        .args(["-C", "nowhere", "check"])
        .stderr(
            "error: could not find the project of nowhere\n  \
             caused by: No such file or directory (os error 2)\n",
        )
        .exit_code(2);
}

#[test]
fn a_site_has_one_description() {
    Stagectl::new()
        .site("shop", SHOP)
        .file("environments/shop.yml", SHOP)
        .args(["check"])
        .stderr(
            "error: environments/shop.yml: `shop` is described by environments/shop.yaml too\n\
             hint: keep one of the two files\n\
             1 error in 1 file\n",
        )
        .exit_code(2);
}

#[test]
fn a_secret_whose_variable_is_not_set_concerns_the_chosen_sites_only() {
    let secret = "env: {KEY: '${secret.session}'}\nsecrets: {session: {from_env: STAGE_KEY}}\n";
    let project = || Stagectl::new().site("shop", SHOP).site("mill", &(SHOP.to_owned() + secret));
    project()
        .args(["check"])
        .stderr(
            "error: environments/mill.yaml:7:31: secrets.session.from_env: \
             the variable `STAGE_KEY` is not set\n    \
             7 | secrets: ***\n      \
             |          ^\n\
             hint: set it: export STAGE_KEY=...\n\
             1 error in 1 file\n",
        )
        .exit_code(2);
    project().args(["check", "shop"]).stderr("").exit_code(0);
    project().variable("STAGE_KEY", "x").args(["check"]).stderr("").exit_code(0);
}

#[test]
fn paths_stay_in_the_project() {
    Stagectl::new()
        .site("shop", &SHOP.replace("../tests/critical", "../../elsewhere"))
        .args(["check"])
        .stderr(
            "error: environments/shop.yaml:5:18: critical.path: \
             `../../elsewhere` leads out of the project\n    \
             5 | critical: {path: ../../elsewhere}\n      \
             |                  ^\n\
             hint: copy what is needed into the project\n\
             1 error in 1 file\n",
        )
        .exit_code(2);
}

#[test]
fn every_template_with_an_unknown_variable_is_told_with_its_line() {
    let files = "files:\n  - {path: /etc/a.ini, template: a.ini.j2}\n  \
                 - {path: /etc/shop.ini, template: shop.ini.j2}\n";
    Stagectl::new()
        .site("shop", &(SHOP.to_owned() + files))
        .file("templates/a.ini.j2", "{{ env.NOPE }}\n")
        .file("templates/shop.ini.j2", "[shop]\nname = {{ site.nmae }}\n")
        .args(["check"])
        .stderr(
            "error: could not render template /tmp/project/board/templates/a.ini.j2:1: \
             `env.NOPE` is undefined\n\
             error: could not render template /tmp/project/board/templates/shop.ini.j2:2: \
             `site.nmae` is undefined\n\
             hint: a template has `site` (name, url, host, home, user), `names`, `env`, `secret`, \
             `services`\n",
        )
        .exit_code(2);
}

#[test]
fn sites_without_problems_are_listed() {
    let answer = Stagectl::new()
        .site("shop", SHOP)
        .site("mill", &SHOP.replace("summary: The shop\n", ""))
        .args(["check"])
        .run()
        .stderr("")
        .exit_code(0)
        .made_nothing();
    let digest = |line: &str| line.split_whitespace().nth(1).unwrap().to_owned();
    let out = answer.out();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        out,
        format!(
            "mill           {}\nshop           {}  The shop\n2 sites of board: no problems\n",
            digest(lines[0]),
            digest(lines[1])
        )
    );
    assert_eq!(digest(lines[0]), digest(lines[1]), "the same environment");
    assert_eq!(digest(lines[0]).len(), 12);
    let from_below = Stagectl::new().site("shop", SHOP).args(["-C", "tests/critical", "check"]);
    assert_eq!(
        from_below.run().exit_code(0).out().lines().last(),
        Some("1 site of board: no problems")
    );
}

/// Every key of the sample sites is in the schema, where it is.
#[test]
fn the_schema_knows_every_key_of_the_sample_sites() {
    let answer = Stagectl::new().args(["schema"]).run().stderr("").exit_code(0);
    let schema: Value = serde_json::from_str(&answer.out()).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut printed = tempfile::NamedTempFile::new().unwrap();
    printed.write_all(answer.out().as_bytes()).unwrap();
    for file in ["defaults", "site-a", "site-b", "site-c"] {
        let text = std::fs::read_to_string(root.join(format!("environments/{file}.yaml"))).unwrap();
        let description: Value = serde_yaml::from_str(&text).unwrap();
        accepts(&schema, &schema, &description, file);
        // As an editor's language server holds it.
        let problems = crate::schema::problems(printed.path(), &description.to_string());
        assert_eq!(problems, [""; 0], "{file}");
    }
    let wrong = serde_json::json!({"base": {"debain": "bookworm"}});
    assert!(std::panic::catch_unwind(|| accepts(&schema, &schema, &wrong, "")).is_err());
}

/// The part of JSON Schema that the schema uses.
fn accepts(all: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.strip_prefix("#/$defs/").unwrap();
        accepts(all, &all["$defs"][name], value, at);
    }
    for choices in ["anyOf", "oneOf"].iter().filter_map(|key| schema[*key].as_array()) {
        let fits = choices
            .iter()
            .filter(|choice| std::panic::catch_unwind(|| accepts(all, choice, value, at)).is_ok());
        assert!(fits.count() > 0, "{at}: {value} is none of {choices:?}");
    }
    if let Some(constant) = schema.get("const") {
        assert_eq!(value, constant, "{at}");
    }
    if let Some(values) = schema["enum"].as_array() {
        assert!(values.contains(value), "{at}: {value}");
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |name: &&str| match *name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => value.is_null(),
    };
    assert!(types.is_empty() || types.iter().any(is), "{at}: {value} is no {types:?}");
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        accepts(all, &schema["items"], item, &format!("{at}.{index}"));
    }
    for (key, member) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{key}");
        match (schema["properties"].get(key), &schema["additionalProperties"]) {
            (Some(property), _) => accepts(all, property, member, &at),
            (None, more @ Value::Object(_)) => accepts(all, more, member, &at),
            (None, more) => assert!(
                *more != false || schema.get("properties").is_none(),
                "{at} is not in the schema"
            ),
        }
    }
}
