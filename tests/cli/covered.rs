//! The fewest sites that have every value of every trait; without Docker.

use serde_json::{Value, json};

use crate::program::{SHOP, Stagectl};

/// Four sites, of which two have all that the four have.
fn four_sites() -> Stagectl {
    let sites = [("a", "C", "2"), ("b", "C.UTF-8", "2"), ("c", "C", "4"), ("d", "C.UTF-8", "4")];
    sites.into_iter().fold(Stagectl::new().wheel(">=3.9"), |project, (name, locale, workers)| {
        let shop = SHOP.replace("shop.example", &format!("{name}.example"));
        let own = format!("{shop}\nenv: {{LANG: {locale}, TITLE: {name}, WORKERS: '{workers}'}}\n");
        project.site(name, &own)
    })
}

/// With a run in which each site took so long.
fn rehearsed(project: Stagectl, run: &str, sites: &[(&str, f64)]) -> Stagectl {
    let sites: Vec<Value> = sites
        .iter()
        .map(|(name, seconds)| json!({"name": name, "verdict": "passed", "seconds": seconds}))
        .collect();
    let report = json!({"goal": "rehearse", "run": run, "started": run, "sites": sites});
    project.file(&format!(".stagectl/runs/{run}/report.json"), report.to_string())
}

#[test]
fn a_key_in_which_all_differ_makes_every_site_needed_and_is_named() {
    four_sites()
        .args(["cover"])
        .stdout(
            "4 sites differ in 3 keys, which have 8 values\n\
             4 of them have every value, and 100 % of the pairs of values\n\n\
             SITE  LAST  NEEDED FOR\n\
             a     -     env.TITLE\n\
             b     -     env.TITLE\n\
             c     -     env.TITLE\n\
             d     -     env.TITLE\n\n\
             no two sites are alike in env.TITLE: where that does not matter, `--except env.TITLE`\n",
        )
        .exit_code(0)
        .made_nothing();
}

#[test]
fn the_fastest_sites_that_have_all_are_shown() {
    let times = [("a", 9.0), ("b", 3.0), ("c", 4.5), ("d", 9.0)];
    rehearsed(four_sites(), "20260101-100000-aaaa", &times)
        .args(["cover", "--except", "env.TITLE"])
        .stdout(
            "4 sites differ in 2 keys, which have 4 values\n\
             2 of them have every value, and 50 % of the pairs of values\n\n\
             SITE  LAST  NEEDED FOR\n\
             b     3.0s  env.LANG, env.WORKERS\n\
             c     4.5s  env.LANG, env.WORKERS\n\
             a     9.0s  left out\n\
             d     9.0s  left out\n\n\
             rehearse on these, and on the others in their turn: `stagectl rehearse --cover`\n",
        )
        .exit_code(0);
}

#[test]
fn programs_get_the_same_as_json() {
    let answer = four_sites().args(["cover", "--except", "env", "--output", "json"]).run();
    let cover: Value = serde_json::from_str(&answer.out()).unwrap();
    assert_eq!(cover["schema"], "stagectl-cover/1");
    assert_eq!((&cover["traits"], cover["sites"].as_array().unwrap().len()), (&json!(0), 1));
    assert_eq!(cover["left_out"].as_array().unwrap().len(), 3);
}

#[test]
fn what_says_nothing_is_refused() {
    four_sites()
        .args(["cover", "--except", "env.TITEL"])
        .stderr(
            "error: no site has a key env.TITEL\n\
             hint: `stagectl diff SITE OTHER` shows keys as they are written here\n",
        )
        .exit_code(2)
        .made_nothing();
    for args in [
        &["--cover", "a"][..],
        &["--cover", "--partition", "1/2"],
        &["--turn-within", "3"],
        &["--cover", "--turn-within", "0"],
        &["--except", "env.TITLE"],
    ] {
        let mut project = four_sites().args(["rehearse"]);
        project.add_args(args);
        project.run().exit_code(2).made_nothing();
    }
}
