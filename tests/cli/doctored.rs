//! `stagectl doctor` on a machine where nothing answers.

use crate::program::{SHOP, Stagectl};

const PLANTED: &str = "planted-4711";

/// Nobody listens on that port.
fn project() -> Stagectl {
    let with = |scheme: &str| format!("{scheme}://someone:{PLANTED}@127.0.0.1:9");
    Stagectl::new()
        .site("shop", SHOP)
        .variable("DOCKER_HOST", &with("tcp"))
        .variable("STAGECTL_MIRROR", &format!("{}/debian", with("http")))
        .variable("PIP_INDEX_URL", &format!("{}/simple?token={PLANTED}", with("https")))
        .variable("UV_DEFAULT_INDEX", "")
        .variable("UV_INDEX_URL", "")
        .variable("http_proxy", &format!("someone:{PLANTED}@127.0.0.1:9"))
        .variable("https_proxy", &with("http"))
        .variable("no_proxy", "")
}

/// The blocks of the answer that are no good news: `NAME: SEEN` and what to do.
fn bad_news(text: &str) -> Vec<String> {
    let told = text.split("\nfor support:").next().unwrap();
    let mut blocks: Vec<String> = Vec::new();
    for line in told.lines() {
        match blocks.last_mut() {
            Some(block) if line.starts_with(' ') => {
                block.push(' ');
                block.push_str(line.trim());
            }
            _ => blocks.push(line.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }
    blocks.retain(|block| !block.starts_with("ok "));
    blocks
}

#[test]
fn what_does_not_answer_is_told_with_its_remedy_and_nothing_secret() {
    let answer = project().args(["doctor"]).stderr("").exit_code(75).made_nothing();
    let out = answer.out();
    assert!(!out.contains(PLANTED) && !out.contains("someone"), "{out}");
    let news = bad_news(&out);
    let of = |name: &str| {
        let found = news.iter().find(|block| block.starts_with(&format!("PROBLEM {name} ")));
        found.unwrap_or_else(|| panic!("no {name} in {news:#?}")).as_str()
    };
    assert!(of("docker").contains("could not reach Docker at tcp://***@127.0.0.1:9"), "{news:#?}");
    assert!(of("docker").contains(" -> "), "{news:#?}");
    assert!(of("mirror").contains("export STAGECTL_MIRROR=http://..."), "{news:#?}");
    assert!(
        of("index").contains("https://***@127.0.0.1:9/simple?*** does not answer"),
        "{news:#?}"
    );
    assert!(out.contains("http_proxy=***@127.0.0.1:9"), "{out}");
    assert!(out.contains("ok       project  ") || out.contains("board, with 1 site"), "{out}");
    assert!(
        out.ends_with("no rehearsal can work here: 3 problems\n") || out.contains("mmdebstrap"),
        "{out}"
    );
}

#[test]
fn programs_get_the_same_as_json() {
    let answer = project().args(["doctor", "--output", "json"]).stderr("").exit_code(75);
    let out = answer.out();
    assert!(!out.contains(PLANTED) && !out.contains("someone"), "{out}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&json["version"], &json["health"]), (&1.into(), &"problem".into()));
    assert_eq!(json["facts"]["project"], "board");
    assert_eq!(json["facts"]["docker"], serde_json::Value::Null);
    assert_eq!(json["facts"]["stagectl"], env!("CARGO_PKG_VERSION"));
    let names: Vec<&str> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["name"].as_str().unwrap())
        .collect();
    let expected = [
        "docker",
        "project disk",
        "mmdebstrap",
        "mirror",
        "index",
        "locks",
        "project",
        "shown",
        "proxies",
    ];
    assert_eq!(names, expected);
    let schema = Stagectl::new().args(["schema", "doctor"]).stderr("").out();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    for key in json.as_object().unwrap().keys() {
        assert!(schema["properties"][key].is_object(), "the schema has no {key}");
    }
}

#[test]
fn it_works_without_a_project() {
    let script = "cd / && stagectl doctor; echo $?";
    let out = project().shell(script).stderr("").out();
    assert!(out.contains("none here, so nothing was said of its sites"), "{out}");
    assert!(out.ends_with("\n75\n"), "{out}");
}
